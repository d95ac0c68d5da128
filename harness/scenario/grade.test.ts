import { describe, expect, test } from 'vitest';
import type { MockState } from '../../mock-servers/state.ts';
import type { Json } from '../json.ts';
import { grade, jsonAnswer, readJsonAnswer, stateUpdates } from './grade.ts';
import type { Grade, GradeContext, Scenario } from './scenario.ts';

type Options = Parameters<typeof jsonAnswer>[0];

const gradeAnswer = (answer: string, truth: Json, options: Options = {}) =>
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
    expect(gradeAnswer('{"b": [1, 2], "a": null}', { a: null, b: [1, 2] }).correct).toBe(true);
    expect(gradeAnswer('{"b": [1, 2]}', { a: null, b: [1, 2] }).correct).toBe(false);
    expect(gradeAnswer('{"b": [1, 2], "c": null}', { a: null, b: [1, 2] }).correct).toBe(false);
  });

  test('minds the order of a list unless it is declared not to matter', () => {
    const unordered = { unordered: true };
    expect(gradeAnswer('[2, 1]', [1, 2]).correct).toBe(false);
    expect(gradeAnswer('[2, 1]', [1, 2]).reason).toContain('another order');
    expect(gradeAnswer('[2, 1]', [1, 2], unordered).correct).toBe(true);
    expect(gradeAnswer('[{"x":2},{"x":1}]', [{ x: 1 }, { x: 2 }], unordered).correct).toBe(true);
  });

  test('refuses an element that is missing, doubled or too many', () => {
    const unordered = { unordered: true };
    expect(gradeAnswer('[1]', [1, 2], unordered).correct).toBe(false);
    expect(gradeAnswer('[1, 1]', [1], unordered).correct).toBe(false);
    expect(gradeAnswer('[1, 1, 2]', [1, 2, 2], unordered).correct).toBe(false);
    expect(gradeAnswer('[1, 2, 3]', [1, 2], unordered).correct).toBe(false);
  });

  test('says what is missing and what is wrong', () => {
    expect(gradeAnswer('[{"name":"A"}]', [{ name: 'B' }], { unordered: true }).reason).toContain(
      '1 missing, 1 wrong',
    );
    expect(gradeAnswer('no idea', 5).reason).toContain('not JSON');
    const rows = '- row [ref=e11]: a cell. '.repeat(50);
    expect(gradeAnswer(JSON.stringify({ rows }), { rows: [] }).reason).toContain(rows);
    expect(gradeAnswer(rows, { rows: [] }).reason).toContain(rows);
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
    expect(gradeAnswer(`{"sum": ${text}}`, { sum: truth }).correct).toBe(correct);
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
    expect(gradeAnswer(`[${given}]`, [truth], { decimals: 2 }).correct).toBe(correct);
    expect(gradeAnswer(`[${given}]`, [truth], { decimals: 2, unordered: true }).correct).toBe(correct);
  });

  test('of unordered rows are matched with those that are nearest, each once', () => {
    const rows = Array.from({ length: 3_000 }, (_, index) => ({ name: 'A', sum: index / 7 + 0.1 + 0.2 }));
    const noisy = rows.map(({ name, sum }) => ({ name, sum: sum * (1 + 1e-12) })).toReversed();
    const unordered = { unordered: true };
    expect(gradeAnswer(JSON.stringify(noisy), rows, unordered).correct).toBe(true);
    expect(
      gradeAnswer(JSON.stringify([...noisy.slice(1), { name: 'A', sum: -1 }]), rows, unordered).reason,
    ).toContain('1 missing, 1 wrong');
  });

  test('are not rounded to a number of decimals that makes no sense', () => {
    expect(() => jsonAnswer({ decimals: -1 })).toThrow('whole number from 0 to 15');
    expect(() => jsonAnswer({ decimals: 0.5 })).toThrow('whole number from 0 to 15');
  });
});

const grader = stateUpdates({
  server: 'crm',
  derived: ['updatedAt'],
  expected: () => [
    { entity: 'contact', id: 'a', fields: { tags: ['x'] } },
    { entity: 'contact', id: 'b', fields: { tags: [] } },
  ],
});

type Change = MockState['changes'][number];
const update = (id: string, after: Record<string, unknown>): Change => ({
  operation: 'update',
  entity: 'contact',
  id,
  before: { id, name: 'N', tags: ['y'], updatedAt: 1 },
  after: { id, name: 'N', tags: ['y'], updatedAt: 2, ...after },
});
const rightChanges = [update('a', { tags: ['x'] }), update('b', { tags: [] })];

async function gradeState(changes: Change[]) {
  const states = { crm: { changes } as unknown as MockState };
  return grader.grade({ states } as unknown as GradeContext);
}

test('accepts exactly the changes that were asked for', async () => {
  expect((await gradeState(rightChanges)).correct).toBe(true);
});

test.each([
  ['one is missing', rightChanges.slice(1), '1 of 2 changes were not made, such as contact a'],
  [
    'another record was touched',
    [...rightChanges, update('c', { tags: [] })],
    'Not asked for: update contact c',
  ],
  ['a field has another value', [update('a', { tags: ['z'] }), rightChanges[1]], 'contact a: tags'],
  [
    'another field changed too',
    [update('a', { tags: ['x'], name: 'M' }), rightChanges[1]],
    'contact a: name',
  ],
  [
    'a record is gone',
    [{ operation: 'delete', entity: 'contact', id: 'a', before: {} }, rightChanges[1]],
    'Not asked for: delete contact a',
  ],
])('refuses them where %s', async (_, changes, reason) => {
  expect(await gradeState(changes as Change[])).toEqual({
    correct: false,
    reason: expect.stringContaining(reason),
  });
});

const right: Grade = { correct: true, reason: 'right' };
const scenario = (change: Partial<Scenario>) =>
  ({
    name: 'mine',
    folder: '/somewhere/mine',
    writes: false,
    graders: [{ name: 'always', grade: () => right }],
    ...change,
  }) as Scenario;
const state = (changes: MockState['changes']) => ({ crm: { changes } as MockState });
const context = { params: {}, seed: 1, trialDir: '', truth: undefined, answer: '', states: {} };
const timeLimit = { signal: new AbortController().signal };
const deleted = { operation: 'delete', entity: 'contact', id: 'con_1' } as const;

describe('grading a trial', () => {
  test('is right only where every grader says so', async () => {
    const graders = [
      { name: 'first', grade: () => right },
      { name: 'second', grade: async (): Promise<Grade> => ({ correct: false, reason: 'no' }) },
    ];
    expect((await grade(scenario({ graders }), context, timeLimit)).correct).toBe(false);
  });

  test('finds a right answer wrong where data was changed that was not to be changed', async () => {
    const { correct, grades } = await grade(
      scenario({}),
      { ...context, states: state([deleted]) },
      timeLimit,
    );
    expect(correct).toBe(false);
    expect(grades.at(-1)?.reason).toContain('crm: delete contact con_1');
  });

  test('lets a scenario that writes judge the changes by its own graders', async () => {
    const { correct } = await grade(
      scenario({ writes: true }),
      { ...context, states: state([deleted]) },
      timeLimit,
    );
    expect(correct).toBe(true);
  });

  test('compares the answer with the truth where the scenario brings no grader', async () => {
    const { graders: _, ...bare } = scenario({});
    const graded = await grade(bare as Scenario, { ...context, truth: [1], answer: '[2]' }, timeLimit);
    expect(graded.correct).toBe(false);
  });

  test('names the grader that fails by itself', async () => {
    const graders = [
      {
        name: 'broken',
        grade: () => {
          throw new Error('no such field');
        },
      },
    ];
    await expect(grade(scenario({ graders }), context, timeLimit)).rejects.toThrow(
      '/somewhere/mine/scenario.ts: the grader "broken" threw Error: no such field',
    );
  });

  test('bounds a grader that does not end, and stops waiting when the run is interrupted', async () => {
    const graders = [{ name: 'endless', grade: () => new Promise<Grade>(() => undefined) }];
    await expect(grade(scenario({ graders }), context, { ...timeLimit, limitMs: 20 })).rejects.toThrow(
      '/somewhere/mine/scenario.ts: the grader "endless" did not end within 20 ms',
    );
    const interrupt = new AbortController();
    const graded = grade(scenario({ graders }), context, { signal: interrupt.signal });
    interrupt.abort(new Error('SIGINT'));
    await expect(graded).rejects.toThrow('SIGINT');
  });

  test('tells a throwing getter and a thrown value that cannot be read as faults', async () => {
    const hostile = new Proxy(new Error('x'), {
      get: () => {
        throw new Error('no');
      },
    });
    const graders = (returned: () => Grade) => [{ name: 'odd', grade: returned }];
    const getter = graders(() => ({
      reason: '',
      get correct(): boolean {
        throw new TypeError('not yet');
      },
    }));
    const thrown = graders(() => {
      throw hostile;
    });
    await expect(grade(scenario({ graders: getter }), context, timeLimit)).rejects.toThrow(
      '"odd" threw TypeError: not yet',
    );
    await expect(grade(scenario({ graders: thrown }), context, timeLimit)).rejects.toThrow(
      '"odd" threw a value that cannot be read',
    );
  });

  test.each([
    ['nothing', undefined],
    ['no reason', { correct: true }],
    ['a promise of text', Promise.resolve('right')],
    ['what only looks right', { correct: 'no', reason: 'x' }],
  ])('takes %s for no grade', async (_, returned) => {
    const graders = [{ name: 'odd', grade: () => returned as Grade }];
    await expect(grade(scenario({ graders }), context, timeLimit)).rejects.toThrow(
      'the grader "odd" returned an invalid value',
    );
  });
});
