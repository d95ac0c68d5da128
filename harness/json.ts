/** Any value that JSON can carry. */
export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

/** A JSON object. */
export type JsonObject = { [key: string]: Json };

/** A JSON Schema (2020-12 or older), as an MCP server sent it; nothing about it is trusted. */
export type JsonSchema = { [keyword: string]: unknown };

/** Whether a value is an object with members by name, and no array. */
export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The member of this name that a record has itself: names from outside may be those that all objects have, as `constructor`. */
export function ownMember<T>(record: Readonly<Record<string, T>> | undefined, name: string): T | undefined {
  return record && Object.hasOwn(record, name) ? record[name] : undefined;
}

/** The value of a JSON text; undefined where it is none. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** A JSON value with its strings and the names of its members changed, at any depth. */
export function mapTexts(
  value: unknown,
  change: (text: string) => string,
  changeName: (name: string) => string = change,
): unknown {
  if (typeof value === 'string') return change(value);
  if (Array.isArray(value)) return value.map((each) => mapTexts(each, change, changeName));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, member]) => [changeName(name), mapTexts(member, change, changeName)]),
  );
}

/** A value with its numbers changed, at any depth. */
export function mapNumbers<T>(value: T, change: (number: number) => number): T;
export function mapNumbers(value: unknown, change: (number: number) => number): unknown {
  if (typeof value === 'number') return change(value);
  if (Array.isArray(value)) return value.map((each) => mapNumbers(each, change));
  if (!isRecord(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, mapNumbers(each, change)]));
}

/**
 * JSON text that depends on content alone: object keys in code-unit order, no white space, `undefined` left out.
 * Throws on what JSON cannot carry (functions, symbols, bigints, numbers that are not finite).
 */
export function canonicalJson(value: unknown): string {
  if (value === null) return 'null';
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return JSON.stringify(value);
    case 'number':
      if (!Number.isFinite(value)) throw new TypeError(`canonicalJson: ${value} is not a JSON number`);
      return JSON.stringify(value);
    case 'object':
      return Array.isArray(value) ? `[${value.map(canonicalJson).join(',')}]` : canonicalObject(value);
    default:
      throw new TypeError(`canonicalJson: a value of type ${typeof value} has no JSON form`);
  }
}

function canonicalObject(value: object): string {
  const members = value as Record<string, unknown>;
  const keys = Object.keys(members).sort();
  let text = '';
  for (const key of keys) {
    const member = members[key];
    if (member === undefined) continue;
    text += `${text === '' ? '' : ','}${JSON.stringify(key)}:${canonicalJson(member)}`;
  }
  return `{${text}}`;
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
