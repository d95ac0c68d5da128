import { describe, expect, test } from 'vitest';
import { mistakes } from '../results/codes.ts';
import { findModel } from './catalogue.ts';
import {
  addMistakes,
  allCalls,
  billAgain,
  billOtherwise,
  type Conversation,
  observedCalls,
  oneCall,
  type Piece,
  regroup,
  total,
  withPrefix,
} from './conversation.ts';
import { findLatencyProfile } from './latency.ts';
import { CacheModel, Ledger } from './ledger.ts';

const model = findModel('claude-sonnet-5');
const terms = { model, profile: findLatencyProfile('default'), uncertainty: 0.1 };

const frame: Piece = { category: 'frame', tokens: 6, framing: true };
const ask = (call: string): Piece => ({ category: 'tool_calls', tokens: 20, call });
const answer = (call: string, tokens = 300): Piece => ({ category: 'tool_results', tokens, call });
const answers = (...calls: string[]) => [frame, frame, ...calls.map((call) => answer(call))];
const names = (prefix: string, count: number) => Array.from({ length: count }, (_, at) => `${prefix}${at}`);

/** `prefixTokens` of tools and system prompt, then messages of calls, then an answer. */
function converse(prefixTokens: number, messages: { calls: string[]; waiting: number }[]): Conversation {
  let input: Piece[] = [frame, { category: 'instructions', tokens: 50 }];
  const turns = messages.map(({ calls, waiting }) => {
    const turn = { input, output: calls.map(ask), waiting };
    input = answers(...calls);
    return turn;
  });
  const prefix: Piece[] = [
    { category: 'tool_definitions', tokens: prefixTokens - 100 },
    { category: 'instructions', tokens: 100 },
  ];
  return {
    prefix,
    caching: true,
    turns: [...turns, { input, output: [{ category: 'answer', tokens: 10 }], waiting: 0 }],
  };
}

const sizes = (conversation: Conversation | undefined) =>
  conversation?.turns.map(({ output }) => output.filter(({ call }) => call).length).slice(0, -1);

describe('calls in other messages', () => {
  // 25 calls that are ready at once, by a client that takes ten.
  const calls = names('c', 25);
  const fan = converse(2000, [
    { calls: calls.slice(0, 10), waiting: 15 },
    { calls: calls.slice(10, 20), waiting: 5 },
    { calls: calls.slice(20), waiting: 0 },
  ]);
  // Twelve calls, each followed by one that needs its result.
  const [first, then] = [names('a', 12), names('b', 12)];
  const chain = converse(2000, [
    { calls: first.slice(0, 10), waiting: 2 },
    { calls: [...first.slice(10), ...then.slice(0, 8)], waiting: 2 },
    { calls: then.slice(8), waiting: 0 },
  ]);

  test('are as many as are ready, or one, or as real agents ask', () => {
    expect(sizes(regroup(fan, allCalls))).toEqual([25]);
    expect(sizes(regroup(fan, oneCall))).toEqual(Array.from({ length: 25 }, () => 1));
    expect(sizes(regroup(fan, observedCalls))).toEqual([1, 1, 4, 1, 1, 4, 1, 1, 4, 1, 1, 4, 1]);
  });

  test('come after what they need, and not sooner', () => {
    expect(sizes(regroup(chain, oneCall))).toHaveLength(24);
    // b10 and b11 follow a10 and a11, which were asked for in one message with b0 to b7.
    expect(sizes(regroup(chain, allCalls))).toEqual([12, 10, 2]);
  });

  test('in messages as they were are the same conversation, to the token', () => {
    for (const conversation of [fan, chain]) {
      expect(regroup(conversation, [10])?.turns.map(({ input, output }) => ({ input, output }))).toEqual(
        conversation.turns.map(({ input, output }) => ({ input, output })),
      );
    }
  });

  test('are unknown where the calls that were ready were not reported', () => {
    const live = { ...fan, turns: fan.turns.map((turn) => ({ ...turn, waiting: null })) };
    expect(regroup(live, allCalls)).toBeUndefined();
    expect(billOtherwise(live, terms).assumed.allCalls).toBeUndefined();
  });
});

describe('a conversation billed again', () => {
  test('with a warm prefix reads what it would have written of it, and no more', () => {
    const conversation = converse(2000, [{ calls: ['a'], waiting: 0 }]);
    const bills = billAgain(conversation, model);
    // Request 1: 2,000 + 6 + 50, all written. Warm, 2,000 are read for 0.20 instead of written for 2.50 USD per million.
    expect(bills[0]).toMatchObject({ input: 2056, cacheWrite: 2056, cacheRead: 0 });
    const warm = billOtherwise(conversation, terms).assumed.warm?.costUsd?.cached ?? 0;
    expect(warm).toBeCloseTo((total(bills, terms).costUsd?.cached ?? 0) - (2000 * 2.3) / 1e6, 8);
  });

  test('with a warm prefix is what the cache would do with an entry of it', () => {
    const { prefix, turns } = converse(2000, [{ calls: ['a', 'b'], waiting: 0 }]);
    const cache = new CacheModel(model.minCachePrefix);
    const tokens = (pieces: readonly Piece[]) => pieces.reduce((sum, piece) => sum + piece.tokens, 0);
    const prefixTokens = tokens(prefix);
    cache.serve([2], () => prefixTokens);
    const first = tokens(turns[0]?.input ?? []);
    const split = cache.serve([2, 3], (blocks) => prefixTokens + (blocks === 3 ? first : 0));
    expect(split).toEqual({ readBlock: 2, writtenBlock: 3 });
    const bills = billAgain({ prefix, caching: true, turns }, model);
    expect(
      withPrefix(bills, { tokens: prefixTokens, minimum: model.minCachePrefix }, 'warm')[0],
    ).toMatchObject({
      cacheRead: prefixTokens,
      cacheWrite: first,
    });
  });

  test('saves nothing warm where it was warm, too short, or not cached, and cold is the way back', () => {
    const bill = { input: 3000, fresh: 0, cacheWrite: 500, cacheRead: 2500, output: 10 };
    const prefix = { tokens: 2500, minimum: 1024 };
    expect(withPrefix([bill], prefix, 'warm')).toEqual([bill]);
    expect(withPrefix([bill], prefix, 'cold')).toEqual([{ ...bill, cacheWrite: 3000, cacheRead: 0 }]);
    // More was estimated of the prefix than the provider wrote of anything.
    const small = { ...bill, cacheWrite: 500, cacheRead: 0, fresh: 2500 };
    expect(withPrefix([small], prefix, 'warm')).toEqual([{ ...small, cacheWrite: 0, cacheRead: 500 }]);
    expect(withPrefix([small], { tokens: 1000, minimum: 1024 }, 'warm')).toEqual([small]);
    const uncached = { ...bill, cacheWrite: 0, cacheRead: 0, fresh: 3000 };
    expect(withPrefix([uncached], prefix, 'warm')).toEqual([uncached]);
  });

  test('shows the cliff of the cache minimum: a prompt of 1,000 tokens that counts for 10 % more is cached', () => {
    // 950 + 6 + 50 = 1,006 tokens in request 1, under the minimum of 1,024; request 2 has 1,338.
    const conversation = converse(950, [{ calls: ['a'], waiting: 0 }]);
    const { assumed } = billOtherwise(conversation, terms);
    const usd = (name: keyof typeof assumed) => assumed[name]?.costUsd?.cached ?? 0;
    const later = 20 + 12 + 300;
    const output = 30 * 10;
    // Now: request 1 fresh, request 2 all written.
    const now = (1006 * 2 + (1006 + later) * 2.5 + output) / 1e6;
    expect(usd('minimumLower')).toBeCloseTo(now, 8);
    // Counted for more: request 1 written, request 2 reads it.
    expect(usd('minimumHigher')).toBeCloseTo((1006 * 2.5 + 1006 * 0.2 + later * 2.5 + output) / 1e6, 8);
    // Padded by 74 tokens, which are written once and read once.
    expect(usd('padded')).toBeCloseTo((1080 * 2.5 + 1080 * 0.2 + later * 2.5 + output) / 1e6, 8);
  });

  test('with larger results pays for them as often as they travel, and tells with what programs show of them', () => {
    const { sizes: bySize } = billOtherwise(converse(2000, [{ calls: ['a'], waiting: 0 }]), terms);
    const at = (factor: number) => bySize.find((each) => each.factor === factor);
    const usd = (factor: number) => at(factor)?.results.costUsd?.cached ?? 0;
    expect(usd(4) - usd(1)).toBeCloseTo((900 * 2.5) / 1e6, 8);
    expect(at(0)?.results.billed).toBe((at(1)?.results.billed ?? 0) - 300);
    expect(at(4)?.resultsAndOutput).toEqual(at(4)?.results);
    expect(at(4)?.results.largestRequest).toBe(2056 + 20 + 12 + 1200);
  });

  test('regrouped has what stands around calls and results in the new messages', () => {
    const asked = { alone: 30, first: 30, later: 10 };
    const answered = { alone: 40, first: 60, later: 50 };
    const call = (id: string, at: number): Piece => ({
      category: 'tool_calls',
      tokens: at === 0 ? asked.first : asked.later,
      call: id,
      places: asked,
    });
    const answer = (id: string, at: number): Piece => ({
      category: 'tool_results',
      tokens: at === 0 ? answered.first : answered.later,
      call: id,
      places: answered,
    });
    const conversation: Conversation = {
      prefix: [],
      caching: false,
      turns: [
        { input: [frame], output: [call('a', 0), call('b', 1)], waiting: 0 },
        {
          input: [frame, answer('a', 0), answer('b', 1)],
          output: [{ category: 'answer', tokens: 5 }],
          waiting: 0,
        },
      ],
    };
    const tokensAt = (callsAtOnce: Parameters<typeof regroup>[1]) =>
      regroup(conversation, callsAtOnce)?.turns.flatMap(({ input, output }) =>
        [...input, ...output].filter((piece) => piece.call !== undefined).map(({ tokens }) => tokens),
      );
    expect(tokensAt(oneCall)).toEqual([30, 40, 30, 40]);
    expect(tokensAt(allCalls)).toEqual([30, 10, 60, 50]);
  });

  test('with a failed program writes it, gets an error of 150 tokens, and sends both again', () => {
    const prefix: Piece[] = [{ category: 'instructions', tokens: 2000 }];
    const program: Piece = { category: 'code', tokens: 200, call: 'p' };
    const output: Piece = { category: 'program_output', tokens: 100, call: 'p' };
    const conversation: Conversation = {
      prefix,
      caching: true,
      turns: [
        { input: [frame, { category: 'instructions', tokens: 50 }], output: [program], waiting: 0 },
        { input: [frame, frame, output], output: [{ category: 'answer', tokens: 10 }], waiting: 0 },
      ],
    };
    const more = billOtherwise(conversation, terms).mistakes.failedProgram?.[0]?.costUsd?.cached ?? 0;
    const base = total(billAgain(conversation, model), terms).costUsd?.cached ?? 0;
    // Written for 10 USD; program, error and frame (356) written to the cache, and read once; the prompt (2,056) read once more.
    expect(more - base).toBeCloseTo((200 * 10 + 356 * 2.5 + 356 * 0.2 + 2056 * 0.2) / 1e6, 8);
  });

  test.each(mistakes.flatMap((mistake) => [2000, 200].map((prefixTokens) => ({ mistake, prefixTokens }))))(
    'of $mistake any number costs what the last that were billed say, prefix of $prefixTokens',
    (each) => {
      const { mistake, prefixTokens } = each;
      const piece = (category: Piece['category'], tokens: number, call?: string): Piece => ({
        category,
        tokens,
        ...(call !== undefined && { call }),
      });
      const turns = [
        { input: [frame, piece('instructions', 50)], output: [piece('discovery', 40)], waiting: 0 },
        { input: [frame, piece('discovery', 300)], output: [piece('tool_calls', 80, 'a')], waiting: 0 },
        { input: [frame, piece('tool_results', 90, 'a')], output: [piece('code', 200)], waiting: 0 },
        { input: [frame, piece('program_output', 100)], output: [piece('answer', 10)], waiting: 0 },
      ];
      const prefix = [piece('instructions', prefixTokens)];
      const conversation: Conversation = { prefix, caching: true, turns };
      const bill = (times: number) => {
        const made = addMistakes(conversation, mistake, times);
        return made ? (total(billAgain(made.conversation, model), terms).costUsd?.cached ?? 0) : 0;
      };
      const timeWith = (times: number) => {
        const made = addMistakes(conversation, mistake, times);
        return made ? total(billAgain(made.conversation, model), terms).modelledMs : 0;
      };
      const billed = billOtherwise(conversation, terms).mistakes[mistake] ?? [];
      const usd = billed.map(({ costUsd }) => costUsd?.cached ?? 0);
      expect(usd.length).toBeGreaterThanOrEqual(3);
      for (const times of [usd.length, usd.length + 1, usd.length + 10, usd.length + 500]) {
        const beyond = times - (usd.length - 2);
        const at = ([first = 0, second = 0, third = 0]: number[]) =>
          first + beyond * (second - first) + ((beyond * (beyond - 1)) / 2) * (third - 2 * second + first);
        expect(bill(times)).toBeCloseTo(at(usd.slice(-3)), 5);
        expect(bill(times)).toBeGreaterThan(bill(times - 1));
        expect(
          Math.abs(timeWith(times) - at(billed.slice(-3).map(({ modelledMs }) => modelledMs))),
        ).toBeLessThan(1);
      }
      expect(bill(0)).toBeCloseTo(total(billAgain(conversation, model), terms).costUsd?.cached ?? 0, 8);
    },
  );
});

test('rows of a ledger are priced by the tier of each request, so that they sum to the bill', () => {
  const haiku = findModel('claude-haiku-5-5');
  const ledger = new Ledger({
    minimumCacheTokens: 512,
    priceOf: (prompt) => haiku.prices.find(({ maxPromptTokens: most }) => most === null || prompt <= most),
  });
  ledger.append({ category: 'instructions', tokens: 60_000 });
  ledger.bookRoundTrip([], [{ category: 'tool_calls', tokens: 100 }]);
  ledger.append({ category: 'tool_results', tokens: 60_000 });
  ledger.bookRoundTrip([], [{ category: 'answer', tokens: 200 }]);
  const cost = (category: string, direction: string) =>
    ledger
      .rows()
      .filter((row) => row.category === category && row.direction === direction)
      .reduce((sum, { costUsd }) => sum + (costUsd?.cached ?? 0), 0);
  // Up to 100,000 tokens 0.10 in and 0.50 out; beyond 0.50 and 2.50 USD per million.
  expect(cost('instructions', 'input')).toBeCloseTo((60_000 * 0.1 + 60_000 * 0.5) / 1e6, 9);
  expect(cost('tool_results', 'input')).toBeCloseTo((60_000 * 0.5) / 1e6, 9);
  expect(cost('tool_calls', 'output')).toBeCloseTo((100 * 0.5) / 1e6, 9);
  expect(cost('answer', 'output')).toBeCloseTo((200 * 2.5) / 1e6, 9);
});
