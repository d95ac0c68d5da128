import { describeDifference, describeValues, figureNames } from '../../harness/analysis/gate/change.ts';
import type { ComparedPair, Comparison } from '../../harness/analysis/gate/compare-runs.ts';
import type { Decision } from '../../harness/analysis/gate/gate.ts';
import { number } from '../../harness/numbers.ts';
import { showHidden } from '../../harness/visible.ts';
import { inline, toMarkdownTable } from '../text/markup.ts';
import { bullets, paragraphs, present, tableOf } from '../text/table.ts';
import { type Comparable, comparableScenarios, sayIncomparable } from './decision.ts';

/** Workflows that are shown, so that a comment has under 60 lines whichever runs are compared. */
const mostShown = 12;
/** Folded figures that are shown, for the same. */
const mostRows = 12;
/** Problems that the comment of a gate names, and how much of each: the whole is in its report. */
const mostProblems = 8;
const mostCharacters = 400;

/**
 * What changed between two runs, as a comment on a pull request: the workflows that changed in a table, a sentence for each, other
 * figures folded. Under 60 lines, however many workflows there are; what is left out is counted.
 */
export function toPullRequest(comparison: Comparison): string {
  const { unpaired } = comparison;
  const all = comparableScenarios(comparison);
  const changed = all.filter(hasChanged);
  const shown = changed.slice(0, mostShown);
  const notes = present(
    sayIncomparable(comparison),
    unpaired.length > 0 && `${number(unpaired.length)} results are in one run alone.`,
  );
  const left = changed.length - shown.length;
  return `${paragraphs(
    `### ${changed.length === 0 ? 'No workflow changed' : `${number(changed.length)} of ${number(all.length)} workflows changed`}`,
    bullets(notes.map(inline)),
    shown.length > 0 && [summaryTable(shown), bullets(shown.map(sayChange))],
    left > 0 && `${number(left)} more changed; \`patternbench compare\` lists them all.`,
    foldFigures(shown),
  )}\n`;
}

/**
 * A gate's decision as a comment on a pull request: what it comes to, each problem with its cause, and the workflows that changed,
 * for better or worse. Under 60 lines; what is left out is counted.
 */
export function toGateComment({ title, message, problems, next }: Decision, comparison: Comparison): string {
  const changed = comparableScenarios(comparison).filter(hasChanged);
  const shown = changed.slice(0, mostShown);
  const told = problems.slice(0, mostProblems).map((problem) => {
    const text = problem.message.replaceAll(/\s+/g, ' ');
    const cut = text.length > mostCharacters ? `${text.slice(0, mostCharacters).toWellFormed()}…` : text;
    return `- **${inline(problem.title)}**: ${inline(cut)}`;
  });
  const more = present(
    problems.length > told.length && `${number(problems.length - told.length)} more problems`,
    changed.length > shown.length && `${number(changed.length - shown.length)} more workflows changed`,
  );
  return `${paragraphs(
    `### ${inline(title)}`,
    message.split('\n').slice(0, mostProblems).map(inline).join('  \n'),
    told.join('\n'),
    shown.length > 0 && summaryTable(shown),
    more.length > 0 && `${more.join(', ')}: see the report.`,
    foldFigures(shown),
    next !== null && `\`\`\`text\n${showHidden(next)}\n\`\`\``,
  )}\n`;
}

function hasChanged({ scenario: { surface, filesChanged }, pairs, verdict }: Comparable): boolean {
  return (
    (verdict !== undefined && isDifferent(verdict)) ||
    filesChanged ||
    (surface ?? []).length > 0 ||
    pairs.some(
      ({ status, changes, causes }) =>
        status.before !== status.after || causes.length > 0 || changes.some(isDifferent),
    )
  );
}

function isDifferent({ before, after }: { before: unknown; after: unknown }): boolean {
  return before !== after;
}

function summaryTable(changed: readonly Comparable[]): string {
  const table = tableOf(changed, [
    ['workflow', ({ scenario: { scenario } }) => inline(scenario)],
    ['verdict', ({ verdict }) => (verdict ? nameVerdict(verdict) : ''), 'l'],
    ['cost, classic', ({ pairs }) => costOf(pairs, 'classic')],
    ['cost, code', ({ pairs }) => costOf(pairs, 'code')],
  ]);
  return toMarkdownTable(table);
}

function nameVerdict({ before, after }: NonNullable<Comparable['verdict']>): string {
  return before === after ? (after ?? 'none') : `**${before ?? 'none'} → ${after ?? 'none'}**`;
}

/** The cost of the first variant of a pattern, by its name or what its name begins with. */
function costOf(pairs: readonly ComparedPair[], pattern: string): string {
  const pair =
    pairs.find(({ variant }) => variant === pattern) ??
    pairs.find(({ variant }) => variant.startsWith(pattern));
  const change = pair?.changes.find(({ metric }) => metric === 'costCached');
  if (!change) return '';
  return isDifferent(change) ? describeValues(change) : (describeValues(change).split(' → ')[1] ?? '');
}

/** One sentence: what weighs most of what changed, and where it came from. */
function sayChange({ scenario: { scenario, surface, filesChanged }, pairs, verdict }: Comparable): string {
  const ended = pairs.find(({ status }) => status.before !== status.after);
  const costs = pairs.flatMap(({ variant, changes }) =>
    changes
      .filter((change) => change.metric === 'costCached' && isDifferent(change))
      .map((change) => ({ variant, change })),
  );
  const share = ({ change: { before, after } }: (typeof costs)[number]) =>
    Math.abs((after ?? 0) / (before || 1) - 1);
  const [most] = costs.sort((a, b) => share(b) - share(a));
  const cause = surface?.[0]?.text ?? pairs.find(({ variant }) => variant === most?.variant)?.causes[0]?.text;
  const parts = present(
    verdict && isDifferent(verdict) && `now ${verdict.after ?? 'without a verdict'}`,
    ended && `${ended.variant} ends as ${ended.status.after.replaceAll('_', ' ')}`,
    most && `${most.variant} costs ${describeDifference(most.change)}`,
    cause,
    filesChanged && "the scenario's own files changed",
  );
  return `**${inline(scenario)}**: ${inline(parts.slice(0, 3).join('; ') || 'only other figures changed')}.`;
}

/** The figures that changed, folded away, as many rows as there is room for; nothing where none did. */
function foldFigures(changed: readonly Comparable[]): string | false {
  const folded: string[] = ['billedTokens', 'roundTrips', 'correct'];
  const rows = changed.flatMap(({ scenario: { scenario }, pairs }) =>
    pairs.flatMap(({ variant, changes }) =>
      changes
        .filter((change) => isDifferent(change) && folded.includes(change.metric))
        .map((change) => ({ scenario, variant, change })),
    ),
  );
  if (rows.length === 0) return false;
  const table = tableOf(rows.slice(0, mostRows), [
    ['workflow', ({ scenario }) => inline(scenario)],
    ['variant', ({ variant }) => inline(variant), 'l'],
    ['figure', ({ change }) => figureNames[change.metric].name, 'l'],
    ['before → after', ({ change }) => describeValues(change)],
    ['change', ({ change }) => describeDifference(change)],
  ]);
  const more = rows.length > mostRows ? `\n\n${number(rows.length - mostRows)} more figures changed.` : '';
  return `<details><summary>Other figures</summary>\n\n${toMarkdownTable(table)}${more}\n\n</details>`;
}
