import { hash } from 'node:crypto';
import type { Tokenizer as BytePairEncoder } from 'ai-tokenizer';
import { z } from 'zod';
import type { ModelEntry } from './catalogue.ts';
import fitted from './coefficients.json' with { type: 'json' };
import { type Count, ninety, noTokens, type TokenCounter } from './token-counter.ts';

/**
 * A word: letters, digits or marks with at most one space before them, or white space. At most 512 characters, since byte-pair
 * encoding takes quadratic time in the length of a word and no natural word is longer.
 */
const word =
  /'(?:s|t|re|ve|m|ll|d)| ?\p{L}{1,512}| ?\p{N}{1,512}| ?[^\s\p{L}\p{N}]{1,512}|\s{1,512}(?!\S)|\s{1,512}/gu;

/** Kinds of pieces that a text is made of, each with how often it occurs, or how much of it there is. */
export type Kinds = Map<string, number>;

/** What a character of a word counts as when it is told what kind of text this is. */
export const classes = [
  'letters',
  'marks',
  'quotes',
  'digits',
  'space',
  'Latin',
  'East Asian',
  'other scripts',
] as const;
export type CharacterClass = (typeof classes)[number];

/**
 * The class of all characters of a word; marks with a double quote among them are `quotes`. Words of Latin script that have letters
 * beyond ASCII are a class of their own.
 */
export function classOf(word: string): CharacterClass {
  if (/^\s+$/.test(word)) return 'space';
  if (/[\u3000-\u30ff\p{Script=Han}\p{Script=Hangul}]/u.test(word)) return 'East Asian';
  if (/[\p{L}\p{M}]/u.test(word) && /\P{ASCII}/u.test(word)) {
    return /\p{Script=Latin}/u.test(word) ? 'Latin' : 'other scripts';
  }
  if (/\p{L}/u.test(word)) return 'letters';
  if (/\p{N}/u.test(word)) return 'digits';
  return word.includes('"') ? 'quotes' : 'marks';
}

/** Kinds of text that are counted more or less well; see `kindOfText`. */
export const textKinds = [
  'prose',
  'data',
  'programs',
  'numbers',
  'Latin script',
  'East Asian',
  'other scripts',
] as const;
export type TextKind = (typeof textKinds)[number];

/**
 * The kind of a text with so many characters of each class. English prose has less than one mark in twenty characters, JSON and
 * programs have more than one in ten; of UUIDs and tables of numbers one in eight is a digit. JSON has double quotes in most of its
 * marks, programs have not.
 */
export function kindOfText(characters: Readonly<Record<CharacterClass, number>>): TextKind {
  const all = classes.reduce((sum, each) => sum + characters[each], 0);
  const share = (each: CharacterClass) => (all === 0 ? 0 : characters[each] / all);
  if (share('East Asian') > 0.1) return 'East Asian';
  if (share('other scripts') > 0.1) return 'other scripts';
  if (share('Latin') > 0.1) return 'Latin script';
  if (share('digits') > 0.125) return 'numbers';
  if (share('marks') + share('quotes') <= 0.1) return 'prose';
  return share('quotes') > 0.05 ? 'data' : 'programs';
}

/** Calls `see` with every word of a text in normal form; together the words are the text. Takes time in proportion. */
export function eachWord(text: string, see: (word: string) => void): void {
  word.lastIndex = 0;
  for (let found = word.exec(text); found; found = word.exec(text)) see(found[0]);
}

/**
 * Normal form NFKC, as the vocabulary expects. Sorting a run of combining marks takes quadratic time, so a joiner breaks
 * runs of more than 30, as in the Stream-Safe Text Format of Unicode Standard Annex 15; no natural text has one.
 */
export function normalise(text: string): string {
  if (!/\P{ASCII}/u.test(text)) return text;
  return text.replace(/\p{M}{30}(?=\p{M})/gu, '$&\u034f').normalize('NFKC');
}

/** Scripts whose letters take other numbers of tokens; what is in none of them is `other`. */
const scripts: readonly (readonly [name: string, letters: RegExp])[] = [
  ['Vietnamese', /[\u01a0\u01a1\u01af\u01b0\u1ea0-\u1ef9]/u],
  ['Latin', /\p{Script=Latin}/u],
  ['Han', /\p{Script=Han}/u],
  ['kana', /[\p{Script=Hiragana}\p{Script=Katakana}ー]/u],
  ['Hangul', /\p{Script=Hangul}/u],
  ['Cyrillic', /\p{Script=Cyrillic}/u],
  ['Greek', /\p{Script=Greek}/u],
  ['Arabic', /\p{Script=Arabic}/u],
  ['Hebrew', /\p{Script=Hebrew}/u],
  ['Devanagari', /\p{Script=Devanagari}/u],
  ['Thai', /\p{Script=Thai}/u],
  ['quotes and dashes', /[\u2010-\u2027\u00a0-\u00bf]/u],
  ['East Asian marks', /[\u3000-\u303f]/u],
  ['emoji', /\p{Extended_Pictographic}/u],
  ['drawn lines', /[\u2190-\u25ff]/u],
];

/** Whether a kind corrects what the pieces of a word come to. Where nothing is known of it, it is 0. */
export const isCorrection = (kind: string): boolean => kind.startsWith('word ') || kind.startsWith('pair ');

/** The kinds of the pieces of one word, and corrections for the word as a whole. */
export function kindsOf(word: string, encoder: BytePairEncoder): Kinds {
  const kinds: Kinds = new Map();
  const add = (kind: string, by = 1) => kinds.set(kind, (kinds.get(kind) ?? 0) + by);
  const lead = word.startsWith(' ') && word.length > 1 ? '_' : '';
  const body = lead ? word.slice(1) : word;
  if (/^\s+$/.test(word)) addSpace(word, add);
  else if (/^[0-9]+$/.test(body)) addDigits(lead, body.length, add);
  else if (/^[\x21-\x7e]+$/.test(body)) {
    const ids = encoder.encode(word, 'all');
    if (latinLetters.test(body)) addWhole(body, ids.length, add);
    for (const [at, id] of ids.entries()) {
      const piece = encoder.decode([id]);
      addPiece(piece.trimStart() || piece, at > 0 ? 'inner' : lead || 'bare', id, add);
    }
  } else addForeign(word, encoder, add);
  return kinds;
}

type Add = (kind: string, by?: number) => void;

function addSpace(word: string, add: Add): void {
  const lines = word.split('\n').length - 1;
  const rest = word.length - lines;
  if (lines > 0) {
    add(`lines ${Math.min(lines, 3)}`);
    if (lines > 3) add('more lines', Math.log2(lines / 3));
    if (rest > 0) add('indented');
  } else {
    add(word.includes('\t') ? 'tabs' : 'spaces');
  }
  if (rest > 0) add(`blanks ${Math.min(rest, 8)}`);
  if (rest > 8) add('more blanks', Math.log2(rest / 8));
}

function addDigits(lead: string, length: number, add: Add): void {
  add(`digits${lead} ${Math.min(length, 6)}`);
  if (length > 6) add('more digits', length - 6);
}

function addPiece(piece: string, place: string, id: number, add: Add): void {
  const { length } = piece;
  const rank = Math.min(7, Math.floor(Math.log2(id / 250 + 1)));
  if (/^[a-z]+$/.test(piece)) add(`lower ${place} ${Math.min(length, 9)} rank ${rank}`);
  else if (/^[A-Z][a-z]+$/.test(piece))
    add(`Capital ${place} ${Math.min(length, 8)} rank ${Math.min(rank, 5)}`);
  else if (/^[A-Z]+$/.test(piece)) add(`CAPITALS ${place} ${Math.min(length, 6)}`);
  else if (/^[A-Za-z]+$/.test(piece)) {
    add(`mixed ${place}`);
    add('mixed letters', length);
  } else {
    add(`marks ${place} ${Math.min(length, 4)}`);
    if (length > 4) add('more marks', length - 4);
    if (length < 4) for (const mark of piece) add(`mark ${mark}`);
  }
}

const latinLetters = /^\p{Script=Latin}+$/u;

/** Masked or padded text, such as "xxxxxxxx": no language tells what its one pair of letters costs so many times over. */
const runOfOneLetter = /^(\p{L})\1{3,}$/iu;

/**
 * What a word costs beyond its pieces. The newer vocabularies hold fewer words of other languages than the one that cuts it, and
 * write a capital as a mark of its own: so by capitals and number of pieces, and by each pair of letters that follow each other,
 * without their marks. Pairs tell how foreign a word is.
 */
function addWhole(word: string, pieces: number, add: Add): void {
  if (runOfOneLetter.test(word)) return;
  const shape = /^\p{Ll}+$/u.test(word) ? 'lower' : /^\p{Lu}\p{Ll}+$/u.test(word) ? 'Capital' : 'other';
  add(`word ${shape} of ${Math.min(pieces, 6)}`);
  if (shape === 'other') return;
  const plain = word
    .toLowerCase()
    .normalize('NFD')
    .replace(/\P{ASCII}/gu, '');
  let before = '^';
  for (const letter of plain) {
    add(`pair ${before}${letter}`);
    before = letter;
  }
  add(`pair ${before}$`);
}

/** Words with letters or marks beyond ASCII: by script, how many pieces, characters and bytes. */
function addForeign(word: string, encoder: BytePairEncoder, add: Add): void {
  let script = 'other';
  let letters = 0;
  let plain = 0;
  for (const letter of word) {
    if (letter <= '\u007f') {
      plain += 1;
      continue;
    }
    letters += 1;
    script = scripts.find(([, pattern]) => pattern.test(letter))?.[0] ?? 'other';
    add(`${script} letters`);
  }
  const pieces = encoder.encode(word, 'all').length;
  if (latinLetters.test(word.trimStart())) addWhole(word.trimStart(), pieces, add);
  add(`${script} words`);
  add(`${script} pieces`, pieces);
  if (script === 'Latin' || script === 'Vietnamese') add('Latin length', letters + plain);
  else if (plain > 0) add('plain beside foreign', plain);
}

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
