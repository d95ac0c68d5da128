import { z } from 'zod';
import { toTerms } from '../../reports/page/trace.ts';
import { sayVerdict } from '../../reports/run/verdict.ts';
import { makeVerdict } from '../analysis/verdict/verdict.ts';
import { UsageError } from '../errors.ts';
import { isControl, type Measure, measures } from '../results/codes.ts';
import { pointKey, variantKey } from '../results/point.ts';
import type { Verdict } from '../results/summary.ts';
import { readRun } from './read-run.ts';

export type VerdictOptions = {
  /** What is weighed: `cost`, `tokens` or `latency`; as the run did unless given. */
  by?: Measure;
  /** Ratios from 1/(1 + margin) to 1 + margin are no difference that matters; above 0, as in the run unless given. */
  margin?: number;
};

const optionsSchema = z.object({ by: z.enum(measures).optional(), margin: z.number().positive().optional() });

/**
 * Decides a stored run again, with another measure or margin: a verdict for each workflow that has one. What would change it is of
 * the run itself and left out. Throws a `UsageError` where the directory is not that of a run, or an option has no such value.
 */
export function verdict(directory: string, options: VerdictOptions = {}): Omit<Verdict, 'flips'>[] {
  const given = optionsSchema.safeParse(options);
  if (!given.success) throw new UsageError(`verdict() got wrong options. ${z.prettifyError(given.error)}`);
  const { summary, run, trials } = readRun(directory);
  const repeats = Map.groupBy(trials, ({ result }) => variantKey(result));
  return summary.verdicts.map(({ scenario, params, because, predicted, ...before }) => {
    const { by = before.by, margin = before.policy.margin } = given.data;
    const point = pointKey({ scenario, params });
    const results = summary.results.filter(
      (result) => pointKey(result) === point && !isControl(result.variant),
    );
    const groups = results.map((result) => ({ result, trials: repeats.get(variantKey(result)) ?? [] }));
    const { flips: _, ...decided } = makeVerdict({
      ...{ scenario, params, groups, by, margin, ...toTerms(run) },
      ...(predicted && { predicted }),
      ...(because.kind === 'unequal_work' && { unequalWork: because.calls }),
    });
    const { workload } = before;
    return { ...decided, ...(workload && { workload }), reason: sayVerdict(decided, results) };
  });
}
