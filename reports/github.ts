import { showHidden } from '../harness/directory/visible.ts';
import type { Decision } from '../harness/gate/decision.ts';

/**
 * A gate's decision as workflow commands of GitHub Actions, one annotation a problem, the worst first: GitHub shows the
 * first ten errors and ten warnings of a step.
 */
export function toGithub(decision: Decision): string {
  const overall = command(
    decision.outcome === 'incomplete' ? 'error' : 'notice',
    decision.title,
    [decision.message, ...(decision.next ? [decision.next] : [])].join('\n'),
  );
  const problems = decision.problems.map(({ level, title, message }) =>
    command(level === 'error' ? 'error' : 'warning', title, message),
  );
  return `${[overall, ...problems].join('\n')}\n`;
}

function command(level: 'error' | 'warning' | 'notice', title: string, message: string): string {
  return `::${level} title=${escapeProperty(title)}::${escapeData(message)}`;
}

/** As the toolkit of GitHub Actions does (`@actions/core`, command.ts): a line break would begin a command of its own. */
function escapeData(text: string): string {
  return showHidden(text).replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
}

function escapeProperty(text: string): string {
  return escapeData(text).replaceAll(':', '%3A').replaceAll(',', '%2C');
}
