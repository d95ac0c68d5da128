/**
 * Writes reports/published/suite.md: what was expected of each bundled workflow, and what a run found, with the surprises
 * explained. suite.svg beside it shows what both patterns cost in each, of the last run that is named. First `npm run -s
 * bench:all -- --out DIR`, then `node scripts/suite-table.ts DIR`. Of several runs, the later named counts for what both have.
 */
import { writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { openRunFiles } from '../harness/cli/read-run.ts';
import { UsageError } from '../harness/errors.ts';
import { readSummary } from '../harness/results/run.ts';
import type { Verdict } from '../harness/results/verdict.ts';
import { loadScenarios } from '../harness/scenario/load.ts';
import { overviewPicture } from '../reports/page/article.ts';
import { describePage } from '../reports/page/page.ts';
import { inline, toMarkdownTable } from '../reports/text/markup.ts';

const directories = process.argv.slice(2);
if (directories.length === 0)
  throw new UsageError('Name directories of runs: node scripts/suite-table.ts DIR…');
const summaries = directories.map((directory) => readSummary(resolve(directory)));
const verdicts = new Map(
  summaries.flatMap((summary) => summary.verdicts.map((verdict) => [verdict.scenario, verdict] as const)),
);

/** What an `insufficient` verdict of computed evidence means: the counting error spans what matters. */
const found = ({ pattern }: Verdict) => (pattern === 'insufficient' ? 'too close to call' : pattern);

/** Too close to call is no more than was said where neither was expected to win. */
const isExpected = (expected: string, verdict: Verdict) =>
  expected === verdict.pattern || (expected === 'either' && verdict.pattern === 'insufficient');

const ratioOf = ({ ratio }: Verdict) => (ratio ? ratio.value.toPrecision(2) : '–');

const scenarios = (await loadScenarios([])).filter(({ name }) => verdicts.has(name));
const rows = scenarios.flatMap(({ name, title, stresses = [], prediction }) => {
  const verdict = verdicts.get(name);
  if (!verdict) return [];
  const expected = prediction?.pattern ?? '–';
  const mark = isExpected(expected, verdict) ? '' : ' ≠';
  return [[name, inline(title), stresses.join(', '), expected, `${found(verdict)}${mark}`, ratioOf(verdict)]];
});
const surprises = scenarios.flatMap(({ name, surprise }) => (surprise ? [`- **${name}**: ${surprise}`] : []));
const agreeing = rows.filter(([, , , , outcome]) => !outcome?.endsWith('≠')).length;

const text = `# Expected and found

Each bundled scenario says who should win and why, before it is run. Here is what scripted runs with the default variants and
sizes found: the best case of each pattern, by cost. ${agreeing} of ${rows.length} came out as expected. Written by \`npm run published -- suite.md\`.

${toMarkdownTable({
  headings: ['scenario', 'what it is', 'stresses', 'expected', 'found', 'code ÷ classic'],
  align: ['l', 'l', 'l', 'l', 'l', 'r'],
  rows,
})}

The last column compares the cheapest variant of each side; below 1, code costs less. ≠ marks what was expected otherwise.

## Surprises

${surprises.join('\n')}
`;
const published = resolve(import.meta.dirname, '../reports/published');
writeFileSync(resolve(published, 'suite.md'), text);

const [last = ''] = directories.slice(-1);
const run = openRunFiles(resolve(last), readSummary(resolve(last)));
writeFileSync(resolve(published, 'suite.svg'), overviewPicture(describePage(run), 'suite').svg);
