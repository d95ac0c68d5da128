import { describe, expect, test } from 'vitest';
import { findModel } from './catalogue.ts';
import { billAsClient, type ClientProfile, clientNames, describeClient, findClient } from './clients.ts';
import { allCalls, type Conversation, type Piece } from './conversation.ts';
import { findLatencyProfile } from './latency.ts';

const model = findModel('claude-sonnet-5');
const terms = { model, profile: findLatencyProfile('default') };

/** A client that adds nothing and keeps everything, but for what a test changes. */
function client(changed: Partial<Record<keyof ClientProfile, unknown>> = {}): ClientProfile {
  const values = {
    ownPrompt: { 'claude-3': 0, 'claude-4.7': 0 },
    callsAtOnce: allCalls,
    resultCap: { tokens: 1_000_000, characters: 1_000_000 },
    ...changed,
  };
  const base = findClient('claude-code');
  const set = Object.entries(values).map(([name, value]) => [name, { ...base[name as 'ownPrompt'], value }]);
  return { ...base, ...Object.fromEntries(set) };
}

const ask = (call: string): Piece => ({ category: 'tool_calls', tokens: 20, call });
const answer = (call: string, tokens: number, characters: number): Piece => ({
  ...{ category: 'tool_results', tokens, characters, call },
  places: { alone: tokens, first: tokens, later: tokens },
});

/** Calls that are ready at once, in one message, whose results are these. */
function converse(results: Piece[]): Conversation {
  return {
    prefix: [{ category: 'instructions', tokens: 2_000 }],
    caching: false,
    turns: [
      {
        input: [{ category: 'instructions', tokens: 50 }],
        output: results.map(({ call }) => ask(call ?? '')),
        waiting: 0,
      },
      { input: results, output: [{ category: 'answer', tokens: 10 }], waiting: 0 },
    ],
  };
}

const small = (call: string) => answer(call, 100, 300);
const bill = (results: Piece[], changed: Parameters<typeof client>[0] = {}, names = 0) =>
  billAsClient(converse(results), client(changed), names, terms);

describe('a bill as a client would send it', () => {
  test('is that of the conversation, with caching, where the client adds nothing', () => {
    const { costUsd, ...figures } = bill([small('a')]);
    // Two prompts of 2,050 and 2,170 tokens; all but the new 120 of the second is read from the cache.
    expect(figures).toMatchObject({
      ...{ roundTrips: 2, billed: 2_050 + 20 + 2_170 + 10, largestRequest: 2_170 },
      spilled: { results: 0, tokens: 0 },
    });
    expect(costUsd).toBeCloseTo((2_170 * 2.5 + 2_050 * 0.2 + 30 * 10) / 1e6, 8);
  });

  test('has the client’s own prompt and its list of names in each request', () => {
    const own = { 'claude-3': 1, 'claude-4.7': 10_000 };
    expect(bill([small('a')], { ownPrompt: own }, 500).billed - bill([small('a')]).billed).toBe(2 * 10_500);
  });

  test('has calls in as many messages as the client makes of them', () => {
    const calls = ['a', 'b', 'c', 'd'].map(small);
    expect(bill(calls).roundTrips).toBe(2);
    expect(bill(calls, { callsAtOnce: [1] }).roundTrips).toBe(5);
  });

  test.each([
    ['tokens', answer('a', 1_001, 10), 1],
    ['characters', answer('a', 10, 3_001), 1],
    ['neither', answer('a', 1_000, 3_000), 0],
    [
      'tokens of a definition that a search brought',
      { ...answer('a', 5_000, 9_000), category: 'discovery' },
      0,
    ],
  ] as const)('has a notice in place of a result beyond the cap: %s', (_, result, spilled) => {
    const cap = { resultCap: { tokens: 1_000, characters: 3_000 }, spillNotice: 380 };
    const found = bill([result], cap);
    expect(found.spilled).toEqual({ results: spilled, tokens: spilled * result.tokens });
    const difference = found.billed - bill([result]).billed;
    expect(difference).toBe(spilled > 0 ? 380 - result.tokens : 0);
  });
});

describe('the profile of each client', () => {
  test.each(clientNames)('%s says where each of its values stands, and when that was so', (name) => {
    const { facts, notBilled } = describeClient(findClient(name));
    expect(facts).toHaveLength(8);
    for (const { says, source, asOf } of facts) {
      expect(says).not.toBe('');
      expect(source).toMatch(/^[a-z.]+\.[a-z]+\/\S/);
      expect(asOf).toMatch(/^\d{4}-\d\d-\d\d$/);
    }
    expect(notBilled.length).toBeGreaterThan(0);
  });
});
