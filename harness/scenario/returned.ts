/** What a scenario's own code threw, in words. Never throws itself, even if reading the value does. */
export function describeThrown(thrown: unknown): string {
  try {
    return thrown instanceof Error ? `${thrown.name}: ${thrown.message}` : `${thrown} (not an Error)`;
  } catch {
    return 'a value that cannot be read';
  }
}

/** The stack of what was thrown, empty where it has none or cannot be read. */
export function stackOf(thrown: unknown): string {
  try {
    return thrown instanceof Error ? String(thrown.stack ?? '') : '';
  } catch {
    return '';
  }
}

/** A way into a value, from its end: copying a whole path for each part would take quadratic time in depth. */
type Way = { key: string | number; up: Way } | undefined;

/** The first part of a value that JSON cannot carry, and where it is; undefined where it is JSON all through. */
export function findNonJson(root: unknown): { what: string; path: (string | number)[] } | undefined {
  const waiting: { value: unknown; way: Way }[] = [{ value: root, way: undefined }];
  const seen = new Set<object>();
  for (let next = waiting.pop(); next; next = waiting.pop()) {
    const { value, way } = next;
    const what = nonJson(value);
    if (what !== undefined) return { what, path: toPath(way) };
    if (typeof value !== 'object' || value === null || seen.has(value)) continue;
    seen.add(value);
    const members: [string | number, unknown][] = Array.isArray(value)
      ? value.map((member, index) => [index, member])
      : // A field that is not there and one that is undefined are alike in JSON.
        Object.entries(value).filter(([, member]) => member !== undefined);
    for (const [key, member] of members.reverse()) waiting.push({ value: member, way: { key, up: way } });
  }
  return undefined;
}

function toPath(way: Way): (string | number)[] {
  const path: (string | number)[] = [];
  for (let at = way; at; at = at.up) path.push(at.key);
  return path.reverse();
}

function nonJson(value: unknown): string | undefined {
  if (typeof value === 'number') return Number.isFinite(value) ? undefined : `number ${value}`;
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return undefined;
  if (typeof value !== 'object') return typeof value;
  const prototype = Object.getPrototypeOf(value);
  const isPlain = Array.isArray(value) || prototype === null || prototype.constructor?.name === 'Object';
  return isPlain ? undefined : prototype.constructor?.name;
}
