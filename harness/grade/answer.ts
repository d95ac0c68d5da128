import type { Json } from '../json.ts';
import type { Grader } from '../scenario/scenario.ts';
import { findUnmatched, isSameJson, type NumberRule } from './same-json.ts';

/** The JSON value in an answer: the whole of it, or the one fenced block in it. Undefined where there is none. */
export function readJsonAnswer(answer: string): Json | undefined {
  const fenced = /```(?:json)?\s*\n([\s\S]*?)```/.exec(answer)?.[1];
  for (const candidate of [answer, fenced]) {
    if (candidate === undefined) continue;
    try {
      return JSON.parse(candidate) as Json;
    } catch {
      // Not this one.
    }
  }
  return undefined;
}

/**
 * Grades an answer that must be a JSON value equal to the scenario's truth. With `unordered`, the elements of a top-level
 * array may come in any order. Numbers may differ by 1e-9 of the larger, as sums in another order do; with `decimals`, by
 * half a unit of the last decimal: 2 for amounts of money, which answers round to cents.
 */
export function jsonAnswer(options: { unordered?: boolean; decimals?: number } = {}): Grader {
  const { unordered = false, decimals } = options;
  if (decimals !== undefined && !(Number.isInteger(decimals) && decimals >= 0 && decimals <= 15)) {
    throw new RangeError(`jsonAnswer: decimals is a whole number from 0 to 15; got ${decimals}`);
  }
  const rule: NumberRule = { decimals };
  return {
    name: 'answer',
    grade(context) {
      const given = readJsonAnswer(context.answer);
      if (given === undefined) {
        return { correct: false, reason: `The answer is not JSON: ${shorten(context.answer)}` };
      }
      const expected = context.truth;
      if (expected === undefined) throw new Error('the scenario has no truth to compare with');
      if (!Array.isArray(given) || !Array.isArray(expected)) {
        return isSameJson(given, expected, rule) ? right : wrongValue(given, expected);
      }
      if (!unordered && isSameJson(given, expected, rule)) return right;
      const { missing, extra } = findUnmatched(given, expected, rule);
      if (unordered && missing.length === 0 && extra.length === 0) return right;
      const example = missing[0] ?? extra[0];
      const such = example === undefined ? 'another order' : JSON.stringify(example);
      return {
        correct: false,
        reason: `The answer has ${given.length} elements, ${expected.length} were expected: ${missing.length} missing, ${extra.length} wrong, such as ${shorten(such)}.`,
      };
    },
  };
}

const right = { correct: true, reason: 'The answer equals the ground truth.' };

function wrongValue(given: Json, expected: Json) {
  const reason = `Expected ${shorten(JSON.stringify(expected))}, got ${shorten(JSON.stringify(given))}.`;
  return { correct: false, reason };
}

function shorten(text: string): string {
  return text.length <= 160 ? text : `${text.slice(0, 157)}…`;
}
