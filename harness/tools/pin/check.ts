import { VerificationError } from '../../errors.ts';
import { showHidden } from '../../visible.ts';
import type { Listing, RawTool } from '../mcp/listing.ts';
import { type Redact, redactStrings } from '../mcp/secrets.ts';
import type { OutsideReset, WrittenServer } from '../mcp/server-spec.ts';
import { type Lock, type LockedServer, toListing, toLocked } from './lock-file.ts';
import { describeWarnings, inspectListing, isImitation, skeleton } from './warnings.ts';

/** A server that is not one of ours, and so can be pinned. */
export type PinTarget = {
  /** The scenario's name of it. */
  server: string;
  /** Its name in the lock file: that of the `.mcp.json`, else `<scenario>/<server>`. */
  key: string;
  /** `user`: from a `.mcp.json` of the user's own. `scenario`: from the scenario's folder, which may be anybody's. */
  origin: 'user' | 'scenario';
  written: WrittenServer;
  /** A command or request by which the scenario resets the server; it comes with the scenario in any case. */
  reset?: OutsideReset;
  /** `hashLaunch(written)`. */
  launch: string;
};

/** A check against `lock`, which was read from `file`; without a lock nothing is pinned and only warnings are given. */
export function createPinCheck(lock: Lock | undefined, file: string, onWarning: (message: string) => void) {
  const locked = new Map(Object.entries(lock?.servers ?? {}));
  const warned = new Set<string>();
  const warn = (message: string) => {
    if (!warned.has(message)) onWarning(message);
    warned.add(message);
  };
  return {
    /** Whether the lock file names this server. */
    isPinned: ({ key }: PinTarget) => locked.has(key),
    /** Throws a `VerificationError` for a server that is not pinned and is named much like one that is. Connects to nothing. */
    refuseImitations(targets: PinTarget[]): void {
      for (const { key } of targets) {
        if (locked.has(key)) continue;
        const imitated = [...locked.keys()].find((pinned) => isImitation(key, pinned));
        if (imitated !== undefined) refuseImitation(`Server ${quote(key)}`, imitated, key, file);
      }
    },
    /**
     * Throws a `VerificationError`, with the differences and the way to accept them, for a pinned server that is not what was
     * pinned, and for a tool that looks like one of another server that is. What else should be looked at is warned of, once.
     * `redact` takes the servers' secrets out of what is said.
     */
    check(targets: PinTarget[], listings: Listing[], redact?: Redact): void {
      const shown = listings.map((listing) => ({
        ...redactStrings(listing, redact),
        server: listing.server,
      }));
      for (const target of targets) {
        const isTarget = ({ server }: Listing) => server === target.server;
        const listing = listings.find(isTarget);
        if (!listing) continue;
        const own = locked.get(target.key);
        if (own) refuseChange(target, own, listing, file, redact);
        else refuseToolImitations(target, listing, locked, file);
        const warnings = shown.filter(isTarget).flatMap((own) => inspectListing(own, shown));
        for (const warning of describeWarnings(warnings)) warn(warning);
        if (lock && !own) {
          warn(
            `${target.key}: is not pinned. patternbench tools ${target.key} --accept pins it as it is now`,
          );
        }
      }
    },
  };
}

export type PinCheck = ReturnType<typeof createPinCheck>;

function refuseChange(
  { key, launch }: PinTarget,
  locked: LockedServer,
  listing: Listing,
  file: string,
  redact: Redact | undefined,
): void {
  const now = toLocked(listing, launch);
  if (!hasChanged(locked, now)) return;
  const different = changes(listing.server, locked, {
    ...redactStrings(now, redact),
    hash: now.hash,
    launch,
  });
  throw new VerificationError(
    `Server ${quote(key)} is not what was pinned in ${file}:\n${different.join('\n')}\nNothing was asked of it. If the change is right: patternbench tools ${key} --accept`,
  );
}

function refuseToolImitations(
  { key, server }: PinTarget,
  { tools }: Listing,
  locked: Map<string, LockedServer>,
  file: string,
): void {
  const own = tools.map(({ name }) => ({ name, look: skeleton(name) }));
  for (const [pinned, { tools: pinnedTools }] of locked) {
    const alike = Map.groupBy(pinnedTools, ({ name }) => skeleton(name));
    for (const { name, look } of own) {
      const twin = alike.get(look)?.find((tool) => tool.name !== name);
      if (twin)
        refuseImitation(`Tool ${quote(name)} of server "${server}"`, `${pinned}.${twin.name}`, key, file);
    }
  }
}

function refuseImitation(what: string, imitated: string, key: string, file: string): never {
  throw new VerificationError(
    `${what} is refused: it looks like ${quote(imitated)}, which is pinned in ${file}. If it is honest: patternbench tools ${quote(key)} --accept`,
  );
}

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
function changes(name: string, before: LockedServer, now: LockedServer): string[] {
  const launch = before.launch === now.launch ? [] : ['  how it is started or reached: not what was pinned'];
  if (before.hash === now.hash) return launch;
  return [...launch, describeChange(toListing(name, before), toListing(name, now))];
}

const mostTools = 40;
const mostFields = 15;
const excerptCharacters = 200;
const charactersBefore = 40;

/**
 * Every difference between what was accepted and what is listed now, in lines for people; empty where there is none. The order of
 * tools is none. What a server wrote is quoted, its hidden characters shown, long texts cut around the difference.
 */
export function describeChange(before: Listing, after: Listing): string {
  const [old, now] = [byName(before.tools), byName(after.tools)];
  const tools = [...new Set([...old.keys(), ...now.keys()])].sort().flatMap((name) => {
    const [was, is] = [old.get(name), now.get(name)];
    if (!was || !is)
      return { title: was ? `- ${quote(name)} removed` : `+ ${quote(name)} added`, fields: [] };
    const fields = [...differences('', was, is)];
    return fields.length > 0 ? { title: `~ ${quote(name)} changed`, fields } : [];
  });
  const own = ({ implementation, instructions }: Listing) => ({ implementation, instructions });
  const lines = [
    ...describeFields([...differences('', own(before), own(after))], '  '),
    ...tools
      .slice(0, mostTools)
      .flatMap(({ title, fields }) => [`  ${title}`, ...describeFields(fields, '      ')]),
    ...(tools.length > mostTools ? [`  … and ${tools.length - mostTools} more tools`] : []),
  ];
  return lines.join('\n');
}

function describeFields(fields: Difference[], indent: string): string[] {
  const text = (value: unknown) => (value === undefined ? '(nothing)' : JSON.stringify(value));
  const shown = fields.slice(0, mostFields).map(({ path, before, after }) => {
    const [old, now] = excerpts(text(before), text(after));
    return `${indent}${showHidden(path.slice(0, 300))}: ${old} → ${now}`;
  });
  const more = fields.length - shown.length;
  return more > 0 ? [...shown, `${indent}… and ${more} more differences`] : shown;
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
function quote(name: string): string {
  return showHidden(JSON.stringify(name.slice(0, 128)));
}

function byName(tools: RawTool[]): Map<string, RawTool> {
  return new Map(tools.map((tool) => [tool.name, tool]));
}

/** One place in which two definitions differ; a side that has nothing there is undefined. */
type Difference = { path: string; before: unknown; after: unknown };

/** Where two JSON values differ; goes into objects and arrays that both sides have. */
function* differences(path: string, before: unknown, after: unknown): Generator<Difference> {
  if (!isContainer(before) || !isContainer(after) || Array.isArray(before) !== Array.isArray(after)) {
    if (before !== after) yield { path, before, after };
    return;
  }
  const own = (value: Container, key: string) => (Object.hasOwn(value, key) ? value[key] : undefined);
  for (const key of new Set([...Object.keys(before), ...Object.keys(after)])) {
    const inner = /^[\w$-]+$/.test(key) ? `.${key}` : `[${JSON.stringify(key)}]`;
    const place = path === '' ? inner.replace(/^\./, '') : `${path}${inner}`;
    yield* differences(place, own(before, key), own(after, key));
  }
}

type Container = Record<string, unknown>;

function isContainer(value: unknown): value is Container {
  return typeof value === 'object' && value !== null;
}
