import type { Measure } from '../../results/codes.ts';
import { pointKey } from '../../results/point.ts';
import type { Summary } from '../../results/summary.ts';
import type { BreakEven, PointResult, Sweep, SweepPoint } from '../../results/sweep.ts';
import type { Ratio } from '../../results/verdict.ts';
import { cheaperCost, wholeJob } from '../verdict/measure.ts';
import type { Axis } from './axis.ts';

type Setting = { by: Measure; caching: boolean };

/** What a variant takes at a point, with caching where that is cheaper, or without; null where it has no price. */
export function valueAt(result: PointResult, { by, caching }: Setting): number | null {
  if (by === 'tokens') return result.tokens.billed;
  if (by === 'latency') return result.modelledSeconds;
  return caching ? cheaperCost(result.costUsd) : (result.costUsd?.uncached ?? null);
}

/** The verdict at a point, as it is or without caching, and its ratio of code to classic; null where there is none. */
export function decidedAt(
  { verdict }: SweepPoint,
  caching: boolean,
): { pattern: BreakEven['below']; ratio: Ratio | null } | null {
  return verdict && (caching ? verdict : verdict.uncached);
}

/**
 * Where the verdict changes along an axis: between neighbouring points with different ones. Where costs decide on both sides
 * and the ratio crosses 1, the place is that of a straight line through the logarithms (ln ratio over ln size), else half-way.
 */
export function findBreakEvens(
  points: readonly SweepPoint[],
  axis: Pick<Axis, 'name'>,
  caching: boolean,
): BreakEven[] {
  const known = points
    .flatMap((point) => {
      const decided = decidedAt(point, caching);
      return decided ? [{ ...decided, size: Number(point.params[axis.name]) }] : [];
    })
    .sort((a, b) => a.size - b.size);
  return known.slice(1).flatMap((right, index): BreakEven[] => {
    const left = known[index];
    if (!left || left.pattern === right.pattern) return [];
    const [before, after] = [Math.log(left.ratio?.value ?? 1), Math.log(right.ratio?.value ?? 1)];
    const share = before * after < 0 ? before / (before - after) : 0.5;
    const at = Math.exp(Math.log(left.size) + share * Math.log(right.size / left.size));
    return [
      {
        caching,
        axis: axis.name,
        between: [left.size, right.size],
        at: Number(at.toPrecision(3)),
        below: left.pattern,
        above: right.pattern,
      },
    ];
  });
}

/** Between which sizes each variant stops fitting the window; not for one that fits at all of them, or at the smallest not. */
export function findOverflow(points: readonly SweepPoint[], axis: Pick<Axis, 'name'>): Sweep['overflow'] {
  const sorted = points.toSorted((a, b) => Number(a.params[axis.name]) - Number(b.params[axis.name]));
  const variants = new Set(sorted.flatMap(({ results }) => results.map(({ variant }) => variant)));
  return [...variants].flatMap((variant): Sweep['overflow'] => {
    const fits = sorted.flatMap((point) => {
      const result = point.results.find((each) => each.variant === variant);
      return result ? [{ size: Number(point.params[axis.name]), fits: result.fits }] : [];
    });
    const first = fits.findIndex((each) => !each.fits);
    const [before, after] = [fits[first - 1], fits[first]];
    return before && after ? [{ variant, axis: axis.name, between: [before.size, after.size] }] : [];
  });
}

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
