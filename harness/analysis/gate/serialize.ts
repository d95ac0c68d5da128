import type { Baseline, BaselineVariant } from '../../results/baseline.ts';

/**
 * The bytes of a baseline file: keys sorted, and lines for what belongs together, so that a change reads as a difference. Texts of errors and advice on trials stay behind: the first may hold data, the second is not compared.
 */
export function serializeBaseline(baseline: Baseline): string {
  const scenarios = baseline.scenarios.map(({ trialsNeeded: _, variants, ...scenario }) => ({
    ...scenario,
    variants: variants.map(withoutErrorTexts),
  }));
  return `${layOut(sortKeys({ ...baseline, scenarios }), '')}\n`;
}

function withoutErrorTexts({ results, ...variant }: BaselineVariant): BaselineVariant {
  const kept = Object.entries(results).map(([tool, { error: _, ...sizes }]) => [tool, sizes]);
  return { ...variant, results: Object.fromEntries(kept) };
}

/** Whether two values are the same but for the order of their keys. */
export function isSame(a: unknown, b: unknown): boolean {
  return canonicalText(a) === canonicalText(b);
}

/** JSON with sorted keys. */
export function canonicalText(value: unknown): string {
  return JSON.stringify(sortKeys(value));
}

const lineWidth = 160;

/**
 * What fits goes on one line. Else plain members fill lines of their own, and each member that holds others follows on its
 * own. `before` counts the characters that the line has already.
 */
function layOut(value: unknown, indent: string, before = 0): string {
  const line = onOneLine(value);
  if (!isObject(value) || before + line.length < lineWidth) return line;
  const inner = `${indent}  `;
  const write = ([name, member]: [string, unknown]) => {
    const key = Array.isArray(value) ? '' : `${JSON.stringify(name)}: `;
    return `${key}${layOut(member, inner, inner.length + key.length)}`;
  };
  const members = Object.entries(value);
  const plain = members.filter(([, member]) => !isObject(member)).map(write);
  const others = members.filter(([, member]) => isObject(member)).map(write);
  const lines = [...fill(plain, lineWidth - inner.length), ...others];
  const [open, close] = Array.isArray(value) ? '[]' : '{}';
  return `${open}\n${lines.map((each) => `${inner}${each}`).join(',\n')}\n${indent}${close}`;
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}

/** Joins members to lines of this width, where they are not longer themselves. */
function fill(members: readonly string[], width: number): string[] {
  const lines: string[] = [];
  for (const member of members) {
    const last = lines.at(-1);
    const joined = `${last}, ${member}`;
    if (last === undefined || joined.length >= width) lines.push(member);
    else lines[lines.length - 1] = joined;
  }
  return lines;
}

function onOneLine(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(onOneLine).join(', ')}]`;
  if (!isObject(value)) return JSON.stringify(value);
  const members = Object.entries(value).map(
    ([key, member]) => `${JSON.stringify(key)}: ${onOneLine(member)}`,
  );
  return members.length > 0 ? `{ ${members.join(', ')} }` : '{}';
}

function sortKeys(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sortKeys);
  if (!isObject(value)) return value;
  const sorted = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(sorted.map(([key, member]) => [key, sortKeys(member)]));
}
