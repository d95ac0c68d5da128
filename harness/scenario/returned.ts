/** What a scenario's own code threw, in words. Never throws itself, whatever the value does when it is read. */
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

/** The first part of a value that JSON cannot carry, and where it is; undefined where it is JSON all through. */
export function findNonJson(root: unknown): { what: string; path: (string | number)[] } | undefined {
  const waiting: { value: unknown; path: (string | number)[] }[] = [{ value: root, path: [] }];
  const seen = new Set<object>();
  for (let next = waiting.pop(); next; next = waiting.pop()) {
    const { value, path } = next;
    const what = nonJson(value);
    if (what !== undefined) return { what, path };
    if (typeof value !== 'object' || value === null || seen.has(value)) continue;
    seen.add(value);
    const members: [string | number, unknown][] = Array.isArray(value)
      ? value.map((member, index) => [index, member])
      : // A field that is not there and one that is undefined are alike in JSON.
        Object.entries(value).filter(([, member]) => member !== undefined);
    for (const [key, member] of members.reverse()) waiting.push({ value: member, path: [...path, key] });
  }
  return undefined;
}

function nonJson(value: unknown): string | undefined {
  if (typeof value === 'number') return Number.isFinite(value) ? undefined : `number ${value}`;
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return undefined;
  if (typeof value !== 'object') return typeof value;
  const prototype = Object.getPrototypeOf(value);
  const isPlain = Array.isArray(value) || prototype === null || prototype.constructor?.name === 'Object';
  return isPlain ? undefined : prototype.constructor?.name;
}
