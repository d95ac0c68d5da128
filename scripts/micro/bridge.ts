import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { openAuditLog } from '../../harness/audit/audit-log.ts';
import { auditTrial } from '../../harness/audit/trial-audit.ts';
import { connectAll } from '../../harness/mcp/connections.ts';
import { argumentsOf, toApi, toolsByIdentifier } from '../../harness/mcp/program-api.ts';
import { createPolicy } from '../../harness/policy/policy.ts';
import { createToolCaller } from '../../harness/run/tool-caller.ts';
import { createSandbox } from '../../harness/sandbox/create.ts';
import { openRecorder } from '../../harness/trace/recorder.ts';
import { alternate, type Medians } from './alternate.ts';
import { connectBare, crmServer, inFlight } from './bare-client.ts';
import { createUtcpRunner } from './utcp.ts';

/** The figures of one comparison: median milliseconds of each side for so many calls. */
export type Comparison = { what: string; calls: number; medians: Medians };

const contacts = 1000;
const idOf = `(index) => 'con_' + String((index % ${contacts}) + 1).padStart(6, '0')`;

/**
 * Programs in the sandbox against the bare MCP client and `@utcp/code-mode`, each over a stdio server of its own. Ours go the
 * whole way of a trial's calls: sandbox, policy, audit log, trace, server. First without a call, then with many.
 */
export async function measureBridge(calls: number, rounds: number): Promise<Comparison[]> {
  const bare = await connectBare(await crmServer(contacts));
  const utcpClient = await connectBare(await crmServer(contacts));
  const ours = await openOurs();
  const runUtcp = await createUtcpRunner(utcpClient);
  const ids = Array.from(
    { length: calls },
    (_, index) => `con_${String((index % contacts) + 1).padStart(6, '0')}`,
  );
  const callBare = (contactId: string) => bare.callTool({ name: 'get_last_order', arguments: { contactId } });

  const oneByOne = (call: string) =>
    `let n = 0;\nconst idOf = ${idOf};\nfor (let i = 0; i < ${calls}; i += 1) { const { order } = ${call}; if (order !== undefined) n += 1; }\nreturn n;`;
  const ourLoop = oneByOne('await mcp.crm.get_last_order({ contactId: idOf(i) })');
  const utcpLoop = oneByOne('crm.get_last_order({ contactId: idOf(i) })');
  const ourBatch = `const ids = Array.from({ length: ${calls} }, (_, index) => (${idOf})(index));\nreturn (await Promise.all(ids.map((contactId) => mcp.crm.get_last_order({ contactId })))).length;`;

  const bareSide = (most: number) => ({ name: 'bare client', run: () => inFlight(ids, most, callBare) });
  const ourSide = (source: string, expected: number) => ({
    name: 'sandbox',
    run: () => ours.run(source, expected),
  });
  const utcpSide = (source: string, expected: number) => ({
    name: 'utcp',
    run: () => runUtcp(source, expected),
  });
  try {
    return [
      {
        what: 'a program without calls',
        calls: 1,
        // A model takes seconds between two programs; a child is ready again long before.
        medians: await alternate(
          [{ ...ourSide('return 1;', 1), prepare: () => setTimeout(500) }, utcpSide('return 1;', 1)],
          4 * rounds,
        ),
      },
      {
        what: 'one after another',
        calls,
        medians: await alternate([bareSide(1), ourSide(ourLoop, calls), utcpSide(utcpLoop, calls)], rounds),
      },
      {
        what: '64 in flight',
        calls,
        // Calls of @utcp/code-mode block its isolate: it has one in flight whatever the program does.
        medians: await alternate([bareSide(64), ourSide(ourBatch, calls), utcpSide(utcpLoop, calls)], rounds),
      },
    ];
  } finally {
    await Promise.all([ours.close(), bare.close(), utcpClient.close()]);
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
  return {
    async run(source: string, expected: number): Promise<void> {
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
    },
    async close(): Promise<void> {
      recorder.close();
      log.close();
      await Promise.all([sandbox.close(), connections.close()]);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
