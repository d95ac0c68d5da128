import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Sandbox } from './sandbox.ts';
import { checkInvariants } from './testing/check.ts';
import { CANARY, CANARY_NAME, escapePrograms, joinedEscapes } from './testing/escapes.ts';
import { attempt, sandboxWithCanary, sharingProcesses } from './testing/harness.ts';
import { runLeaky } from './testing/leaky-runner.ts';

// At L1 the isolate is all there is; the walls further out are tried by what is run inside them, in isolation.test.ts.
const runs = [
  // Warm children have made calls to warm up, and been reset.
  { at: 'L1', open: () => sandboxWithCanary({ level: 'L1', warm: 1 }) },
  {
    at: 'the highest level, where programs share processes',
    open: async () => sharingProcesses(await sandboxWithCanary({ warm: 0 })),
  },
];

describe.each(runs)('at $at', ({ open }) => {
  let sandbox: Sandbox;
  beforeAll(async () => {
    sandbox = await open();
  });
  afterAll(() => sandbox.close());

  test.concurrent.for(joinedEscapes())('does not reach the host: $name', async ({ source, count }) => {
    const made = await attempt(sandbox, source);
    checkInvariants(made);
    expect(['ok', 'guest_error'], made.text).toContain(made.end.status);
    // All of them were tried.
    if (count > 1) expect(JSON.parse((made.end as { valueJson: string }).valueJson)).toHaveLength(count);
  });

  test('the next program is unaffected', async () => {
    const next = await attempt(sandbox, 'return [await mcp.s.echo({ n: 1 }), typeof process]');
    expect(next.end).toMatchObject({ status: 'ok', valueJson: '[{"n":1},"undefined"]' });
  });
});

test('the same escapes succeed against a leaky runner, so that failing means something', async () => {
  process.env[CANARY_NAME] = CANARY;
  const programs = escapePrograms();
  const outcomes = await Promise.all(
    programs.map(async ({ name, source }) => {
      try {
        return { name, escaped: String(await runLeaky(source)).includes(CANARY) };
      } catch {
        return { name, escaped: false };
      }
    }),
  );
  delete (Object.prototype as { polluted?: unknown }).polluted;
  const share = outcomes.filter(({ escaped }) => escaped).length / outcomes.length;
  expect(
    share,
    outcomes
      .filter(({ escaped }) => !escaped)
      .map(({ name }) => name)
      .join('; '),
  ).toBeGreaterThanOrEqual(0.8);
});
