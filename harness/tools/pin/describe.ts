import { showHidden } from '../../visible.ts';
import type { Listing, RawTool } from '../mcp/listing.ts';
import { type LockedServer, toListing } from './lock-file.ts';

/** Whether a server is not, or not as it is now, in the lock file. */
export function hasChanged(before: LockedServer | undefined, now: LockedServer): boolean {
  return before?.hash !== now.hash || before.launch !== now.launch;
}

/** How a server compares with what was pinned: new, unchanged, or what is different. */
export function describeServer(name: string, before: LockedServer | undefined, now: LockedServer): string {
  const { implementation, tools } = now;
  const said = `${showHidden(implementation.name)} ${showHidden(implementation.version)}, ${tools.length} tools`;
  if (!before) {
    const names = tools.slice(0, 100).map((tool) => `  + ${showHidden(JSON.stringify(tool.name))}`);
    const more = tools.length - names.length;
    return [
      `${name}: new (${said}, ${now.hash.slice(0, 12)})`,
      ...names,
      ...(more > 0 ? [`  … and ${more} more`] : []),
    ].join('\n');
  }
  if (!hasChanged(before, now)) return `${name}: as pinned (${said}, ${now.hash.slice(0, 12)})`;
  return [
    `${name}: changed (${said}, ${before.hash.slice(0, 12)} → ${now.hash.slice(0, 12)})`,
    ...changes(name, before, now),
  ].join('\n');
}

/** What is different, in indented lines. Empty where nothing is. */
export function changes(name: string, before: LockedServer, now: LockedServer): string[] {
  const launch = before.launch === now.launch ? [] : ['  how it is started or reached: not what was pinned'];
  if (before.hash === now.hash) return launch;
  return [...launch, describeChange(diffListings(toListing(name, before), toListing(name, now)))];
}

const mostTools = 40;
const mostFields = 15;
const excerptCharacters = 200;
const charactersBefore = 40;

/**
 * A change in lines for people. What a server wrote is quoted, its hidden characters shown, long texts cut around the
 * difference.
 */
export function describeChange({ fields, tools }: ListingChange): string {
  const lines = [
    ...describeFields(fields, '  '),
    ...tools.slice(0, mostTools).flatMap(describeTool),
    ...(tools.length > mostTools ? [`  … and ${tools.length - mostTools} more tools`] : []),
  ];
  return lines.join('\n');
}

const signs = { added: '+', removed: '-', changed: '~' };

function describeTool({ tool, kind, fields }: ToolChange): string[] {
  return [`  ${signs[kind]} ${quote(tool)} ${kind}`, ...describeFields(fields, '      ')];
}

function describeFields(fields: FieldChange[], indent: string): string[] {
  const shown = fields.slice(0, mostFields).map(({ path, before, after }) => {
    const [old, now] = excerpts(toText(before), toText(after));
    return `${indent}${showHidden(path.slice(0, 300))}: ${old} → ${now}`;
  });
  const more = fields.length - shown.length;
  return more > 0 ? [...shown, `${indent}… and ${more} more differences`] : shown;
}

function toText(value: unknown): string {
  return value === undefined ? '(nothing)' : JSON.stringify(value);
}

/** The part of both texts around the first difference. */
function excerpts(before: string, after: string): [string, string] {
  let same = 0;
  while (same < before.length && before[same] === after[same]) same += 1;
  const start = Math.max(0, same - charactersBefore);
  const cut = (text: string) => {
    const end = Math.min(text.length, start + excerptCharacters);
    return `${start > 0 ? '…' : ''}${showHidden(text.slice(start, end))}${end < text.length ? `… (${text.length} characters)` : ''}`;
  };
  return [cut(before), cut(after)];
}

/** A name as messages show it. */
export function quote(name: string): string {
  return showHidden(JSON.stringify(name.slice(0, 128)));
}

/** One place in which two definitions differ; a side that has nothing there is undefined. */
type FieldChange = { path: string; before: unknown; after: unknown };

/** What became of one tool. */
type ToolChange = { tool: string; kind: 'added' | 'removed' | 'changed'; fields: FieldChange[] };

/** What became of a server: its own words (implementation, instructions), and its tools by name. */
type ListingChange = { fields: FieldChange[]; tools: ToolChange[] };

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
