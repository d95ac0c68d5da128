import type { Result, Verdict } from '../harness/run/summary.ts';
import type { Table } from './text/markup.ts';
import { number, percent, usd } from './text/numbers.ts';

/** All variants of one scenario, each against the reference variant. A trial that did not fit its window is marked. */
export function ladderTable(results: readonly Result[], ladder: NonNullable<Verdict['ladder']>): Table {
  const rungs = new Map(ladder.rows.map((row) => [row.variant, row]));
  const rows = results.map((result) => {
    const { hypothetical, variant } = result;
    const { roundTrips, tokens, costUsd, latencyMs } = hypothetical ?? result;
    const mark = hypothetical ? ' (hypothetical)' : '';
    const ratio = rungs.get(variant)?.ratio;
    return [
      `${variant}${variant === ladder.best ? ' ◂ least' : ''}`,
      correctness(result),
      number(roundTrips),
      number(tokens.context),
      `${number(tokens.billed)}${mark}`,
      costUsd ? usd(costUsd.cached) : 'unpriced',
      `${(latencyMs.modelled / 1000).toLocaleString('en-US', { maximumFractionDigits: 1 })} s`,
      variant === ladder.reference
        ? 'reference'
        : ratio === null || ratio === undefined
          ? ''
          : relative(ratio),
    ];
  });
  return {
    headings: [
      'variant',
      'correct',
      'round trips',
      'context tokens',
      'billed tokens',
      'cost, cached',
      'model time, modelled',
      `against ${ladder.reference}`,
    ],
    align: ['l', 'r', 'r', 'r', 'r', 'r', 'r', 'r'],
    rows,
  };
}

function correctness({ correct, status, trials }: Result): string {
  if (correct === null) return 'not measured';
  if (trials > 1) return percent(correct);
  return correct === 1 ? 'yes' : status === 'completed' ? 'no' : `no: ${status.replaceAll('_', ' ')}`;
}

function relative(ratio: number): string {
  return `× ${ratio < 0.1 ? ratio.toPrecision(2) : ratio.toFixed(2)}`;
}
