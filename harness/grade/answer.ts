import { isDeepStrictEqual } from 'node:util';
import type { Json } from '../json.ts';
import type { Grader } from '../scenario/scenario.ts';

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
 * array may come in any order. Numbers must be equal to a hundredth: amounts of money that were summed in another order.
 */
export function jsonAnswer(options: { unordered?: boolean } = {}): Grader {
  return {
    name: 'answer',
    grade(context) {
      const given = readJsonAnswer(context.answer);
      if (given === undefined) {
        return { correct: false, reason: `The answer is not JSON: ${shorten(context.answer)}` };
      }
      const expected = context.truth;
      if (expected === undefined) throw new Error('the scenario has no truth to compare with');
      const [left, right] = [normalise(given, options.unordered), normalise(expected, options.unordered)];
      if (isDeepStrictEqual(left, right))
        return { correct: true, reason: 'The answer equals the ground truth.' };
      return { correct: false, reason: describeDifference(given, expected) };
    },
  };
}

function normalise(value: Json, unordered = false): Json {
  const rounded = round(value);
  if (!unordered || !Array.isArray(rounded)) return rounded;
  return rounded
    .map((element): [string, Json] => [canonical(element), element])
    .sort(([left], [right]) => (left < right ? -1 : left > right ? 1 : 0))
    .map(([, element]) => element);
}

function round(value: Json): Json {
  if (typeof value === 'number') return Math.round(value * 100) / 100;
  if (Array.isArray(value)) return value.map(round);
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(Object.entries(value).map(([key, entry]) => [key, round(entry)]));
}

function canonical(value: Json): string {
  return JSON.stringify(value, (_, entry) =>
    entry !== null && typeof entry === 'object' && !Array.isArray(entry)
      ? Object.fromEntries(Object.entries(entry).sort(([left], [right]) => (left < right ? -1 : 1)))
      : entry,
  );
}

function describeDifference(given: Json, expected: Json): string {
  if (Array.isArray(given) && Array.isArray(expected)) {
    const has = new Set(given.map((element) => canonical(round(element))));
    const wants = new Set(expected.map((element) => canonical(round(element))));
    const missing = [...wants].filter((element) => !has.has(element));
    const extra = [...has].filter((element) => !wants.has(element));
    const example = missing[0] ?? extra[0] ?? 'order or repetition';
    return `The answer has ${given.length} elements, ${expected.length} were expected: ${missing.length} missing, ${extra.length} wrong, such as ${shorten(example)}.`;
  }
  return `Expected ${shorten(JSON.stringify(expected))}, got ${shorten(JSON.stringify(given))}.`;
}

function shorten(text: string): string {
  return text.length <= 160 ? text : `${text.slice(0, 157)}…`;
}
