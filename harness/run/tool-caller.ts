import { createHash } from 'node:crypto';
import type { Connections } from '../mcp/connections.ts';
import type { PatternContext } from '../patterns/pattern.ts';
import type { Recorder } from '../trace/recorder.ts';

/** The one way to a server, the same for both patterns: every call is recorded, counted and timed here. */
export type ToolCaller = {
  callTool: PatternContext['callTool'];
  calls(): number;
  /** Milliseconds in which at least one call was under way. */
  busyMs(): number;
};

export function createToolCaller(connections: Connections, recorder: Recorder): ToolCaller {
  let calls = 0;
  let underWay = 0;
  let busySince = 0;
  let busyMs = 0;
  return {
    calls: () => calls,
    busyMs: () => busyMs,
    async callTool(tool, args, caller, signal) {
      calls += 1;
      const call = calls;
      const started = performance.now();
      if (underWay === 0) busySince = started;
      underWay += 1;
      recorder.record({
        event: 'tool_call',
        call,
        server: tool.server,
        tool: tool.name,
        caller: caller.kind === 'model' ? 'model' : `program ${caller.sha256.slice(0, 12)}`,
        arguments: args,
      });
      try {
        const result = await connections.call(tool, args, signal);
        recorder.record({
          event: 'tool_result',
          call,
          isError: result.isError,
          bytes: Buffer.byteLength(result.text),
          sha256: createHash('sha256').update(result.text).digest('hex'),
          measured: { ms: Math.round((performance.now() - started) * 1000) / 1000 },
        });
        return result;
      } finally {
        underWay -= 1;
        if (underWay === 0) busyMs += performance.now() - busySince;
      }
    },
  };
}
