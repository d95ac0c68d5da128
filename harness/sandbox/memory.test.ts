import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Sandbox } from './sandbox.ts';
import { MEMORY_CASES } from './testing/attacks.ts';
import { checkAttack } from './testing/check.ts';
import { attempt, sandboxWithCanary, watchMemory } from './testing/harness.ts';

const MIB = 1024 * 1024;

/**
 * Arrays take 1,200 MiB where nothing watches the child, and 180 where it is watched. On a busy machine the kill comes late by
 * as much as a second, which is 200 MiB more: the bound tells a watch that is gone from one that had to wait.
 */
const CEILING_BYTES = 800 * MIB;

/** At the highest level, where more processes wrap the child: what the engine meets by itself, and what only watching meets. */
const watched = ['arrays', 'array buffers', 'collators outside the heap', 'JSON.parse of open brackets'];

describe.each([
  { at: 'L1', level: 'L1', attacks: MEMORY_CASES },
  {
    at: 'the highest level',
    level: 'highest',
    attacks: MEMORY_CASES.filter(({ name }) => watched.includes(name)),
  },
] as const)('at $at', ({ level, attacks }) => {
  let sandbox: Sandbox;
  beforeAll(async () => {
    sandbox = await sandboxWithCanary({ level, warm: 0 });
  });
  afterAll(() => sandbox.close());

  test.for(attacks)('$name', async (attack) => {
    const memory = watchMemory();
    const result = await attempt(sandbox, attack.source, attack.limits);
    const peakBytes = memory.stop();
    checkAttack(attack, result);
    expect(peakBytes).toBeLessThan(CEILING_BYTES);
  });

  test('the next program is unaffected', async () => {
    const { end } = await attempt(sandbox, 'return [await mcp.s.echo({ n: 1 }), typeof process]');
    expect(end).toMatchObject({ status: 'ok', valueJson: '[{"n":1},"undefined"]' });
  });
});
