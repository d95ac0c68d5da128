import { createHash } from 'node:crypto';
import type { CountLabel } from '../results/codes.ts';

/** Tokens of a text, or of several together, and what is uncertain of them. Counts add field by field. */
export type Count = {
  tokens: number;
  /** How many of the tokens were estimated, and how many the provider's tokenizer counted. The others are fixed markup. */
  estimated: number;
  counted: number;
  /** Standard error in tokens that texts of one kind share, by kind: it adds up within a kind, and evens out between kinds. */
  drift: Drift;
  /** Squared standard error in tokens that is a text's own: it evens out over many texts. */
  variance: number;
};

/** Standard errors in tokens, by kind of text. */
type Drift = Readonly<Record<string, number>>;

/**
 * Counts the tokens of texts as they stand in a prompt. The local estimate is one; another may ask the provider, or read a
 * file. Tokens are whole numbers, 0 for an empty text only.
 */
export type TokenCounter = {
  /** How it counts, in a few words, for whoever reads the figures. */
  readonly method: string;
  /** Tokens of a text. The same text gets the same count throughout a run. */
  count(text: string): number;
  /** The same with what is uncertain of them. */
  measure(text: string): Count;
  /** Of a counter that goes by exact counts: the estimate that stands in for those that it does not know. */
  readonly estimate?: TokenCounter;
  /**
   * Called with the texts of a request before they are counted, for counters that must ask elsewhere. What it throws ends
   * the trial as infrastructure.
   */
  prepare?(texts: readonly string[], signal: AbortSignal): Promise<void>;
};

/**
 * A source of exact counts: the provider's endpoint, a file of earlier counts, a user's own module. A text is counted by itself,
 * without the frame of a message around it.
 */
export type ExactCounter = {
  readonly method: string;
  /** Tokens of each text, in their order; undefined where it does not know. */
  count(texts: readonly string[], signal: AbortSignal): Promise<readonly (number | undefined)[]>;
};

export const noTokens: Count = { tokens: 0, estimated: 0, counted: 0, drift: {}, variance: 0 };

/** What the provider's tokenizer counted: nothing about it is uncertain. */
export function exactly(tokens: number): Count {
  return { ...noTokens, tokens, counted: tokens };
}

/** Tokens of markup that is the same in every prompt. */
export function fixed(tokens: number): Count {
  return { ...noTokens, tokens };
}

/** The count of several texts together. */
export function addCounts(counts: Iterable<Count>): Count {
  const sum = { ...noTokens };
  const shared: Record<string, number> = {};
  for (const { tokens, estimated, counted, drift, variance } of counts) {
    sum.tokens += tokens;
    sum.estimated += estimated;
    sum.counted += counted;
    sum.variance += variance;
    for (const [kind, error] of Object.entries(drift)) shared[kind] = (shared[kind] ?? 0) + error;
  }
  return { ...sum, drift: shared };
}

/** Where the provider's count of the same lies nine times in ten: whole tokens, never below those that are certain. */
export type TokenRange = { tokens: number; low: number; high: number };

/** Standard errors on either side that hold 90 % of a normal distribution. */
export const ninety = 1.645;

/** How far a sum may be off at 90 %: the errors of its kinds of text and its texts' own are independent of each other. */
export function reachOf(drift: Drift, variance: number): number {
  return ninety * Math.sqrt(Object.values(drift).reduce((sum, error) => sum + error ** 2, variance));
}

/** The range of a count at 90 %. */
export function toRange({ tokens, estimated, drift, variance }: Count): TokenRange {
  const reach = reachOf(drift, variance);
  const low = Math.max(tokens - estimated, Math.floor(tokens - reach));
  return { tokens, low: estimated === 0 ? tokens : low, high: Math.ceil(tokens + reach) };
}

/** `counted` where nothing was estimated, `estimated` where nothing was counted. */
export function labelOf({ estimated, counted }: Pick<Count, 'estimated' | 'counted'>): CountLabel {
  if (estimated === 0) return 'counted';
  return counted === 0 ? 'estimated' : 'partly counted';
}

/** A counter that goes by exact counts where `exact` knows a text, and by the estimate where it does not. */
export function preferExact(exact: ExactCounter, estimate: TokenCounter): TokenCounter {
  /** Tokens by `keyOf`; undefined where it was asked and does not know. */
  const known = new Map<string, number | undefined>();
  /** Those that are being asked for, by `keyOf`: trials side by side ask for a text once. */
  const asked = new Map<string, Promise<void>>();
  const ask = async (texts: readonly string[], signal: AbortSignal) => {
    const counts = await exact.count(texts, signal);
    for (const [at, text] of texts.entries()) known.set(keyOf(text), counts[at]);
  };
  const measure = (text: string): Count => {
    const tokens = text === '' ? 0 : known.get(keyOf(text));
    return tokens === undefined ? estimate.measure(text) : exactly(tokens);
  };
  return {
    method: `${exact.method}; else ${estimate.method}`,
    estimate,
    measure,
    count: (text) => measure(text).tokens,
    async prepare(texts, signal) {
      const isUnknown = (text: string) => text !== '' && !known.has(keyOf(text));
      for (let open = texts.filter(isUnknown); open.length > 0; open = open.filter(isUnknown)) {
        signal.throwIfAborted();
        const mine = [...new Set(open)].filter((text) => !asked.has(keyOf(text)));
        if (mine.length > 0) {
          const asking = ask(mine, signal).finally(() => {
            for (const text of mine) asked.delete(keyOf(text));
          });
          for (const text of mine) asked.set(keyOf(text), asking);
          await asking;
        }
        // Where another trial's request fails, the next round asks for its texts here.
        await Promise.allSettled(open.map((text) => asked.get(keyOf(text))));
      }
    },
  };
}

/** Longer texts are remembered by their hash: a run may see gigabytes of them. */
const longestKey = 100;

function keyOf(text: string): string {
  return text.length <= longestKey ? text : createHash('sha256').update(text).digest('hex');
}

/**
 * A counter for which all parts of texts that match are alike: what is named at random, as a trial's folder is, must not make two
 * runs differ by a token. `pattern` is global; `name` stands in for what it matches.
 */
export function countAlike(counter: TokenCounter, pattern: RegExp, name: string): TokenCounter {
  const alike = (text: string) => text.replace(pattern, name);
  const { estimate, prepare } = counter;
  return {
    method: counter.method,
    count: (text) => counter.count(alike(text)),
    measure: (text) => counter.measure(alike(text)),
    ...(estimate && { estimate: countAlike(estimate, pattern, name) }),
    ...(prepare && { prepare: (texts, signal) => prepare.call(counter, texts.map(alike), signal) }),
  };
}
