import { parseRecord } from './record.ts';

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

/**
 * Counts calls as records come in and compares them with what the servers counted themselves. A server must have counted
 * every call that was answered and none that was not made. It may have seen one that failed or was cancelled.
 */
export function createCallCount(): { add(line: Buffer): void; report(): CallReport } {
  const servers = new Map<string, Map<string, ToolCalls>>();
  const open = new Map<string, ToolCalls>();
  const report: CallReport = { calls: 0, refused: 0, unfinished: 0, compared: [], differences: [] };
  const toolsOf = (key: string) => {
    const tools = servers.get(key) ?? new Map<string, ToolCalls>();
    servers.set(key, tools);
    return tools;
  };
  return {
    add(line) {
      const record = parseRecord(line);
      if (record?.event === 'call' && record.decision === 'refused') report.refused += 1;
      else if (record?.event === 'call') {
        report.calls += 1;
        const tools = toolsOf(`${record.trial} ${record.server.name}`);
        const tool = tools.get(record['gen_ai.tool.name']) ?? { allowed: 0, answered: 0 };
        tools.set(record['gen_ai.tool.name'], tool);
        tool.allowed += 1;
        open.set(`${record.trial} ${record.call}`, tool);
      } else if (record?.event === 'result') {
        const key = `${record.trial} ${record.call}`;
        const tool = open.get(key);
        open.delete(key);
        if (tool && (record.outcome === 'ok' || record.outcome === 'tool_error')) tool.answered += 1;
      } else if (record?.event === 'server_counted') {
        const key = `${record.trial} ${record.server}`;
        report.compared.push(key);
        report.differences.push(...compare(key, toolsOf(key), record.calls));
      }
    },
    report: () => ({ ...report, unfinished: open.size }),
  };
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
