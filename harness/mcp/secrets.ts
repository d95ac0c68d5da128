import type { ReachableServer } from './server-spec.ts';

/** A value that must leave no trace, and the place it is configured in, which is shown instead. */
export type Secret = { value: string; place: string };

/** Gives a text in which no secret is left. */
export type Redact = (text: string) => string;

/** Shorter values are too likely to be ordinary text: `1`, `true`, `8080`. */
const shortestCharacters = 6;

/** Fewer characters of an encoded form say nothing about the value and meet other texts by chance. */
const shortestEncoded = 6;

/**
 * The values of a server's configuration that count as secret: what variables were filled in with, values of its
 * environment and its headers, and password and query of its address; of each only with 6 characters or more. A path in the
 * trial's own folder is none.
 */
export function secretsOf(spec: ReachableServer): Secret[] {
  const secrets = [...(spec.filledIn ?? []), ...secretsOfReset(spec.reset)];
  if ('url' in spec) {
    secrets.push(...secretsOfUrl(spec.url), ...secretsOfHeaders(spec.headers));
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
  const parts = [username, decode(username), password, decode(password)];
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

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/**
 * Replaces secrets by the name of their place, also where they are written as in JSON, a URL, HTML, base64 (at any offset)
 * or hexadecimal. Undefined where there is nothing to replace.
 */
export function createRedact(secrets: readonly Secret[]): Redact | undefined {
  const places = new Map<string, string>();
  for (const { value, place } of secrets) {
    if (value.length < shortestCharacters) continue;
    for (const form of formsOf(value)) if (!places.has(form)) places.set(form, place);
  }
  if (places.size === 0) return undefined;
  // The longest first: of a value that begins like another, nothing may stay.
  const forms = [...places.keys()].sort((a, b) => b.length - a.length);
  const pattern = new RegExp(
    forms.map((form) => form.replaceAll(/[\\^$.*+?()[\]{}|/-]/g, '\\$&')).join('|'),
    'g',
  );
  const whole = (text: string) => text.replace(pattern, (form) => mark(places.get(form) ?? ''));
  return (text) => redactCut(whole(text), forms, (form) => mark(places.get(form) ?? ''));
}

/** Where a text was cut, `…` stands; before it may stand the beginning of a secret. */
function redactCut(text: string, forms: readonly string[], markOf: (form: string) => string): string {
  const parts: string[] = [];
  let from = 0;
  for (let at = text.indexOf('…'); at >= 0; at = text.indexOf('…', at + 1)) {
    const before = text.slice(Math.max(from, at - (forms[0]?.length ?? 0)), at);
    for (const form of forms) {
      let length = Math.min(form.length - 1, before.length);
      while (length >= shortestCharacters && !before.endsWith(form.slice(0, length))) length -= 1;
      if (length < shortestCharacters) continue;
      parts.push(text.slice(from, at - length), markOf(form));
      from = at;
      break;
    }
  }
  return [...parts, text.slice(from)].join('');
}

/** The mark is the same in JSON, URLs and HTML: names of places may hold anything. */
function mark(place: string): string {
  return `[redacted: ${place.replaceAll(/[^\w .-]/g, '_').slice(0, 60)}]`;
}

/** A value as it may be written elsewhere. */
function formsOf(value: string): string[] {
  const bytes = Buffer.from(value, 'utf8');
  const percent = encodeURIComponent(value);
  const json = JSON.stringify(value).slice(1, -1);
  const encoded = [
    ...base64FormsOf(bytes),
    bytes.toString('hex'),
    bytes.toString('hex').toUpperCase(),
  ].filter((form) => form.length >= shortestEncoded);
  return [
    value,
    json,
    JSON.stringify(json).slice(1, -1),
    percent,
    percent.replaceAll('%20', '+'),
    percent.replaceAll(/%[0-9A-F]{2}/g, (code) => code.toLowerCase()),
    encodeURI(value),
    value.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;'),
    ...encoded,
  ];
}

/**
 * What stays the same of a value in base64 whatever is written before and after it: the first and last characters of a
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

/** A JSON value in whose strings no secret is left; names of members stay. The value itself where there is none to hide. */
export function redactStrings<T>(value: T, redact: Redact | undefined): T {
  if (!redact) return value;
  const inside = (each: unknown): unknown => {
    if (typeof each === 'string') return redact(each);
    if (Array.isArray(each)) return each.map(inside);
    if (typeof each !== 'object' || each === null) return each;
    return Object.fromEntries(Object.entries(each).map(([name, member]) => [name, inside(member)]));
  };
  return inside(value) as T;
}
