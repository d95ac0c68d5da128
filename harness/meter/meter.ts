import { number } from '../numbers.ts';
import { type Category, categories } from '../results/codes.ts';
import type { ModelRequest, ModelResponse } from '../results/messages.ts';
import type { Assumed, ClientBill, Cost, LedgerRow, Otherwise, Result } from '../results/summary.ts';
import type { ModelEntry } from './catalogue.ts';
import type { ClientProfile } from './clients.ts';
import { billAsClient } from './clients.ts';
import type { Conversation, Piece } from './conversation.ts';
import { billOtherwise, total, withPrefix } from './conversation.ts';
import { type LatencyProfile, modelledMs } from './latency.ts';
import { costOf, Ledger, priceTierFor, type RequestBill } from './ledger.ts';
import { answering, type Model } from './model.ts';
import { countPart, isMarkedMessage, type Part, PromptParts, type ToolCategories } from './prompt-parts.ts';
import { addCounts, type Count, noTokens, type TokenCounter, toRange } from './token-counter.ts';

/** The bill of a trial, or of its part up to some point. */
export type Reading = Pick<
  Result,
  'roundTrips' | 'tokens' | 'ledger' | 'remainder' | 'estimatedBilled' | 'costUsd' | 'cacheGapMs'
> & {
  /** Tools and system prompt, with which every conversation over these servers begins. */
  prefixTokens: number;
  /** Where a provider was to count: responses whose usage it reported, and those it left out (their estimate stands in). */
  usage?: { counted: number; missing: number };
  modelledMs: number;
};

/** How long the cache keeps an entry after its last use. */
const cacheTimeToLiveMs = 300_000;

/** A request that the model's window cannot hold. */
export type Overflow = NonNullable<Result['overflow']>;

/** An overflow as a sentence, for people. */
export function describeOverflow({ roundTrip, inputTokens, contextWindow }: Overflow): string {
  return `Request ${number(roundTrip)} has ${number(inputTokens)} tokens; the context window holds ${number(contextWindow)}.`;
}

/** The request did not fit the window; only thrown where it would really have been sent. */
export class ContextOverflow extends Error {
  override name = 'ContextOverflow';
  readonly overflow: Overflow;
  constructor(overflow: Overflow) {
    super(describeOverflow(overflow));
    this.overflow = overflow;
  }
}

/** What the meter of one trial is told about the trial. */
type MeterOptions = {
  model: ModelEntry;
  counter: TokenCounter;
  profile: LatencyProfile;
  /** Which category calls of a tool fall in; tools not named are MCP tools. */
  toolCategories: ToolCategories;
  /**
   * Who counts: with `provider` the bill comes from each response's usage and the provider says what fits its window; with
   * `estimate` both come from the ledger.
   */
  countedBy?: 'estimate' | 'provider';
  /** Called when a request does not fit the window, before a scripted trial continues without one. */
  onOverflow?: (overflow: Overflow) => void;
  /** Called for each booked round trip; `prompt` is what its request held by category, as estimated. */
  onRoundTrip?: (bill: RequestBill, roundTrip: number, prompt: Partial<Record<Category, number>>) => void;
};

/** Meters one trial: a model middleware that books every round trip in a ledger, counting each block once. */
export class Meter {
  readonly #options: MeterOptions;
  readonly #ledger: Ledger;
  #modelledMs = 0;
  /** Of the last response, and the most that any other took. */
  #lastMs = 0;
  #longestMs = 0;
  #started = false;
  #seenMessages = 0;
  /** Position in the ledger of each message that carries a cache breakpoint, by its index in the history. */
  readonly #breakpoints = new Map<number, number>();
  #prefixBreakpoint: number | undefined;
  #prefixTokens = 0;
  readonly #parts: PromptParts;
  /** What was counted, each part once. */
  readonly #counts = new Map<Category, Count>();
  /** By how much the estimate alone is above what was counted: of the prompt so far, and of all that was billed. */
  #promptExcess = 0;
  #billedExcess = 0;
  /** What each request was billed for: as the provider counted, else as estimated. */
  readonly #bills: RequestBill[] = [];
  readonly #usage = { counted: 0, missing: 0 };
  #overflow: { overflow: Overflow; before: Reading } | undefined;
  /** Everything as it was counted, to be billed again under other assumptions. */
  readonly #conversation: Conversation = { prefix: [], caching: false, turns: [] };
  /** What the next request has that the one before had not. */
  #input: Piece[] = [];

  constructor(options: MeterOptions) {
    this.#options = options;
    const { model } = options;
    this.#parts = new PromptParts(model, options.toolCategories);
    this.#ledger = new Ledger({
      minimumCacheTokens: model.minCachePrefix,
      priceOf: (promptTokens) => priceTierFor(model, promptTokens),
    });
  }

  /**
   * Wraps the model. A request beyond the window ends a live trial with `ContextOverflow`; a scripted one goes on, so that
   * the reading can also tell what the whole job would have billed.
   */
  readonly middleware = (next: Model): Model =>
    answering(next, async (request, signal) => {
      const { counter } = this.#options;
      const parts = this.#takeApart(request);
      await counter.prepare?.(textsOf([...parts.prefix, ...parts.messages.flat()]), signal);
      const breakpoints = this.#enterRequest(request, parts);
      if (this.#options.countedBy !== 'provider') this.#checkWindow(next.evidence === 'scripted');
      const response = await next.respond(request, signal);
      const output = this.#parts.response(response);
      await counter.prepare?.(textsOf(output), signal);
      this.#bookResponse(breakpoints, response, output);
      return response;
    });

  /** Where the trial stands: the number of the next request, and the tokens that it is estimated to have. */
  get pending(): { roundTrip: number; inputTokens: number } {
    return { roundTrip: this.#bills.length + 1, inputTokens: this.#ledger.pendingInput };
  }

  /** Time that passes between two requests besides that of the model, in modelled milliseconds. */
  waited(ms: number): void {
    this.#lastMs += ms;
  }

  /** What was billed: up to the overflow if there was one, else all of it. */
  reading(): Reading {
    return this.#overflow?.before ?? this.#read();
  }

  /** Whether a request did not fit. */
  get hasOverflowed(): boolean {
    return this.#overflow !== undefined;
  }

  /** Present when a request did not fit: where, and what the whole job would have billed had there been no window. */
  overflow(): (Overflow & { hypothetical: Reading }) | undefined {
    return this.#overflow && { ...this.#overflow.overflow, hypothetical: this.#read() };
  }

  /** What the whole job was counted for, window or not, by category and each part once; in the order of `categories`. */
  counts(): NonNullable<Result['counts']> {
    return categories.flatMap((category) => {
      const count = this.#counts.get(category);
      if (!count) return [];
      const { estimated, counted, drift, variance } = count;
      return [{ category, ...toRange(count), estimated, counted, drift, variance }];
    });
  }

  /**
   * What the whole job, window or not, would have been billed under other assumptions. Where a provider counted, these are its
   * bills where they say enough, else the estimate's in proportion to them. Undefined where a request was never answered.
   */
  otherwise(): Otherwise | undefined {
    if (this.#bills.length === 0) return undefined;
    const { model, profile, countedBy } = this.#options;
    const terms = { model, profile, uncertainty: relative(addCounts(this.#counts.values())) };
    const estimated = billOtherwise(this.#conversation, terms);
    if (countedBy !== 'provider') return estimated;
    const prefix = { tokens: this.#prefixTokens, minimum: model.minCachePrefix };
    const counted = total(this.#bills, terms);
    const scaled = inProportion(counted, total(this.#ledger.bills, terms));
    const { assumed, sizes, mistakes } = estimated;
    return {
      assumed: {
        ...Object.fromEntries(Object.entries(assumed).map(([name, each]) => [name, scaled(each)])),
        warm: total(withPrefix(this.#bills, prefix, 'warm'), terms),
        cold: total(withPrefix(this.#bills, prefix, 'cold'), terms),
      },
      sizes: sizes.map(({ factor, results, resultsAndOutput }) => ({
        factor,
        results: scaled(results),
        resultsAndOutput: scaled(resultsAndOutput),
      })),
      mistakes: Object.fromEntries(
        Object.entries(mistakes).map(([mistake, each]) => [mistake, each.map(scaled)]),
      ),
    };
  }

  /** What the whole job, window or not, would have been billed in a client; undefined where a request was never answered. */
  asClient(client: ClientProfile): ClientBill | undefined {
    if (this.#bills.length === 0) return undefined;
    const { model, profile, counter } = this.#options;
    const before = client.listedNames.value;
    const list = this.#parts.deferredNames.map((name) => `${before}${name}`).join('\n');
    const names = before === undefined ? 0 : counter.count(list);
    return billAsClient(this.#conversation, client, names, { model, profile });
  }

  #read(): Reading {
    const bills = this.#bills;
    const provider = this.#options.countedBy === 'provider';
    const sum = (pick: (bill: RequestBill) => number) => bills.reduce((total, bill) => total + pick(bill), 0);
    const input = sum((bill) => bill.input);
    const output = sum((bill) => bill.output);
    const ledger = this.#ledger.rows();
    const billed = input + output;
    const booked = ledger.reduce((total, row) => total + row.tokens, 0);
    const estimated = this.#ledger.bills.reduce((total, bill) => total + bill.input + bill.output, 0);
    if (booked !== estimated) {
      throw new Error(`The ledger does not sum to the bill: ${booked} tokens booked, ${estimated} billed.`);
    }
    assertPriced(ledger, costOf(this.#options.model, this.#ledger.bills));
    const last = bills.at(-1);
    return {
      roundTrips: bills.length,
      tokens: {
        context: provider && last ? last.input + last.output : this.#ledger.context,
        billed,
        input,
        output,
        cacheRead: sum((bill) => bill.cacheRead),
        cacheWrite: sum((bill) => bill.cacheWrite),
      },
      ledger,
      prefixTokens: this.#prefixTokens,
      ...(provider && { remainder: billed - booked, usage: { ...this.#usage } }),
      ...(provider && this.#options.counter.estimate && { estimatedBilled: booked + this.#billedExcess }),
      costUsd: costOf(this.#options.model, bills),
      modelledMs: Math.round(this.#modelledMs),
      ...(!provider && this.#longestMs > cacheTimeToLiveMs && { cacheGapMs: Math.round(this.#longestMs) }),
    };
  }

  #checkWindow(goOn: boolean): void {
    const { contextWindow } = this.#options.model;
    const inputTokens = this.#ledger.pendingInput;
    if (inputTokens <= contextWindow || this.#overflow) return;
    const overflow = { roundTrip: this.#ledger.bills.length + 1, inputTokens, contextWindow };
    this.#overflow = { overflow, before: this.#read() };
    this.#options.onOverflow?.(overflow);
    if (!goOn) throw new ContextOverflow(overflow);
  }

  /** What the request has that earlier ones had not. */
  #takeApart(request: ModelRequest): { prefix: Part[]; messages: Part[][] } {
    return {
      prefix: this.#started ? [] : this.#parts.prefix(request),
      messages: request.messages.slice(this.#seenMessages).map((message) => this.#parts.message(message)),
    };
  }

  /** Adds these parts to the prompt; returns the positions of its cache breakpoints. */
  #enterRequest(
    request: ModelRequest,
    { prefix, messages }: { prefix: Part[]; messages: Part[][] },
  ): number[] {
    if (!this.#started) {
      for (const part of prefix) {
        const position = this.#enter(part);
        if (part.isMarked) this.#prefixBreakpoint = position;
      }
      this.#conversation.prefix = this.#input;
      this.#conversation.caching = this.#prefixBreakpoint !== undefined;
      this.#prefixTokens = this.#ledger.pendingInput;
      this.#started = true;
    }
    this.#input = [];
    this.#promptExcess += excessOf([...prefix, ...messages.flat()], this.#options.counter);
    for (const [at, parts] of messages.entries()) {
      for (const part of parts) {
        const position = this.#enter(part);
        if (part.isMarked) this.#breakpoints.set(this.#seenMessages + at, position);
      }
    }
    this.#seenMessages = request.messages.length;
    for (const index of this.#breakpoints.keys()) {
      const message = request.messages[index];
      if (message && !isMarkedMessage(message)) this.#breakpoints.delete(index);
    }
    const positions = [...this.#breakpoints.values()];
    return this.#prefixBreakpoint === undefined ? positions : [this.#prefixBreakpoint, ...positions];
  }

  #bookResponse(breakpoints: number[], response: ModelResponse, parts: readonly Part[]): void {
    const output = parts.map((part) => this.#count(part));
    // The prompt with this response is billed now, and is the beginning of the next one.
    this.#promptExcess += excessOf(parts, this.#options.counter);
    this.#billedExcess += this.#promptExcess;
    this.#conversation.turns.push({ input: this.#input, output, waiting: response.waiting ?? null });
    const estimate = this.#ledger.bookRoundTrip(breakpoints, output);
    const bill = this.#countedBill(response) ?? estimate;
    this.#bills.push(bill);
    this.#longestMs = Math.max(this.#longestMs, this.#lastMs);
    this.#lastMs = modelledMs(this.#options.profile, bill);
    this.#modelledMs += this.#lastMs;
    this.#options.onRoundTrip?.(bill, this.#bills.length, this.#ledger.prompt);
  }

  /** What the provider says that one request took; undefined where it did not count. */
  #countedBill({ usage }: ModelResponse): RequestBill | undefined {
    if (this.#options.countedBy !== 'provider') return undefined;
    if (!usage) {
      this.#usage.missing += 1;
      return undefined;
    }
    this.#usage.counted += 1;
    const cacheWrite = usage.cache_creation_input_tokens ?? 0;
    const cacheRead = usage.cache_read_input_tokens ?? 0;
    const fresh = usage.input_tokens;
    return {
      input: fresh + cacheWrite + cacheRead,
      fresh,
      cacheWrite,
      cacheRead,
      output: usage.output_tokens,
    };
  }

  /** Counts a part once; what is counted is also known by category. */
  #count(part: Part): Piece {
    const { text, name, markup, placed, isMarked: _, ...piece } = part;
    const { counter } = this.#options;
    const count = countPart(part, counter);
    this.#counts.set(piece.category, addCounts([this.#counts.get(piece.category) ?? noTokens, count]));
    if (!placed) return { ...piece, tokens: count.tokens };
    const bare = counter.count(text) + markup;
    const named = bare + (name === undefined ? 0 : counter.count(name));
    const { alone, first, later } = placed.markup;
    return {
      ...piece,
      tokens: count.tokens,
      ...(name !== undefined && { characters: text.length }),
      places: { alone: bare + alone, first: named + first, later: named + later },
    };
  }

  #enter(part: Part): number {
    const piece = this.#count(part);
    this.#input.push(piece);
    return this.#ledger.append(piece, part.isMarked);
  }
}

/** The half of a count's range, as a share of it. */
function relative(count: Count): number {
  const { tokens, low, high } = toRange(count);
  return tokens === 0 ? 0 : (high - low) / 2 / tokens;
}

/** What an estimate comes to in proportion to what a provider counted of the same. */
function inProportion(counted: Assumed, estimated: Assumed): (assumed: Assumed) => Assumed {
  const share = (own: number | undefined, of: number | undefined) => (own && of ? own / of : 1);
  const [cached, uncached] = (['cached', 'uncached'] as const).map((kind) =>
    share(counted.costUsd?.[kind], estimated.costUsd?.[kind]),
  ) as [number, number];
  const billed = share(counted.billed, estimated.billed);
  const modelled = share(counted.modelledMs, estimated.modelledMs);
  const largest = share(counted.largestRequest, estimated.largestRequest);
  return ({ costUsd, ...each }) => ({
    costUsd: costUsd && {
      cached: Math.round(costUsd.cached * cached * 1e8) / 1e8,
      uncached: Math.round(costUsd.uncached * uncached * 1e8) / 1e8,
    },
    billed: Math.round(each.billed * billed),
    modelledMs: Math.round(each.modelledMs * modelled),
    largestRequest: Math.round(each.largestRequest * largest),
  });
}

/** The rows are priced request by request, as the bill is, so that they sum to it. */
function assertPriced(rows: readonly LedgerRow[], cost: Cost | null): void {
  if (!cost) return;
  for (const kind of ['cached', 'uncached'] as const) {
    const booked = rows.reduce((sum, row) => sum + (row.costUsd?.[kind] ?? 0), 0);
    // The bill is rounded to a millionth of a cent, each row to a hundredth of that.
    if (Math.abs(booked - cost[kind]) > 2e-8) {
      throw new Error(
        `The ledger does not sum to the cost: $${booked} booked, $${cost[kind]} billed (${kind}).`,
      );
    }
  }
}

/** Tokens by which an estimate is above the exact counts of the same; 0 where there are none. */
function excessOf(parts: readonly Part[], { estimate, count }: TokenCounter): number {
  if (!estimate) return 0;
  return parts.reduce((sum, { text }) => sum + estimate.count(text) - count(text), 0);
}

function textsOf(parts: readonly Part[]): string[] {
  return parts.flatMap(({ text, name }) => (name === undefined ? [text] : [text, name]));
}
