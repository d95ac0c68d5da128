import { mapTexts } from '../../json.ts';
import { createReplace, formsOf, markOf, type Secret } from '../../tools/mcp/secrets.ts';
import type { TimedEvent, WireAnswer } from './anthropic-exchange.ts';

// Shapes that the issuers document. Each is anchored on a fixed prefix and has one bounded class behind it, so a match
// costs time linear in the text. A minimum length keeps prose about keys ("sk-ant-...") from matching.
const shapes: { kind: string; pattern: RegExp }[] = [
  { kind: 'an Anthropic key', pattern: /\bsk-ant-[A-Za-z0-9_-]{10,}/g },
  { kind: 'an OpenAI key', pattern: /\bsk-(?:proj-|svcacct-)?[A-Za-z0-9_-]{32,}/g },
  { kind: 'a bearer token', pattern: /\bBearer\s{1,4}[A-Za-z0-9._~+/-]{16,}/gi },
  { kind: 'an AWS access key', pattern: /\b(?:AKIA|ASIA)[0-9A-Z]{16}\b/g },
  { kind: 'a GitHub token', pattern: /\b(?:gh[pousr]_[A-Za-z0-9]{36}|github_pat_[A-Za-z0-9_]{22,})/g },
  { kind: 'a GitLab token', pattern: /\bglpat-[A-Za-z0-9_-]{20,}/g },
  { kind: 'an npm token', pattern: /\bnpm_[A-Za-z0-9]{36}/g },
  { kind: 'a Slack token', pattern: /\bxox[abeprs]-[A-Za-z0-9-]{10,}/g },
  { kind: 'a Google API key', pattern: /\bAIza[0-9A-Za-z_-]{35}/g },
  { kind: 'a Stripe key', pattern: /\b[rs]k_live_[0-9A-Za-z]{16,}/g },
  { kind: 'a JSON Web Token', pattern: /\beyJ[A-Za-z0-9_-]{8,}\.eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}/g },
  { kind: 'a private key', pattern: /-----BEGIN [A-Z ]{0,30}PRIVATE KEY-----/g },
];

/** Shorter values are too likely to be ordinary text. */
const shortestKnownSecret = 8;

/**
 * The first thing in the text that is one of the known secrets or has the shape of a credential: what it looks like, for people,
 * and the index of its first character. Null if there is none.
 */
export function findSecret(text: string, known: readonly string[]): { kind: string; index: number } | null {
  for (const secret of known) {
    const index = secret.length >= shortestKnownSecret ? text.indexOf(secret) : -1;
    if (index >= 0) return { kind: 'the API key of this run', index };
  }
  for (const { kind, pattern } of shapes) {
    const index = text.search(pattern);
    if (index >= 0) return { kind, index };
  }
  return null;
}

/** The text with known secrets and everything shaped like a credential replaced. */
export function redactSecrets(text: string, known: readonly string[]): string {
  let clean = text;
  for (const secret of known) {
    if (secret.length > 0) clean = clean.replaceAll(secret, '[redacted]');
  }
  for (const { pattern } of shapes) clean = clean.replace(pattern, '[redacted]');
  return clean;
}

/** Puts marks in the place of secrets, and back. */
export type StandIns = NonNullable<ReturnType<typeof createStandIns>>;

/** How a text that looks like a mark is written, so that no server can have a secret put in by writing its mark. */
const markStart = '[redacted: ';
const writtenStart = '[redacted: as written]';

/**
 * Stand-ins for secrets, each with a mark of its own for every form in which it may be written. Undefined where there are
 * none. The beginning of a secret before a cut is hidden for good.
 */
export function createStandIns(secrets: readonly Secret[]) {
  const marks = new Map<string, string>();
  const texts = new Map<string, string>();
  for (const { value, place } of secrets) {
    if (marks.has(value)) continue;
    let label = '';
    for (let n = 2; texts.has(markOf(place, label)); n += 1) label = ` ${n}`;
    for (const [index, form] of formsOf(value).entries()) {
      if (marks.has(form)) continue;
      const mark = markOf(place, index === 0 ? label : `${label}, form ${index + 1}`);
      marks.set(form, mark);
      texts.set(mark, form);
    }
  }
  const replace = createReplace(marks, (mark) =>
    mark.replace(markStart, `${markStart}beginning of `).replace(/, form \d+/, ''),
  );
  if (!replace) return undefined;
  texts.set(writtenStart, markStart);
  return {
    /** A text without secrets. The same text and the same places of secrets always give the same result. */
    // The mark of a secret's beginning stands for nothing, so it may be written by anyone, and again.
    hide: (text: string): string => replace(text.replaceAll(/\[redacted: (?!beginning of )/g, writtenStart)),
    /** The text that was hidden; where a secret has another value by now, with that value. */
    reveal: (text: string): string =>
      text.replaceAll(/\[redacted: [^\]]*\]/g, (mark) => texts.get(mark) ?? mark),
  };
}

type Payload = WireAnswer['payload'];

/**
 * How the recordings of one trial keep the secrets of its servers out. A model is shown what its servers really say: a path
 * or a region from a variable is a secret here and the task's material there, so a model without it would be measured
 * at another task. Only what is written, and the key that it is found by, have marks instead. What a replayed model says
 * has the values again, because its calls go to real servers.
 */
export type Hiding = {
  /** A value without secrets, names of members included. */
  hide<T>(value: T): T;
  hidePayload(payload: Payload): Payload;
  revealPayload(payload: Payload): Payload;
};

/** Hides nothing where there are no secrets. */
export function createHiding(standIns: StandIns | undefined): Hiding {
  if (!standIns) {
    return { hide: (value) => value, hidePayload: (payload) => payload, revealPayload: (payload) => payload };
  }
  const { hide, reveal } = standIns;
  const hideIn = <T>(value: T) => mapTexts(value, hide) as T;
  return {
    hide: hideIn,
    hidePayload: (payload) =>
      hideIn('events' in payload ? { events: joinWhereSplit(payload.events, hide) } : payload),
    revealPayload: (payload) => mapTexts(payload, reveal) as Payload,
  };
}

/** The members of deltas in which a text arrives in pieces. */
const pieces = ['text', 'thinking', 'partial_json'] as const;

/** The same events, with a text in one piece where a secret in it was split over several; the others are then empty. */
function joinWhereSplit(events: readonly TimedEvent[], hide: (text: string) => string): TimedEvent[] {
  const copies = structuredClone(events) as TimedEvent[];
  const found = copies.flatMap(({ data }) => {
    const { index, delta } = data as { index?: number; delta?: Record<string, unknown> };
    return pieces.flatMap((name) => {
      const text = delta?.[name];
      return delta && typeof text === 'string' ? [{ place: `${index} ${name}`, delta, name, text }] : [];
    });
  });
  for (const block of Map.groupBy(found, ({ place }) => place).values()) {
    const whole = block.map(({ text }) => text).join('');
    if (hide(whole) === block.map(({ text }) => hide(text)).join('')) continue;
    for (const [at, { delta, name }] of block.entries()) delta[name] = at === 0 ? whole : '';
  }
  return copies;
}
