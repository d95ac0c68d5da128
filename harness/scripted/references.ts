import type { Json } from '../json.ts';

/** Shorter values are repeated rather than referred to. */
const shortest = 12;

/**
 * Writes values as TypeScript, with a path in place of every part that one of `known` values holds, where the path is the
 * shorter text. `root` is the expression under which a program finds the list of known values.
 */
export function writeByReference(root: string, known: readonly Json[]): (value: Json) => string {
  const paths = new Map<string, string>();
  const enter = (value: Json, path: string): void => {
    const json = JSON.stringify(value);
    const present = paths.get(json);
    if (json.length >= shortest && (present === undefined || path.length < present.length)) {
      paths.set(json, path);
    }
    if (Array.isArray(value)) {
      for (const [index, element] of value.entries()) enter(element, `${path}[${index}]`);
    } else if (value !== null && typeof value === 'object') {
      for (const [key, member] of Object.entries(value)) enter(member, `${path}${access(key)}`);
    }
  };
  for (const [index, value] of known.entries()) enter(value, `${root}[${index}]`);

  const write = (value: Json): string => {
    const json = JSON.stringify(value);
    const path = paths.get(json);
    if (path !== undefined && path.length < json.length) return path;
    if (Array.isArray(value)) return `[${value.map(write).join(',')}]`;
    if (value === null || typeof value !== 'object') return json;
    const members = Object.entries(value).map(([key, member]) => `${JSON.stringify(key)}:${write(member)}`);
    return `{${members.join(',')}}`;
  };
  return write;
}

function access(key: string): string {
  return /^[A-Za-z_$][\w$]*$/.test(key) ? `.${key}` : `[${JSON.stringify(key)}]`;
}
