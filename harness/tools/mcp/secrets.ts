import { decodePart } from '../../addresses.ts';
import { mapTexts } from '../../json.ts';
import type { ReachableServer } from './server-spec.ts';

/** A value that must leave no trace, and the place it is configured in, which is shown instead. */
export type Secret = { value: string; place: string };

/** Gives a text in which no secret is left. */
export type Redact = (text: string) => string;

/** Shorter values, and parts of encoded ones, are too likely to be ordinary text: `1`, `true`, `8080`. */
const shortestCharacters = 6;

/**
 * The values of a server's configuration that count as secret: what variables were filled in with, values of its environment
 * and its headers, password and query of its address, and its OAuth client's secret; of each only with 6 characters or more. A
 * path in the trial's own folder is none.
 */
export function secretsOf(spec: ReachableServer): Secret[] {
  const secrets = [...(spec.filledIn ?? []), ...secretsOfReset(spec.reset)];
  if ('url' in spec) {
    const { clientSecret, privateKey } = spec.oauth ?? {};
    secrets.push(...secretsOfUrl(spec.url), ...secretsOfHeaders(spec.headers));
    if (clientSecret !== undefined) secrets.push({ value: clientSecret, place: 'oauth.clientSecret' });
    if (privateKey !== undefined) secrets.push({ value: privateKey, place: 'oauth.privateKey' });
  } else {
    const { trialDirectory } = spec;
    const own = ({ value }: Secret) => trialDirectory === undefined || !value.startsWith(trialDirectory);
    secrets.push(...secretsOfEnvironment(spec.env).filter(own));
  }
  return secrets;
}

function secretsOfReset(reset: ReachableServer['reset']): Secret[] {
  if (reset?.kind === 'request') return [...secretsOfUrl(reset.url), ...secretsOfHeaders(reset.headers)];
  return reset?.kind === 'command' ? secretsOfEnvironment(reset.env) : [];
}

function secretsOfEnvironment(env: Record<string, string>): Secret[] {
  return Object.entries(env).map(([name, value]) => ({ value, place: `variable ${name}` }));
}

function secretsOfHeaders(headers: Record<string, string>): Secret[] {
  return Object.entries(headers).flatMap(([name, value]) =>
    [value, ...credentialsOf(value)].map((each) => ({ value: each, place: `header ${name}` })),
  );
}

function secretsOfUrl(address: string): Secret[] {
  if (!URL.canParse(address)) return [];
  const { username, password, searchParams, search } = new URL(address);
  const parts = [username, decodePart(username), password, decodePart(password)];
  const raw = search.slice(1).split('&');
  return [
    ...parts.map((value) => ({ value, place: 'user of the address' })),
    ...[...searchParams].map(([name, value]) => ({ value, place: `query ${name}` })),
    ...raw.map((pair) => ({ value: pair.slice(pair.indexOf('=') + 1), place: 'query' })),
  ];
}

/** What a header such as `Bearer …` holds; of `Basic …` also the password. */
function credentialsOf(header: string): string[] {
  const [, scheme = '', credential] = /^(\w+)\s+(\S.*)$/.exec(header) ?? [];
  if (credential === undefined) return [];
  if (scheme.toLowerCase() !== 'basic') return [credential];
  const plain = Buffer.from(credential, 'base64').toString('utf8');
  return [credential, plain, plain.slice(plain.indexOf(':') + 1)];
}

/**
 * Replaces secrets by the name of their place, also where they are written as in JSON, a URL, HTML, base64 (at any offset)
 * or hexadecimal. Undefined where there is nothing to replace.
 */
export function createRedact(secrets: readonly Secret[]): Redact | undefined {
  const marks = new Map<string, string>();
  for (const { value, place } of secrets) {
    for (const form of formsOf(value)) if (!marks.has(form)) marks.set(form, markOf(place));
  }
  return createReplace(marks);
}

/**
 * The beginning of a text without secrets, of which `most` characters are read; a secret that they end in leaves nothing. It
 * may be much shorter than what was read.
 */
export function redactBeginning(text: string, most: number, redact: Redact): string {
  return text.length <= most ? redact(text) : redact(`${text.slice(0, most)}…`).slice(0, -1);
}

/** One after the other, where there are any. */
export function joinRedacts(first: Redact | undefined, second: Redact | undefined): Redact | undefined {
  return first && second ? (text) => second(first(text)) : (first ?? second);
}

/** Replaces forms of secrets by their marks; what is left of a form before a cut, by what `markOfCut` makes of its mark. */
export function createReplace(
  marks: ReadonlyMap<string, string>,
  markOfCut: (mark: string) => string = (mark) => mark,
): Redact | undefined {
  if (marks.size === 0) return undefined;
  // The longest first: of a value that begins like another, nothing may stay.
  const forms = [...marks.keys()].sort((a, b) => b.length - a.length);
  const pattern = new RegExp(
    forms.map((form) => form.replaceAll(/[\\^$.*+?()[\]{}|/-]/g, '\\$&')).join('|'),
    'g',
  );
  const whole = (text: string) => text.replace(pattern, (form) => marks.get(form) ?? '');
  return (text) => redactCut(whole(text), forms, (form) => markOfCut(marks.get(form) ?? ''));
}

/** Where a text was cut, `…` stands; before it may stand the beginning of a secret. */
function redactCut(text: string, forms: readonly string[], markOfForm: (form: string) => string): string {
  const parts: string[] = [];
  let from = 0;
  for (let at = text.indexOf('…'); at >= 0; at = text.indexOf('…', at + 1)) {
    const before = text.slice(Math.max(from, at - (forms[0]?.length ?? 0)), at);
    for (const form of forms) {
      let length = Math.min(form.length - 1, before.length);
      while (length >= shortestCharacters && !before.endsWith(form.slice(0, length))) length -= 1;
      if (length < shortestCharacters) continue;
      parts.push(text.slice(from, at - length), markOfForm(form));
      from = at;
      break;
    }
  }
  return [...parts, text.slice(from)].join('');
}

/** The mark is the same in JSON, URLs and HTML: names of places may hold anything. */
export function markOf(place: string, more = ''): string {
  return `[redacted: ${place.replaceAll(/[^\w .-]/g, '_').slice(0, 60)}${more}]`;
}

/** A value as it may be written elsewhere, itself first. Nothing for one that is too short to be told from other text. */
export function formsOf(value: string): string[] {
  if (value.length < shortestCharacters) return [];
  const bytes = Buffer.from(value, 'utf8');
  const percent = encodeURIComponent(value);
  const json = JSON.stringify(value).slice(1, -1);
  const encoded = [
    ...base64FormsOf(bytes),
    bytes.toString('hex'),
    bytes.toString('hex').toUpperCase(),
  ].filter((form) => form.length >= shortestCharacters);
  return [
    value,
    json,
    JSON.stringify(json).slice(1, -1),
    ...escapedFormsOf(json),
    percent,
    percent.replaceAll('%20', '+'),
    percent.replaceAll(/%[0-9A-F]{2}/g, (code) => code.toLowerCase()),
    encodeURI(value),
    value.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;'),
    ...encoded,
  ];
}

/** JSON as the libraries of Python (only ASCII), PHP (slashes, too) and Go (safe within HTML) write it. */
function escapedFormsOf(json: string): string[] {
  const asCodes = (text: string, characters: RegExp) =>
    text.replaceAll(characters, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
  const ascii = asCodes(json, /[^\x20-\x7e]/g);
  const slashed = [json, ascii].map((text) => text.replaceAll('/', '\\/'));
  return [ascii, ...slashed, asCodes(json, /[&<>\u2028\u2029]/g)];
}

/**
 * What stays the same of a value in base64 with any text before and after it: the first and last characters of a
 * group also hold bits of the neighbours. In the usual alphabet and in that of URLs.
 */
function base64FormsOf(bytes: Buffer): string[] {
  return [0, 1, 2].flatMap((offset) => {
    const text = Buffer.concat([Buffer.alloc(offset), bytes])
      .toString('base64')
      .replaceAll('=', '');
    const isWhole = (offset + bytes.length) % 3 === 0;
    const own = text.slice(Math.ceil((offset * 4) / 3), isWhole ? undefined : -1);
    return [own, own.replaceAll('+', '-').replaceAll('/', '_')];
  });
}

/** Names that MCP or our own files fix. A secret that is spelled like one is public. */
const fixedNames = new Set(
  'server implementation name version title instructions tools definition hash launch description inputSchema outputSchema annotations'.split(
    ' ',
  ),
);

/**
 * A server, a listing or a text without secrets, in names of members, too; only those names stay by which the value is
 * read. The value itself where there is none to hide.
 */
export function redactStrings<T>(value: T, redact: Redact | undefined): T {
  if (!redact) return value;
  return mapTexts(value, redact, (name) => (fixedNames.has(name) ? name : redact(name))) as T;
}
