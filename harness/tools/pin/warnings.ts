import { editDistance } from '../../nearest.ts';
import { findHidden, showHidden } from '../../visible.ts';
import type { Listing } from '../mcp/listing.ts';
import { classicName } from '../mcp/names.ts';

/** Something about a server that a person should look at. Never an error by itself. */
type PinWarning = {
  server: string;
  /** Where in what the server listed, such as `get_issue.inputSchema.properties.repo.description`. */
  where: string;
  kind: 'hidden_characters' | 'html_comment' | 'aimed_at_model' | 'other_servers_tool' | 'look_alike';
  message: string;
};

/**
 * Wording that speaks to a model instead of describing a tool. Taken from published poisoned tool descriptions; it finds
 * clumsy attacks and some honest texts, and a careful attacker passes it. What stops a change is the pin.
 */
const aimedAtModel: { what: string; pattern: RegExp }[] = [
  {
    what: 'asks to ignore instructions',
    pattern: /\b(?:ignore|disregard|forget)\b.{0,30}\b(?:previous|prior|earlier|above|other)\b/i,
  },
  {
    what: 'asks to keep something from the user',
    pattern:
      /\b(?:do not|don't|never|without)\s+(?:tell|inform|mention|notify|reveal|show|alert)\w*\b.{0,60}\b(?:user|human|anyone|them)\b/i,
  },
  {
    what: 'uses a tag as prompts do',
    pattern: /<\/?\s*(?:important|system|instructions?|secret|admin|assistant|critical)\b[^>]{0,80}>/i,
  },
  {
    what: 'orders calls before or instead of another tool',
    pattern: /\b(?:before|instead of|prior to)\s+(?:using|calling|invoking|running)\b.{0,60}\btools?\b/i,
  },
  {
    what: 'gives orders',
    pattern:
      /\byou\s+(?:must|have to|need to)\s+(?:always\s+|first\s+|also\s+)?(?:call|read|send|pass|include|use|forward)\b/i,
  },
  {
    what: 'names files that hold secrets',
    pattern: /~\/\.(?:ssh|aws|config|cursor)\b|\bid_rsa\b|\/etc\/passwd|\bmcp\.json\b/i,
  },
  { what: 'speaks of the system prompt', pattern: /\bsystem (?:prompt|message)\b/i },
];

const mostWarnings = 30;
const excerptCharacters = 80;
const shortestReference = 6;

/** What to look at in a server's listing. `others` are the servers beside it, whose tools it has no business to name. */
export function inspectListing(listing: Listing, others: Listing[]): PinWarning[] {
  const { server } = listing;
  const warnings: PinWarning[] = [];
  const foreign = foreignNames(listing, others);
  const warn = (where: string, kind: PinWarning['kind'], message: string) =>
    warnings.push({ server, where: showHidden(where.slice(0, 200)), kind, message });
  const inspectText = (where: string, text: string) => {
    const hiddenAt = findHidden(text);
    if (hiddenAt >= 0) {
      warn(where, 'hidden_characters', `has characters that do not show: ${excerpt(text, hiddenAt)}`);
    }
    const comment = text.indexOf('<!--');
    if (comment >= 0) warn(where, 'html_comment', `has an HTML comment: ${excerpt(text, comment)}`);
    for (const { what, pattern } of aimedAtModel) {
      const at = text.search(pattern);
      if (at >= 0) warn(where, 'aimed_at_model', `${what}: ${excerpt(text, at)}`);
    }
    const name = foreign?.exec(text);
    if (name) {
      warn(where, 'other_servers_tool', `names a tool of another server: ${excerpt(text, name.index)}`);
    }
  };
  inspectText('implementation.name', listing.implementation.name);
  inspectText('instructions', listing.instructions ?? '');
  for (const tool of listing.tools) {
    for (const [where, text] of textsOf(tool, tool.name)) {
      inspectText(where, text);
      if (warnings.length >= mostWarnings) return warnings;
    }
  }
  warnings.push(...findLookAlikes(listing, others));
  return warnings.slice(0, mostWarnings);
}

/** A warning on one line. */
export function describeWarning({ server, where, message }: PinWarning): string {
  return `${server}: ${where} ${message}`;
}

/** All strings in a JSON value and the names of its members, each with its path. */
function* textsOf(value: unknown, path: string): Generator<[string, string]> {
  if (typeof value === 'string') yield [path, value];
  if (typeof value !== 'object' || value === null) return;
  for (const [key, member] of Object.entries(value)) {
    yield [`${path}.${key}`, key];
    yield* textsOf(member, `${path}.${key}`);
  }
}

/** Names of other servers' tools that are too long to be met by chance and are no tools of this one. */
function foreignNames({ tools, server }: Listing, others: Listing[]): RegExp | undefined {
  const own = new Set(tools.map((tool) => tool.name));
  const names = others
    .filter((other) => other.server !== server)
    .flatMap((other) =>
      other.tools.flatMap(({ name }) => [
        classicName(other.server, name),
        `${other.server}.${name}`,
        ...(name.length >= shortestReference && /[_\-A-Z]/.test(name) && !own.has(name) ? [name] : []),
      ]),
    )
    .slice(0, 2_000);
  if (names.length === 0) return undefined;
  const alternatives = names.map((name) => name.replaceAll(/[^\w]/g, '\\$&')).join('|');
  return new RegExp(`(?<![\\w-])(?:${alternatives})(?![\\w-])`);
}

function findLookAlikes({ server, tools }: Listing, others: Listing[]): PinWarning[] {
  const found: PinWarning[] = [];
  const add = (where: string, message: string) =>
    found.push({ server, where: showHidden(JSON.stringify(where)), kind: 'look_alike', message });
  const names = tools.slice(0, 500).map((tool) => tool.name);
  for (const [index, name] of names.entries()) {
    const twin = names.slice(index + 1).find((other) => isLookAlike(name, other));
    if (twin !== undefined) add(name, `looks like ${showHidden(JSON.stringify(twin))} of the same server`);
  }
  for (const other of others) {
    if (other.server === server) continue;
    if (isImitation(server, other.server)) add(server, `is named much like the server "${other.server}"`);
    for (const name of names) {
      const twin = other.tools.slice(0, 500).find((tool) => isImitation(name, tool.name));
      if (twin) add(name, `is named much like ${other.server}.${showHidden(twin.name)}`);
    }
  }
  return found;
}

function excerpt(text: string, at: number): string {
  const start = Math.max(0, at - 20);
  const part = text.slice(start, at + excerptCharacters).replaceAll(/[\n\t\r]+/g, ' ');
  return `${start > 0 ? '…' : ''}${showHidden(part)}${at + excerptCharacters < text.length ? '…' : ''}`;
}

/** Letters of other scripts, and digits, that are read as a Latin letter in most fonts. */
const readAs: Record<string, string> = Object.fromEntries(
  Object.entries({
    a: 'аɑα4@',
    b: 'ЬВвβ8',
    c: 'сϲ',
    d: 'ԁ',
    e: 'еєε3',
    g: 'ɡ9',
    h: 'һнΗ',
    j: 'јϳ',
    k: 'кκ',
    l: 'іıιi1|ӏǀ',
    m: 'мΜ',
    n: 'ոηп',
    o: 'оοσօ0',
    p: 'рρ',
    q: 'ԛ',
    r: 'гΓ',
    s: 'ѕ5$',
    t: 'тτ7',
    u: 'υսц',
    v: 'ѵν',
    w: 'ԝѡω',
    x: 'хχ',
    y: 'уүγ',
    z: 'ᴢ2ζ',
  }).flatMap(([latin, others]) => [...others].map((other) => [other, latin])),
);

/**
 * What a name looks like at a glance: compatibility forms, case, separators, hidden characters, digits for letters and
 * letters of other scripts do not count.
 */
function skeleton(name: string): string {
  const letters = [...name.slice(0, 128).normalize('NFKC').toLowerCase()].map(
    (letter) => readAs[letter] ?? letter,
  );
  return letters
    .join('')
    .normalize('NFD')
    .replaceAll(/[\p{M}\p{Cf}\p{Cc}\p{Default_Ignorable_Code_Point}\p{Z}\p{Pd}\p{Pc}.]/gu, '')
    .replaceAll('rn', 'm')
    .replaceAll('vv', 'w');
}

/** True for two different names that look the same. */
export function isLookAlike(name: string, other: string): boolean {
  return name !== other && skeleton(name) === skeleton(other);
}

/**
 * True for two different names that look the same or are a slip of the finger apart: two edits where the shorter has at
 * least eight characters, one where it has at least five. Closer than that, honest names meet by chance (git, gut).
 */
export function isImitation(name: string, other: string): boolean {
  if (name === other) return false;
  const [a, b] = [skeleton(name), skeleton(other)];
  const shorter = Math.min(a.length, b.length);
  const allowed = shorter >= 8 ? 2 : shorter >= 5 ? 1 : 0;
  return editDistance(a, b) <= allowed && a.slice(64) === b.slice(64);
}
