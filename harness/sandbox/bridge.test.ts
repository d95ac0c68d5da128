import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createSandbox } from './create.ts';
import { childPids } from './process.ts';
import type { CallResult, GuestCall, Sandbox } from './sandbox.ts';
import { API, sharingProcesses } from './testing/harness.ts';

let sandbox: Sandbox;
beforeAll(async () => {
  sandbox = sharingProcesses(await createSandbox({ level: 'L1', warm: 0 }));
});
afterAll(() => sandbox.close());

const json = (value: unknown): CallResult => ({ ok: true, valueJson: JSON.stringify(value) });

test('any JSON value crosses unchanged, as result, as argument and as returned value', async () => {
  const values = fc.array(fc.jsonValue({ maxDepth: 6, noUnicodeString: false } as never), {
    minLength: 1,
    maxLength: 60,
  });
  await fc.assert(
    fc.asyncProperty(values, async (given) => {
      const seen: unknown[] = [];
      const source = `const all = await mcp.s.list_contacts({});
        return await Promise.all(all.map((value) => mcp.s.echo({ value }).then((r) => r.value)));`;
      const end = await sandbox.run(
        { source, api: API },
        {
          async call({ tool, args }: GuestCall) {
            if (tool === 'list_contacts') return json(given);
            seen.push((args as { value: unknown }).value);
            return json(args);
          },
        },
      );
      const expected = JSON.stringify(given);
      expect(JSON.stringify(seen)).toBe(expected);
      expect(end).toMatchObject({ status: 'ok', valueJson: expected });
    }),
    { numRuns: 8 },
  );
});

test('results take effect in exactly the order in which they are handed in, however they are batched', async () => {
  const order = fc.integer({ min: 1, max: 25 }).chain((count) =>
    fc.tuple(
      fc.shuffledSubarray(
        Array.from({ length: count }, (_, i) => i + 1),
        { minLength: count, maxLength: count },
      ),
      fc.array(fc.integer({ min: 1, max: 6 }), { minLength: 1, maxLength: 25 }),
    ),
  );
  await fc.assert(
    fc.asyncProperty(order, async ([ids, sizes]) => {
      const source = `const order = []; await Promise.all(Array.from({ length: ${ids.length} }, async (_, i) => {
        const r = await mcp.s.echo({ i }); order.push(r); })); return order`;
      const program = await sandbox.open({ source, api: API });
      const first = await program.advance([]);
      expect(first.calls.map(({ id }) => id)).toEqual(Array.from({ length: ids.length }, (_, i) => i + 1));
      let batch = first;
      for (let at = 0, turn = 0; at < ids.length; turn++) {
        const size = sizes[turn % sizes.length] as number;
        batch = await program.advance(ids.slice(at, at + size).map((id) => ({ id, result: json(id) })));
        at += size;
      }
      expect(batch.end).toMatchObject({ status: 'ok', valueJson: JSON.stringify(ids), unsettled: [] });
    }),
    { numRuns: 8 },
  );
});

test('a child that dies at any moment leaves no call unaccounted for', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 0, max: 60 }),
      fc.integer({ min: 0, max: 3 }),
      async (atCall, delay) => {
        const own = await createSandbox({ level: 'L1', warm: 0 });
        const pids = childPids();
        const answered = new Set<number>();
        const started: number[] = [];
        const kill = () => {
          for (const pid of pids) {
            try {
              process.kill(pid, 'SIGKILL');
            } catch {
              // Gone already.
            }
          }
        };
        if (atCall === 0) setTimeout(kill, delay);
        try {
          const end = await own.run(
            {
              source: `for (let i = 0; i < 10; i++) await Promise.all([1, 2, 3, 4, 5].map(() => mcp.s.echo({ i }))); return 1`,
              api: API,
            },
            {
              async call({ id }) {
                started.push(id);
                if (id === atCall) setTimeout(kill, delay);
                await new Promise((resolve) => setTimeout(resolve, id % 3));
                answered.add(id);
                return json(id);
              },
            },
          );
          expect(['ok', 'crashed']).toContain(end.status);
          const unsettled = new Set(end.unsettled);
          expect([...unsettled].every((id) => id >= 1 && id <= end.calls)).toBe(true);
          for (let id = 1; id <= end.calls; id++) if (!unsettled.has(id)) expect(answered.has(id)).toBe(true);
          expect(started.every((id) => id <= end.calls)).toBe(true);
          if (end.status === 'ok') expect(unsettled.size).toBe(0);
        } finally {
          await own.close();
        }
      },
    ),
    { numRuns: 8 },
  );
});
