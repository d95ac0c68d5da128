/** The first place where two values differ, with both sides shortened for people. */
export type Difference = { path: string; recorded: string; asked: string };

/** Depth-first in the order of `first`, then of the properties that only `second` has. Null where they are equal. */
export function firstDifference(recorded: unknown, asked: unknown, path = ''): Difference | null {
  if (Array.isArray(recorded) && Array.isArray(asked)) {
    const length = Math.max(recorded.length, asked.length);
    for (let i = 0; i < length; i++) {
      const found = firstDifference(recorded[i], asked[i], `${path}[${i}]`);
      if (found) return found;
    }
    return null;
  }
  if (isRecord(recorded) && isRecord(asked)) {
    for (const name of new Set([...Object.keys(recorded), ...Object.keys(asked)])) {
      const found = firstDifference(recorded[name], asked[name], path ? `${path}.${name}` : name);
      if (found) return found;
    }
    return null;
  }
  if (Object.is(recorded, asked)) return null;
  if (typeof recorded === 'string' && typeof asked === 'string') {
    const at = firstDifferentCharacter(recorded, asked);
    return { path, recorded: around(recorded, at), asked: around(asked, at) };
  }
  return { path, recorded: shorten(recorded), asked: shorten(asked) };
}

const leadCharacters = 20;
const shownCharacters = 100;

/** The text near a position, so that a difference deep inside a long tool result can be seen. */
function around(text: string, at: number): string {
  const start = Math.max(0, at - leadCharacters);
  const end = start + shownCharacters;
  const shown = JSON.stringify(text.slice(start, end));
  return `${start > 0 ? '…' : ''}${shown}${end < text.length ? '…' : ''}`;
}

function shorten(value: unknown): string {
  if (value === undefined) return 'nothing';
  const text = JSON.stringify(value);
  return text.length > shownCharacters ? `${text.slice(0, shownCharacters)}…` : text;
}

function firstDifferentCharacter(a: string, b: string): number {
  let at = 0;
  while (at < a.length && at < b.length && a[at] === b[at]) at++;
  return at;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
