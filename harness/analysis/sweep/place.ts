import { pointKey } from '../../results/point.ts';
import type { Summary } from '../../results/summary.ts';
import type { Sweep } from '../../results/sweep.ts';
import { wholeJob } from '../verdict/measure.ts';

/** Where the scenarios of a run stand on a map of calls by bytes per result: as their classic variant did it. */
export function placeScenarios(summary: Summary): Sweep['placed'] {
  return summary.verdicts.flatMap((verdict) => {
    const { scenario, pattern, sides } = verdict;
    const result = summary.results.find(
      (each) => pointKey(each) === pointKey(verdict) && each.variant === (sides.classic?.name ?? 'classic'),
    );
    if (!result || result.resultBytes === undefined) return [];
    const { toolCalls } = wholeJob(result);
    if (toolCalls === 0) return [];
    return [
      { scenario, calls: toolCalls, bytes: Math.round(result.resultBytes / toolCalls), verdict: pattern },
    ];
  });
}
