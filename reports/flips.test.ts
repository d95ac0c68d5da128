import { describe, expect, test } from 'vitest';
import type { Result, Verdict } from '../harness/run/summary.ts';
import { sideOf, verdictOf } from '../harness/run/testing/verdict.ts';
import { flipSentences, splitFlips } from './flips.ts';
import { inline } from './inline.ts';

type Flips = NonNullable<Verdict['flips']>;

const counted: Flips = { otherTokenizer: { method: 'other vocabulary', pattern: 'code', ratio: 0.5 } };

function say(pattern: Verdict['pattern'], flips: Flips, more: Partial<Verdict> = {}, results: Result[] = []) {
  const phrases = splitFlips(verdictOf(pattern, { flips, ...more }), results, inline);
  return phrases ? flipSentences(phrases) : [];
}

/** Results that were counted a second time. */
const counts = [{ otherTokenizer: { method: 'other vocabulary' } }] as unknown as Result[];

describe('what would flip a verdict', () => {
  test('comes first, with how much more the other side would cost; what would not stands in one line', () => {
    const lines = say('code', {
      ...counted,
      uncached: { pattern: 'classic', ratio: 1.42 },
      warmPrefix: { pattern: 'either', ratio: 1.02 },
      bytesPerResult: { now: 4000, at: 800 },
      overheadSeconds: { now: 0.8, at: 2 },
      failedPrograms: { each: 0.0045, affordable: 7 },
    });
    expect(lines).toEqual([
      'What would flip it: without caching: classic, code costs 1.4 times as much; with tools and system prompt cached beforehand: either, code at 1.02 of classic; results below 800 bytes (now 4,000 bytes each): classic costs less; 8 failed programs a run (about $0.0045 each): classic costs less.',
      'What would not: counted with the other vocabulary.',
    ]);
  });

  test('turns the other way round where classic is recommended, and failing programs then flip nothing', () => {
    const lines = say(
      'classic',
      {
        uncached: { pattern: 'code', ratio: 0.25 },
        otherTokenizer: { method: 'other vocabulary', pattern: 'classic', ratio: 3 },
        bytesPerResult: { now: 300, at: 9000 },
        failedPrograms: { each: 0.001, affordable: 0 },
      },
      { sides: { classic: sideOf('classic-search'), code: sideOf('code-typed') } },
    );
    expect(lines).toEqual([
      'What would flip it: without caching: code, classic-search costs 4.0 times as much; results above 9,000 bytes (now 300 bytes each): code-typed costs less.',
      'What would not: counted with the other vocabulary.',
    ]);
  });

  test('is nothing where no circumstance turns it, and one line says so', () => {
    const same = { pattern: 'code', ratio: 0.2 } as const;
    expect(
      say('code', { ...counted, uncached: same, warmPrefix: same, bytesPerResult: { now: 10, at: null } }),
    ).toEqual([
      'Nothing that was looked at would flip it: without caching; with tools and system prompt cached beforehand; counted with the other vocabulary; results of any size (now 10 bytes each).',
    ]);
  });

  test('of an undecided verdict is what would decide it', () => {
    const [line] = say('either', { ...counted, bytesPerResult: { now: 4000, at: 4100 } });
    expect(line).toBe(
      'What would flip it: counted with the other vocabulary: code, classic costs 2.0 times as much; larger results: more and more for code (equal at 4,100 bytes each, now 4,000 bytes each).',
    );
  });

  test.each(['neither', 'insufficient'] as const)('is not told where the verdict is %s', (pattern) => {
    expect(say(pattern, { ...counted, uncached: { pattern: 'classic', ratio: 2 } })).toEqual([]);
  });

  test('speaks of the measure: overhead decides latency alone, and tokens are billed', () => {
    const overheadSeconds = { now: 0.8, at: 0.2 };
    expect(say('code', { ...counted, overheadSeconds }, { by: 'latency' })).toEqual([
      'What would flip it: below 0.2 s of model overhead a round trip (now 0.8 s): classic takes less time.',
      'What would not: counted with the other vocabulary.',
    ]);
    const failedPrograms = { each: 2800, affordable: 0 };
    expect(say('code', { ...counted, overheadSeconds, failedPrograms }, { by: 'tokens' })[0]).toBe(
      'What would flip it: one failed program a run (about 2,800 tokens each): classic is billed less.',
    );
  });

  test('of a tie in latency names who gains by more overhead', () => {
    const criteria = { steps: { toolCalls: 1, roundTrips: { classic: 9, code: 3 }, looks: 0 } };
    const more = { by: 'latency', criteria } as unknown as Partial<Verdict>;
    expect(say('either', { overheadSeconds: { now: 0.8, at: 0.9 } }, more)[0]).toContain(
      'more seconds of model overhead a round trip: more and more for code (equal at 0.9 s, now 0.8 s)',
    );
  });

  test('names what was not looked at, except where a provider counted the tokens', () => {
    const uncached = { pattern: 'code', ratio: 0.2 } as const;
    const open = 'Not looked at: another tokenizer (run it without --no-sensitivity).';
    expect(say('code', { uncached })).toEqual([
      `Nothing that was looked at would flip it: without caching. ${open}`,
    ]);
    expect(say('code', { uncached: { pattern: 'classic', ratio: 2 } })[1]).toBe(open);
    const live = [{ provider: {} }] as unknown as Result[];
    expect(say('code', { uncached }, {}, live).join()).not.toContain('Not looked at');
  });

  test('may be the number of items, told with what was tried', () => {
    const items = {
      param: 'contacts',
      now: 5000,
      at: 9.4,
      between: [8, 14],
      tried: [1, 8, 14, 5000],
    } as const;
    const flip = { ...items, between: [8, 14] as [number, number], tried: [...items.tried] };
    expect(
      say('code', { items: { ...flip, below: 'classic', above: 'code', turns: 'value' } }, {}, counts),
    ).toEqual([
      'What would flip it: contacts: from somewhere between 8 and 14 on code costs less (now 5,000).',
    ]);
    const near = { ...flip, between: [12, 13] as [number, number] };
    expect(
      say('code', { items: { ...near, below: 'classic', above: 'code', turns: 'value' } }, {}, counts),
    ).toEqual(['What would flip it: contacts: from 13 on code costs less (now 5,000).']);
    const none = { param: 'contacts', now: 5000, at: null, tried: [1, 5000] };
    expect(say('code', { items: { ...none, below: 'code', above: 'code' } }, {}, counts)).toEqual([
      'Nothing that was looked at would flip it: 1 to 5,000 contacts (tried at 1, 5,000).',
    ]);
  });

  test('may be a count of tokens that decides what fits the context window', () => {
    const fill = { variant: 'classic', filled: 1.09, uncertainty: 0.1 };
    expect(say('code', { window: [{ ...fill, hangs: true }] }, {}, counts)).toEqual([
      'What would flip it: a count of tokens that is 10 % off (the largest request of classic takes 109 % of the context window).',
    ]);
    expect(say('code', { window: [{ ...fill, filled: 1.5, hangs: false }] })[0]).toMatch(/^Nothing that was/);
  });
});
