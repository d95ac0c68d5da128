import { toTerms } from '../../reports/page/trace.ts';
import { sayVerdict } from '../../reports/run/verdict.ts';
import { makeVerdict } from '../analysis/verdict/verdict.ts';
import { isControl } from '../results/codes.ts';
import { pointKey, variantKey } from '../results/point.ts';
import type { Verdict } from '../results/summary.ts';
import type { Measure } from '../results/verdict.ts';
import { readRun } from './read-run.ts';

export type VerdictOptions = {
  /** What is weighed: `cost` (default), `tokens` or `latency`. */
  by?: Measure;
  /** Ratios from 1/(1 + margin) to 1 + margin are no difference that matters; 0.1 by default. */
  margin?: number;
};

/**
 * Decides a stored run again, with another measure or margin: a verdict for each workflow that has one. What would change it is of
 * the run itself and left out. Throws a `UsageError` where the directory is not that of a run.
 */
export function verdict(
  directory: string,
  { by = 'cost', margin }: VerdictOptions = {},
): Omit<Verdict, 'flips'>[] {
  const { summary, run, trials } = readRun(directory);
  const repeats = Map.groupBy(trials, ({ result }) => variantKey(result));
  return summary.verdicts.map(({ scenario, params, because, predicted }) => {
    const point = pointKey({ scenario, params });
    const results = summary.results.filter(
      (result) => pointKey(result) === point && !isControl(result.variant),
    );
    const groups = results.map((result) => ({ result, trials: repeats.get(variantKey(result)) ?? [] }));
    const { flips: _, ...decided } = makeVerdict({
      ...{ scenario, params, groups, by, ...toTerms(run) },
      ...(margin !== undefined && { margin }),
      ...(predicted && { predicted }),
      ...(because.kind === 'unequal_work' && { unequalWork: because.calls }),
    });
    return { ...decided, reason: sayVerdict(decided, results) };
  });
}
