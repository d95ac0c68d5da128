import { afterAll, beforeAll, expect, test } from 'vitest';
import { createSandbox } from './create.ts';
import type { Sandbox } from './sandbox.ts';
import { answer } from './testing/harness.ts';

const API = { s: ['echo', 'fail'] };
/** A third of the usual memory, so that a third of the data shows what is kept. */
const limits = { memoryBytes: 42 * 2 ** 20 };
const run = (sandbox: Sandbox, source: string) => sandbox.run({ source, api: API }, { call: answer, limits });

/** At the highest level, where the system limits a child's memory as well. */
let sandbox: Sandbox;
beforeAll(async () => {
  sandbox = await createSandbox({ warm: 1 });
});
afterAll(() => sandbox.close());

test('a program that keeps nothing gets 130 MB through in arguments and results', async () => {
  const source = `const s = 'x'.repeat(100_000);
    for (let i = 0; i < 650; i++) await mcp.s.echo({ s });`;
  expect(await run(sandbox, source)).toMatchObject({ status: 'ok', calls: 650 });
});

test('a program passes on 85 MB in large arguments', async () => {
  const source = `const s = 'x'.repeat(1_000_000); let refused = 0;
    for (let i = 0; i < 85; i++) await mcp.s.fail({ s }).catch(() => { refused += 1; });
    return refused;`;
  expect(await run(sandbox, source)).toMatchObject({ status: 'ok', valueJson: '85' });
});

test('the collector that frees what has passed is out of the reach of programs', async () => {
  const source = `const names = Object.getOwnPropertyNames(globalThis);
    return [typeof gc, names.filter((name) => /gc|collect/i.test(name))];`;
  const other = { memoryBytes: 64 * 2 ** 20 };
  for (const limits of [{}, other]) {
    const end = await sandbox.run({ source, api: API }, { call: answer, limits });
    expect(end).toMatchObject({ status: 'ok', valueJson: '["undefined",[]]' });
  }
});
