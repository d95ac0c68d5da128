import { isDeepStrictEqual } from 'node:util';
import { type Json, type JsonObject, parseJson } from '../json.ts';
import { counted, number } from '../numbers.ts';
import { capText } from '../visible.ts';
import { askGrader, type TimeLimit } from './ask.ts';
import type { Grade, GradeContext, Grader, Scenario } from './scenario.ts';

/** The JSON value in an answer: the whole of it, or the one fenced block in it. Undefined where there is none. */
export function readJsonAnswer(answer: string): Json | undefined {
  const fenced = /```(?:json)?\s*\n([\s\S]*?)```/.exec(answer)?.[1];
  const whole = parseJson(answer) as Json | undefined;
  return whole === undefined && fenced !== undefined ? (parseJson(fenced) as Json | undefined) : whole;
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
  return {
    name: 'answer',
    grade(context) {
      const given = readJsonAnswer(context.answer);
      if (given === undefined) {
        return { correct: false, reason: `The answer is not JSON: ${quote(context.answer, 'given')}` };
      }
      const expected = context.truth;
      if (expected === undefined) throw new Error('the scenario has no truth to compare with');
      if (!Array.isArray(given) || !Array.isArray(expected)) {
        return isSameJson(given, expected, decimals) ? right : wrongValue(given, expected);
      }
      if (!unordered && isSameJson(given, expected, decimals)) return right;
      const { missing, extra } = findUnmatched(given, expected, decimals);
      if (unordered && missing.length === 0 && extra.length === 0) return right;
      const example = missing[0] ?? extra[0];
      const such = example === undefined ? 'another order' : JSON.stringify(example);
      return {
        correct: false,
        reason: `The answer has ${counted(given.length, 'element')}, ${number(expected.length)} were expected: ${number(missing.length)} missing, ${number(extra.length)} wrong, such as ${quote(such, 'expected')}.`,
      };
    },
  };
}

const right = { correct: true, reason: 'The answer equals the ground truth.' };

function wrongValue(given: Json, expected: Json) {
  const reason = `Expected ${quote(JSON.stringify(expected), 'expected')}, got ${quote(JSON.stringify(given), 'given')}.`;
  return { correct: false, reason };
}

/**
 * Characters of an answer that a reason quotes: whoever writes a program has to see what it returned. With as many of what was
 * expected as follow it, a message still shows all of it.
 */
const quoted = { given: 1_500, expected: 300 };

function quote(text: string, of: keyof typeof quoted): string {
  return capText(text, quoted[of]);
}

/** How numbers are compared: to a number of decimals, or by a share of the larger. */
type Decimals = number | undefined;

/**
 * Relative difference that the order of a sum can make and no wrong answer is likely to have. A double has about 1e-16; a
 * sum of a million terms loses at most six digits of it.
 */
const relative = 1e-9;

/** Whether two JSON values are equal, numbers as nearly as is asked; the order of keys does not matter. */
function isSameJson(given: Json, expected: Json, decimals: Decimals): boolean {
  if (typeof given === 'number' && typeof expected === 'number')
    return isSameNumber(given, expected, decimals);
  if (typeof given !== 'object' || typeof expected !== 'object' || given === null || expected === null) {
    return given === expected;
  }
  if (Array.isArray(given) || Array.isArray(expected)) {
    if (!Array.isArray(given) || !Array.isArray(expected) || given.length !== expected.length) return false;
    return given.every((element, index) => isSameJson(element, expected[index] ?? null, decimals));
  }
  const keys = Object.keys(expected);
  return (
    keys.length === Object.keys(given).length &&
    keys.every(
      (key) => Object.hasOwn(given, key) && isSameJson(given[key] ?? null, expected[key] ?? null, decimals),
    )
  );
}

/** Which elements of each list have no partner in the other, in any order. */
function findUnmatched(
  given: readonly Json[],
  expected: readonly Json[],
  decimals: Decimals,
): { missing: Json[]; extra: Json[] } {
  // Numbers aside, partners have the same text: only those of the same text need to be compared.
  const wanted = Map.groupBy(expected, shapeOf);
  for (const group of wanted.values()) group.sort(byNumbers);
  const extra: Json[] = [];
  for (const element of given.toSorted(byNumbers)) {
    const group = wanted.get(shapeOf(element)) ?? [];
    const partner = group.findIndex((candidate) => isSameJson(element, candidate, decimals));
    if (partner < 0) extra.push(element);
    else group.splice(partner, 1);
  }
  return { missing: [...wanted.values()].flat(), extra };
}

function isSameNumber(given: number, expected: number, decimals: Decimals): boolean {
  const difference = Math.abs(given - expected);
  const noise = relative * Math.max(Math.abs(given), Math.abs(expected));
  // What is rounded to so many decimals is off by half a unit of the last.
  return difference <= (decimals === undefined ? noise : 0.5 * 10 ** -decimals + noise);
}

function shapeOf(value: Json): string {
  return JSON.stringify(value, (_, part) => {
    if (typeof part === 'number') return 0;
    if (part === null || typeof part !== 'object' || Array.isArray(part)) return part;
    return Object.fromEntries(sortedMembers(part));
  });
}

function byNumbers(left: Json, right: Json): number {
  const [a, b] = [numbersOf(left), numbersOf(right)];
  const at = a.findIndex((number, index) => number !== b[index]);
  return at < 0 ? 0 : (a[at] ?? 0) - (b[at] ?? 0);
}

/** All numbers of a value, in the order of its keys. */
function numbersOf(value: Json): number[] {
  if (typeof value === 'number') return [value];
  if (value === null || typeof value !== 'object') return [];
  const members = Array.isArray(value) ? value : sortedMembers(value).map(([, member]) => member);
  return members.flatMap(numbersOf);
}

function sortedMembers(value: JsonObject): [string, Json][] {
  return Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
}

/** A change that a task asks for: the fields that must differ afterwards, with their new values. */
type ExpectedUpdate = { entity: string; id: string; fields: Record<string, unknown> };

/**
 * Grades what became of a mock server's data: exactly the expected updates and nothing else. A field that was to change and
 * did not, one that changed besides (those in `derived` excepted), and a record that should have been left alone are all wrong.
 */
export function stateUpdates(options: {
  server: string;
  expected: (context: GradeContext) => ExpectedUpdate[];
  /** Fields that the server computes itself. */
  derived?: string[];
}): Grader {
  return {
    name: `state of ${options.server}`,
    grade(context) {
      const changes = context.states[options.server]?.changes ?? [];
      const expected = options.expected(context);
      const outstanding = new Map(expected.map((update) => [`${update.entity} ${update.id}`, update]));
      for (const { operation, entity, id, before = {}, after = {} } of changes) {
        const key = `${entity} ${id}`;
        const update = outstanding.get(key);
        if (operation !== 'update' || !update) {
          return { correct: false, reason: `Not asked for: ${operation} ${key}.` };
        }
        const want: Record<string, unknown> = { ...before, ...update.fields };
        const wrong = Object.keys({ ...before, ...after, ...update.fields }).find(
          (field) => !options.derived?.includes(field) && !isDeepStrictEqual(after[field], want[field]),
        );
        if (wrong !== undefined) {
          return { correct: false, reason: `${key}: ${wrong} is not what it should be afterwards.` };
        }
        outstanding.delete(key);
      }
      const [missing] = outstanding.keys();
      return missing === undefined
        ? { correct: true, reason: `All ${number(expected.length)} changes were made, and no other.` }
        : {
            correct: false,
            reason: `${number(outstanding.size)} of ${number(expected.length)} changes were not made, such as ${missing}.`,
          };
    },
  };
}

/** What the graders of a trial said: right only if each of them says so. */
export type Grades = { correct: boolean; grades: ({ grader: string } & Grade)[] };

/**
 * Asks every grader of a scenario. Where the task asks for no changes, the mock servers' data must also be what it was: an
 * answer that is right but left damage is wrong. Throws a `ScenarioFault` where a grader throws or does not end.
 */
export async function grade(
  scenario: Scenario,
  context: GradeContext,
  timeLimit: TimeLimit,
): Promise<Grades> {
  const grades: Grades['grades'] = [];
  for (const grader of scenario.graders ?? [jsonAnswer()]) {
    grades.push({ grader: grader.name, ...(await askGrader(scenario, grader, context, timeLimit)) });
  }
  if (!scenario.writes) grades.push({ grader: 'state unchanged', ...unchanged(context) });
  return { correct: grades.every((each) => each.correct), grades };
}

function unchanged(context: GradeContext): Grade {
  const changes = Object.entries(context.states).flatMap(([server, state]) =>
    state.changes.map((change) => `${server}: ${change.operation} ${change.entity} ${change.id}`),
  );
  return changes.length === 0
    ? { correct: true, reason: 'No server data was changed.' }
    : {
        correct: false,
        reason: `The task asks for no changes, but there are ${number(changes.length)}: ${changes[0]}.`,
      };
}
