import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { makeFolder } from '../../harness/testing/command-line.ts';
import { markerOf, planComment } from './comment.ts';
import { runStep } from './main.ts';
import { keepOutcome } from './outcome.ts';
import { type FakeGitHub, openFakeGitHub } from './testing/github-api.ts';
import { environmentOf } from './testing/runner.ts';

const owner = { workflow: 'owner/shop/.github/workflows/ci.yml', job: 'test --> all', name: 'patternbench' };
const comment = (id: number, body: string, type = 'Bot') => ({ id, body, user: { type } });
const at = (run: number, attempt: number) => `${markerOf(owner, { run, attempt })}\ntext`;

test.each([
  ['the first is written', [], { kind: 'write' }],
  ['its own of an older run is updated', [comment(3, at(6, 9))], { kind: 'update', id: 3, doubles: [] }],
  ['its own of an older attempt is updated', [comment(3, at(7, 1))], { kind: 'update', id: 3, doubles: [] }],
  ['one of a newer run stays', [comment(3, at(8, 1))], { kind: 'leave' }],
  ['one of a newer attempt stays', [comment(3, at(7, 3))], { kind: 'leave' }],
  [
    'of two, one is updated and one removed',
    [comment(3, at(7, 1)), comment(4, at(6, 1))],
    { kind: 'update', id: 3, doubles: [4] },
  ],
  ["another job's is not touched", [comment(3, at(9, 1).replace('test', 'lint'))], { kind: 'write' }],
  ['a person who copies the marker cannot keep it away', [comment(3, at(9, 1), 'User')], { kind: 'write' }],
  ['a bot that quotes it cannot either', [comment(3, `> ${at(9, 1)}`)], { kind: 'write' }],
])('of comments on a pull request: %s', (_, comments, plan) => {
  expect(planComment(comments, owner, { run: 7, attempt: 2 })).toEqual(plan);
});

let github: FakeGitHub;
beforeEach(async () => {
  github = await openFakeGitHub();
});
afterEach(() => github.close());

/** Publishes a failure of a gate. Returns the log. */
async function publishFailure(run: number): Promise<{ code: number; log: string }> {
  const event = {
    pull_request: { number: 5, head: { sha: 'the-head', ref: 'x' }, base: { sha: 'the-base', ref: 'main' } },
  };
  const temp = makeFolder({ 'event.json': JSON.stringify(event) });
  const report = join(temp, 'patternbench-mine/report');
  mkdirSync(report, { recursive: true });
  keepOutcome(report, {
    outcome: 'fail',
    title: 'Gate failed: it costs more',
    comment: `### Gate failed\n${'x'.repeat(70_000)}`,
  });
  const env = { ...environmentOf('test', { place: temp, api: github.url, run }), GITHUB_OUTPUT: '' };
  let log = '';
  const code = await runStep('publish', {
    cwd: temp,
    env: { ...env, NAME: 'mine', TOKEN: 'the-token' },
    command: async () => ({ code: 0, stdout: '', stderr: '' }),
    log: (text) => {
      log += text;
    },
  });
  return { code, log };
}

test('a hundred comments of others do not hide its own, and an older run leaves it as it is', async () => {
  github.comments.push(...Array.from({ length: 100 }, (_, index) => comment(index + 1, 'hello', 'User')));
  await publishFailure(3);
  const { log } = await publishFailure(2);
  expect(log).toContain('The comment is of a newer run and stays as it is.');
  expect(github.comments).toHaveLength(101);
  expect(github.comments.at(-1)?.body).toContain('run=3 attempt=1');
  await publishFailure(4);
  expect(github.comments).toHaveLength(101);
  expect(github.comments.at(-1)?.body).toContain('run=4 attempt=1');
});

test('texts are cut to what GitHub takes', async () => {
  await publishFailure(1);
  expect(github.comments[0]?.body.length).toBeLessThanOrEqual(65_536);
  expect(github.checks[0]?.output.summary.length).toBeLessThanOrEqual(65_535);
  expect(github.checks[0]).toMatchObject({
    name: 'mine',
    conclusion: 'failure',
    output: { title: 'Gate failed: it costs more' },
  });
});

test('without permission it warns, says which one it needs, and does not fail', async () => {
  github.refuses = ['/issues', '/check-runs'];
  const { code, log } = await publishFailure(1);
  expect(code).toBe(0);
  expect(log).toMatch(/^::warning title=The comment could not be written::.*403.*"pull-requests: write"/m);
  expect(log).toMatch(/^::warning title=The check could not be written::.*403.*"checks: write"/m);
  expect([github.comments, github.checks]).toEqual([[], []]);
});

test('where GitHub cannot be reached, it warns too', async () => {
  github.close();
  const { code, log } = await publishFailure(1);
  expect(code).toBe(0);
  expect(log.match(/^::warning/gm)).toHaveLength(2);
});
