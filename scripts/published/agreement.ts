import { sortedQuantile } from '../../harness/analysis/stats/bootstrap.ts';

/** A figure of code divided by that of classic: the middle, and the range where the source or the play gives one. */
export type Ratio = { value: number; low?: number; high?: number };

/** `open`: the figures leave both answers. */
export type Answer = 'yes' | 'no' | 'open';

export type Agreement = { sign: Answer; size: Answer; factor: number };

/** A ratio from 1/1.1 to 1.1 is as good as equal, as in a verdict. */
const margin = 1.1;

/** Two ratios are of one size when one is at most this many times the other. Chosen before anything was played. */
const sameSize = 1.25;

/**
 * Whether two ratios say the same. Sign is yes where both ranges lie wholly on one side of 1, and no where they lie on opposite
 * sides and both are further from 1 than the margin. Size is yes where ours lies within a factor of 1.25 of theirs, or in their
 * range. Where our play is a range, because the source does not give its workload, all of it must agree for a yes, and none for a
 * no. `factor` is ours divided by theirs.
 */
export function agree(ours: Ratio, theirs: Ratio): Agreement {
  return {
    sign: agreeInSign(ours, theirs),
    size: agreeInSize(ours, theirs),
    factor: ours.value / theirs.value,
  };
}

function agreeInSign(ours: Ratio, theirs: Ratio): Answer {
  const isWithin = (ratio: Ratio, low: number, high: number) =>
    (ratio.low ?? ratio.value) >= low && (ratio.high ?? ratio.value) <= high;
  const [isLess, isMore] = [
    (each: Ratio) => isWithin(each, 0, 1),
    (each: Ratio) => isWithin(each, 1, Infinity),
  ];
  if ((isLess(ours) && isLess(theirs)) || (isMore(ours) && isMore(theirs))) return 'yes';
  const isClearlyLess = (each: Ratio) => isWithin(each, 0, 1 / margin);
  const isClearlyMore = (each: Ratio) => isWithin(each, margin, Infinity);
  const isOpposite =
    (isClearlyLess(ours) && isClearlyMore(theirs)) || (isClearlyMore(ours) && isClearlyLess(theirs));
  return isOpposite ? 'no' : 'open';
}

function agreeInSize(ours: Ratio, theirs: Ratio): Answer {
  const [low, high] = [
    Math.min(theirs.low ?? theirs.value, theirs.value / sameSize),
    Math.max(theirs.high ?? theirs.value, theirs.value * sameSize),
  ];
  const [least, most] = [ours.low ?? ours.value, ours.high ?? ours.value];
  if (least >= low && most <= high) return 'yes';
  return most < low || least > high ? 'no' : 'open';
}

export type Requests = { classic: number; code: number };

/**
 * Whether requests explain a difference: theirs took more of them in code for each of classic than ours and came out dearer, or
 * fewer and cheaper. `factor` is their ratio divided by ours.
 */
export function explains(theirs: Requests, ours: Requests, factor: number): boolean {
  const requests = theirs.code / theirs.classic / (ours.code / ours.classic);
  return (requests > 1 && factor > 1) || (requests < 1 && factor < 1);
}

/** The middle, lowest and highest of some ratios. Throws a `RangeError` without any. */
export function rangeOf(ratios: readonly number[]): Ratio {
  const sorted = [...ratios].sort((a, b) => a - b);
  return { value: median(sorted), low: Math.min(...sorted), high: Math.max(...sorted) };
}

/** The middle value; of an even number, the mean of the two in the middle. Throws a `RangeError` without any. */
export function median(values: readonly number[]): number {
  return sortedQuantile(
    values.toSorted((a, b) => a - b),
    0.5,
  );
}

/**
 * Spearman's rank correlation, from −1 to 1: whether two lists of equal length put the same things first. Equal values share the
 * mean of their ranks. NaN where one list does not vary.
 */
export function rankCorrelation(a: readonly number[], b: readonly number[]): number {
  const [x, y] = [ranks(a), ranks(b)];
  const mean = (x.length + 1) / 2;
  const product = (p: number[], q: number[]) =>
    p.reduce((sum, each, at) => sum + (each - mean) * ((q[at] ?? mean) - mean), 0);
  return product(x, y) / Math.sqrt(product(x, x) * product(y, y));
}

function ranks(values: readonly number[]): number[] {
  return values.map((value) => {
    const below = values.filter((other) => other < value).length;
    const equal = values.filter((other) => other === value).length;
    return below + (equal + 1) / 2;
  });
}

/**
 * The smallest whole number from `least` to `most` at which code takes no more than classic; undefined where it never does.
 * `difference` is code minus classic and must fall as the number grows.
 */
export async function findBreakEven(
  least: number,
  most: number,
  difference: (size: number) => Promise<number>,
): Promise<number | undefined> {
  if ((await difference(most)) > 0) return undefined;
  let [low, high] = [least - 1, most];
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if ((await difference(middle)) > 0) low = middle;
    else high = middle;
  }
  return high;
}
