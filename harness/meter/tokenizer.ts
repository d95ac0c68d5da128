import type { Tokenizer as BytePairEncoder, Encoding } from 'ai-tokenizer';
import type { ModelEntry } from './catalogue.ts';
import type { TokenCounter } from './token-counter.ts';

/** The estimate that a run goes by. Its figures carry `uncertainty`, too. */
export type Tokenizer = TokenCounter & {
  /** Declared relative uncertainty: of one request's tokens, and of a ratio between two patterns. */
  uncertainty: { request: number; ratio: number };
};

/**
 * Tokens of the tokenizer families per token of the Claude-2 vocabulary, fitted on counts recorded from the provider's
 * counting endpoint (8 documents of prose and code, and JSON, schemas and tables of tool results): aggregate error by kind
 * of text −10 % (Markdown tables) to +3 %, +28 % on JSON full of UUIDs; JSON against TypeScript, which is what a comparison of
 * the patterns depends on, 2 %.
 */
const tokensPerBaseToken = { 'claude-3': 1.09, 'claude-4.7': 1.47 } as const;

/**
 * Byte-pair encoding is quadratic in the length of one unbroken piece, so longer runs are counted in slices. A run this
 * long is no natural text; cutting it adds at most one token a slice.
 */
const longestPiece = 512;

/**
 * One run of letters, digits, white space or anything else, so that runs tile a text and each character is read once. The
 * bound keeps the expression's own stack small; it is a multiple of `longestPiece`, so that it moves no slice.
 */
const run = /[\p{L}\p{M}]{1,65536}|\p{N}{1,65536}|\s{1,65536}|[^\p{L}\p{M}\p{N}\s]{1,65536}/gu;

/**
 * Pieces whose tokens the library remembers. To drop the oldest takes it time in proportion: with its own 100,000, a text of a
 * million different pieces took minutes. Natural text is counted as fast with these.
 */
const mostRemembered = 10_000;

/** Encoders by vocabulary: a process builds each once, however many runs it makes. */
const encoders = new Map<string, Promise<BytePairEncoder>>();

function encoderOf(name: string, load: () => Promise<Encoding>): Promise<BytePairEncoder> {
  const known = encoders.get(name) ?? buildEncoder(load);
  encoders.set(name, known);
  return known;
}

async function buildEncoder(load: () => Promise<Encoding>): Promise<BytePairEncoder> {
  const [{ Tokenizer }, vocabulary] = await Promise.all([import('ai-tokenizer'), load()]);
  // Tool output may contain what looks like a special token; it is ordinary text to whoever reads it.
  return new Tokenizer({ ...vocabulary, special_tokens: {} }, {}, mostRemembered);
}

/** Loads the local estimate for a model's tokenizer family; the vocabulary is read on the first call (about 0.2 s). */
export async function loadTokenizer(family: ModelEntry['tokenizer']): Promise<Tokenizer> {
  const encoder = await encoderOf('claude', () => import('ai-tokenizer/encoding/claude'));
  const factor = tokensPerBaseToken[family];
  return {
    ...counter(`claude-2 vocabulary × ${factor} (${family})`, encoder, factor),
    uncertainty: { request: 0.1, ratio: 0.05 },
  };
}

/**
 * A second opinion: the o200k vocabulary × 1.55 for `claude-4.7`, and for `claude-3` the same in proportion of the two
 * families' factors. It takes JSON for 9 % shorter against TypeScript than Claude's do, which flatters code; a verdict that turns
 * with it depends on the estimate.
 */
export async function loadOtherTokenizer(family: ModelEntry['tokenizer']): Promise<TokenCounter> {
  const encoder = await encoderOf('o200k', () => import('ai-tokenizer/encoding/o200k_base'));
  const factor =
    Math.round(((1.55 * tokensPerBaseToken[family]) / tokensPerBaseToken['claude-4.7']) * 100) / 100;
  return counter(`o200k vocabulary × ${factor} (${family})`, encoder, factor);
}

function counter(method: string, encoder: { count(text: string): number }, factor: number): TokenCounter {
  const count = (text: string) =>
    text === '' ? 0 : Math.max(1, Math.round(countPieces(encoder, normalise(text)) * factor));
  return {
    method,
    count,
    measure(text) {
      const tokens = count(text);
      return { tokens, estimated: tokens, drift: (tokens * 0.1) / 1.645, variance: 0 };
    },
  };
}

/**
 * Normal form NFKC, as the vocabularies expect. Sorting a run of combining marks takes quadratic time, so a joiner breaks
 * runs of more than 30, as in the Stream-Safe Text Format of Unicode Standard Annex 15; no natural text has one.
 */
function normalise(text: string): string {
  return text.replace(/\p{M}{30}(?=\p{M})/gu, '$&\u034f').normalize('NFKC');
}

function countPieces(encoder: { count(text: string): number }, text: string): number {
  if (text.length < longestPiece) return encoder.count(text);
  let tokens = 0;
  /** Where the text begins that is not counted yet, and where the run under way does. */
  let [from, start] = [0, 0];
  for (run.lastIndex = 0; run.test(text); start = run.lastIndex) {
    const end = run.lastIndex;
    if (end - start < longestPiece) continue;
    tokens += encoder.count(text.slice(from, start));
    for (let at = start; at < end; at += longestPiece) {
      tokens += encoder.count(text.slice(at, Math.min(at + longestPiece, end)));
    }
    from = end;
  }
  return tokens + encoder.count(text.slice(from));
}
