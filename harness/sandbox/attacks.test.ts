import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Sandbox } from './sandbox.ts';
import { BREAKOUTS, LANGUAGE, OUTPUT, TIME, VALUES } from './testing/attacks.ts';
import { checkAttack } from './testing/check.ts';
import { attempt, reachableLevels, sandboxWithCanary } from './testing/harness.ts';

const { levels } = await reachableLevels();
const level = levels.at(-1) as (typeof levels)[number];
let sandbox: Sandbox;

beforeAll(async () => {
  sandbox = await sandboxWithCanary({ level, warm: 2 });
});
afterAll(() => sandbox.close());

async function nextIsUnaffected(): Promise<void> {
  const { end } = await attempt(sandbox, 'return [await mcp.s.echo({ n: 1 }), typeof process]');
  expect(end).toMatchObject({ status: 'ok', valueJson: '[{"n":1},"undefined"]' });
}

describe(`at ${level}`, () => {
  describe.each([
    { about: 'looking around and tampering', attacks: LANGUAGE },
    { about: 'breaking out of the wrapper', attacks: BREAKOUTS },
    { about: 'values', attacks: VALUES },
    { about: 'output and calls', attacks: OUTPUT },
  ])('$about', ({ attacks }) => {
    test.concurrent.for(attacks)('$name', async (attack) => {
      checkAttack(attack, await attempt(sandbox, attack.source, attack.limits));
    });
    test('the next program is unaffected', nextIsUnaffected);
  });

  describe('time', () => {
    test.for(TIME)('$name', async (attack) => {
      const result = await attempt(sandbox, attack.source, attack.limits);
      checkAttack(attack, result);
      const { wallMs } = result.end.measured;
      expect(wallMs).toBeLessThan((attack.limits?.wallMs ?? 60_000) + 500);
    });
    test('the next program is unaffected', nextIsUnaffected);
  });
});
