import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { IsolationLevel, Sandbox } from './sandbox.ts';
import { checkInvariants } from './testing/check.ts';
import { CANARY, CANARY_NAME, escapePrograms } from './testing/escapes.ts';
import { attempt, reachableLevels, sandboxWithCanary } from './testing/harness.ts';
import { runLeaky } from './testing/leaky-runner.ts';

const programs = escapePrograms();
const { levels } = await reachableLevels();

// At L1 the isolate is all there is; the walls further out are tried by what is run inside them, in isolation.test.ts.
const runs = [
  { level: levels[0] as IsolationLevel, items: programs },
  { level: levels.at(-1) as IsolationLevel, items: programs.filter((_, i) => i % 3 === 0) },
];

describe.each(runs)('at $level', ({ level, items }) => {
  let sandbox: Sandbox;
  beforeAll(async () => {
    sandbox = await sandboxWithCanary({ level, warm: 2 });
  });
  afterAll(() => sandbox.close());

  test.for(chunks(items, 10))('no escape reaches the host: $name', async ({ items }) => {
    const attempts = await Promise.all(items.map(({ source }) => attempt(sandbox, source)));
    for (const [i, made] of attempts.entries()) {
      checkInvariants(made);
      expect(['ok', 'guest_error'], `${items[i]?.name}: ${made.text}`).toContain(made.end.status);
    }
    const next = await attempt(sandbox, 'return [await mcp.s.echo({ n: 1 }), typeof process]');
    expect(next.end).toMatchObject({ status: 'ok', valueJson: '[{"n":1},"undefined"]' });
  });
});

test('the same escapes succeed against a leaky runner, so that failing means something', async () => {
  process.env[CANARY_NAME] = CANARY;
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

function chunks<T>(items: T[], size: number): { name: string; items: T[] }[] {
  const groups: { name: string; items: T[] }[] = [];
  for (let i = 0; i < items.length; i += size) {
    const group = items.slice(i, i + size);
    groups.push({ name: `programs ${i + 1} to ${i + group.length}`, items: group });
  }
  return groups;
}
