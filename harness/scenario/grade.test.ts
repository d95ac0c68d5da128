import { describe, expect, test } from 'vitest';
import type { MockState } from '../../mock-servers/state.ts';
import { grade } from './grade.ts';
import type { Grade, Scenario } from './scenario.ts';

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
      '/somewhere/mine/scenario.ts: the grader "endless" did not end within 0.02 s',
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
