import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { argumentsOf, toApi, toolsByIdentifier } from '../../harness/agent/patterns/code.ts';
import { createSandbox } from '../../harness/sandbox/create.ts';
import { openAuditLog } from '../../harness/tools/audit/audit-log.ts';
import { auditTrial } from '../../harness/tools/audit/trial-audit.ts';
import { connectAll } from '../../harness/tools/mcp/connections.ts';
import { createPolicy } from '../../harness/tools/policy.ts';
import { openRecorder } from '../../harness/tools/recorder.ts';
import { createToolCaller } from '../../harness/tools/tool-caller.ts';
import { alternate, type Medians, type Side } from './alternate.ts';
import { connectBare, crmServer, inFlight } from './bare-client.ts';
import { createUtcpRunner } from './utcp.ts';

/** The figures of one comparison: median milliseconds of each side for so many calls. */
export type Comparison = { what: string; calls: number; medians: Medians };

const contacts = 1000;
const idOf = `(index) => 'con_' + String((index % ${contacts}) + 1).padStart(6, '0')`;

/** Programs that call `call` so many times, one after another or all at once, and return how many answers they got. */
const oneByOne = (calls: number, call: string) =>
  `let n = 0;\nconst idOf = ${idOf};\nfor (let i = 0; i < ${calls}; i += 1) { const { order } = ${call}; if (order !== undefined) n += 1; }\nreturn n;`;
const atOnce = (calls: number) =>
  `const ids = Array.from({ length: ${calls} }, (_, index) => (${idOf})(index));\nreturn (await Promise.all(ids.map((contactId) => mcp.crm.get_last_order({ contactId })))).length;`;
const ourCall = 'await mcp.crm.get_last_order({ contactId: idOf(i) })';
const utcpCall = 'crm.get_last_order({ contactId: idOf(i) })';

/**
 * Programs in the sandbox against the bare MCP client, each over a stdio server of its own. Ours go the whole way of a
 * trial's calls: sandbox, policy, audit log, trace, server.
 */
export async function compareWithBareClient(calls: number, rounds: number): Promise<Comparison[]> {
  const bare = await connectBare(await crmServer(contacts));
  const ours = await openOurs();
  const ids = Array.from(
    { length: calls },
    (_, index) => `con_${String((index % contacts) + 1).padStart(6, '0')}`,
  );
  const call = (contactId: string) => bare.callTool({ name: 'get_last_order', arguments: { contactId } });
  const against = (most: number, source: string) =>
    alternate(
      [{ name: 'bare client', run: () => inFlight(ids, most, call) }, ours.side(source, calls)],
      rounds,
    );
  try {
    return [
      { what: 'calls, one after another', calls, medians: await against(1, oneByOne(calls, ourCall)) },
      { what: 'calls, 64 in flight', calls, medians: await against(64, atOnce(calls)) },
    ];
  } finally {
    await Promise.all([ours.close(), bare.close()]);
  }
}

/**
 * Programs in the sandbox against `@utcp/code-mode`, each over a stdio server of its own. Its calls block its isolate: it
 * has one in flight for any program.
 */
export async function compareWithUtcp(calls: number, rounds: number): Promise<Comparison[]> {
  const client = await connectBare(await crmServer(contacts));
  const ours = await openOurs();
  const runUtcp = await createUtcpRunner(client);
  const utcp = (source: string, expected: number) => ({ name: 'utcp', run: () => runUtcp(source, expected) });
  const loop = utcp(oneByOne(calls, utcpCall), calls);
  try {
    return [
      {
        what: 'programs without calls',
        calls: 1,
        medians: await alternate([ours.side('return 1;', 1), utcp('return 1;', 1)], 4 * rounds),
      },
      {
        what: 'calls, one after another',
        calls,
        medians: await alternate([ours.side(oneByOne(calls, ourCall), calls), loop], rounds),
      },
      {
        what: 'calls, 64 in flight',
        calls,
        medians: await alternate([ours.side(atOnce(calls), calls), loop], rounds),
      },
    ];
  } finally {
    await Promise.all([ours.close(), client.close()]);
  }
}

/** A sandbox whose programs reach a CRM server as those of a trial do. */
async function openOurs() {
  const folder = mkdtempSync(join(tmpdir(), 'patternbench-micro-'));
  const { signal } = new AbortController();
  const servers = { crm: await crmServer(contacts) };
  const connections = await connectAll(servers, { connectMs: 20_000, callMs: 20_000 }, signal);
  const { surface, listings } = connections;
  const sandbox = await createSandbox({});
  const recorder = openRecorder(join(folder, 'trace.jsonl'));
  const log = openAuditLog(join(folder, 'audit.jsonl'), { fsync: false });
  const grant = { tools: undefined, writes: false };
  const audit = auditTrial(log, { run: 'micro', trial: 'bridge', pattern: 'code', model: 'none', seed: 1 });
  audit.granted(listings, grant, new Set());
  const caller = createToolCaller({ connections, recorder, policy: createPolicy(grant), audit });
  const tools = toolsByIdentifier(surface);
  const run = async (source: string, expected: number): Promise<void> => {
    const end = await sandbox.run(
      { source, api: toApi(surface) },
      {
        signal,
        call: async (call, callSignal) => {
          const tool = tools.get(call.server)?.get(call.tool);
          if (!tool) throw new Error(`There is no ${call.tool}.`);
          const program = { kind: 'program', sha256: '' } as const;
          const result = await caller.callTool(tool, argumentsOf(call), program, callSignal);
          return { ok: true, valueJson: result.text };
        },
      },
    );
    if (end.status !== 'ok' || end.valueJson !== String(expected)) {
      throw new Error(`The program ended ${end.status}.`);
    }
  };
  return {
    /** A program that must return `expected`. A model takes seconds between two; the next child is ready long before. */
    side: (source: string, expected: number): Side => ({
      name: 'sandbox',
      run: () => run(source, expected),
      prepare: () => setTimeout(500),
    }),
    async close(): Promise<void> {
      recorder.close();
      log.close();
      await Promise.all([sandbox.close(), connections.close()]);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
