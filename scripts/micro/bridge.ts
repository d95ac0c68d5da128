import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
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

/** The figures of one comparison: calls a second on each side. */
export type Throughput = { what: string; calls: number; medians: Medians };

/** Calls from a program in the sandbox through the host to a stdio server, against the bare MCP client on the same server. */
export async function measureBridge(calls: number, rounds: number): Promise<Throughput[]> {
  const folder = mkdtempSync(join(tmpdir(), 'patternbench-micro-'));
  const server = await crmServer(1000);
  const bare = await connectBare(server);
  const { signal } = new AbortController();
  const connections = await connectAll({ crm: server }, { connectMs: 20_000, callMs: 20_000 }, signal);
  const sandbox = await createSandbox({});
  const recorder = openRecorder(join(folder, 'trace.jsonl'));
  const log = openAuditLog(join(folder, 'audit.jsonl'), { fsync: false });
  const grant = { tools: undefined, writes: false };
  const audit = auditTrial(log, { run: 'micro', trial: 'bridge', pattern: 'code', model: 'none', seed: 1 });
  audit.granted(connections.listings, grant, new Set());
  const caller = createToolCaller({ connections, recorder, policy: createPolicy(grant), audit });
  const tools = toolsByIdentifier(connections.surface);
  const ids = Array.from(
    { length: calls },
    (_, index) => `con_${String((index % 1000) + 1).padStart(6, '0')}`,
  );

  const runProgram = async (loop: string) => {
    const source = `const ids = Array.from({ length: ${calls} }, (_, index) => 'con_' + String((index % 1000) + 1).padStart(6, '0'));\n${loop}`;
    const end = await sandbox.run(
      { source, api: toApi(connections.surface) },
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
    if (end.status !== 'ok' || end.valueJson !== String(calls))
      throw new Error(`The program ended ${end.status}.`);
  };
  const callBare = (contactId: string) => bare.callTool({ name: 'get_last_order', arguments: { contactId } });

  try {
    return [
      {
        what: '64 in flight',
        calls,
        medians: await alternate(
          [
            { name: 'bare client', run: () => inFlight(ids, 64, callBare) },
            {
              name: 'sandbox',
              run: () =>
                runProgram(
                  'return (await Promise.all(ids.map((contactId) => mcp.crm.get_last_order({ contactId })))).length;',
                ),
            },
          ],
          rounds,
        ),
      },
      {
        what: 'one after another',
        calls,
        medians: await alternate(
          [
            { name: 'bare client', run: () => inFlight(ids, 1, callBare) },
            {
              name: 'sandbox',
              run: () =>
                runProgram(
                  'let n = 0;\nfor (const contactId of ids) { await mcp.crm.get_last_order({ contactId }); n += 1; }\nreturn n;',
                ),
            },
          ],
          rounds,
        ),
      },
    ];
  } finally {
    recorder.close();
    log.close();
    await Promise.all([sandbox.close(), connections.close(), bare.close()]);
    rmSync(folder, { recursive: true, force: true });
  }
}
