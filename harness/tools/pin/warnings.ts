import { findHidden, showHidden } from '../../visible.ts';
import type { Listing } from '../mcp/listing.ts';
import { classicName } from '../mcp/names.ts';

/** Something about a server that a person should look at. Never an error by itself. */
type PinWarning = {
  server: string;
  /** The tool; empty where it is the server itself. */
  owner: string;
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

const excerptCharacters = 80;
const shortestReference = 6;

/**
 * What to look at in a server's listing: in each tool the first place of each kind, so that a tool with many places hides no
 * other. `others` are the servers beside it, whose tools it has no business to name.
 */
export function inspectListing(listing: Listing, others: Listing[]): PinWarning[] {
  const { server } = listing;
  const warnings = new Map<string, PinWarning>();
  const foreign = foreignNames(listing, others);
  const inspectText = (owner: string, where: string, text: string) => {
    const warn = (kind: PinWarning['kind'], message: string) => {
      const key = JSON.stringify([owner, kind]);
      if (warnings.has(key)) return;
      warnings.set(key, { server, owner, where: showHidden(where.slice(0, 200)), kind, message });
    };
    const hiddenAt = findHidden(text);
    if (hiddenAt >= 0)
      warn('hidden_characters', `has characters that do not show: ${excerpt(text, hiddenAt)}`);
    const comment = text.indexOf('<!--');
    if (comment >= 0) warn('html_comment', `has an HTML comment: ${excerpt(text, comment)}`);
    const said = inWords(text);
    for (const { what, pattern } of aimedAtModel) {
      const at = said.search(pattern);
      if (at >= 0) warn('aimed_at_model', `${what}: ${excerpt(said, at)}`);
    }
    const name = foreign?.exec(text);
    if (name) warn('other_servers_tool', `names a tool of another server: ${excerpt(text, name.index)}`);
  };
  for (const [where, text] of textsOf(listing.implementation, 'implementation')) inspectText('', where, text);
  inspectText('', 'instructions', listing.instructions ?? '');
  for (const tool of listing.tools) {
    for (const [where, text] of textsOf(tool, tool.name)) inspectText(tool.name, where, text);
  }
  return [...warnings.values(), ...findLookAlikes(listing, others)];
}

/** A name of several words, such as `you_must_call` or `youMustCall`, as a sentence; other texts as they are. */
function inWords(text: string): string {
  if (/\s/.test(text)) return text;
  return text.replaceAll(/(?<=[a-z])(?=[A-Z])|[_-]+/g, ' ');
}

/** Warnings of one kind that are shown in full; of the others, their tools are named. */
const mostOfKind = 10;

const kinds: Record<PinWarning['kind'], string> = {
  hidden_characters: 'have characters that do not show',
  html_comment: 'have an HTML comment',
  aimed_at_model: 'speak to a model',
  other_servers_tool: 'name a tool of another server',
  look_alike: 'look like others',
};

/** Warnings on one line each. Of a kind with more than ten, a last line names the tools of all others. */
export function describeWarnings(warnings: readonly PinWarning[]): string[] {
  return [...Map.groupBy(warnings, ({ server, kind }) => JSON.stringify([server, kind])).values()].flatMap(
    (group) => {
      const rest = group.slice(mostOfKind);
      const [first] = rest;
      const lines = group.slice(0, mostOfKind).map(describeWarning);
      if (!first) return lines;
      const names = rest.map(({ owner, where }) => showHidden((owner || where).slice(0, 64)));
      return [...lines, `${first.server}: ${rest.length} more ${kinds[first.kind]}: ${names.join(', ')}`];
    },
  );
}

/** A warning on one line. */
function describeWarning({ server, where, message }: PinWarning): string {
  return `${server}: ${where === 'instructions' ? 'a line of its instructions' : where} ${message}`;
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

/** Pairs of names whose distance is worked out; more than that are alike only in a listing that is made to be. */
const mostCompared = 1_000_000;

function findLookAlikes({ server, tools }: Listing, others: Listing[]): PinWarning[] {
  const found = new Map<string, PinWarning>();
  const add = (name: string, message: string) => {
    if (found.has(name)) return;
    const where = showHidden(JSON.stringify(name));
    found.set(name, { server, owner: name, where, kind: 'look_alike', message });
  };
  const shapes = tools.map((tool) => toShape(tool.name));
  const first = new Map<string, string>();
  for (const { name, skeleton } of shapes) {
    const twin = first.get(skeleton);
    if (twin === undefined) first.set(skeleton, name);
    else if (twin !== name) add(twin, `looks like ${showHidden(JSON.stringify(name))} of the same server`);
  }
  let compared = 0;
  for (const other of others) {
    if (other.server === server) continue;
    if (isImitation(server, other.server)) add(server, `is named much like the server "${other.server}"`);
    const theirs = other.tools.map((tool) => toShape(tool.name));
    const bySkeleton = new Map(theirs.map((shape) => [shape.skeleton, shape]));
    for (const shape of shapes) {
      const { name } = shape;
      const same = bySkeleton.get(shape.skeleton);
      const twin =
        same && same.name !== name
          ? same
          : theirs.find((each) => {
              if (each.name === name || !mayImitate(shape, each) || compared >= mostCompared) return false;
              compared += 1;
              return areClose(shape.skeleton, each.skeleton);
            });
      if (twin) add(name, `is named much like ${other.server}.${showHidden(twin.name)}`);
    }
  }
  return [...found.values()];
}

/** A name with what tells cheaply that another is too different: its length, and a bit for each letter that occurs. */
type Shape = { name: string; skeleton: string; letters: number };

function toShape(name: string): Shape {
  const own = skeleton(name);
  let letters = 0;
  for (const letter of own.slice(0, 64)) letters |= 1 << ((letter.codePointAt(0) ?? 0) & 31);
  return { name, skeleton: own, letters };
}

/** False where more than two edits lie between two names. Each edit changes at most two of the letters that occur. */
function mayImitate(a: Shape, b: Shape): boolean {
  if (Math.abs(a.skeleton.length - b.skeleton.length) > 2) return false;
  let different = a.letters ^ b.letters;
  let bits = 0;
  for (; different !== 0 && bits <= 4; bits += 1) different &= different - 1;
  return bits <= 4;
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
export function skeleton(name: string): string {
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

/**
 * True for two different names that look the same or are a slip of the finger apart: two edits where the shorter has at
 * least eight characters, one where it has at least five. Closer than that, honest names meet by chance (git, gut).
 */
export function isImitation(name: string, other: string): boolean {
  return name !== other && areClose(skeleton(name), skeleton(other));
}

/** The same of what two names look like. */
function areClose(a: string, b: string): boolean {
  const shorter = Math.min(a.length, b.length);
  const allowed = shorter >= 8 ? 2 : shorter >= 5 ? 1 : 0;
  return a.slice(64) === b.slice(64) && isWithin(a.slice(0, 64), b.slice(0, 64), allowed);
}

/**
 * Whether so few edits (insert, delete, replace, swap neighbours) lie between two texts. It gives up at the first edit too many,
 * so that comparing thousands of names takes no seconds.
 */
function isWithin(left: string, right: string, edits: number): boolean {
  if (Math.abs(left.length - right.length) > edits) return false;
  let same = 0;
  while (same < left.length && left[same] === right[same]) same += 1;
  const [a, b] = [left.slice(same), right.slice(same)];
  if (a === b) return true;
  if (edits === 0) return false;
  const isSwap = a.length > 1 && a[0] === b[1] && a[1] === b[0];
  return (
    isWithin(a.slice(1), b.slice(1), edits - 1) ||
    isWithin(a.slice(1), b, edits - 1) ||
    isWithin(a, b.slice(1), edits - 1) ||
    (isSwap && isWithin(a.slice(2), b.slice(2), edits - 1))
  );
}
