import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { findVariant } from '../agent/variants.ts';
import { findModel } from '../meter/catalogue.ts';
import { parseRecord } from '../results/audit.ts';
import { readTrace } from '../results/trace.ts';
import { createInProcessSandbox } from '../sandbox/testing/in-process.ts';
import { loadScenarios } from '../scenario/load.ts';
import { makeFolder } from '../testing/command-line.ts';
import { nowhere } from '../testing/scenario-files.ts';
import type { ApprovalSettings, Question } from '../tools/approvals.ts';
import { plan, type Trial } from './plan.ts';
import { trialEnvironment } from './testing/trial-environment.ts';
import { runTrial } from './trial.ts';
import { createSchedules } from './trial-schedule.ts';

async function planOne(variant: string): Promise<Trial> {
  const [trial] = plan({
    scenarios: await loadScenarios(['crm-tag-cleanup']),
    givenParams: { contacts: '60' },
    variants: [findVariant(variant)],
    model: findModel('claude-sonnet-5'),
    seed: 1,
    places: nowhere,
  });
  if (!trial) throw new Error('There is no trial.');
  return trial;
}

/** Takes a tag off three of 60 contacts, each by one write, with approvals as a run may want them. */
async function clean(variant: string, approvals: ApprovalSettings, limits: { timeoutMs?: number } = {}) {
  const folder = makeFolder({});
  const environment = {
    ...trialEnvironment(folder, createInProcessSandbox()),
    ...{ mocksInProcess: true, approvals, models: { limits } },
  };
  const file = join(folder, 'trials/1.jsonl');
  try {
    const result = await runTrial(await planOne(variant), file, environment);
    const log = readFileSync(join(folder, 'audit.jsonl'), 'utf8').trim().split('\n');
    return { result, trace: readTrace(file) ?? [], log: log.map((line) => parseRecord(Buffer.from(line))) };
  } finally {
    environment.audit.close();
  }
}

/** A person whose answer is `answer`, and what was asked. */
function person(answer: (question: Question) => boolean | Promise<boolean>) {
  const questions: Question[] = [];
  const approver = {
    by: 'person' as const,
    async ask(question: Question) {
      questions.push(question);
      return answer(question);
    },
  };
  return { approver, questions };
}

const writes = 3;

test('one approval covers a program, and a call that the model makes itself', async () => {
  const [classic, code] = [await clean('classic', {}), await clean('code', {})];
  expect(classic.result).toMatchObject({
    correct: 1,
    approvals: { per: 'program', by: 'script', asked: writes, refused: 0, calls: writes, waitMs: 30_000 },
  });
  expect(code.result).toMatchObject({
    correct: 1,
    approvals: { per: 'program', asked: 1, calls: writes, waitMs: 10_000 },
  });
});

test.each([
  ['call', writes],
  ['arguments', 1],
  ['granted', 1],
] as const)('an approval of each %s is asked for alike in both patterns', async (per, asked) => {
  for (const variant of ['classic', 'code']) {
    const { result } = await clean(variant, { per });
    expect(result, variant).toMatchObject({ correct: 1, approvals: { per, asked, calls: writes } });
  }
});

test('log and trace say which approval each call follows from, and calls that find a schedule ask for none', async () => {
  const { approver, questions } = person(() => true);
  const { result, log, trace } = await clean('classic', { approver });
  expect(result.approvals).toMatchObject({ by: 'person', asked: writes, waitMs: 0 });
  expect(questions).toHaveLength(writes);
  const trial = 'crm-tag-cleanup/classic/1';
  const answers = log.flatMap((record) => (record?.event === 'approval' ? [record] : []));
  expect(answers.map(({ approval }) => approval)).toEqual([1, 2, 3]);
  for (const answer of answers) {
    expect(answer).toMatchObject({ trial, by: 'person', approved: true, tools: ['crm.untag_contact'] });
    const call = log.findIndex((record) => record?.event === 'call' && record.approval === answer.approval);
    expect(log[call]).toMatchObject({ trial, call: answer.call, decision: 'allowed' });
    expect(log.indexOf(answer)).toBeLessThan(call);
  }
  expect(trace.filter(({ event }) => event === 'approval')).toHaveLength(writes);
});

test.each(['classic', 'code'])(
  'a call that is not approved is not made and fails its trial in %s',
  async (variant) => {
    const { approver, questions } = person(() => false);
    const { result, log, trace } = await clean(variant, { approver });
    expect(result).toMatchObject({
      correct: 0,
      reason: expect.stringMatching(/^crm\.untag_contact was not approved/),
      refusalCodes: { not_approved: expect.any(Number) },
      approvals: { refused: questions.length, calls: 0 },
    });
    const made = log.filter(
      (record) =>
        record?.event === 'call' &&
        record.trial.includes(`/${variant}/`) &&
        record['gen_ai.tool.name'] === 'untag_contact' &&
        record.decision === 'allowed',
    );
    expect(made).toEqual([]);
    expect(trace.filter(({ event }) => event === 'tool_refused').length).toBeGreaterThan(0);
    expect(trace.find(({ event }) => event === 'graded')).toMatchObject({
      grades: [{ grader: 'approvals', correct: false }, expect.anything(), expect.anything()],
    });
  },
);

test('the time of a trial stands still while somebody is asked', async () => {
  const limitMs = 2_500;
  const { approver } = person(async () => {
    await new Promise((resolve) => setTimeout(resolve, limitMs + 100));
    return true;
  });
  const { result } = await clean('code', { approver, per: 'granted' }, { timeoutMs: limitMs });
  expect(result).toMatchObject({ status: 'completed', correct: 1 });
  expect(result.approvals?.measured.waitMs).toBeGreaterThan(limitMs);
});

test('no call that must be approved is tried beforehand on a server that is real', async () => {
  const trial = await planOne('classic');
  const servers = {
    ...trial.servers,
    resolve: async () => ({ crm: { command: 'no-such-server', args: [] } }) as never,
  };
  const folder = makeFolder({});
  const environment = trialEnvironment(folder, createInProcessSandbox());
  try {
    const schedule = createSchedules(() => join(folder, 'schedule.jsonl'))(
      { ...trial, servers },
      environment,
    );
    expect(await schedule).toMatchObject({
      played: 'written',
      reason: 'calls that must be approved are not tried on servers that are real',
    });
  } finally {
    environment.audit.close();
  }
});
