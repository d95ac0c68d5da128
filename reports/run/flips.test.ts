import { describe, expect, test } from 'vitest';
import type { Verdict } from '../../harness/results/summary.ts';
import type { ItemFlip, VerdictPattern } from '../../harness/results/verdict.ts';
import { inline } from '../text/markup.ts';
import { flipSentences, splitFlips } from './flips.ts';

type Flips = NonNullable<Verdict['flips']>;
type Turned = Flips['assumptions'][number];

function say(pattern: Verdict['pattern'], flips: Partial<Flips>, more: Partial<Verdict> = {}) {
  const verdict = { scenario: 's', params: {}, pattern, by: 'cost', ...more } as Verdict;
  const phrases = splitFlips({ ...verdict, flips: { assumptions: [], ...flips } }, inline);
  return phrases ? flipSentences(phrases) : [];
}

const turned = (assume: Turned['assume'], pattern: VerdictPattern, value: number): Turned => ({
  assume,
  pattern,
  ratio: { value, low: value / 1.05, high: value * 1.05 },
  variants: { classic: 'classic', code: 'code-typed' },
});

const items = (now: number, ...tried: [number, VerdictPattern, Partial<ItemFlip['tried'][number]>?][]) => ({
  param: 'contacts',
  now,
  tried: tried.map(([at, pattern, more]) => ({
    at,
    pattern,
    because: 'value' as const,
    padded: null,
    ...more,
  })),
});

describe('what a verdict depends on', () => {
  test('is at most one line of what changes it and one of what it holds under', () => {
    const lines = say('code', {
      assumptions: [
        turned('uncached', 'classic', 1.42),
        turned('warm', 'either', 1.02),
        turned('minimumHigher', 'code', 0.5),
        turned('minimumLower', 'code', 0.5),
        turned('padded', 'code', 0.4),
        turned('oneCall', 'code', 0.2),
        turned('observedCalls', 'code', 0.3),
        turned('allCalls', 'insufficient', 0.91),
      ],
      slack: [
        { side: 'classic', mistake: 'repeatedCall', each: 0.001 },
        { side: 'code', mistake: 'failedProgram', each: 0.0045, most: 7 },
        { side: 'code', mistake: 'wastedLookUp', each: 0.0045, most: 1 },
        { side: 'code', mistake: 'idleRoundTrip', each: 0.0001, most: null },
      ],
    });
    expect(lines).toEqual([
      'Changes without caching: code-typed costs 1.4 times as much (1.35 to 1.49); with a warm cache: both cost the same; with all calls at once: too close to call.',
      'Holds with up to 7 failed programs or 1 wasted look-up a run; with any count near the model’s cache minimum; with one call a message; with as many calls a message as real agents ask for (1.9 on average).',
    ]);
  });

  test('says whose mistakes count where not those of the variant that is compared', () => {
    const sides = { classic: { name: 'classic' }, code: { name: 'code-typed' } } as Verdict['sides'];
    const lookUps = { side: 'code', mistake: 'wastedLookUp', variant: 'code', each: 1, most: 61 } as const;
    const failed = { side: 'code', mistake: 'failedProgram', each: 1, most: 37, isLeast: true } as const;
    expect(say('code', { slack: [failed, lookUps] }, { sides })).toEqual([
      'Holds with up to 37 (or more) failed programs or 61 wasted look-ups (by code alone) a run.',
    ]);
    const repeated = { side: 'classic', mistake: 'repeatedCall', each: 1, most: 0 } as const;
    expect(say('either', { slack: [repeated, { ...failed, isLeast: undefined }] }, { sides })).toEqual([
      'Changes with one repeated call (by classic) a run: no longer a tie.',
      'Holds with up to 37 failed programs (by code-typed) a run.',
    ]);
  });

  test('turns the ratio round where code is recommended then', () => {
    expect(say('classic', { assumptions: [turned('uncached', 'code', 0.25)] })).toEqual([
      'Changes without caching: classic costs 4.0 times as much (3.81 to 4.20).',
    ]);
  });

  test('names the sizes of results on both sides, past where it is too close to call', () => {
    const bands: Flips['bytesPerResult'] = {
      now: 500,
      bands: [
        { from: 0, to: 100, pattern: 'either' },
        { from: 100, to: 4100, pattern: 'classic' },
        { from: 4100, to: 4900, pattern: 'insufficient' },
        { from: 4900, to: null, pattern: 'code' },
      ],
    };
    expect(say('classic', { bytesPerResult: bands })).toEqual([
      'Changes for results under about 100 B: both cost the same, for results over about 4.9 kB: use code (now 500 B).',
    ]);
    const always = { now: 500, bands: [{ from: 0, to: null, pattern: 'code' as const }] };
    expect(say('code', { bytesPerResult: always })).toEqual([
      'Holds for results of any size, up to 64 times as large (now 500 B).',
    ]);
  });

  test('gives both edges of a range of items in which both cost the same', () => {
    const found = items(5000, [1, 'either'], [12, 'either'], [14, 'code'], [5000, 'code']);
    expect(say('code', { items: found })).toEqual([
      'Changes with size: both cost the same up to 12, code from 14 contacts (now 5,000).',
    ]);
  });

  test('claims no more of other numbers than was tried, also where the lead comes and goes', () => {
    const found = items(100, [1, 'classic'], [10, 'code'], [100, 'code'], [300, 'classic']);
    expect(say('code', { items: found })[0]).toBe(
      'Changes with size: classic up to 1, code from 10 to 100, classic from 300 contacts (now 100).',
    );
    const none = items(5000, [1, 'code'], [71, 'code'], [5000, 'code']);
    expect(say('code', { items: none })).toEqual(['Holds from 1 to 5,000 contacts (tried: 1, 71, 5,000).']);
  });

  test('tells a flip by items that is only the cache minimum from one that is not', () => {
    const cliff = items(6, [5, 'either', { padded: 'code' }], [8, 'code', { padded: 'code' }]);
    expect(say('either', { items: cliff })[0]).toContain(
      ', only because a longer prompt reaches the model’s cache minimum.',
    );
    const real = items(6, [5, 'either', { padded: 'either' }], [8, 'code', { padded: 'code' }]);
    expect(say('either', { items: real })[0]).not.toContain('cache minimum');
    const moved = items(
      9,
      [1, 'classic', { padded: 'insufficient' }],
      [3, 'either', { padded: 'insufficient' }],
      [4, 'insufficient', { padded: 'code' }],
      [9, 'code', { padded: 'code' }],
    );
    expect(say('code', { items: moved })[0]).not.toContain('cache minimum');
  });

  test('says where the window or the answer decides', () => {
    const window = items(9, [3, 'classic'], [9, 'code', { because: 'window' }]);
    expect(say('code', { items: window })[0]).toContain('only code fits its context window from 9');
    const wrong = items(9, [3, 'classic'], [9, 'code', { because: 'correctness' }]);
    expect(say('code', { items: wrong })[0]).toContain('only code is right from 9');
  });

  test('speaks of the measure', () => {
    const overhead = {
      now: 0.8,
      bands: [
        { from: 0, to: 0.2, pattern: 'classic' as const },
        { from: 0.2, to: null, pattern: 'code' as const },
      ],
    };
    expect(say('code', { overheadSeconds: overhead }, { by: 'latency' })).toEqual([
      'Changes under 0.20 s of model overhead a round trip: use classic (now 0.80 s).',
    ]);
    const slack = [{ side: 'code' as const, mistake: 'failedProgram' as const, each: 2800, most: 0 }];
    expect(say('code', { slack }, { by: 'tokens' })).toEqual([
      'Changes with one failed program a run: no longer code.',
    ]);
  });

  test('may be a count of tokens that decides what fits the context window', () => {
    const fill = { variant: 'classic', filled: 1.09, uncertainty: 0.1 };
    const requests = turned('requestsLower', 'classic', 0.5);
    expect(say('code', { assumptions: [requests], window: [{ ...fill, hangs: true }] })).toEqual([
      'Changes with a count of tokens that is 10 % off (the largest request of classic takes 109 % of the context window).',
    ]);
    expect(say('code', { window: [{ ...fill, filled: 1.5, hangs: false }] })[0]).toMatch(
      /^Holds with a count/,
    );
  });
});
