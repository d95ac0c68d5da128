import type { Category } from '../results/codes.ts';
import type {
  MessageParam,
  ModelRequest,
  ModelResponse,
  ToolParam,
  ToolResultBlockParam,
} from '../results/messages.ts';
import { type ModelEntry, toolUseSystemTokens } from './catalogue.ts';
import type { Conversation, Piece } from './conversation.ts';
import { type Cost, costOf, priceTierFor } from './cost.ts';
import { type LatencyProfile, modelledMs } from './latency.ts';
import { type Entry, Ledger, type LedgerRow, type RequestBill } from './ledger.ts';
import type { Model } from './model.ts';
import { answering } from './model.ts';
import { type Assumed, billOtherwise, type Otherwise, total, withPrefix } from './otherwise.ts';
import type { TokenCounter } from './token-counter.ts';
import type { Tokenizer } from './tokenizer.ts';

/** The bill of a trial, or of its part up to some point. */
export type Reading = {
  roundTrips: number;
  tokens: {
    /** Each token counted once. */
    context: number;
    /** All input and output of all requests, re-sent history included. */
    billed: number;
    input: number;
    output: number;
    cacheRead: number;
    cacheWrite: number;
  };
  ledger: LedgerRow[];
  /** Tools and system prompt, with which every conversation over these servers begins. */
  prefixTokens: number;
  /**
   * Where a provider counted: its bill minus what the ledger's rows sum to, so that rows + remainder = billed. It is what
   * the estimate could not explain, and may be negative.
   */
  remainder?: number;
  /** Where a provider was to count: responses whose usage it reported, and those it left out (their estimate stands in). */
  usage?: { counted: number; missing: number };
  costUsd: Cost | null;
  modelledMs: number;
  /** Modelled milliseconds between two requests, the most there were, where they are more than the cache keeps an entry. */
  cacheGapMs?: number;
};

/** How long the cache keeps an entry after its last use. */
const cacheTimeToLiveMs = 300_000;

/** A request that the model's window cannot hold. */
export type Overflow = { roundTrip: number; inputTokens: number; contextWindow: number };

/** The request did not fit the window; only thrown where it would really have been sent. */
export class ContextOverflow extends Error {
  override name = 'ContextOverflow';
  readonly overflow: Overflow;
  constructor(overflow: Overflow) {
    super(
      `Request ${overflow.roundTrip} has ${overflow.inputTokens} tokens; the context window holds ${overflow.contextWindow}.`,
    );
    this.overflow = overflow;
  }
}

/** What the meter of one trial is told about the trial. */
export type MeterOptions = {
  model: ModelEntry;
  tokenizer: Tokenizer;
  /** Counts the same conversation once more, to see what depends on how tokens are counted. */
  otherTokenizer?: TokenCounter;
  profile: LatencyProfile;
  /** Which category calls of a tool fall in; tools not named are MCP tools. */
  toolCategories: Record<string, { call: Category; result: Category }>;
  /**
   * Who counts: with `provider` the bill comes from each response's usage and the provider says what fits its window; with
   * `estimate` both come from the ledger.
   */
  countedBy?: 'estimate' | 'provider';
  /** Called when a request does not fit the window, before a scripted trial continues without one. */
  onOverflow?: (overflow: Overflow) => void;
  /** Called for each booked round trip. */
  onRoundTrip?: (bill: RequestBill, roundTrip: number) => void;
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
  readonly #resultCategories = new Map<string, Category>();
  /** Definitions that stay out of the prompt until a reference brings them in. */
  readonly #deferred = new Map<string, string>();
  /** What each request was billed for: as the provider counted, else as estimated. */
  readonly #bills: RequestBill[] = [];
  readonly #usage = { counted: 0, missing: 0 };
  #overflow: { overflow: Overflow; before: Reading } | undefined;
  readonly #other: Meter | undefined;
  /** Everything as it was counted, to be billed again under other assumptions. */
  readonly #conversation: Conversation = { prefix: [], caching: false, turns: [] };
  /** What the next request has that the one before had not. */
  #input: Piece[] = [];

  constructor(options: MeterOptions) {
    this.#options = options;
    const { model, profile, toolCategories, otherTokenizer } = options;
    const tokenizer = { ...options.tokenizer, ...otherTokenizer };
    this.#other = otherTokenizer && new Meter({ model, profile, toolCategories, tokenizer });
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
      const breakpoints = this.#enterRequest(request);
      const other = this.#other;
      const otherBreakpoints = other ? other.#enterRequest(request) : [];
      if (this.#options.countedBy !== 'provider') this.#checkWindow(next.evidence === 'scripted');
      const response = await next.respond(request, signal);
      this.#bookResponse(breakpoints, response);
      if (other) other.#bookResponse(otherBreakpoints, response);
      return response;
    });

  /** Where the trial stands: the number of the next request, and the tokens that it is estimated to have. */
  get pending(): { roundTrip: number; inputTokens: number } {
    return { roundTrip: this.#bills.length + 1, inputTokens: this.#ledger.pendingInput };
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

  /** The whole job as the other tokenizer counts it, window or not; undefined where there is none. */
  otherReading(): (Pick<Reading, 'tokens' | 'costUsd' | 'modelledMs'> & { method: string }) | undefined {
    if (!this.#other) return undefined;
    const { tokens, costUsd, modelledMs } = this.#other.#read();
    return { method: this.#other.#options.tokenizer.method, tokens, costUsd, modelledMs };
  }

  /**
   * What the whole job, window or not, would have been billed under other assumptions. Where a provider counted, these are its
   * bills where they say enough, else the estimate's in proportion to them. Undefined where a request was never answered.
   */
  otherwise(): Otherwise | undefined {
    if (this.#bills.length === 0) return undefined;
    const { model, profile, tokenizer, countedBy } = this.#options;
    const terms = { model, profile, uncertainty: tokenizer.uncertainty.request };
    const estimated = billOtherwise(this.#conversation, terms);
    if (countedBy !== 'provider') return estimated;
    const prefix = { tokens: this.#prefixTokens, minimum: model.minCachePrefix };
    const counted = total(this.#bills, terms);
    const scaled = inProportion(counted, total(this.#ledger.bills, terms));
    const { assumed, sizes } = estimated;
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
    };
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

  /** Adds what the request has that earlier ones had not; returns the positions of its cache breakpoints. */
  #enterRequest(request: ModelRequest): number[] {
    if (!this.#started) {
      this.#enterPrefix(request);
      this.#prefixTokens = this.#ledger.pendingInput;
    }
    this.#started = true;
    this.#input = [];
    for (let index = this.#seenMessages; index < request.messages.length; index += 1) {
      const message = request.messages[index];
      if (message) this.#enterMessage(message, index);
    }
    this.#seenMessages = request.messages.length;
    for (const index of this.#breakpoints.keys()) {
      const message = request.messages[index];
      if (message && !isMarked(message)) this.#breakpoints.delete(index);
    }
    const positions = [...this.#breakpoints.values()];
    return this.#prefixBreakpoint === undefined ? positions : [this.#prefixBreakpoint, ...positions];
  }

  /** Tools come first in a prompt, then the system prompt. */
  #enterPrefix(request: ModelRequest): void {
    for (const tool of request.tools ?? []) {
      const { cache_control: _, defer_loading: deferred, ...definition } = tool as ToolParam;
      if (deferred) this.#deferred.set(definition.name, JSON.stringify(definition));
      else this.#enter('tool_definitions', JSON.stringify(definition));
    }
    if (request.tools?.length) {
      const { tokens } = toolUseSystemTokens(this.#options.model);
      this.#append({ category: 'frame', tokens, framing: true });
    }
    const system = typeof request.system === 'string' ? [{ text: request.system }] : (request.system ?? []);
    for (const block of system) {
      const marked = 'cache_control' in block && Boolean(block.cache_control);
      const position = this.#enter('instructions', block.text, marked);
      if (marked) this.#prefixBreakpoint = position;
    }
    this.#conversation.prefix = this.#input;
    this.#conversation.caching = this.#prefixBreakpoint !== undefined;
  }

  #enterMessage(message: MessageParam, index: number): void {
    const frame = {
      category: 'frame',
      tokens: this.#options.model.messageFrameTokens,
      framing: true,
    } as const;
    // The model's own words entered the ledger when it wrote them; only their frame is new.
    if (message.role === 'assistant') {
      this.#append(frame);
      return;
    }
    this.#append(frame);
    const blocks =
      typeof message.content === 'string'
        ? [{ type: 'text' as const, text: message.content }]
        : message.content;
    for (const [at, block] of blocks.entries()) {
      const marked = at === blocks.length - 1 && isMarked(message);
      const position =
        block.type === 'tool_result'
          ? this.#enter(
              this.#resultCategories.get(block.tool_use_id) ?? 'tool_results',
              this.#resultText(block),
              marked,
              block.tool_use_id,
            )
          : this.#enter('instructions', block.type === 'text' ? block.text : JSON.stringify(block), marked);
      if (marked) this.#breakpoints.set(index, position);
    }
  }

  #bookResponse(breakpoints: number[], response: ModelResponse): void {
    const callsTools = response.content.some((block) => block.type === 'tool_use');
    const output: Piece[] = response.content.map((block) => {
      if (block.type === 'tool_use') {
        const category = this.#options.toolCategories[block.name];
        this.#resultCategories.set(block.id, category?.result ?? 'tool_results');
        return {
          ...this.#count(
            category?.call ?? 'tool_calls',
            JSON.stringify({ name: block.name, input: block.input }),
          ),
          call: block.id,
        };
      }
      if (block.type === 'text') return this.#count(callsTools ? 'reasoning' : 'answer', block.text);
      return this.#count('reasoning', block.type === 'thinking' ? block.thinking : JSON.stringify(block));
    });
    this.#conversation.turns.push({ input: this.#input, output, waiting: response.waiting ?? null });
    const estimate = this.#ledger.bookRoundTrip(breakpoints, output);
    const bill = this.#countedBill(response) ?? estimate;
    this.#bills.push(bill);
    this.#longestMs = Math.max(this.#longestMs, this.#lastMs);
    this.#lastMs = modelledMs(this.#options.profile, bill);
    this.#modelledMs += this.#lastMs;
    this.#options.onRoundTrip?.(bill, this.#bills.length);
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

  /** A reference counts as the definition that the API puts in its place. */
  #resultText(block: ToolResultBlockParam): string {
    if (!Array.isArray(block.content)) return block.content ?? '';
    return block.content
      .map((part) => {
        if (part.type === 'text') return part.text;
        const definition = part.type === 'tool_reference' ? this.#deferred.get(part.tool_name) : undefined;
        return definition ?? JSON.stringify(part);
      })
      .join('\n');
  }

  #count(category: Category, text: string): Entry {
    return { category, tokens: this.#options.tokenizer.count(text) };
  }

  #enter(category: Category, text: string, breakpoint = false, call?: string): number {
    const piece = this.#count(category, text);
    return this.#append(call === undefined ? piece : { ...piece, call }, breakpoint);
  }

  #append(piece: Piece, breakpoint = false): number {
    this.#input.push(piece);
    return this.#ledger.append(piece, breakpoint);
  }
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
  for (const kind of cost ? (['cached', 'uncached'] as const) : []) {
    const [booked, billed] = [
      rows.reduce((sum, row) => sum + (row.costUsd?.[kind] ?? 0), 0),
      cost?.[kind] ?? 0,
    ];
    // The bill is rounded to a millionth of a cent, each row to a hundredth of that.
    if (Math.abs(booked - billed) > 2e-8) {
      throw new Error(`The ledger does not sum to the cost: $${booked} booked, $${billed} billed (${kind}).`);
    }
  }
}

function isMarked(message: MessageParam): boolean {
  const last = typeof message.content === 'string' ? undefined : message.content.at(-1);
  return Boolean(last && 'cache_control' in last && last.cache_control);
}
