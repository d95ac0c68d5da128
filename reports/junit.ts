import type { Decision, Finding } from '../harness/gate/decision.ts';

/**
 * A gate's decision as JUnit XML, for the test view of a CI server: a test case for each finding. Errors are failures,
 * warnings are skipped cases that say why, and an incomplete run is an error of its own.
 */
export function toJunit(decision: Decision): string {
  const { findings } = decision;
  const incomplete = decision.outcome === 'incomplete';
  const failures = findings.filter((finding) => kindOf(finding) === 'failure').length;
  const skipped = findings.filter((finding) => kindOf(finding) === 'skipped').length;
  const tests = findings.length + (incomplete ? 1 : 0);
  const counts = `tests="${tests}" failures="${failures}" errors="${incomplete ? 1 : 0}" skipped="${skipped}"`;
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites ${counts}>`,
    `  <testsuite name="patternbench gate" ${counts}>`,
    ...(incomplete ? [runCase(decision)] : []),
    ...findings.map(toCase),
    '  </testsuite>',
    '</testsuites>',
    '',
  ].join('\n');
}

function runCase({ title, message }: Decision): string {
  return `    <testcase classname="patternbench" name="run"><error message="${toXml(title)}">${toXml(message)}</error></testcase>`;
}

function toCase(finding: Finding): string {
  const { scenario, params, variant, check, title, message, status } = finding;
  const classname = `patternbench.${scenario ?? 'suite'}`;
  const name = [params, variant, check].filter(Boolean).join(' · ');
  const open = `    <testcase classname="${toXml(classname)}" name="${toXml(name)}"`;
  const kind = kindOf(finding);
  if (kind === 'pass') return `${open}/>`;
  const body =
    kind === 'failure'
      ? `<failure type="${status}" message="${toXml(title)}">${toXml(message)}</failure>`
      : `<skipped message="${toXml(`${title}: ${message}`)}"/>`;
  return `${open}>${body}</testcase>`;
}

function kindOf({ status, level }: Finding): 'pass' | 'failure' | 'skipped' {
  if (status === 'pass' || level === 'off') return 'pass';
  return level === 'error' ? 'failure' : 'skipped';
}

/** Markup, and the control characters that XML 1.0 cannot carry even escaped. */
function toXml(text: string): string {
  return text
    .replace(/[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu, '\ufffd')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}
