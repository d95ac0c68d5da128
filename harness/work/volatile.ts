import { canonicalJson } from '../json.ts';
import type { ToolResult } from '../mcp/tool-result.ts';

/** Names of fields at any depth, paths from the root such as `items[].id`, or patterns of text; see a scenario's `volatile`. */
export type Volatile = readonly (string | RegExp)[];

/**
 * A result as trials are compared by it: without what may differ, with the keys of JSON in one order, and errors told apart
 * from what they may look like.
 */
export function comparableText({ isError, isJson, text }: ToolResult, volatile: Volatile): string {
  const left = isJson ? canonical(text, volatile) : text;
  const kept = volatile.reduce<string>(
    (rest, part) => (part instanceof RegExp ? rest.replaceAll(everywhere(part), '') : rest),
    left,
  );
  return isError ? `error: ${kept}` : kept;
}

function canonical(text: string, volatile: Volatile): string {
  const fields = new Set(volatile.filter((part) => typeof part === 'string'));
  try {
    const value: unknown = JSON.parse(text);
    return canonicalJson(fields.size > 0 ? without(value, fields, '') : value);
  } catch {
    // Nested more deeply than can be walked.
    return text;
  }
}

function without(value: unknown, fields: ReadonlySet<string>, path: string): unknown {
  if (Array.isArray(value)) return value.map((item) => without(item, fields, `${path}[]`));
  if (typeof value !== 'object' || value === null) return value;
  const kept: [string, unknown][] = [];
  for (const [name, member] of Object.entries(value)) {
    const place = path === '' ? name : `${path}.${name}`;
    if (!fields.has(name) && !fields.has(place)) kept.push([name, without(member, fields, place)]);
  }
  return Object.fromEntries(kept);
}

function everywhere(pattern: RegExp): RegExp {
  return new RegExp(pattern.source, `${pattern.flags.replace(/[gy]/g, '')}g`);
}
