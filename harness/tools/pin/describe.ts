import { showHidden } from '../../visible.ts';
import { diffListings, type FieldChange, type ListingChange, type ToolChange } from './diff.ts';
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

/** A change in lines for people. What a server wrote is quoted, its hidden characters shown, long texts cut around the difference. */
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
