import type { Decision, Finding, Problem } from '../harness/gate/decision.ts';

/**
 * A gate's decision as JUnit XML, for the test view of a CI server: a test case for each figure that passed, and one for
 * each problem. Errors are failures, warnings are skipped cases that say why, and an incomplete run is an error of its own.
 */
export function toJunit(decision: Decision): string {
  const { findings, problems } = decision;
  const incomplete = decision.outcome === 'incomplete';
  const passed = findings.filter(({ status }) => status === 'pass');
  const failures = problems.filter(({ level }) => level === 'error').length;
  const tests = passed.length + problems.length + (incomplete ? 1 : 0);
  const counts = `tests="${tests}" failures="${failures}" errors="${incomplete ? 1 : 0}" skipped="${problems.length - failures}"`;
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites ${counts}>`,
    `  <testsuite name="patternbench gate" ${counts}>`,
    ...(incomplete ? [runCase(decision)] : []),
    ...problems.map(toProblemCase),
    ...passed.map(toPassedCase),
    '  </testsuite>',
    '</testsuites>',
    '',
  ].join('\n');
}

function runCase({ title, message }: Decision): string {
  return `    <testcase classname="patternbench" name="run"><error message="${toXml(title)}">${toXml(message)}</error></testcase>`;
}

function toProblemCase({ level, title, message }: Problem): string {
  const body =
    level === 'error'
      ? `<failure message="${toXml(title)}">${toXml(message)}</failure>`
      : `<skipped message="${toXml(`${title}: ${message}`)}"/>`;
  return `    <testcase classname="patternbench" name="${toXml(title)}">${body}</testcase>`;
}

function toPassedCase({ scenario, params, variant, check }: Finding): string {
  const name = [params, variant, check].filter(Boolean).join(' · ');
  return `    <testcase classname="${toXml(`patternbench.${scenario ?? 'suite'}`)}" name="${toXml(name)}"/>`;
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
