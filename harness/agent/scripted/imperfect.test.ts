import { describe, expect, test } from 'vitest';
import { makeFolder } from '../../testing/command-line.ts';
import { runIn, withoutMeasured } from '../../testing/live-run.ts';
import { parseRates } from './rates.ts';

/** A report over four pages and a join, by a model with these mistakes; by variant. */
async function report(imperfections?: string, more: string[] = []) {
  const args = ['crm-segment-report', '--param', 'contacts=1500', '--concurrency', '2', ...more];
  const { code, summary } = await runIn(makeFolder({}), [
    ...args,
    ...(imperfections ? ['--imperfections', imperfections] : []),
  ]);
  expect(code).toBe(0);
  const of = (variant: string) => summary?.results.find((result) => result.variant === variant);
  return { summary, classic: of('classic'), code: of('code') };
}

describe('a scripted model with declared imperfections', () => {
  const perfect = report();

  test('fails its first program, and in classic the first call of each tool, and is right all the same', async () => {
    const [before, { classic, code }] = await Promise.all([perfect, report('failed-program=1')]);
    expect([classic?.correct, code?.correct]).toEqual([1, 1]);
    expect(code?.roundTrips).toBe((before.code?.roundTrips ?? 0) + 1);
    expect(code?.programs).toBe(2);
    // list_contacts and get_company.
    expect(classic?.roundTrips).toBe((before.classic?.roundTrips ?? 0) + 2);
    expect(classic?.toolCalls).toBe(before.classic?.toolCalls);
    expect(classic?.imperfections).toEqual({ rates: { 'failed-program': 1 }, made: { 'failed-program': 2 } });
    expect(code?.imperfections?.made).toEqual({ 'failed-program': 1 });
  });

  test('looks at something that it does not need, once', async () => {
    const [before, { classic, code }] = await Promise.all([perfect, report('wasted-discovery=1')]);
    expect([classic?.correct, code?.correct]).toEqual([1, 1]);
    expect(code?.roundTrips).toBe((before.code?.roundTrips ?? 0) + 1);
    expect(classic?.roundTrips).toBe((before.classic?.roundTrips ?? 0) + 1);
    expect(code?.toolCalls).toBe(before.code?.toolCalls);
  });

  test('overlooks the next page, and then its answer is wrong in either pattern', async () => {
    const { classic, code } = await report('forgotten-page=1');
    expect([classic?.correct, code?.correct]).toEqual([0, 0]);
    expect([classic?.status, code?.status]).toEqual(['completed', 'completed']);
    expect(classic?.reason).toBe(code?.reason);
    expect(code?.toolCalls).toBe(classic?.toolCalls);
  });

  test('makes calls and programs once more', async () => {
    const [before, { classic, code }] = await Promise.all([perfect, report('repeated-call=1')]);
    expect([classic?.correct, code?.correct]).toEqual([1, 1]);
    expect(classic?.toolCalls).toBe(2 * (before.classic?.toolCalls ?? 0));
    expect(code?.toolCalls).toBe(2 * (before.code?.toolCalls ?? 0));
    expect(code?.roundTrips).toBe((before.code?.roundTrips ?? 0) + 1);
  });

  test('is always named, errs the same way for the same seed, and differs from repeat to repeat', async () => {
    const rates = 'failed-program=0.5,repeated-call=0.3';
    const [first, second] = await Promise.all([
      report(rates, ['--trials', '2']),
      report(rates, ['--trials', '2']),
    ]);
    expect(withoutMeasured(first.summary)).toEqual(withoutMeasured(second.summary));
    expect(first.summary?.imperfections).toEqual({ 'failed-program': 0.5, 'repeated-call': 0.3 });
    expect(first.summary?.comparisons?.[0]?.basis).toBe('sampled');
    expect(first.classic?.statistics?.billedTokens.status).toBe('point');
    const { summary: untouched } = await perfect;
    expect(JSON.stringify(untouched)).not.toContain('imperfections');
  });
});

test('rates are read from names and shares', () => {
  expect(parseRates('failed-program=0.3, repeated-call=0')).toEqual({
    'failed-program': 0.3,
    'repeated-call': 0,
  });
  expect(() => parseRates('failed-program')).toThrow('from 0 to 1');
  expect(() => parseRates('failed-program=1,failed-program=1')).toThrow('given twice');
});
