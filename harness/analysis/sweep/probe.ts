import type { NumericSpec } from '../../scenario/scenario.ts';
import { type Axis, between, toValue } from './axis.ts';
import { gapsByDistance, type SizedLead } from './lead.ts';

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
