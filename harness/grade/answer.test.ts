import { describe, expect, test } from 'vitest';
import type { Json } from '../json.ts';
import { jsonAnswer, readJsonAnswer } from './answer.ts';

const grade = (answer: string, truth: Json, unordered = false) =>
  jsonAnswer({ unordered }).grade({ params: {}, seed: 1, states: {}, answer, truth }) as {
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
  test('accepts an equal value whatever the order of its keys', () => {
    expect(grade('{"b": [1, 2], "a": null}', { a: null, b: [1, 2] }).correct).toBe(true);
  });

  test('minds the order of a list unless it is declared not to matter', () => {
    expect(grade('[2, 1]', [1, 2]).correct).toBe(false);
    expect(grade('[2, 1]', [1, 2], true).correct).toBe(true);
    expect(grade('[{"x":2},{"x":1}]', [{ x: 1 }, { x: 2 }], true).correct).toBe(true);
  });

  test('refuses an element that is missing, doubled or too many', () => {
    expect(grade('[1]', [1, 2], true).correct).toBe(false);
    expect(grade('[1, 1]', [1], true).correct).toBe(false);
    expect(grade('[1, 2, 3]', [1, 2], true).correct).toBe(false);
  });

  test('lets amounts differ by less than a cent of rounding, and no more', () => {
    expect(grade('{"sum": 0.30000000000000004}', { sum: 0.3 }).correct).toBe(true);
    expect(grade('{"sum": 0.31}', { sum: 0.3 }).correct).toBe(false);
  });

  test('says what is missing and what is wrong', () => {
    expect(grade('[{"name":"A"}]', [{ name: 'B' }], true).reason).toContain('1 missing, 1 wrong');
    expect(grade('no idea', 5).reason).toContain('not JSON');
  });
});
