import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { createInProcessSandbox } from '../../harness/sandbox/testing/in-process.ts';
import { makeFolder } from '../../harness/testing/command-line.ts';
import { attemptsOf, play } from './play.ts';

const sandbox = createInProcessSandbox();
const calls = 2;

test('input in the middle of a call is one call of two attempts, in both patterns; asked otherwise it is two calls', async () => {
  const at = (asks: string, out: string) => play('closing', { params: { calls, asks }, out, sandbox });
  const out = join(makeFolder({}), 'out');
  const user = await at('user', out);
  for (const [variant, trial] of Object.entries(user))
    expect([trial.result.toolCalls, attemptsOf(trial)], variant).toEqual([calls, 2 * calls]);
  const audited =
    readFileSync(join(out, 'audit.jsonl'), 'utf8').match(/"event":"result",.*"attempts":2/g) ?? [];
  expect(audited.length).toBeGreaterThanOrEqual(2 * calls);
  const caller = await at('caller', join(makeFolder({}), 'out'));
  for (const [variant, trial] of Object.entries(caller))
    expect([trial.result.toolCalls, attemptsOf(trial)], variant).toEqual([2 * calls, 2 * calls]);
  expect(user.classic?.result.roundTrips).toBeLessThan(caller.classic?.result.roundTrips ?? 0);
});

test('a handle is written by the model in direct calls, and is a variable of a program', async () => {
  const at = (state: string) =>
    play('shelf-sum', { params: { calls, state }, out: join(makeFolder({}), 'out'), sandbox });
  const [session, handle] = [await at('session'), await at('handle')];
  const more = (variant: string) =>
    (handle[variant]?.result.tokens.output ?? 0) - (session[variant]?.result.tokens.output ?? 0);
  expect(more('classic')).toBeGreaterThan(20 * calls);
  expect(more('code')).toBe(0);
});
