import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { makeFolder } from '../../testing/command-line.ts';
import { openAuditLog } from '../../tools/audit/audit-log.ts';
import { readLines, verifyChain } from '../../tools/audit/chain.ts';
import { auditTrial } from '../../tools/audit/trial-audit.ts';
import { createCallCount } from '../../tools/audit/verify.ts';
import type { Tool } from '../../tools/mcp/surface.ts';
import { createToolCaller } from '../../tools/tool-caller.ts';
import type { CallResult, GuestCall } from '../sandbox.ts';

/** What the audit log of one program says, held against what really reached the servers. */
export type AuditFindings = {
  /** What is wrong with the chain of hashes, or with the counts. */
  problems: string[];
  /** Calls that the log says were made, and calls that the servers got. */
  logged: number;
  served: number;
};

/** A call on its way, and what the server said. */
type Asked = { call: GuestCall; result?: CallResult };

type Answer = (call: GuestCall, signal: AbortSignal) => Promise<CallResult>;

/**
 * Puts the tool caller and the audit log of a trial between a program and the servers that answer it, so that every attack
 * is logged as in a run. The policy lets everything pass: what is tried here is whether the log tells what crossed.
 */
export function auditServers(answer: Answer): {
  call: Answer;
  /** Closes the log and checks it; to be asked once, when the program has ended. */
  findings(): AuditFindings;
} {
  const folder = makeFolder({});
  const file = join(folder, 'audit.jsonl');
  const log = openAuditLog(file, { fsync: false });
  const audit = auditTrial(log, { run: 'attacks', trial: 'attack', pattern: 'code', model: 'none', seed: 1 });
  const implementation = { name: 'attacked', version: '1' };
  const listing = { server: 's', implementation, instructions: undefined, tools: [] };
  audit.granted([listing], { tools: undefined, writes: true }, new Set());
  const answers = new Map<unknown, Asked>();
  const own: Record<string, number> = {};
  const caller = createToolCaller({
    connections: {
      async call(tool, args, signal) {
        own[tool.name] = (own[tool.name] ?? 0) + 1;
        const asked = answers.get(args);
        if (!asked) throw new Error('Arguments crossed that no program sent.');
        asked.result = await answer(asked.call, signal);
        const { result } = asked;
        return {
          isError: !result.ok,
          text: result.ok ? result.valueJson : result.error.message,
          isJson: true,
        };
      },
    },
    recorder: { record() {} },
    policy: { decide: () => ({ allowed: true, reason: 'everything may be tried' }) },
    audit,
  });
  return {
    async call(call, signal) {
      // Wrapped, so that each call's arguments are an object of their own by which it is found again.
      const args = { given: call.args };
      const asked: Asked = { call };
      answers.set(args, asked);
      await caller.callTool(toolNamed(call), args, { kind: 'program', sha256: '0'.repeat(64) }, signal);
      answers.delete(args);
      if (!asked.result) throw new Error(`${call.tool} came back without having been made.`);
      return asked.result;
    },
    findings() {
      audit.counted({ s: { calls: own, errors: {} } });
      const { records, head } = log.head();
      log.close();
      const count = createCallCount();
      const { problem } = verifyChain(readLines(file), { records, head, isFinal: true }, count.add);
      rmSync(folder, { recursive: true });
      const { calls, differences } = count.report();
      const served = Object.values(own).reduce((sum, each) => sum + each, 0);
      return { problems: [...(problem ? [problem.message] : []), ...differences], logged: calls, served };
    },
  };
}

function toolNamed({ server, tool }: GuestCall): Tool {
  return { server, name: tool, identifier: tool, description: '', inputSchema: { type: 'object' } };
}
