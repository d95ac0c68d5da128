import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Sandbox } from './sandbox.ts';
import { MEMORY_CASES } from './testing/attacks.ts';
import { checkAttack } from './testing/check.ts';
import { attempt, reachableLevels, sandboxWithCanary, watchMemory } from './testing/harness.ts';

const MIB = 1024 * 1024;

/**
 * A child with an idle isolate (about 76 MiB), what it may need beside the heap (64 MiB), and how late a kill may be on a
 * machine that is busy. Without the walls these programs take a gigabyte and more.
 */
const PROCESS_ALLOWANCE_BYTES = 220 * MIB;

const { levels } = await reachableLevels();

describe.each([...new Set([levels[0], levels.at(-1)])])('at %s', (level) => {
  let sandbox: Sandbox;
  beforeAll(async () => {
    if (level !== undefined) sandbox = await sandboxWithCanary({ level, warm: 1 });
  });
  afterAll(() => sandbox.close());

  test.for(MEMORY_CASES)('$name', async (attack) => {
    const memory = watchMemory();
    const result = await attempt(sandbox, attack.source, attack.limits);
    const peakBytes = memory.stop();
    checkAttack(attack, result);
    expect(peakBytes / MIB).toBeLessThan(
      (((attack.limits?.memoryBytes ?? 0) + PROCESS_ALLOWANCE_BYTES) / MIB) * 1.1,
    );
  });

  test('the next program is unaffected', async () => {
    const { end } = await attempt(sandbox, 'return [await mcp.s.echo({ n: 1 }), typeof process]');
    expect(end).toMatchObject({ status: 'ok', valueJson: '[{"n":1},"undefined"]' });
  });
});
