import { describe, expect, test } from 'vitest';
import type { Json } from '../json.ts';
import { jsonAnswer, readJsonAnswer } from './answer.ts';

type Options = Parameters<typeof jsonAnswer>[0];

const grade = (answer: string, truth: Json, options: Options = {}) =>
  jsonAnswer(options).grade({ params: {}, seed: 1, trialDir: '', states: {}, answer, truth }) as {
    correct: boolean;
    reason: string;
  };

describe('reading a JSON answer', () => {
  test('takes the whole answer, or the fenced block in it', () => {
    expect(readJsonAnswer(' {"a": 1} ')).toEqual({ a: 1 });
    expect(readJsonAnswer('Here it is:\n```json\n[1, 2]\n```\nDone.')).toEqual([1, 2]);
  });

  test('finds nothing in prose', () => {
    expect(readJsonAnswer('There are 5.')).toBeUndefined();
  });
});

describe('grading a JSON answer', () => {
  test('accepts an equal value with its keys in another order', () => {
    expect(grade('{"b": [1, 2], "a": null}', { a: null, b: [1, 2] }).correct).toBe(true);
    expect(grade('{"b": [1, 2]}', { a: null, b: [1, 2] }).correct).toBe(false);
    expect(grade('{"b": [1, 2], "c": null}', { a: null, b: [1, 2] }).correct).toBe(false);
  });

  test('minds the order of a list unless it is declared not to matter', () => {
    const unordered = { unordered: true };
    expect(grade('[2, 1]', [1, 2]).correct).toBe(false);
    expect(grade('[2, 1]', [1, 2]).reason).toContain('another order');
    expect(grade('[2, 1]', [1, 2], unordered).correct).toBe(true);
    expect(grade('[{"x":2},{"x":1}]', [{ x: 1 }, { x: 2 }], unordered).correct).toBe(true);
  });

  test('refuses an element that is missing, doubled or too many', () => {
    const unordered = { unordered: true };
    expect(grade('[1]', [1, 2], unordered).correct).toBe(false);
    expect(grade('[1, 1]', [1], unordered).correct).toBe(false);
    expect(grade('[1, 1, 2]', [1, 2, 2], unordered).correct).toBe(false);
    expect(grade('[1, 2, 3]', [1, 2], unordered).correct).toBe(false);
  });

  test('says what is missing and what is wrong', () => {
    expect(grade('[{"name":"A"}]', [{ name: 'B' }], { unordered: true }).reason).toContain(
      '1 missing, 1 wrong',
    );
    expect(grade('no idea', 5).reason).toContain('not JSON');
  });
});

describe('numbers of an answer', () => {
  test.each<[given: number, truth: number, correct: boolean]>([
    [0.1 + 0.2, 0.3, true],
    [1_234_567.89, 1_234_567.890001, true],
    [0.0349, 0.0251, false],
    [0.004, 0, false],
    [0.3000001, 0.3, false],
    [1e-12, 2e-12, false],
    [-0, 0, true],
    [0, -0, true],
    [-5, 5, false],
    [9_007_199_254_740_991, 9_007_199_254_740_990, true],
  ])('%d for %d: %s, by a relative tolerance', (given, truth, correct) => {
    const text = Object.is(given, -0) ? '-0' : JSON.stringify(given);
    expect(grade(`{"sum": ${text}}`, { sum: truth }).correct).toBe(correct);
  });

  test.each<[given: number, truth: number, correct: boolean]>([
    [0.3, 0.30000000000000004, true],
    [10.01, 10.005, true],
    [10, 10.005, true],
    [-0.000001, 0, true],
    [0.31, 0.3, false],
    [0.0349, 0.0251, false],
    [1_000_000.01, 1_000_000, false],
  ])('%d for %d: %s, to two decimals', (given, truth, correct) => {
    expect(grade(`[${given}]`, [truth], { decimals: 2 }).correct).toBe(correct);
    expect(grade(`[${given}]`, [truth], { decimals: 2, unordered: true }).correct).toBe(correct);
  });

  test('of unordered rows are matched with those that are nearest, each once', () => {
    const rows = Array.from({ length: 3_000 }, (_, index) => ({ name: 'A', sum: index / 7 + 0.1 + 0.2 }));
    const noisy = rows.map(({ name, sum }) => ({ name, sum: sum * (1 + 1e-12) })).toReversed();
    const unordered = { unordered: true };
    expect(grade(JSON.stringify(noisy), rows, unordered).correct).toBe(true);
    expect(
      grade(JSON.stringify([...noisy.slice(1), { name: 'A', sum: -1 }]), rows, unordered).reason,
    ).toContain('1 missing, 1 wrong');
  });

  test('are not rounded to a number of decimals that makes no sense', () => {
    expect(() => jsonAnswer({ decimals: -1 })).toThrow('whole number from 0 to 15');
    expect(() => jsonAnswer({ decimals: 0.5 })).toThrow('whole number from 0 to 15');
  });
});
