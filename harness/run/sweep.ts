import { join, relative } from 'node:path';
import { type Axis, between, findBreakEvens, findOverflow, logSteps } from '../analysis/sweep.ts';
import { rightOtherwise, wholeJob } from '../analysis/verdict/measure.ts';
import { writeJson } from '../files.ts';
import { isMeasured, readResult } from '../results/reading.ts';
import type { Result, Summary, Verdict } from '../results/summary.ts';
import type { PointResult, PointVerdict, Sweep, SweepPoint } from '../results/sweep.ts';
import { comparedBy } from '../results/verdict.ts';

/** What a sweep is made of. Everything about the runs themselves is in `runPoint`. */
export type SweepInput = {
  head: Omit<Sweep, 'status' | 'tokenCounts' | 'points' | 'breakEvens' | 'overflow'>;
  steps: SweepSteps;
  out: string;
  /** Runs that were made elsewhere and are points of the sweep: what they came to, and their directories. */
  known?: readonly { summary: Summary; directory: string }[];
  /** Runs the scenario with these parameters into a directory; undefined ends the sweep early. */
  runPoint: (params: Record<string, string>, out: string) => Promise<Summary | undefined>;
  signal: AbortSignal;
  onPoint: (point: SweepPoint, number: number, of: number) => void;
};

/** Where a sweep measures. What comes next depends only on the points so far, so that a sweep can be resumed. */
type SweepSteps = {
  /** Points at most, those that were known not counted. */
  most: number;
  /** Values of the swept parameters at the next point; undefined where there is none. */
  next: (points: readonly SweepPoint[]) => Record<string, number> | undefined;
};

/** Measures point by point. `sweep.json` is rewritten after each, so that what was measured is kept. */
export async function executeSweep(input: SweepInput): Promise<Sweep> {
  const { head, steps, signal } = input;
  const points = (input.known ?? []).map(({ summary, directory }) =>
    toPoint(summary, relative(input.out, directory)),
  );
  let tokenCounts = '';
  let isCutShort = false;
  const forced = new Set(head.forced);
  const current = (status: Sweep['status']): Sweep => ({
    ...head,
    status,
    tokenCounts,
    points,
    ...findings(head, points),
    ...(forced.size > 0 && { forced: [...forced] }),
  });
  try {
    for (let number = 1; number <= steps.most; number += 1) {
      signal.throwIfAborted();
      const values = steps.next(points);
      if (!values) break;
      const given = Object.entries(values).map(([name, value]) => [name, String(value)] as const);
      const out = join(input.out, 'points', given.map((each) => each.join('=')).join(','));
      const summary = await input.runPoint({ ...head.fixed, ...Object.fromEntries(given) }, out);
      signal.throwIfAborted();
      // Half a point does not compare the patterns.
      if (!summary || summary.status === 'partial') {
        isCutShort = true;
        break;
      }
      tokenCounts = `${summary.tokenCounts.label}: ${summary.tokenCounts.method}`;
      const point = toPoint(summary, relative(input.out, out));
      points.push(point);
      for (const change of summary.forced ?? []) forced.add(change);
      isCutShort ||= point.results.length < summary.results.length;
      writeJson(join(input.out, 'sweep.json'), current('partial'));
      input.onPoint(point, number, steps.most);
    }
  } catch (error) {
    if (!signal.aborted) throw error;
    return current('partial');
  }
  const sweep = current(isCutShort ? 'partial' : 'complete');
  writeJson(join(input.out, 'sweep.json'), sweep);
  return sweep;
}

/**
 * A grid in equal steps of the logarithm; on a single axis, then half-way between the neighbours on both sides of each
 * break-even, the widest gap first. `count` is of points on each axis, `refine` of those that close in.
 */
export function gridSteps(head: SweepInput['head'], count: number, refine: number): SweepSteps {
  const grid = head.axes.reduce<Record<string, number>[]>(
    (points, axis) =>
      points.flatMap((values) => logSteps(axis, count).map((value) => ({ ...values, [axis.name]: value }))),
    [{}],
  );
  const [axis, other] = head.axes;
  const mayRefine = axis !== undefined && !other;
  return {
    most: grid.length + (mayRefine ? refine : 0),
    next: (points) => grid[points.length] ?? (mayRefine ? closer(axis, head, points) : undefined),
  };
}

/** A size inside the widest gap that a break-even lies in and that has room for one. */
function closer(
  axis: Axis,
  head: SweepInput['head'],
  points: readonly SweepPoint[],
): Record<string, number> | undefined {
  const inside = findings({ ...head, axes: [axis] }, points)
    .breakEvens.map(({ between: gap }) => gap)
    .sort(([a, b], [c, d]) => d / c - b / a)
    .flatMap((gap) => between(axis, ...gap) ?? []);
  return inside[0] === undefined ? undefined : { [axis.name]: inside[0] };
}

function findings(
  { axes, by }: SweepInput['head'],
  points: readonly SweepPoint[],
): Pick<Sweep, 'breakEvens' | 'overflow'> {
  const [axis, other] = axes;
  if (!axis) return { breakEvens: [], overflow: [] };
  const settings = by === 'cost' ? [true, false] : [true];
  // On two axes, along each of them at every value of the other.
  const directions = other
    ? ([
        [axis, other],
        [other, axis],
      ] as const)
    : ([[axis, undefined]] as const);
  const breakEvens = settings.flatMap((caching) =>
    directions.flatMap(([along, across]) => {
      const rows = Map.groupBy(points, (point) => (across ? Number(point.params[across.name]) : 0));
      return [...rows].flatMap(([value, row]) =>
        findBreakEvens(row, along, caching).map((found) =>
          across ? { ...found, other: { axis: across.name, value } } : found,
        ),
      );
    }),
  );
  return { breakEvens, overflow: other ? [] : findOverflow(points, axis) };
}

function toPoint(summary: Summary, run: string): SweepPoint {
  const [verdict] = summary.verdicts;
  return {
    params: summary.results[0]?.params ?? {},
    run,
    verdict: verdict ? toPointVerdict(verdict, summary.results) : null,
    // What infrastructure ended would look cheap.
    results: summary.results.filter(isMeasured).map(toPointResult),
  };
}

function toPointResult(result: Result): PointResult {
  const { roundTrips, toolCalls, tokens, costUsd, latencyMs } = wholeJob(result);
  const reading = readResult(result);
  const whole = reading.status === 'overflowed' ? reading.whole : undefined;
  return {
    variant: result.variant,
    pattern: result.pattern,
    // Without a window the job is judged too; whether it fits is told apart from whether it was right.
    correct: whole?.right ?? result.correct,
    fits: reading.status !== 'overflowed',
    roundTrips,
    toolCalls,
    bytesPerResult:
      result.resultBytes === undefined || toolCalls === 0 ? null : Math.round(result.resultBytes / toolCalls),
    tokens: { context: tokens.context, billed: tokens.billed },
    costUsd,
    modelledSeconds: latencyMs.modelled / 1000,
  };
}

/** What a point of a sweep keeps of its verdict: that of an ordinary run, by the same rule. */
function toPointVerdict(verdict: Verdict, results: readonly Result[]): PointVerdict {
  const { pattern, ratio, flips } = verdict;
  const compared = comparedBy(verdict);
  const turned = (assume: string) => flips?.assumptions.find((each) => each.assume === assume);
  const uncached = turned('uncached');
  return {
    pattern,
    because: becauseOf(verdict, results),
    ratio,
    ...(compared && { compared }),
    uncached: uncached ? { pattern: uncached.pattern, ratio: uncached.ratio } : null,
    padded: turned('padded')?.pattern ?? null,
  };
}

function becauseOf({ because }: Verdict, results: readonly Result[]): PointVerdict['because'] {
  if (because.kind !== 'under_floor' && because.kind !== 'less_often_right') return 'value';
  const losing = because.kind === 'under_floor' ? because.sides : [because.side];
  const lost = results.filter(({ pattern }) => losing.some((side) => side === pattern));
  return lost.some(rightOtherwise) ? 'window' : 'correctness';
}
