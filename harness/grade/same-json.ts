import type { Json } from '../json.ts';

/** How numbers are compared: by a share of the larger, or to a number of decimals. */
export type NumberRule = { decimals?: number | undefined };

/**
 * Relative difference that the order of a sum can make and no wrong answer is likely to have. A double has about 1e-16; a
 * sum of a million terms loses at most six digits of it.
 */
const relative = 1e-9;

/** Whether two JSON values are equal, numbers within the rule; the order of keys does not matter. */
export function isSameJson(given: Json, expected: Json, rule: NumberRule): boolean {
  if (typeof given === 'number' && typeof expected === 'number') return isSameNumber(given, expected, rule);
  if (typeof given !== 'object' || typeof expected !== 'object' || given === null || expected === null) {
    return given === expected;
  }
  if (Array.isArray(given) || Array.isArray(expected)) {
    if (!Array.isArray(given) || !Array.isArray(expected) || given.length !== expected.length) return false;
    return given.every((element, index) => isSameJson(element, expected[index] ?? null, rule));
  }
  const keys = Object.keys(expected);
  return (
    keys.length === Object.keys(given).length &&
    keys.every(
      (key) => Object.hasOwn(given, key) && isSameJson(given[key] ?? null, expected[key] ?? null, rule),
    )
  );
}

/** Which elements of each list have no partner in the other, whatever their order. */
export function findUnmatched(
  given: readonly Json[],
  expected: readonly Json[],
  rule: NumberRule,
): { missing: Json[]; extra: Json[] } {
  // Numbers aside, partners have the same text: only those of the same text need to be compared.
  const wanted = Map.groupBy(expected, shapeOf);
  for (const group of wanted.values()) group.sort(byNumbers);
  const extra: Json[] = [];
  for (const element of given.toSorted(byNumbers)) {
    const group = wanted.get(shapeOf(element)) ?? [];
    const partner = group.findIndex((candidate) => isSameJson(element, candidate, rule));
    if (partner < 0) extra.push(element);
    else group.splice(partner, 1);
  }
  return { missing: [...wanted.values()].flat(), extra };
}

function isSameNumber(given: number, expected: number, { decimals }: NumberRule): boolean {
  const difference = Math.abs(given - expected);
  const noise = relative * Math.max(Math.abs(given), Math.abs(expected));
  // What is rounded to so many decimals is off by half a unit of the last.
  return difference <= (decimals === undefined ? noise : 0.5 * 10 ** -decimals + noise);
}

function shapeOf(value: Json): string {
  return JSON.stringify(value, (_, part) => {
    if (typeof part === 'number') return 0;
    if (part === null || typeof part !== 'object' || Array.isArray(part)) return part;
    return Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1)));
  });
}

function byNumbers(left: Json, right: Json): number {
  const [a, b] = [numbersOf(left), numbersOf(right)];
  const at = a.findIndex((number, index) => number !== b[index]);
  return at < 0 ? 0 : (a[at] ?? 0) - (b[at] ?? 0);
}

/** All numbers of a value, in the order of its keys. */
function numbersOf(value: Json): number[] {
  if (typeof value === 'number') return [value];
  if (value === null || typeof value !== 'object') return [];
  const members = Array.isArray(value)
    ? value
    : Object.entries(value)
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .map(([, member]) => member);
  return members.flatMap(numbersOf);
}
