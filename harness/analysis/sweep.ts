import { UsageError } from '../errors.ts';
import { ownMember } from '../json.ts';
import type { Measure } from '../results/codes.ts';
import { pointKey } from '../results/point.ts';
import type { Summary } from '../results/summary.ts';
import type { BreakEven, PointResult, PointVerdict, Sweep, SweepPoint } from '../results/sweep.ts';
import { type ItemFlip, leadOf, type Ratio } from '../results/verdict.ts';
import { isNumeric, type NumericSpec, type ParamSpec, type Scenario } from '../scenario/scenario.ts';
import { cheaperCost, wholeJob } from './verdict/measure.ts';

/** A parameter that is swept, from one value to a larger one; whole numbers stay whole. */
export type Axis = { name: string; from: number; to: number; whole: boolean };

/** Parts `--param` values into those of the form `10..5000` and those that stay as they are. */
export function readAxes(
  scenario: Pick<Scenario, 'name' | 'params'>,
  given: Record<string, string>,
): { axes: Axis[]; fixed: Record<string, string> } {
  const axes: Axis[] = [];
  const fixed: Record<string, string> = {};
  for (const [name, text] of Object.entries(given)) {
    if (text.includes('..')) axes.push(readAxis(name, text, ownMember(scenario.params, name)));
    else fixed[name] = text;
  }
  if (axes.length === 0 || axes.length > 2) {
    const numeric = Object.entries(scenario.params).filter(([, spec]) => isNumeric(spec));
    throw new UsageError(
      `A sweep goes over one or two parameters of ${scenario.name}, such as --param ${numeric[0]?.[0] ?? 'size'}=10..1000; ${axes.length} have a range. It can go over: ${numeric.map(([known]) => known).join(', ') || 'none'}.`,
    );
  }
  return { axes, fixed };
}

function readAxis(name: string, text: string, spec: ParamSpec | undefined): Axis {
  if (spec && !isNumeric(spec)) throw new UsageError(`${name} is no number, so it cannot be swept.`);
  const match = /^\s*([\d.]+?)\s*\.\.\s*([\d.]+)\s*$/.exec(text);
  const [from, to] = [Number(match?.[1]), Number(match?.[2])];
  if (!(from > 0 && to > from)) {
    throw new UsageError(
      `--param ${name}=${text}: a range goes from a number above 0 to a larger one, such as 10..1000.`,
    );
  }
  return { name, from, to, whole: spec?.type === 'integer' };
}

/** That many values from end to end in equal steps of the logarithm, without repetitions. */
export function logSteps(axis: Axis, count: number): number[] {
  const ratio = Math.log(axis.to / axis.from);
  const values = Array.from({ length: count }, (_, index) =>
    toValue(axis, axis.from * Math.exp((ratio * index) / Math.max(1, count - 1))),
  );
  return [...new Set(values)];
}

/** The value half-way between two in the logarithm; undefined where there is none besides them. */
export function between(axis: Axis, low: number, high: number): number | undefined {
  const value = toValue(axis, Math.sqrt(low * high));
  return value > low && value < high ? value : undefined;
}

function toValue(axis: Pick<Axis, 'whole'>, value: number): number {
  return axis.whole ? Math.round(value) : Number(value.toPrecision(4));
}

/** The verdict at one size, by the rule of any other. */
type SizedLead = { size: number } & Pick<PointVerdict, 'pattern' | 'because' | 'padded'>;

/** Two neighbouring sizes at which different patterns lead. */
type Gap = { left: SizedLead; right: SizedLead };

/** The verdict at each size, smallest first. A size at which nothing could be compared says nothing. */
export function findLeads(points: readonly SweepPoint[], axis: Pick<Axis, 'name'>): SizedLead[] {
  return points
    .flatMap(({ verdict, params }): SizedLead[] => {
      if (!verdict?.compared || (verdict.ratio === null && verdict.pattern === 'insufficient')) {
        return [];
      }
      const { pattern, because, padded } = verdict;
      return [{ size: Number(params[axis.name]), pattern, because, padded }];
    })
    .sort((a, b) => a.size - b.size);
}

/**
 * All pairs of neighbours at which different patterns lead, the one nearest to a size first: by the logarithm, in either
 * direction.
 */
export function gapsByDistance(leads: readonly SizedLead[], now: number): Gap[] {
  const gaps = leads.slice(1).flatMap((right, index): Gap[] => {
    const left = leads[index];
    return left && leadOf(left.pattern) !== leadOf(right.pattern) ? [{ left, right }] : [];
  });
  const distance = ({ left, right }: Gap) =>
    right.size <= now ? Math.log(now / right.size) : left.size >= now ? Math.log(left.size / now) : 0;
  return gaps.sort((a, b) => distance(a) - distance(b));
}

/** What was found about other numbers; undefined where no other was tried, or nothing is known of the present one. */
export function toItemFlip(
  leads: readonly SizedLead[],
  axis: Pick<Axis, 'name'>,
  now: number,
): ItemFlip | undefined {
  if (leads.length < 2 || !leads.some(({ size }) => size === now)) return undefined;
  return {
    param: axis.name,
    now,
    tried: leads.map(({ size, ...lead }) => ({ at: size, ...lead })),
  };
}

/** How far upwards a flip is looked for: this many times the present size. */
const reach = 3;

/** Nor is a size tried above the present one that would take more tool calls than this, so that a search stays short. */
const mostCalls = 1_000;

/** A gap whose ends differ by no more than this factor is not closed further. */
const closeEnough = 1.25;

/** A size in the middle is tried only between ends that differ by more than this factor. */
const wide = 10;

/** Sizes that are tried besides the present one, at most. */
export const mostProbes = 6;

/**
 * The sizes between which a flip is looked for: from the smallest that the parameter takes, one item or a hundredth of the
 * present size, up to a few times that. `calls` are the tool calls at the present size. Undefined where that is not above zero.
 */
export function searchRange(name: string, spec: NumericSpec, now: number, calls: number): Axis | undefined {
  if (!(now > 0)) return undefined;
  const whole = spec.type === 'integer';
  const least = whole ? 1 : now / 100;
  const from = Math.min(now, Math.max(spec.min ?? least, least));
  const most = Math.min(spec.max ?? Number.POSITIVE_INFINITY, now * reach, (now * mostCalls) / calls);
  return { name, whole, from: toValue({ whole }, from), to: Math.max(now, toValue({ whole }, most)) };
}

/**
 * The size to try next; undefined where enough is known. First the smallest, one half-way from it to the present size, and
 * the largest, until there is a gap between sizes with different verdicts; then its middle in the logarithm, again and
 * again, and that of the gaps further away, such as the other edge of a range in which both take the same.
 */
export function nextProbe(leads: readonly SizedLead[], axis: Axis, now: number): number | undefined {
  if (leads.length > mostProbes) return undefined;
  const gaps = gapsByDistance(leads, now);
  if (gaps.length > 0) {
    const open = gaps.filter(({ left, right }) => right.size / left.size > closeEnough);
    return open.flatMap(({ left, right }) => between(axis, left.size, right.size) ?? [])[0];
  }
  const middle = now / axis.from > wide ? between(axis, axis.from, now) : undefined;
  const outline = [axis.from, middle, axis.to];
  return outline.find((size) => size !== undefined && leads.every((lead) => lead.size !== size));
}

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
