import { type Assumption, type Category, type Mistake, mistakes } from '../results/codes.ts';
import type { Assumed, Otherwise } from '../results/summary.ts';
import type { ModelEntry } from './catalogue.ts';
import { type LatencyProfile, modelledMs } from './latency.ts';
import { costOf, type Entry, Ledger, type RequestBill } from './ledger.ts';
import { type Place, placeOf } from './prompt-parts.ts';

/**
 * A piece of a prompt or response as it was counted. `call` ties a tool use and its result together; `places` are the tokens of one
 * where it is the only one of its message, the first, or a later one; `characters` those of a result's text.
 */
export type Piece = Entry & { call?: string; places?: Record<Place, number>; characters?: number };

/** One round trip: what the prompt has that the one before had not, and the response. */
export type Turn = {
  input: Piece[];
  output: Piece[];
  /** Calls that were ready to be asked for too, had the model not kept to a number at once; null where that is unknown. */
  waiting: number | null;
};

/** A conversation as it was counted, whole: all that its bill depends on, so that it can be billed under other assumptions. */
export type Conversation = {
  /** Tools, the provider's own words on them, and the system prompt. */
  prefix: Piece[];
  /** Whether the client asks for caching: of the prefix, of each prompt and of the one before. */
  caching: boolean;
  turns: Turn[];
};

/** How many calls stand in a message, message after message, again from the start at its end. */
export type CallsAtOnce = readonly [number, ...number[]];

/**
 * Calls in one message as real agents ask for them: 31 % of messages with calls have more than one, 1.9 on average (public
 * sessions of one coding agent with a GitHub server). The rule: of thirteen messages nine have one call and four have four
 * (31 %, 1.92 on average), fewer where fewer are ready.
 */
export const observedCalls: CallsAtOnce = [1, 1, 4, 1, 1, 4, 1, 1, 4, 1, 1, 4, 1];

export const oneCall: CallsAtOnce = [1];
export const allCalls: CallsAtOnce = [Number.POSITIVE_INFINITY];

type Call = { asked: Piece; answered: Piece[]; turn: number; readyAt: number };

/**
 * The same conversation with its calls in messages of other sizes: the same pieces and the same order, with the frames of as
 * many messages as it then takes. A call that became ready after the answers to a message is asked for once all calls of that
 * message are answered; that is never sooner than its program would. Undefined where it is unknown which calls were ready.
 */
export function regroup(conversation: Conversation, callsAtOnce: CallsAtOnce): Conversation | undefined {
  const calls = findCalls(conversation.turns);
  const [first] = conversation.turns;
  if (!calls || !first) return undefined;
  if (calls.length === 0) return conversation;
  const { turns } = conversation;
  const lastAsking = Math.max(...calls.map(({ turn }) => turn));
  const frames = turns[1]?.input.filter(({ framing }) => framing) ?? [];
  /** How many calls of each turn have no answer yet. */
  const open = turns.map(() => 0);
  for (const { turn } of calls) open[turn] = (open[turn] ?? 0) + 1;
  const regrouped: Turn[] = [];
  let input = first.input;
  let spoken = -1;
  for (let next = 0; next < calls.length; ) {
    const most = callsAtOnce[regrouped.length % callsAtOnce.length] ?? 1;
    const message: Call[] = [];
    for (let call = calls[next]; call && message.length < most; call = calls[next + message.length]) {
      if (call.readyAt > 0 && (open[call.readyAt - 1] ?? 0) > 0) break;
      message.push(call);
    }
    if (message.length === 0) return undefined;
    const words = message.flatMap(({ turn }) => {
      if (turn <= spoken) return [];
      spoken = turn;
      return turns[turn]?.output.filter(({ call }) => call === undefined) ?? [];
    });
    const asked = message.map((call, at) => place(call.asked, at, message.length));
    regrouped.push({ input, output: [...words, ...asked], waiting: null });
    const answered = message.flatMap((call, at) =>
      call.answered.map((piece) => place(piece, at, message.length)),
    );
    input = [...frames, ...answered];
    for (const { turn } of message) open[turn] = (open[turn] ?? 0) - 1;
    next += message.length;
  }
  const rest = turns.slice(lastAsking + 1).map((turn, index) => (index === 0 ? { ...turn, input } : turn));
  return { ...conversation, turns: [...regrouped, ...rest] };
}

/** The call or result with the tokens that it has in this place of a message. */
function place(piece: Piece, at: number, of: number): Piece {
  return piece.places ? { ...piece, tokens: piece.places[placeOf(at, of)] } : piece;
}

/** All calls in the order in which they were asked for; undefined where it is not known when they were ready. */
function findCalls(turns: readonly Turn[]): Call[] | undefined {
  const answers = Map.groupBy(
    turns.flatMap(({ input }) => input.filter(({ call }) => call !== undefined)),
    ({ call }) => call,
  );
  const calls: Call[] = [];
  /** Turns at which the calls that are not asked for yet became ready, the first to be asked for first. */
  const ready: number[] = [];
  for (const [turn, { output, waiting }] of turns.entries()) {
    const asked = output.filter(({ call }) => call !== undefined);
    if (asked.length === 0) continue;
    if (waiting === null) return undefined;
    const fresh = asked.length + waiting - ready.length;
    if (fresh < 0) return undefined;
    for (let count = 0; count < fresh; count += 1) ready.push(turn);
    for (const piece of asked) {
      calls.push({
        asked: piece,
        answered: answers.get(piece.call) ?? [],
        turn,
        readyAt: ready.shift() ?? turn,
      });
    }
  }
  return calls;
}

/** The same conversation with pieces of these categories so many times as large. */
function scale(conversation: Conversation, factors: Partial<Record<Category, number>>): Conversation {
  const resize = (piece: Piece): Piece => {
    const factor = factors[piece.category];
    return factor === undefined ? piece : { ...piece, tokens: Math.round(piece.tokens * factor) };
  };
  const turns = conversation.turns.map(({ input, output, waiting }) => ({
    input: input.map(resize),
    output: output.map(resize),
    waiting,
  }));
  return { ...conversation, turns };
}

/** The same conversation with more in its prefix, so that this has `tokens`; as it is where it has them. */
function pad(conversation: Conversation, tokens: number): Conversation {
  const missing = tokens - tokensOf(conversation.prefix);
  if (missing <= 0) return conversation;
  const padding: Piece = { category: 'instructions', tokens: missing, framing: true };
  return { ...conversation, prefix: [padding, ...conversation.prefix] };
}

function tokensOf(pieces: readonly Piece[]): number {
  return pieces.reduce((sum, { tokens }) => sum + tokens, 0);
}

/** What the error of a failed program takes: status, name, message and place, and often a line of console output. */
const errorTokens = 150;

/** What a model says that is about to do something: a sentence or two, and the client's "continue". */
const idleTokens = { output: 50, input: 10 };

/** Where a mistake is made: with pieces of which category of a response, and what comes back. */
const mistakeOf: Record<Exclude<Mistake, 'idleRoundTrip'>, { asks: Category; answers: Category }> = {
  failedProgram: { asks: 'code', answers: 'program_output' },
  wastedLookUp: { asks: 'discovery', answers: 'discovery' },
  repeatedCall: { asks: 'tool_calls', answers: 'tool_results' },
};

/**
 * The same conversation with so many mistakes of a kind, each in a round trip of its own, as early as one can be made: before
 * the first program, look-up or call. Each asks with as many tokens as those of its kind have on average, and is answered with
 * as many; a failed program with an error. `at` is the place of the first. Undefined where the conversation has none of the kind.
 */
export function addMistakes(
  conversation: Conversation,
  mistake: Mistake,
  times: number,
): { conversation: Conversation; at: number } | undefined {
  const { turns } = conversation;
  const wasted = wastedTurn(turns, mistake);
  if (!wasted) return undefined;
  const { at, asked, answered } = wasted;
  const turn = turns[at] as Turn;
  // The first message is framed otherwise than one with results.
  const frame = turns.at(1)?.input.find(({ framing }) => framing);
  const answer = [...(frame ? [frame] : []), answered];
  const made = Array.from({ length: times }, (_, time): Turn => {
    return { input: time === 0 ? turn.input : answer, output: [asked], waiting: null };
  });
  const rest = times === 0 ? turn : { ...turn, input: answer };
  const more = [...turns.slice(0, at), ...made, rest, ...turns.slice(at + 1)];
  return { conversation: { ...conversation, turns: more }, at };
}

function wastedTurn(
  turns: readonly Turn[],
  mistake: Mistake,
): { at: number; asked: Piece; answered: Piece } | undefined {
  if (mistake === 'idleRoundTrip') {
    return {
      at: 0,
      asked: { category: 'reasoning', tokens: idleTokens.output },
      answered: { category: 'instructions', tokens: idleTokens.input },
    };
  }
  const { asks, answers } = mistakeOf[mistake];
  const at = turns.findIndex(({ output }) => output.some(({ category }) => category === asks));
  if (at < 0) return undefined;
  const average = (pieces: readonly Piece[]) => Math.round(tokensOf(pieces) / Math.max(1, pieces.length));
  const asked = turns.flatMap(({ output }) => output.filter(({ category }) => category === asks));
  const answered = turns.flatMap(({ input }) => input.filter(({ category }) => category === answers));
  return {
    at,
    asked: { category: asks, tokens: average(asked) },
    answered: {
      category: answers,
      tokens: mistake === 'failedProgram' ? errorTokens : average(answered),
    },
  };
}

export type BillingTerms = {
  model: ModelEntry;
  profile: LatencyProfile;
  /** The relative uncertainty of the count of one request. */
  uncertainty: number;
};

/** Factors by which results are made smaller and larger. Between them, values are interpolated. */
const sizeFactors = [0, 1 / 64, 1 / 16, 1 / 4, 1 / 2, 1, 2, 4, 16, 64];

/**
 * Bills a conversation under every assumption that applies to it. In the number of mistakes a bill is a polynomial of the second
 * degree, from where the prompts of the last three reach the cache minimum; there their list ends, and any further number follows.
 */
export function billOtherwise(conversation: Conversation, terms: BillingTerms): Otherwise {
  const { model, uncertainty } = terms;
  const bills = billAgain(conversation, model);
  const prefix = { tokens: tokensOf(conversation.prefix), minimum: model.minCachePrefix };
  const base = total(bills, terms);
  const changed = (other: Conversation) =>
    other === conversation ? base : total(billAgain(other, model), terms);
  const regrouped = (callsAtOnce: CallsAtOnce) => {
    const other = regroup(conversation, callsAtOnce);
    return other && changed(other);
  };
  const atMinimum = (minimum: number) => total(billAgain(conversation, model, minimum), terms);
  const assumed: Partial<Record<Assumption, Assumed | undefined>> = {
    warm: total(withPrefix(bills, prefix, 'warm'), terms),
    minimumHigher: atMinimum(model.minCachePrefix / (1 + uncertainty)),
    minimumLower: atMinimum(model.minCachePrefix / (1 - uncertainty)),
    padded: changed(pad(conversation, model.minCachePrefix)),
    oneCall: regrouped(oneCall),
    observedCalls: regrouped(observedCalls),
    allCalls: regrouped(allCalls),
  };
  const has = (category: string) =>
    conversation.turns.some(({ input }) => input.some((piece) => piece.category === category));
  const sized = (factors: Parameters<typeof scale>[1]) => changed(scale(conversation, factors));
  const sizes = sizeFactors.map((factor) => {
    if (factor === 1) return { factor, results: base, resultsAndOutput: base };
    const results = has('tool_results') ? sized({ tool_results: factor }) : base;
    const both = has('program_output') ? sized({ tool_results: factor, program_output: factor }) : results;
    return { factor, results, resultsAndOutput: both };
  });
  return {
    assumed: Object.fromEntries(Object.entries(assumed).filter(([, each]) => each !== undefined)),
    sizes: has('tool_results') || has('program_output') ? sizes : [],
    mistakes: Object.fromEntries(
      mistakes.flatMap((mistake) => {
        const totals = billMistakes(conversation, mistake, terms);
        return totals.length > 0 ? [[mistake, totals]] : [];
      }),
    ),
  };
}

/** More would not be told apart: the prompts of so many mistakes are far over any cache minimum. */
const mostBilled = 200;

function billMistakes(conversation: Conversation, mistake: Mistake, terms: BillingTerms): Assumed[] {
  const totals: Assumed[] = [];
  for (let times = 1; times <= mostBilled; times += 1) {
    const made = addMistakes(conversation, mistake, times);
    if (!made) return [];
    const bills = billAgain(made.conversation, terms.model);
    // Further numbers are worked out from differences, which rounded times would not give.
    totals.push({ ...total(bills, terms), modelledMs: timeOf(bills, terms.profile) });
    const third = bills[made.at + times - 3];
    if (times >= 3 && third && third.input >= terms.model.minCachePrefix) break;
  }
  return totals;
}

/** Bills a recorded conversation once more: the breakpoints are those that the client sets. */
export function billAgain(
  { prefix, caching, turns }: Conversation,
  model: Pick<ModelEntry, 'minCachePrefix'>,
  minimumCacheTokens = model.minCachePrefix,
): readonly RequestBill[] {
  const ledger = new Ledger({ minimumCacheTokens });
  let prefixEnd: number | undefined;
  for (const [index, piece] of prefix.entries()) {
    prefixEnd = ledger.append(piece, caching && index === prefix.length - 1);
  }
  const ends: number[] = prefixEnd === undefined ? [] : [prefixEnd];
  for (const { input, output } of turns) {
    for (const [index, piece] of input.entries()) {
      const isLast = index === input.length - 1;
      const end = ledger.append(piece, caching && isLast);
      if (isLast) ends.push(end);
    }
    // The prefix, the prompt before and this one.
    const breakpoints = caching ? [...new Set([...ends.slice(0, 1), ...ends.slice(-2)])] : [];
    ledger.bookRoundTrip(breakpoints, output);
  }
  return ledger.bills;
}

/**
 * The same bills with tools and system prompt in the cache beforehand (`warm`), or not (`cold`). Only the first request
 * differs: it reads what it would have written of them, or the other way round; never more than was written, or read. A prefix
 * shorter than the cache minimum is never cached.
 */
export function withPrefix(
  bills: readonly RequestBill[],
  prefix: { tokens: number; minimum: number },
  state: 'warm' | 'cold',
): readonly RequestBill[] {
  const [first, ...later] = bills;
  if (!first || prefix.tokens < prefix.minimum) return bills;
  const moved =
    state === 'warm'
      ? Math.max(0, Math.min(prefix.tokens - first.cacheRead, first.cacheWrite))
      : -Math.min(prefix.tokens, first.cacheRead);
  return [{ ...first, cacheWrite: first.cacheWrite - moved, cacheRead: first.cacheRead + moved }, ...later];
}

/** What bills come to together. */
export function total(
  bills: readonly RequestBill[],
  { model, profile }: Pick<BillingTerms, 'model' | 'profile'>,
): Assumed {
  return {
    costUsd: costOf(model, bills),
    billed: bills.reduce((sum, { input, output }) => sum + input + output, 0),
    modelledMs: Math.round(timeOf(bills, profile)),
    largestRequest: bills.reduce((most, { input }) => Math.max(most, input), 0),
  };
}

function timeOf(bills: readonly RequestBill[], profile: LatencyProfile): number {
  return bills.reduce((sum, bill) => sum + modelledMs(profile, bill), 0);
}
