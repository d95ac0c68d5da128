import { writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { listVariants } from '../../harness/agent/variants.ts';
import { UsageError } from '../../harness/errors.ts';
import { bound, number, ratio } from '../../harness/numbers.ts';
import { readSummary } from '../../harness/results/run.ts';
import type { Verdict } from '../../harness/results/summary.ts';
import { inline, toMarkdownTable } from '../../reports/text/markup.ts';
import { median } from './agreement.ts';

type Ladder = NonNullable<Verdict['ladder']>;
type Rung = Ladder['rows'][number];

/** What variants are, in the order in which the table has them. */
type Described = { name: string; description: string };

/**
 * The ladder of variants as Markdown: each against the reference variant, over all workflows and in each of them. Verdicts
 * without a ladder are left out. A variant that gave no right answer in a workflow has no figure there.
 */
export function toLadder(verdicts: readonly Verdict[], variants: readonly Described[]): string {
  const ladders = verdicts.flatMap(({ scenario, ladder }) => (ladder ? [{ scenario, ladder }] : []));
  const reference = ladders[0]?.ladder.reference ?? 'classic';
  const rungOf = ({ rows }: Ladder, name: string) => rows.find(({ variant }) => variant === name);
  const rows = variants.map(({ name, description }) => {
    const rungs = ladders.flatMap(({ ladder }) => rungOf(ladder, name) ?? []);
    const ratios = rungs.filter(isRight).flatMap((rung) => rung.ratio ?? []);
    const range = ratios.length > 0 ? `${bound(Math.min(...ratios))} to ${bound(Math.max(...ratios))}` : '–';
    return [
      name,
      inline(description),
      `${number(rungs.filter(isRight).length)} of ${number(rungs.length)}`,
      number(ladders.filter(({ ladder }) => ladder.best === name).length),
      ratios.length > 0 ? ratio(median(ratios)) : '–',
      range,
    ];
  });
  const each = ladders.map(({ scenario, ladder }) => [
    inline(scenario),
    ...variants.map(({ name }) => cell(rungOf(ladder, name), name === ladder.best)),
  ]);
  return `# The ladder of variants

Every variant plays the core of bundled workflows, scripted: the best case of each. Figures are the cost of a run divided by that of
${reference}, with prompt caching; below 1 it costs less. Where ${reference} overflowed its window, they compare with the whole job, hypothetically.

${toMarkdownTable({
  headings: ['variant', 'what it is', 'right', 'cheapest', 'median', 'range'],
  align: ['l', 'l', 'r', 'r', 'r', 'r'],
  rows,
})}

- right: workflows in which the answer was right. cheapest: those in which no other right variant costs less.
- median and range: over the workflows in which it was right.

## Workflow by workflow

${toMarkdownTable({
  headings: ['workflow', ...variants.map(({ name }) => name)],
  align: ['l', ...variants.map(() => 'r' as const)],
  rows: each,
})}

◂ is the cheapest right one. A dash gave no right answer.
`;
}

const isRight = ({ correct }: Rung) => correct === 1;

function cell(rung: Rung | undefined, isBest: boolean): string {
  if (!rung || !isRight(rung) || rung.ratio === null) return '–';
  return `${isBest ? '◂ ' : ''}${ratio(rung.ratio)}`;
}

// From a run of all variants: `npm run published -- ladder.md` makes both.
if (import.meta.main) {
  const [directory] = process.argv.slice(2);
  if (directory === undefined) throw new UsageError('Name the directory of a run of all variants.');
  const { verdicts } = readSummary(resolve(directory));
  const file = resolve(import.meta.dirname, '../../reports/published/ladder.md');
  writeFileSync(file, toLadder(verdicts, listVariants()));
}
