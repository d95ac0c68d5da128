import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Sandbox } from './sandbox.ts';
import { BREAKOUTS, LANGUAGE, OUTPUT, TIME, VALUES } from './testing/attacks.ts';
import { checkAttack } from './testing/check.ts';
import { attempt, childPids, sandboxWithCanary, sharingProcesses, watchFiles } from './testing/harness.ts';
import { createInProcessSandbox } from './testing/in-process.ts';

/** At the highest level that this machine reaches. */
let sandbox: Sandbox;
/** Files that programs left behind. */
const filesLeft = watchFiles();

beforeAll(async () => {
  sandbox = await sandboxWithCanary({ warm: 0 });
});
afterAll(() => sandbox.close());

async function nextIsUnaffected(next: Sandbox): Promise<void> {
  const { end } = await attempt(next, 'return [await mcp.s.echo({ n: 1 }), typeof process]');
  expect(end).toMatchObject({ status: 'ok', valueJson: '[{"n":1},"undefined"]' });
  expect(filesLeft()).toEqual([]);
}

// What becomes of a value is decided before anything leaves the isolate, by the same code in this process.
test.for(VALUES)('the rule of values: $name', async (attack) => {
  checkAttack(attack, await attempt(createInProcessSandbox(), attack.source, attack.limits));
});

describe('time', () => {
  test.for(TIME)('$name', async (attack) => {
    const result = await attempt(sandbox, attack.source, attack.limits);
    checkAttack(attack, result);
    const { wallMs } = result.end.measured;
    expect(wallMs).toBeLessThan((attack.limits?.wallMs ?? 60_000) + 10_000);
  });
  test('the next program is unaffected, and nothing is left', async () => {
    await nextIsUnaffected(sandbox);
    // The sandbox keeps the one child that it tried the level with, and one that wraps it where there are namespaces.
    await expect.poll(() => childPids().length, { timeout: 10_000 }).toBeLessThanOrEqual(2);
  });
});

describe.each([
  { about: 'looking around and tampering', attacks: LANGUAGE },
  { about: 'breaking out of the wrapper', attacks: BREAKOUTS },
  { about: 'values that are passed on', attacks: VALUES.filter(({ crossed }) => crossed) },
  { about: 'output and calls', attacks: OUTPUT },
])('$about', ({ attacks }) => {
  test.concurrent.for(attacks)('$name', async (attack) => {
    checkAttack(attack, await attempt(sharingProcesses(sandbox), attack.source, attack.limits));
  });
  test('the next program of the same process is unaffected, and nothing is left', () =>
    nextIsUnaffected(sharingProcesses(sandbox)));
});

test('nothing is left once the sandbox is closed', async () => {
  await sandbox.close();
  expect(filesLeft()).toEqual([]);
  await expect.poll(() => childPids(), { timeout: 10_000 }).toEqual([]);
});
