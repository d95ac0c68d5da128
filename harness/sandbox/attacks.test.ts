import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Sandbox } from './sandbox.ts';
import { type Attack, BREAKOUTS, LANGUAGE, MEMORY_CASES, OUTPUT, TIME, VALUES } from './testing/attacks.ts';
import { CANARY } from './testing/escapes.ts';
import {
  type Attempt,
  attempt,
  hostPrototypes,
  reachableLevels,
  sandboxWithCanary,
} from './testing/harness.ts';

const STATUSES = [
  'ok',
  'guest_error',
  'syntax_error',
  'timeout_cpu',
  'timeout_wall',
  'oom',
  'output_limit',
].concat(['call_limit', 'killed', 'crashed']);
const { levels } = await reachableLevels();
const level = levels.at(-1) as (typeof levels)[number];
let sandbox: Sandbox;
const prototypes = hostPrototypes();

beforeAll(async () => {
  sandbox = await sandboxWithCanary({ level, warm: 2 });
});
afterAll(() => sandbox.close());

function check(attack: Attack, { end, calls, text, longestGapMs }: Attempt): void {
  expect(STATUSES).toContain(end.status);
  expect([attack.ends].flat(), text.slice(0, 600)).toContain(end.status);
  expect(text).not.toContain(CANARY);
  expect(longestGapMs, 'the parent stayed responsive').toBeLessThan(2000);
  expect(hostPrototypes()).toBe(prototypes);
  expect(end.calls).toBe(calls.length);
  if (attack.crossed) expect(calls.map(({ args }) => args)).toEqual(attack.crossed);
  if (end.status === 'ok' && 'value' in attack) {
    expect(end.valueJson === undefined ? undefined : JSON.parse(end.valueJson)).toEqual(attack.value);
  }
  if (end.status !== 'ok') expect(end.error.message.length).toBeLessThan(10_000);
  if (end.status !== 'ok' && attack.says && end.status === [attack.ends].flat()[0]) {
    expect(end.error.message).toMatch(attack.says);
  }
}

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
      check(attack, await attempt(sandbox, attack.source, attack.limits));
    });
    test('the next program is unaffected', nextIsUnaffected);
  });

  describe.each([
    { about: 'time', attacks: TIME },
    { about: 'memory', attacks: MEMORY_CASES },
  ])('$about', ({ attacks }) => {
    test.for(attacks)('$name', async (attack) => {
      const result = await attempt(sandbox, attack.source, attack.limits);
      check(attack, result);
      const { wallMs } = result.end.measured;
      expect(wallMs).toBeLessThan((attack.limits?.wallMs ?? 60_000) + 500);
    });
    test('the next program is unaffected', nextIsUnaffected);
  });
});
