import { type Category, categories } from '../results/codes.ts';
import type { Cost, LedgerRow } from '../results/summary.ts';
import type { ModelEntry, PriceTier } from './catalogue.ts';

/** What one request was billed for, in tokens. `input` = fresh + cacheWrite + cacheRead. */
export type RequestBill = {
  input: number;
  fresh: number;
  cacheWrite: number;
  cacheRead: number;
  output: number;
};

/** A piece of prompt or response: at least one block for the provider's cache lookback, unless it is mere framing. */
export type Entry = { category: Category; tokens: number; framing?: boolean };

type InputRow = Extract<LedgerRow, { direction: 'input' }>;
type Sums = number[];

type LedgerOptions = {
  minimumCacheTokens: number;
  /** The prices of a request with a prompt of so many tokens; rows carry no cost without it. */
  priceOf?: (promptTokens: number) => PriceTier | undefined;
};

/** Where the tokens of a category may be: in the keys of rows, in the order of a ledger. Output comes last. */
const places = [
  ...['/new/fresh', '/new/cache_write', '/new/cache_read'],
  ...['/resent/fresh', '/resent/cache_write', '/resent/cache_read', ''],
];

/**
 * Books a conversation that only grows, request by request, so that the rows sum to the bill. Cost per request does not
 * depend on the length of the history: sums by category are kept at the few positions where a prompt can be cut.
 */
export class Ledger {
  readonly #cache: CacheModel;
  readonly #priceOf: LedgerOptions['priceOf'];
  /** The prices of the request that is being booked; undefined once one has none. */
  #price: PriceTier | undefined;
  #isPriced: boolean;
  readonly #rows = new Map<string, LedgerRow>();
  readonly #bills: RequestBill[] = [];
  /** Running sums at the end of the timeline, and remembered at the positions that a later request may cut at. */
  readonly #sums: Sums = categories.map(() => 0);
  readonly #marks = new Map<number, { sums: Sums; tokens: number }>();
  #blocks = 0;
  #tokens = 0;
  /** What the model has seen or written already, as a snapshot of the sums. */
  #known: Sums = categories.map(() => 0);
  #context = 0;
  /** The sums as they stood in the request that was booked last. */
  #prompt: Sums = this.#known;

  constructor(options: LedgerOptions) {
    this.#cache = new CacheModel(options.minimumCacheTokens);
    this.#priceOf = options.priceOf;
    this.#isPriced = options.priceOf !== undefined;
    this.#marks.set(0, { sums: [...this.#sums], tokens: 0 });
  }

  /** Adds input at the end of the prompt. With `breakpoint`, the prompt may be cached up to and including it. */
  append(entry: Entry, breakpoint = false): number {
    this.#grow(entry);
    if (breakpoint) this.#marks.set(this.#blocks, { sums: [...this.#sums], tokens: this.#tokens });
    return this.#blocks;
  }

  /** Tokens that the next request would send as input. */
  get pendingInput(): number {
    return this.#tokens;
  }

  /**
   * Books one round trip: the prompt as it stands, cached at `breakpoints` (positions that `append` returned), and its response.
   */
  bookRoundTrip(breakpoints: readonly number[], output: readonly Entry[]): RequestBill {
    const input = this.#tokens;
    this.#price = this.#priceOf?.(input);
    if (!this.#price) this.#isPriced = false;
    const split = this.#cache.serve(breakpoints, (blocks) => this.#mark(blocks).tokens);
    const read = this.#mark(split.readBlock);
    const written = this.#mark(split.writtenBlock);
    this.#bookInput(read.sums, written.sums);
    this.#context = input;
    this.#prompt = [...this.#sums];

    let outputTokens = 0;
    for (const entry of output) {
      outputTokens += entry.tokens;
      this.#add({ category: entry.category, direction: 'output', tokens: entry.tokens });
    }
    const bill = {
      input,
      fresh: input - written.tokens,
      cacheWrite: written.tokens - read.tokens,
      cacheRead: read.tokens,
      output: outputTokens,
    };
    this.#bills.push(bill);
    this.#context += outputTokens;
    for (const entry of output) this.#grow(entry);
    this.#known = [...this.#sums];
    return bill;
  }

  /** Each token counted once: how full the window was after the last booked round trip. */
  get context(): number {
    return this.#context;
  }

  /** What the prompt of the last booked round trip held, by category: its estimated input tokens, without what it has none of. */
  get prompt(): Partial<Record<Category, number>> {
    return Object.fromEntries(
      categories.flatMap((category, index) => (this.#prompt[index] ? [[category, this.#prompt[index]]] : [])),
    );
  }

  get bills(): readonly RequestBill[] {
    return this.#bills;
  }

  /** All rows with tokens in them, in the order of `categories`. */
  rows(): LedgerRow[] {
    return categories
      .flatMap((category) => places.flatMap((place) => this.#rows.get(`${category}${place}`) ?? []))
      .map(({ costUsd, ...row }) => {
        if (!costUsd || !this.#isPriced) return row;
        return { ...row, costUsd: { cached: toUsd(costUsd.cached), uncached: toUsd(costUsd.uncached) } };
      });
  }

  #grow(entry: Entry): void {
    const index = categories.indexOf(entry.category);
    this.#sums[index] = (this.#sums[index] ?? 0) + entry.tokens;
    this.#tokens += entry.tokens;
    if (!entry.framing) this.#blocks += 1;
  }

  #mark(blocks: number): { sums: Sums; tokens: number } {
    const mark = this.#marks.get(blocks);
    if (!mark) throw new Error(`The ledger has no breakpoint at block ${blocks}.`);
    return mark;
  }

  /** Cuts the prompt at the cache's two positions and at the end of what is known, and books each part of each category. */
  #bookInput(read: Sums, written: Sums): void {
    for (const [index, category] of categories.entries()) {
      const total = this.#sums[index] ?? 0;
      const known = this.#known[index] ?? 0;
      const readEnd = read[index] ?? 0;
      const writtenEnd = written[index] ?? 0;
      const cuts: [number, number, InputRow['cache']][] = [
        [0, readEnd, 'cache_read'],
        [readEnd, writtenEnd, 'cache_write'],
        [writtenEnd, total, 'fresh'],
      ];
      for (const [from, to, cache] of cuts) {
        const resent = Math.max(0, Math.min(to, known) - from);
        const row = { category, direction: 'input' as const, cache };
        this.#add({ ...row, history: 'resent', tokens: resent });
        this.#add({ ...row, history: 'new', tokens: to - from - resent });
      }
    }
  }

  #add(row: LedgerRow): void {
    if (row.tokens === 0) return;
    const key = row.direction === 'output' ? row.category : `${row.category}/${row.history}/${row.cache}`;
    const existing = this.#rows.get(key) ?? { ...row, tokens: 0, costUsd: { cached: 0, uncached: 0 } };
    existing.tokens += row.tokens;
    if (this.#price && existing.costUsd) {
      existing.costUsd.cached += row.tokens * perMillion(row, this.#price);
      existing.costUsd.uncached +=
        row.tokens * (row.direction === 'output' ? this.#price.output : this.#price.input);
    }
    this.#rows.set(key, existing);
  }
}

function perMillion(row: LedgerRow, price: PriceTier): number {
  if (row.direction === 'output') return price.output;
  return { fresh: price.input, cache_write: price.cacheWrite5m, cache_read: price.cacheRead }[row.cache];
}

/** From tokens times USD per million, to a ten-thousandth of a millionth of a dollar, so that many rows add up. */
function toUsd(tokensTimesPrice: number): number {
  return Math.round(tokensTimesPrice * 1e4) / 1e10;
}

/**
 * The tier that prices a request: the first whose prompt limit holds. It is chosen by the whole prompt and prices the output too.
 */
export function priceTierFor(model: ModelEntry, promptTokens: number): PriceTier | undefined {
  return model.prices.find((tier) => tier.maxPromptTokens === null || promptTokens <= tier.maxPromptTokens);
}

/**
 * What the requests cost. cached = fresh·input + cacheWrite·cacheWrite5m + cacheRead·cacheRead + output·output, uncached =
 * input·input + output·output, in USD per million tokens; rounded to a millionth of a cent. Null if any request has no price.
 */
export function costOf(model: ModelEntry, bills: readonly RequestBill[]): Cost | null {
  let cached = 0;
  let uncached = 0;
  for (const bill of bills) {
    const price = priceTierFor(model, bill.input);
    if (!price) return null;
    const output = bill.output * price.output;
    cached +=
      bill.fresh * price.input +
      bill.cacheWrite * price.cacheWrite5m +
      bill.cacheRead * price.cacheRead +
      output;
    uncached += bill.input * price.input + output;
  }
  const toUsd = (tokensTimesPrice: number) => Math.round(tokensTimesPrice * 100) / 100_000_000;
  return { cached: toUsd(cached), uncached: toUsd(uncached) };
}

/** How one prompt splits for billing: the first `read` tokens come from the cache, those up to `written` go into it. */
type CacheSplit = { readBlock: number; writtenBlock: number };

/**
 * Which part of each prompt the provider's prompt cache serves, as the Messages API documents it: an entry is the prompt
 * up to a breakpoint; a request looks back at most 20 blocks from each of its breakpoints (the breakpoint's own block is
 * the first) for an entry, reads the longest, and writes what lies between that and its last breakpoint. A prefix shorter
 * than the model's minimum is silently not cached. Every request is taken to follow within the entry's time to live, five
 * minutes; where the modelled time says otherwise, the meter's reading tells.
 *
 * A conversation only grows, so an entry is identified by the number of blocks it spans.
 */
export class CacheModel {
  readonly #minimumTokens: number;
  readonly #entries = new Set<number>();

  constructor(minimumTokens: number) {
    this.#minimumTokens = minimumTokens;
  }

  /**
   * Serves one prompt. `breakpoints` are block counts, rising; `tokensUpTo` gives the tokens of the first n blocks. The
   * prompt's blocks [0, readBlock) are read, [readBlock, writtenBlock) written, the rest is fresh.
   */
  serve(breakpoints: readonly number[], tokensUpTo: (blocks: number) => number): CacheSplit {
    const lookback = 20;
    let readBlock = 0;
    for (const breakpoint of breakpoints) {
      for (let blocks = breakpoint; blocks > breakpoint - lookback && blocks > readBlock; blocks -= 1) {
        if (this.#entries.has(blocks)) {
          readBlock = blocks;
          break;
        }
      }
    }
    let writtenBlock = readBlock;
    for (const breakpoint of breakpoints) {
      if (breakpoint <= readBlock || tokensUpTo(breakpoint) < this.#minimumTokens) continue;
      this.#entries.add(breakpoint);
      writtenBlock = breakpoint;
    }
    return { readBlock, writtenBlock };
  }
}
