import { hash } from 'node:crypto';
import type { Tokenizer as BytePairEncoder } from 'ai-tokenizer';
import { z } from 'zod';
import type { ModelEntry } from './catalogue.ts';
import fitted from './coefficients.json' with { type: 'json' };
import {
  type CharacterClass,
  classes,
  classOf,
  eachWord,
  isCorrection,
  type Kinds,
  kindOfText,
  kindsOf,
  normalise,
  textKinds,
} from './pieces.ts';
import { type Count, ninety, noTokens, type TokenCounter } from './token-counter.ts';

/** 90 % of the documents of a kind up to so many tokens were estimated to within this share of what was counted. */
const band = z.strictObject({ upTo: z.number().nullable(), within: z.number(), documents: z.int() });

const family = z.strictObject({
  /** Tokens of a piece by its kind, and of a piece of a kind that no fitted document has. */
  pieces: z.record(z.string(), z.number()),
  otherPieces: z.number(),
  /** By kind of text, by size in tokens: the errors on documents that were not fitted on. The last has no upper end. */
  errors: z.record(z.enum(textKinds), z.array(band).min(1)),
  /** Of whole texts of the kinds that agents read, where every second one was fitted on: shares of the others within 5 and 10 %. */
  everySecond: z.strictObject({ documents: z.int(), within5: z.number(), within10: z.number() }),
});

const coefficientsSchema = z.strictObject({
  note: z.string(),
  families: z.record(z.enum(['claude-3', 'claude-4.7']), family),
});

export type Coefficients = z.infer<typeof coefficientsSchema>;
export type FamilyCoefficients = z.infer<typeof family>;

/**
 * Pieces whose encoding the library remembers. To drop the oldest takes it time in proportion: with its own 100,000, a text of a
 * million different pieces took minutes. One is the least; what comes again is among the words below.
 */
const mostRemembered = 1;

/** Words that are remembered with their tokens, and the longest of them; then all are forgotten. */
const mostWords = 100_000;
const longestWord = 64;

/** Characters of texts whose counts are remembered, some 16 to 32 MB. */
const mostCharacters = 16_000_000;

let encoder: Promise<BytePairEncoder> | undefined;

/** The vocabulary that texts are cut with, read on the first call (about 0.2 s). */
export function loadEncoder(): Promise<BytePairEncoder> {
  encoder ??= Promise.all([import('ai-tokenizer'), import('ai-tokenizer/encoding/claude')]).then(
    ([{ Tokenizer }, vocabulary]) =>
      // Tool output may contain what looks like a special token; it is ordinary text to whoever reads it.
      new Tokenizer({ ...vocabulary, special_tokens: {} }, {}, mostRemembered),
  );
  return encoder;
}

/** Each remembers what it has counted, for all runs of a process. */
const loaded = new Map<string, Promise<TokenCounter>>();

/**
 * Loads the local estimate of a tokenizer family: the pieces of the Claude-2 vocabulary, each weighted by its kind. The weights
 * were fitted on recorded counts by scripts/fit-tokens.ts.
 */
export function loadEstimate(name: ModelEntry['tokenizer']): Promise<TokenCounter> {
  const known = loaded.get(name) ?? openEstimate(name);
  loaded.set(name, known);
  return known;
}

async function openEstimate(name: ModelEntry['tokenizer']): Promise<TokenCounter> {
  // Read here, so that the fit can write a file with other kinds.
  const { families } = coefficientsSchema.parse(fitted);
  return estimateWith(families[name], await loadEncoder(), name);
}

/** What kinds of pieces come to in tokens, before rounding. */
export function weigh(
  kinds: Kinds,
  { pieces, otherPieces }: Pick<FamilyCoefficients, 'pieces' | 'otherPieces'>,
): number {
  let tokens = 0;
  for (const [kind, by] of kinds) tokens += (pieces[kind] ?? (isCorrection(kind) ? 0 : otherPieces)) * by;
  return tokens;
}

/** The estimate with these coefficients. */
function estimateWith(
  { pieces, otherPieces, errors }: FamilyCoefficients,
  vocabulary: BytePairEncoder,
  name: string,
): TokenCounter {
  const fingerprint = hash('sha256', JSON.stringify({ pieces, otherPieces })).slice(0, 6);
  const words = new Map<string, { tokens: number; of: CharacterClass }>();
  const look = (word: string) => {
    const known = words.get(word);
    if (known) return known;
    const weighed = { tokens: weigh(kindsOf(word, vocabulary), { pieces, otherPieces }), of: classOf(word) };
    if (words.size >= mostWords) words.clear();
    if (word.length <= longestWord) words.set(word, weighed);
    return weighed;
  };
  const weighWhole = (text: string): Count => {
    const characters = Object.fromEntries(classes.map((each) => [each, 0])) as Record<CharacterClass, number>;
    let sum = 0;
    eachWord(normalise(text), (word) => {
      const { tokens, of } = look(word);
      sum += tokens;
      characters[of] += word.length;
    });
    const tokens = Math.max(1, Math.round(sum));
    const kind = kindOfText(characters);
    const bands = errors[kind];
    const within = bands.find(({ upTo }) => upTo === null || tokens <= upTo)?.within ?? 0;
    // What is left of the error in the longest texts does not even out.
    const lasting = Math.min(within, bands.at(-1)?.within ?? 0);
    const standardError = (share: number) => (tokens * share) / ninety;
    return {
      tokens,
      estimated: tokens,
      counted: 0,
      drift: { [kind]: standardError(lasting) },
      variance: standardError(within) ** 2 - standardError(lasting) ** 2,
    };
  };
  // Variants of a workflow put the same results and definitions into their prompts.
  const texts = new Map<string, Count>();
  let characters = 0;
  const measure = (text: string): Count => {
    if (text === '') return noTokens;
    const known = texts.get(text);
    if (known) return known;
    const count = weighWhole(text);
    characters += text.length;
    if (characters > mostCharacters) {
      texts.clear();
      characters = text.length;
    }
    texts.set(text, count);
    return count;
  };
  return {
    // The fit is named, since figures of two fits are not to be held against each other.
    method: `pieces of the claude-2 vocabulary weighted by kind (${name}, fit ${fingerprint})`,
    measure,
    count: (text) => measure(text).tokens,
  };
}
