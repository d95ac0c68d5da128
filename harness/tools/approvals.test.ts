import { describe, expect, test, vi } from 'vitest';
import type { ApprovalGrain, Caller } from '../results/codes.ts';
import {
  type ApprovalRules,
  type Approver,
  approvalRulesOf,
  createApprovals,
  type Question,
} from './approvals.ts';
import type { Tool } from './mcp/surface.ts';
import { measureArguments } from './policy.ts';

const toolNamed = (name: string, readOnly = false) =>
  ({
    ...{ server: 's', name, identifier: name, description: '', inputSchema: {} },
    annotations: { readOnlyHint: readOnly },
  }) as Tool;
const write = toolNamed('write');
const signal = new AbortController().signal;
const pause = () => () => {};

/** Approvals whose approver says yes unless told otherwise, with what it was asked and what was noted. */
function open(
  rules: Partial<ApprovalRules>,
  answer: (question: Question) => boolean | Promise<boolean> = () => true,
) {
  const questions: Question[] = [];
  const noted: unknown[] = [];
  const waits: number[] = [];
  const approver: Approver = {
    by: 'script',
    ask: async (question) => {
      questions.push(question);
      return answer(question);
    },
  };
  const approvals = createApprovals(
    { per: 'call', latencyMs: 7_000, ...rules },
    {
      ...{ trial: 'scene/code/1', approver },
      audit: { answered: (each, caller) => void noted.push({ ...each, caller: caller?.kind }) },
      recorder: { record: () => {} },
      onWait: (ms) => waits.push(ms),
    },
  );
  let call = 0;
  const decide = (
    args: Record<string, unknown>,
    { tool = write, program = undefined as string | undefined } = {},
  ) => {
    call += 1;
    const caller: Caller =
      program === undefined ? { kind: 'model' } : { kind: 'program', sha256: 'a'.repeat(64) };
    const running = program === undefined ? undefined : programs.get(program);
    return approvals.decide(
      { call, tool, args, measured: measureArguments(args), caller, program: running },
      signal,
    );
  };
  const programs = new Map(['one', 'two'].map((source) => [source, { source, pause }]));
  return { approvals, decide, questions, noted, waits };
}

describe('what one approval covers', () => {
  /** Five calls: two programs of two calls each, and one of the model's own. */
  const askedPer = async (per: ApprovalGrain, tools?: ApprovalRules['tools']) => {
    const { approvals, decide, questions } = open({ per, tools });
    await approvals.begin(signal);
    await decide({ id: 1, tag: 'a' }, { program: 'one' });
    await decide({ id: 2, tag: 'a' }, { program: 'one' });
    await decide({ id: 3, tag: 'b' }, { program: 'two' });
    await decide({ id: 4, tag: 'a' }, { program: 'two' });
    await decide({ id: 5, tag: 'b' });
    expect(approvals.report()).toMatchObject({ per, asked: questions.length, refused: 0, calls: 5 });
    return questions.length;
  };

  test('a call: each is asked for', async () => expect(await askedPer('call')).toBe(5));
  test('arguments: those named must be the same', async () => {
    expect(await askedPer('arguments', { s: { write: ['tag'] } })).toBe(2);
    expect(await askedPer('arguments', { s: { write: ['tag', 'id'] } })).toBe(5);
    expect(await askedPer('arguments')).toBe(1);
  });
  test('a program: all its calls, and none of the model itself', async () =>
    expect(await askedPer('program')).toBe(3));
  test('what is granted beforehand: all', async () => expect(await askedPer('granted')).toBe(1));
});

test('an approval of a tool covers none of the same name of another server', async () => {
  const theirs = { ...write, server: 'other' };
  const { approvals, decide, questions } = open({ per: 'arguments', tools: { s: { write: [] } } });
  expect([write, theirs].map(approvals.isNeeded)).toEqual([true, false]);
  const both = open({ per: 'arguments' });
  await both.decide({});
  await both.decide({}, { tool: theirs });
  expect(both.questions.map(({ tools }) => tools)).toEqual([['s.write'], ['other.write']]);
  await decide({});
  await decide({});
  expect(questions).toHaveLength(1);
});

test('an argument that is called as what all objects have is one that a call may lack', async () => {
  const { decide, questions } = open({ per: 'arguments', tools: { s: { write: ['constructor'] } } });
  for (const args of [{}, { constructor: 'a' }, { constructor: 'a' }]) await decide(args);
  expect(questions).toHaveLength(2);
});

test('the approver sees what is about to be done', async () => {
  const { decide, questions } = open({ per: 'program' });
  await decide({ id: 1 }, { program: 'one' });
  expect(questions).toEqual([
    { trial: 'scene/code/1', per: 'program', tools: ['s.write'], arguments: '{"id":1}', program: 'one' },
  ]);
});

test('calls that are made at once are asked for one after another, and once where one answer covers them', async () => {
  const answers: (() => void)[] = [];
  const { decide, questions } = open(
    { per: 'arguments', tools: { s: { write: ['tag'] } } },
    () => new Promise((resolve) => answers.push(() => resolve(true))),
  );
  const all = Promise.all([decide({ tag: 'a' }), decide({ tag: 'a' }), decide({ tag: 'b' })]);
  await vi.waitFor(() => expect(answers).toHaveLength(1));
  answers[0]?.();
  await vi.waitFor(() => expect(answers).toHaveLength(2));
  answers[1]?.();
  expect(await all).toMatchObject([{ approval: 1 }, { approval: 1 }, { approval: 2 }]);
  expect(questions).toHaveLength(2);
});

test('a no refuses the call, fails the trial, and is not asked again', async () => {
  const { approvals, decide, questions, noted } = open({ per: 'arguments' }, () => false);
  for (const id of [1, 2]) {
    expect(await decide({ id })).toEqual({
      ...{ allowed: false, code: 'not_approved', approval: 1 },
      reason: 'refused: s.write was not approved',
    });
  }
  expect(questions).toHaveLength(1);
  expect(approvals.failure()).toMatch(/^s\.write was not approved: the answer to approval 1 was no\./);
  expect(approvals.report()).toMatchObject({ asked: 1, refused: 1, calls: 0 });
  expect(noted).toMatchObject([{ approval: 1, approved: false, by: 'script', call: 1, caller: 'model' }]);
});

test('a script is taken to need its time for each answer, and waits for none', async () => {
  const { approvals, decide, waits } = open({});
  await decide({ id: 1 });
  await decide({ id: 2 });
  expect(waits).toEqual([7_000, 7_000]);
  expect(approvals.report()).toMatchObject({ waitMs: 14_000 });
});

test('an abort ends the waiting for an answer', async () => {
  const controller = new AbortController();
  const { approvals } = open({ per: 'granted' }, () => new Promise(() => {}));
  const begun = approvals.begin(controller.signal);
  controller.abort(new Error('interrupted'));
  await expect(begun).rejects.toThrow('interrupted');
});

test('without names, what is not plainly read-only needs an approval; with names, those do', () => {
  const [read, other] = [toolNamed('read', true), toolNamed('other')];
  const needs = (tools?: ApprovalRules['tools']) =>
    [write, read, other].map((tool) => open({ tools }).approvals.isNeeded(tool));
  expect(needs()).toEqual([true, false, true]);
  expect(needs({ s: { write: [], read: [] } })).toEqual([true, true, false]);
  const inherited = toolNamed('constructor', true);
  expect(open({ tools: { s: { write: [] } } }).approvals.isNeeded(inherited)).toBe(false);
});

test('a run may want approvals of workflows that write, and another grain of those that want them', () => {
  const approvals: ApprovalRules = { per: 'call', tools: { s: { write: [] } }, latencyMs: 1 };
  expect(approvalRulesOf({ writes: true })).toBeUndefined();
  expect(approvalRulesOf({ writes: false }, { per: 'call' })).toBeUndefined();
  expect(approvalRulesOf({ writes: true }, { per: 'program' })).toMatchObject({ per: 'program' });
  expect(approvalRulesOf({ writes: true, approvals }, { per: 'granted' })).toEqual({
    ...approvals,
    per: 'granted',
  });
});
