import { cheaperCost, wholeJob } from '../../harness/analysis/verdict/measure.ts';
import { pointKey } from '../../harness/results/point.ts';
import type { Result, Summary } from '../../harness/results/summary.ts';

/** One figure of a run in the form `customSmallerIsBetter`, which services that chart benchmarks over commits read. */
type Figure = { name: string; unit: string; value: number; range?: string };

/**
 * What each variant cost and was billed, for a chart over runs. A variant without a right answer is left out: a smaller bill of a
 * wrong answer is no better.
 */
export function toHistory({ results }: Summary): string {
  const sizes = new Map(
    [...Map.groupBy(results, ({ scenario }) => scenario)].map(([scenario, own]) => [
      scenario,
      new Set(own.map(pointKey)).size,
    ]),
  );
  const figures = results
    .filter(({ correct }) => correct !== null && correct > 0)
    .flatMap((result): Figure[] => {
      const isAlone = sizes.get(result.scenario) === 1;
      const params = Object.entries(result.params).map(([name, value]) => `${name}=${value}`);
      const name = [result.scenario, ...(isAlone ? [] : params), result.variant].join(' ');
      const cost = cheaperCost(wholeJob(result).costUsd);
      return [
        ...(cost === null
          ? []
          : [{ name: `${name}: cost`, unit: 'USD', value: cost, ...rangeOf(result, 'costUsd') }]),
        {
          name: `${name}: billed`,
          unit: 'tokens',
          value: result.tokens.billed,
          ...rangeOf(result, 'billedTokens'),
        },
      ];
    });
  return `${JSON.stringify(figures, null, 2)}\n`;
}

/** Half of the 95 % interval, where trials vary. */
function rangeOf({ statistics }: Result, figure: 'costUsd' | 'billedTokens'): Pick<Figure, 'range'> {
  const found = statistics?.[figure];
  return found?.status === 'interval' ? { range: `± ${(found.high - found.low) / 2}` } : {};
}
