import type { Listing, RawTool } from '../mcp/listing.ts';

/** One place in which two definitions differ; a side that has nothing there is undefined. */
export type FieldChange = { path: string; before: unknown; after: unknown };

/** What became of one tool. */
export type ToolChange = { tool: string; kind: 'added' | 'removed' | 'changed'; fields: FieldChange[] };

/** What became of a server: its own words (implementation, instructions), and its tools by name. */
export type ListingChange = { fields: FieldChange[]; tools: ToolChange[] };

/** Every difference between what was accepted and what is listed now. The order of tools is none. */
export function diffListings(before: Listing, after: Listing): ListingChange {
  const fields: FieldChange[] = [];
  compare('implementation', before.implementation, after.implementation, fields);
  compare('instructions', before.instructions, after.instructions, fields);
  const old = byName(before.tools);
  const now = byName(after.tools);
  const names = [...new Set([...old.keys(), ...now.keys()])].sort();
  return { fields, tools: names.flatMap((name) => diffTool(name, old.get(name), now.get(name))) };
}

function diffTool(tool: string, before: RawTool | undefined, after: RawTool | undefined): ToolChange[] {
  if (!before) return [{ tool, kind: 'added', fields: [] }];
  if (!after) return [{ tool, kind: 'removed', fields: [] }];
  const fields: FieldChange[] = [];
  compare('', before, after, fields);
  return fields.length > 0 ? [{ tool, kind: 'changed', fields }] : [];
}

function byName(tools: RawTool[]): Map<string, RawTool> {
  return new Map(tools.map((tool) => [tool.name, tool]));
}

/** Appends where two JSON values differ; goes into objects and arrays that both sides have. */
function compare(path: string, before: unknown, after: unknown, found: FieldChange[]): void {
  if (!isContainer(before) || !isContainer(after) || Array.isArray(before) !== Array.isArray(after)) {
    if (before !== after) found.push({ path, before, after });
    return;
  }
  const keys = new Set([...Object.keys(before), ...Object.keys(after)]);
  for (const key of keys) {
    const inner = /^[\w$-]+$/.test(key) ? `.${key}` : `[${JSON.stringify(key)}]`;
    compare(
      path === '' ? inner.replace(/^\./, '') : `${path}${inner}`,
      own(before, key),
      own(after, key),
      found,
    );
  }
}

type Container = Record<string, unknown>;

function isContainer(value: unknown): value is Container {
  return typeof value === 'object' && value !== null;
}

function own(value: Container, key: string): unknown {
  return Object.hasOwn(value, key) ? value[key] : undefined;
}
