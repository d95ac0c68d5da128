import type { Result, Summary } from '../../harness/results/summary.ts';
import { toXml } from '../text/xml.ts';

/**
 * A run as JUnit XML: a case for each variant of each workflow. A wrong answer is a failure, what infrastructure ended an
 * error, and what has not been run yet is skipped.
 */
export function toRunJunit({ results, planned }: Summary): string {
  const cases = results.map((result) => ({ result, end: endOf(result) }));
  const count = (end: ReturnType<typeof endOf>) => cases.filter((each) => each.end === end).length;
  const missing = planned - results.reduce((sum, { trials }) => sum + trials, 0);
  const skipped = missing > 0 ? 1 : 0;
  const counts = `tests="${cases.length + skipped}" failures="${count('failure')}" errors="${count('error')}" skipped="${skipped}"`;
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites ${counts}>`,
    `  <testsuite name="patternbench run" ${counts}>`,
    ...cases.map(({ result, end }) => toCase(result, end)),
    ...(skipped > 0
      ? [
          `    <testcase classname="patternbench" name="run"><skipped message="${missing === 1 ? 'a trial has' : `${missing} trials have`} not been run"/></testcase>`,
        ]
      : []),
    '  </testsuite>',
    '</testsuites>',
    '',
  ].join('\n');
}

function endOf({ correct }: Result): 'passed' | 'failure' | 'error' {
  if (correct === null) return 'error';
  return correct === 1 ? 'passed' : 'failure';
}

function toCase({ scenario, params, variant, reason }: Result, end: ReturnType<typeof endOf>): string {
  const name = [...Object.entries(params).map(([key, value]) => `${key}=${value}`), variant].join(' ');
  const head = `    <testcase classname="${toXml(`patternbench.${scenario}`)}" name="${toXml(name)}"`;
  return end === 'passed' ? `${head}/>` : `${head}><${end} message="${toXml(reason)}"/></testcase>`;
}
