import type { Bands, VerdictPattern } from '../../results/verdict.ts';

/** How often the range between two values with different verdicts is halved: to less than a hundredth of its width. */
const halvings = 8;

/**
 * What is recommended over a range: at each of the rising values, and, where two neighbours differ, where in between it
 * changes. Between neighbours that agree, nothing else is looked for.
 */
export function findBands(
  values: readonly number[],
  patternAt: (value: number) => VerdictPattern,
): Bands['bands'] {
  const bands: Bands['bands'] = [];
  const close = (to: number, pattern: VerdictPattern) => {
    const last = bands.at(-1);
    if (last?.pattern === pattern) last.to = to;
    else bands.push({ from: last?.to ?? to, to, pattern });
  };
  let before: { value: number; pattern: VerdictPattern } | undefined;
  for (const value of values) {
    const pattern = patternAt(value);
    if (before && before.pattern !== pattern) splitRange(before, { value, pattern }, patternAt, close);
    close(value, pattern);
    before = { value, pattern };
  }
  const last = bands.at(-1);
  if (last) last.to = null;
  return bands;
}

type Known = { value: number; pattern: VerdictPattern };

/** Closes the bands between two values, in order: halves the range until it is narrow, on both sides of what lies within. */
function splitRange(
  left: Known,
  right: Known,
  patternAt: (value: number) => VerdictPattern,
  close: (to: number, pattern: VerdictPattern) => void,
  depth = 0,
): void {
  if (left.pattern === right.pattern) return;
  const middle = left.value > 0 ? Math.sqrt(left.value * right.value) : right.value / 2;
  if (depth === halvings) {
    close(middle, left.pattern);
    return;
  }
  const between = { value: middle, pattern: patternAt(middle) };
  splitRange(left, between, patternAt, close, depth + 1);
  close(middle, between.pattern);
  splitRange(between, right, patternAt, close, depth + 1);
}
