import { stripTypeScriptTypes } from 'node:module';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { argumentsOf, toApi, toolsByIdentifier } from '../agent/patterns/code.ts';
import { listScenarios, resolveParams } from '../scenario/find.ts';
import { loadScenarios } from '../scenario/load.ts';
import { writeProgram } from '../scenario/program-source.ts';
import { startMockServer } from '../scenario/servers.ts';
import { type Connections, connectAll } from '../tools/mcp/connections.ts';
import { createSandbox } from './create.ts';
import type { Sandbox } from './sandbox.ts';
import { sharingProcesses } from './testing/harness.ts';

/** Programs that only compute, each with what an engine could do differently once it compiles to machine code. */
const computing = [
  'let x = 0; for (let i = 0; i < 200000; i++) x = (x * 31 + i) % 1000003; return x',
  'return [0.1 + 0.2, 1 / 3, Math.hypot(3, 4), Math.fround(5.5), (1e21).toString(), -0, 2 ** 53 + 1]',
  'return [...Array(500).keys()].sort((a, b) => (a * 7919) % 500 - (b * 7919) % 500).slice(0, 40)',
  'const m = new Map(); for (let i = 0; i < 5000; i++) m.set("k" + i % 97, i); return m',
  'return "aàé🙂 b".normalize("NFD").split("").map((c) => c.codePointAt(0))',
  'return "2026-11-22 a1 b22".replace(/(?<l>[a-z])(\\d+)/g, (all, l, d) => d + l).match(/\\d+/g)',
  'function* f() { let [a, b] = [0n, 1n]; for (;;) { yield String(a); [a, b] = [b, a + b]; } } const out = []; for (const n of f()) { out.push(n); if (out.length > 90) return out; }',
  'const order = []; await Promise.all([1, 2, 3].map(async (n) => { for (let i = 0; i < n; i++) await null; order.push(n); })); return order',
  'class A { #n = 1; get n() { return this.#n++; } static s = new A(); } return [A.s.n, A.s.n, new A().n]',
  'const a = new Float64Array(64).map((_, i) => Math.sqrt(i)); return [...a].map((n) => n.toFixed(9))',
  'console.log({ a: [1, { b: null }] }, "x", Symbol("s"), 10n, [undefined, -0, NaN]); return new Date(0)',
  'try { null.x } catch (error) { return error.message }',
  'throw new RangeError("no")',
  'const deep = (n) => n === 0 ? 0 : 1 + deep(n - 1); return deep(2000)',
  'return JSON.parse(JSON.stringify({ z: 1, a: [true, null, "\\u2028"], "1": 2 }))',
];

let sandboxes: Sandbox[];
/** One for each sandbox: some of the programs write. */
let servers: Connections[];
beforeAll(async () => {
  const crm = await startMockServer('crm', { contacts: 60, seed: 1 });
  const { signal } = new AbortController();
  const sandbox = async (...nodeFlags: string[]) =>
    sharingProcesses(await createSandbox({ level: 'L1', warm: 0 }, { nodeFlags }));
  [sandboxes, servers] = await Promise.all([
    Promise.all([sandbox(), sandbox('--jitless')]),
    Promise.all(
      [1, 2].map(() =>
        connectAll({ crm: { ...crm, inProcess: true } }, { connectMs: 20_000, callMs: 20_000 }, signal),
      ),
    ),
  ]);
});
afterAll(() => Promise.all([...sandboxes, ...servers].map((each) => each.close())));

/** Types are taken out first: without machine code there is no WebAssembly, and with that no type stripper. */
function toJavaScript(source: string): string {
  const [before, after] = ['async function program() {\n', '\n}'];
  return stripTypeScriptTypes(before + source + after).slice(before.length, -after.length);
}

/** Runs a program with and without machine code and says what either had to show for it, measured figures aside. */
async function runBoth(source: string): Promise<unknown[]> {
  return Promise.all(
    servers.map(async (connections, index) => {
      const tools = toolsByIdentifier(connections.surface);
      const calls: unknown[] = [];
      // What was under way when a program failed hangs on timing.
      const {
        measured: _,
        unsettled: __,
        ...end
      } = await (sandboxes[index] as Sandbox).run(
        { source: toJavaScript(source), api: toApi(connections.surface) },
        {
          async call(call, signal) {
            calls.push(call);
            const tool = tools.get(call.server)?.get(call.tool);
            if (!tool) throw new Error(`There is no ${call.tool}.`);
            const { text } = await connections.call(tool, argumentsOf(call), signal);
            return { ok: true, valueJson: text };
          },
        },
      );
      return { end, calls };
    }),
  );
}

test('the children of one sandbox compile to machine code and those of the other do not', async () => {
  const probe = 'let n = 0; for (let i = 0; i < 2e6; i++) n = (n + i * i) | 0; return n';
  const ends = await Promise.all(
    sandboxes.map((sandbox) => sandbox.run({ source: probe, api: {} }, { call: () => Promise.reject() })),
  );
  const [compiled, interpreted] = ends.map(({ measured }) => measured.cpuMs);
  expect(interpreted).toBeGreaterThan(3 * (compiled ?? Number.NaN));
});

test('machine code or not, programs come to the same', async () => {
  const each = computing.map(
    (source) => `came.push(await (async () => { ${source} })().catch((error) => error));`,
  );
  const [compiled, interpreted] = (await runBoth(`const came = [];\n${each.join('\n')}\nreturn came;`)) as [
    { end: { status: string; valueJson: string } },
    unknown,
  ];
  expect(interpreted).toEqual(compiled);
  expect(compiled.end.status).toBe('ok');
  expect(JSON.parse(compiled.end.valueJson)).toHaveLength(computing.length);
});

test('and so does one that fails', async () => {
  const [compiled, interpreted] = await runBoth('console.log("x"); throw new RangeError("no")');
  expect(interpreted).toEqual(compiled);
});

test('and so do the reference programs of the bundled CRM scenarios', async () => {
  // The fat server answers with other fields than this one.
  const names = listScenarios().filter((name) => name.startsWith('crm-') && !name.endsWith('-fat'));
  const scenarios = await loadScenarios(names);
  expect(scenarios.length).toBeGreaterThan(3);
  for (const scenario of scenarios) {
    const params = resolveParams(scenario, {});
    for (const source of scenario.sources) {
      const [compiled, interpreted] = await runBoth(writeProgram(source, params));
      expect(interpreted).toEqual(compiled);
    }
  }
});
