import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { categories } from '../results/codes.ts';
import { findModel } from './catalogue.ts';
import { findLatencyProfile, modelledMs } from './latency.ts';
import { costOf, Ledger } from './ledger.ts';

describe('the ledger of a conversation booked by hand', () => {
  // Request 1: tools 600, system 500 (breakpoint), frame 6, task 94 (breakpoint) = 1,200. Response: a call of 50.
  // Request 2: the same, the call 50, frames 12, a result of 938 (breakpoint) = 2,200. Response: an answer of 30.
  const book = () => {
    const ledger = new Ledger({ minimumCacheTokens: 1024 });
    ledger.append({ category: 'tool_definitions', tokens: 600 });
    const system = ledger.append({ category: 'instructions', tokens: 500 }, true);
    ledger.append({ category: 'frame', tokens: 6, framing: true });
    const task = ledger.append({ category: 'instructions', tokens: 94 }, true);
    const first = ledger.bookRoundTrip([system, task], [{ category: 'tool_calls', tokens: 50 }]);
    ledger.append({ category: 'frame', tokens: 6, framing: true });
    ledger.append({ category: 'frame', tokens: 6, framing: true });
    const result = ledger.append({ category: 'tool_results', tokens: 938 }, true);
    const second = ledger.bookRoundTrip([system, task, result], [{ category: 'answer', tokens: 30 }]);
    return { ledger, first, second };
  };

  test('bills each request as its cache states say', () => {
    const { first, second } = book();
    expect(first).toEqual({ input: 1200, fresh: 0, cacheWrite: 1200, cacheRead: 0, output: 50 });
    expect(second).toEqual({ input: 2200, fresh: 0, cacheWrite: 1000, cacheRead: 1200, output: 30 });
  });

  test('tells what the last request held by category, without what the model then wrote', () => {
    const { ledger, second } = book();
    const { prompt } = ledger;
    expect(prompt).toEqual({
      tool_definitions: 600,
      instructions: 594,
      tool_calls: 50,
      tool_results: 938,
      frame: 18,
    });
    expect(Object.values(prompt).reduce((sum, tokens) => sum + tokens, 0)).toBe(second.input);
  });

  test('counts each token once as context', () => {
    expect(book().ledger.context).toBe(2230);
  });

  test('puts every token in one row by category, history and cache state', () => {
    expect(book().ledger.rows()).toEqual([
      { category: 'tool_definitions', direction: 'input', history: 'new', cache: 'cache_write', tokens: 600 },
      {
        category: 'tool_definitions',
        direction: 'input',
        history: 'resent',
        cache: 'cache_read',
        tokens: 600,
      },
      { category: 'instructions', direction: 'input', history: 'new', cache: 'cache_write', tokens: 594 },
      { category: 'instructions', direction: 'input', history: 'resent', cache: 'cache_read', tokens: 594 },
      { category: 'tool_calls', direction: 'input', history: 'resent', cache: 'cache_write', tokens: 50 },
      { category: 'tool_calls', direction: 'output', tokens: 50 },
      { category: 'tool_results', direction: 'input', history: 'new', cache: 'cache_write', tokens: 938 },
      { category: 'answer', direction: 'output', tokens: 30 },
      { category: 'frame', direction: 'input', history: 'new', cache: 'cache_write', tokens: 18 },
      { category: 'frame', direction: 'input', history: 'resent', cache: 'cache_read', tokens: 6 },
    ]);
  });

  test('is all fresh where the prompt stays under the cacheable minimum', () => {
    const ledger = new Ledger({ minimumCacheTokens: 4096 });
    const system = ledger.append({ category: 'instructions', tokens: 1000 }, true);
    expect(ledger.bookRoundTrip([system], [])).toEqual({
      input: 1000,
      fresh: 1000,
      cacheWrite: 0,
      cacheRead: 0,
      output: 0,
    });
  });
});

test('the rows of any conversation sum to its bill, and what is new or written sums to its context', () => {
  const block = fc.record({ category: fc.constantFrom(...categories), tokens: fc.nat(5000) });
  const roundTrip = fc.record({
    input: fc.array(fc.record({ block, marked: fc.boolean() }), { minLength: 1, maxLength: 6 }),
    output: fc.array(block, { maxLength: 4 }),
    forget: fc.boolean(),
  });
  fc.assert(
    fc.property(
      fc.array(roundTrip, { minLength: 1, maxLength: 12 }),
      fc.nat(3000),
      (conversation, minimum) => {
        const ledger = new Ledger({ minimumCacheTokens: minimum });
        let marks: number[] = [];
        for (const { input, output, forget } of conversation) {
          if (forget) marks = [];
          for (const { block, marked } of input) {
            const position = ledger.append(block, marked);
            if (marked) marks.push(position);
          }
          const bill = ledger.bookRoundTrip(marks, output);
          expect(bill.fresh + bill.cacheWrite + bill.cacheRead).toBe(bill.input);
          expect(Math.min(bill.fresh, bill.cacheWrite, bill.cacheRead)).toBeGreaterThanOrEqual(0);
        }
        const rows = ledger.rows();
        const sum = (wanted: (row: (typeof rows)[number]) => boolean) =>
          rows.filter(wanted).reduce((total, row) => total + row.tokens, 0);
        const billed = ledger.bills.reduce((total, bill) => total + bill.input + bill.output, 0);
        expect(sum(() => true)).toBe(billed);
        expect(sum((row) => row.direction === 'output' || row.history === 'new')).toBe(ledger.context);
        for (const cache of ['fresh', 'cache_write', 'cache_read'] as const) {
          const field = { fresh: 'fresh', cache_write: 'cacheWrite', cache_read: 'cacheRead' } as const;
          expect(sum((row) => row.direction === 'input' && row.cache === cache)).toBe(
            ledger.bills.reduce((total, bill) => total + bill[field[cache]], 0),
          );
        }
      },
    ),
  );
});

const bill = { input: 10_000, fresh: 1000, cacheWrite: 2000, cacheRead: 7000, output: 500 };

describe('cost', () => {
  test('is the sum of each kind of token at its price, cached and uncached', () => {
    // claude-sonnet-5: 2 / 2.50 / 0.20 / 10 USD per million. (1000·2 + 2000·2.5 + 7000·0.2 + 500·10) / 1e6 = 0.0134;
    // (10000·2 + 500·10) / 1e6 = 0.025.
    expect(costOf(findModel('claude-sonnet-5'), [bill])).toEqual({ cached: 0.0134, uncached: 0.025 });
  });

  test('takes the price tier by the whole prompt of each request and prices its output too', () => {
    // claude-haiku-5-5 up to 100,000 tokens: 0.10 in, 0.50 out; above: 0.50 in, 2.50 out.
    const request = (input: number) => ({ input, fresh: input, cacheWrite: 0, cacheRead: 0, output: 1000 });
    const model = findModel('claude-haiku-5-5');
    expect(costOf(model, [request(100_000)])?.uncached).toBeCloseTo(0.0105, 10);
    expect(costOf(model, [request(100_001)])?.uncached).toBeCloseTo(0.0525005, 10);
  });

  test('is unknown, not zero, for a model without prices', () => {
    expect(costOf({ ...findModel('claude-sonnet-5'), prices: [] }, [bill])).toBeNull();
  });
});

test('modelled latency is overhead + prefill + cached prefill + decode', () => {
  // default: 0.8 s + 3000/10000 + 7000/90000 + 500/75 = 0.8 + 0.3 + 0.0778 + 6.6667 s.
  expect(modelledMs(findLatencyProfile('default'), bill)).toBeCloseTo(7844.44, 1);
});

test('an unknown latency profile is refused with the known ones', () => {
  expect(() => findLatencyProfile('defualt')).toThrow(/Nearest: default\. Known: fast, default, slow/);
});
