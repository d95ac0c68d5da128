import type { VariantComparison } from '../harness/run/statistics-schema.ts';
import type { Result, Summary } from '../harness/run/summary.ts';
import { pointKey } from '../harness/scenario/point.ts';
import { listCounts } from './failures.ts';
import type { Table } from './text/markup.ts';
import { percent, usd } from './text/numbers.ts';

type Estimate = NonNullable<Result['statistics']>['correct'];
type Decision = VariantComparison['billedTokens'];

/** What several trials of a scenario, at one set of parameters, say beyond their means: intervals, comparisons in pairs, and whether they are enough. */
export function describeTrials(
  results: readonly Result[],
  summary: Summary,
): { statistics?: Table; notes: string[] } {
  const repeated = results.filter((result) => result.statistics);
  const own = new Set(results.map(pointKey));
  const comparisons = (summary.comparisons ?? []).filter((each) => own.has(pointKey(each)));
  const notes = [
    ...comparisons.map((comparison) => describeComparison(comparison)),
    ...results.flatMap(({ variant, statistics }) =>
      statistics?.enough.status === 'insufficient' && statistics.enough.needed !== null
        ? [
            `${variant}: ${statistics.n} trials do not tell its share of correct answers to ±${percent(statistics.enough.halfWidth)}; about ${statistics.enough.needed} would.`,
          ]
        : [],
    ),
    ...results.flatMap(({ variant, imperfections }) =>
      imperfections
        ? [`${variant}: mistakes made in all trials: ${listCounts(imperfections.made) || 'none'}.`]
        : [],
    ),
  ];
  return { ...(repeated.length > 0 && { statistics: statisticsTable(repeated) }), notes };
}

/** What comparing variants with themselves came to; undefined where it was not asked for. */
export function describeSelfComparison({
  aa,
}: Summary): { claim: string; comparisons: string[] } | undefined {
  if (!aa) return undefined;
  const { claimed, undecided, comparisons, rate } = aa.falseAlarms;
  return {
    claim: `Differences claimed where there are none: ${claimed} of ${comparisons} comparisons (${estimate(rate, percent)}), ${undecided} undecided.`,
    comparisons: aa.comparisons.map(
      (comparison) => `${comparison.scenario}: ${describeComparison(comparison)}`,
    ),
  };
}

function statisticsTable(results: readonly Result[]): Table {
  const attempts = results[0]?.statistics?.pass.at(-1)?.k ?? 1;
  const rows = results.map(({ variant, trials, outcomes, statistics: found }) => {
    const pass = found?.pass.at(-1);
    return [
      variant,
      `${found?.n ?? 0} of ${trials}`,
      found ? estimate(found.correct, percent) : '',
      found ? estimate(found.billedTokens, whole) : '',
      found?.costUsd ? estimate(found.costUsd, usd) : 'unpriced',
      found?.costPerCorrectUsd ? estimate(found.costPerCorrectUsd, usd) : 'unpriced',
      pass ? `${percent(pass.atLeastOne)} / ${percent(pass.all)}` : '',
      listCounts(outcomes ?? {}),
    ];
  });
  return {
    headings: [
      'variant',
      'trials measured',
      'correct',
      'billed tokens',
      'cost',
      'cost per correct trial',
      `pass@${attempts} / pass^${attempts}`,
      'outcomes',
    ],
    align: ['l', 'r', 'r', 'r', 'r', 'r', 'r', 'l'],
    rows,
  };
}

function describeComparison(comparison: VariantComparison): string {
  const { variant, reference, correct, billedTokens, costUsd, basis } = comparison;
  const { reference: first, variant: second } = correct;
  const parts = [
    ...(costUsd ? [`cost ${decision(costUsd)}`] : []),
    `billed tokens ${decision(billedTokens)}`,
    ...(basis === 'sampled'
      ? [`right in ${second.right} of ${second.trials} trials against ${first.right} of ${first.trials}`]
      : []),
  ];
  return `${variant} against ${reference}: ${parts.join('; ')}.`;
}

function decision({ decision: decided, ratio, margin, trialsNeeded }: Decision): string {
  const times = (value: number) => value.toLocaleString('en-US', { maximumSignificantDigits: 3 });
  const figure = ratio
    ? `${times(ratio.value)} × [${times(ratio.low)}, ${times(ratio.high)}]`
    : 'too few trials';
  switch (decided) {
    case 'equivalent':
      return `equivalent within ${percent(margin)} (${figure})`;
    case 'lower':
    case 'higher':
      return `${decided} by more than ${percent(margin)} (${figure})`;
    case 'insufficient':
      return `undecided (${figure}${trialsNeeded ? `; about ${trialsNeeded} trials of each would decide` : ''})`;
  }
}

/** A value with what may be claimed about it. */
function estimate(found: Estimate, show: (value: number) => string): string {
  switch (found.status) {
    case 'interval':
      return `${show(found.value)} [${show(found.low)}, ${show(found.high)}]`;
    case 'lower_bound':
      return `${show(found.value)} [${show(found.low)}, no bound]`;
    case 'point':
      return `${show(found.value)} (${found.reason === 'too_few' ? `too few for an interval, ${found.needed} needed` : 'no variation'})`;
    case 'none':
      return found.reason === 'zero_denominator' ? 'unbounded: none was right' : 'none';
  }
}

function whole(value: number): string {
  return Math.round(value).toLocaleString('en-US');
}
