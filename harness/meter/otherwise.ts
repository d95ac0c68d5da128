import { type Assumption, type Mistake, mistakes } from '../results/codes.ts';
import type { Assumed, Otherwise } from '../results/summary.ts';
import type { ModelEntry } from './catalogue.ts';
import {
  addMistakes,
  allCalls,
  type Conversation,
  observedCalls,
  oneCall,
  pad,
  regroup,
  scale,
} from './conversation.ts';
import { type LatencyProfile, modelledMs } from './latency.ts';
import { costOf, Ledger, type RequestBill } from './ledger.ts';

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
  const prefixTokens = sumOf(conversation.prefix);
  const prefix = { tokens: prefixTokens, minimum: model.minCachePrefix };
  const base = total(bills, terms);
  const assume = (changed: readonly RequestBill[] | undefined) => changed && total(changed, terms);
  const regrouped = (callsAtOnce: Parameters<typeof regroup>[1]) => {
    const other = regroup(conversation, callsAtOnce);
    return other && (other === conversation ? base : assume(billAgain(other, model)));
  };
  const isShort = prefixTokens < model.minCachePrefix;
  const atMinimum = (minimum: number) => assume(billAgain(conversation, model, minimum));
  const assumed: Partial<Record<Assumption, Assumed | undefined>> = {
    warm: assume(withPrefix(bills, prefix, 'warm')),
    minimumHigher: atMinimum(model.minCachePrefix / (1 + uncertainty)),
    minimumLower: atMinimum(model.minCachePrefix / (1 - uncertainty)),
    padded: isShort ? assume(billAgain(pad(conversation, model.minCachePrefix), model)) : base,
    oneCall: regrouped(oneCall),
    observedCalls: regrouped(observedCalls),
    allCalls: regrouped(allCalls),
  };
  const has = (category: string) =>
    conversation.turns.some(({ input }) => input.some((piece) => piece.category === category));
  const sized = (factors: Parameters<typeof scale>[1]) =>
    total(billAgain(scale(conversation, factors), model), terms);
  const sizes = sizeFactors.map((factor) => {
    if (factor === 1) return { factor, results: base, resultsAndOutput: base };
    const results = has('tool_results') ? sized({ tool_results: factor }) : base;
    return {
      factor,
      results,
      resultsAndOutput: has('program_output')
        ? sized({ tool_results: factor, program_output: factor })
        : results,
    };
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

function sumOf(pieces: readonly { tokens: number }[]): number {
  return pieces.reduce((sum, { tokens }) => sum + tokens, 0);
}
