import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Sandbox } from './sandbox.ts';
import { BREAKOUTS, LANGUAGE, OUTPUT, TIME, VALUES } from './testing/attacks.ts';
import { checkAttack } from './testing/check.ts';
import { attempt, childPids, reachableLevels, sandboxWithCanary, watchFiles } from './testing/harness.ts';
import { createInProcessSandbox } from './testing/in-process.ts';

const { levels } = await reachableLevels();
const level = levels.at(-1) as (typeof levels)[number];
let sandbox: Sandbox;
/** Files that programs left behind. */
const filesLeft = watchFiles();

beforeAll(async () => {
  sandbox = await sandboxWithCanary({ level, warm: 0 });
});
afterAll(() => sandbox.close());

async function nothingIsLeft(): Promise<void> {
  const { end } = await attempt(sandbox, 'return [await mcp.s.echo({ n: 1 }), typeof process]');
  expect(end).toMatchObject({ status: 'ok', valueJson: '[{"n":1},"undefined"]' });
  expect(filesLeft()).toEqual([]);
  // The sandbox keeps the one child that it tried the level with, and one that wraps it where there are namespaces.
  await expect.poll(() => childPids().length, { timeout: 10_000 }).toBeLessThanOrEqual(2);
}

// What becomes of a value is decided before anything leaves the isolate, by the same code in this process.
test.for(VALUES)('the rule of values: $name', async (attack) => {
  checkAttack(attack, await attempt(createInProcessSandbox(), attack.source, attack.limits));
});

describe(`at ${level}`, () => {
  describe.each([
    { about: 'looking around and tampering', attacks: LANGUAGE },
    { about: 'breaking out of the wrapper', attacks: BREAKOUTS },
    { about: 'values that are passed on', attacks: VALUES.filter(({ crossed }) => crossed) },
    { about: 'output and calls', attacks: OUTPUT },
  ])('$about', ({ attacks }) => {
    test.concurrent.for(attacks)('$name', async (attack) => {
      checkAttack(attack, await attempt(sandbox, attack.source, attack.limits));
    });
    test('the next program is unaffected, and nothing is left', nothingIsLeft);
  });

  describe('time', () => {
    test.for(TIME)('$name', async (attack) => {
      const result = await attempt(sandbox, attack.source, attack.limits);
      checkAttack(attack, result);
      const { wallMs } = result.end.measured;
      expect(wallMs).toBeLessThan((attack.limits?.wallMs ?? 60_000) + 10_000);
    });
    test('the next program is unaffected, and nothing is left', nothingIsLeft);
  });
});
