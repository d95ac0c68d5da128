import { z } from 'zod';

/** What the log says of calls in all, and where a server's own count differs from it. */
export type CallReport = {
  calls: number;
  refused: number;
  /** Calls without a result: the process ended, or the log did, while they were under way. */
  unfinished: number;
  /** Mock servers whose own count was compared, as `trial server`. */
  compared: string[];
  differences: string[];
};

type ToolCalls = { allowed: number; answered: number };

const call = z.object({
  event: z.literal('call'),
  trial: z.string(),
  call: z.int(),
  'gen_ai.tool.name': z.string(),
  server: z.object({ name: z.string() }),
  decision: z.enum(['allowed', 'refused']),
});
const result = z.object({
  event: z.literal('result'),
  trial: z.string(),
  call: z.int(),
  outcome: z.enum(['ok', 'tool_error', 'failed', 'cancelled']),
});
const counted = z.object({
  event: z.literal('server_counted'),
  trial: z.string(),
  server: z.string(),
  calls: z.record(z.string(), z.int()),
});
const record = z.discriminatedUnion('event', [call, result, counted]);

/**
 * Counts calls as records come in and compares them with what the servers counted themselves. A server must have counted
 * every call that was answered and none that was not made; whether it saw one that failed or was cancelled, nobody knows.
 */
export function createCallCount(): { add(line: Buffer): void; report(): CallReport } {
  const servers = new Map<string, Map<string, ToolCalls>>();
  const open = new Map<string, ToolCalls>();
  const report: CallReport = { calls: 0, refused: 0, unfinished: 0, compared: [], differences: [] };
  const toolsOf = (trial: string, server: string) => {
    const key = `${trial} ${server}`;
    const tools = servers.get(key) ?? new Map<string, ToolCalls>();
    servers.set(key, tools);
    return tools;
  };
  return {
    add(line) {
      const found = parse(line);
      if (!found) return;
      if (found.event === 'call') {
        if (found.decision === 'refused') {
          report.refused += 1;
          return;
        }
        report.calls += 1;
        const tools = toolsOf(found.trial, found.server.name);
        const name = found['gen_ai.tool.name'];
        const tool = tools.get(name) ?? { allowed: 0, answered: 0 };
        tools.set(name, tool);
        tool.allowed += 1;
        open.set(`${found.trial} ${found.call}`, tool);
      } else if (found.event === 'result') {
        const key = `${found.trial} ${found.call}`;
        const tool = open.get(key);
        open.delete(key);
        if (tool && (found.outcome === 'ok' || found.outcome === 'tool_error')) tool.answered += 1;
      } else {
        const key = `${found.trial} ${found.server}`;
        report.compared.push(key);
        report.differences.push(...compare(key, toolsOf(found.trial, found.server), found.calls));
      }
    },
    report: () => ({ ...report, unfinished: open.size }),
  };
}

/** Undefined for records that are about no call, and for what only a forger would have chained. */
function parse(line: Buffer): z.infer<typeof record> | undefined {
  try {
    return record.safeParse(JSON.parse(line.toString('utf8'))).data;
  } catch {
    return undefined;
  }
}

function compare(key: string, logged: Map<string, ToolCalls>, own: Record<string, number>): string[] {
  const tools = new Set([...logged.keys(), ...Object.keys(own)]);
  return [...tools].flatMap((tool) => {
    const { allowed, answered } = logged.get(tool) ?? { allowed: 0, answered: 0 };
    const counted = Object.hasOwn(own, tool) ? (own[tool] ?? 0) : 0;
    if (counted >= answered && counted <= allowed) return [];
    const expected = answered === allowed ? `${allowed}` : `${answered} to ${allowed}`;
    return [
      `${key}: ${tool} was called ${expected} times by the log, ${counted} times by the server's count`,
    ];
  });
}
