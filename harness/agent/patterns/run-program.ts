import { createHash } from 'node:crypto';
import type { ProgramEnd } from '../../sandbox/sandbox.ts';
import type { Surface } from '../../tools/mcp/surface.ts';
import type { PatternContext } from './pattern.ts';
import { argumentsOf, toApi, toolsByIdentifier } from './program-api.ts';

/** Runs a program of the model's against the servers and reports how it ended. Rejects for infrastructure only. */
export async function runProgram(
  source: string,
  surface: Surface,
  context: PatternContext,
): Promise<ProgramEnd> {
  const sha256 = createHash('sha256').update(source).digest('hex');
  const tools = toolsByIdentifier(surface);
  const end = await context.sandbox.run(
    { source, api: toApi(surface) },
    {
      signal: context.signal,
      limits: context.programLimits,
      call: async (call, signal) => {
        const tool = tools.get(call.server)?.get(call.tool);
        if (!tool) {
          return {
            ok: false,
            error: { code: 'unknown_tool', message: `There is no mcp.${call.server}.${call.tool}` },
          };
        }
        const result = await context.callTool(tool, argumentsOf(call), { kind: 'program', sha256 }, signal);
        if (result.isError) return { ok: false, error: { code: 'tool_error', message: result.text } };
        return { ok: true, valueJson: result.isJson ? result.text : JSON.stringify(result.text) };
      },
    },
  );
  context.onProgram({
    sha256,
    status: end.status,
    calls: end.calls,
    stoppedCalls: end.stoppedCalls,
    logBytes: end.logBytes,
    valueBytes: end.status === 'ok' ? Buffer.byteLength(end.valueJson ?? '') : 0,
    ...(end.status === 'ok' ? {} : { error: `${end.error.name}: ${end.error.message}` }),
    measured: end.measured,
  });
  return end;
}

/** What the model is shown of a program: the value first, as bare JSON, then what it printed. */
export function showEnd(end: ProgramEnd): { text: string; isError: boolean } {
  const printed = end.logs ? `\n\nconsole:\n${end.logs}` : '';
  if (end.status === 'ok') {
    return {
      text: `${end.valueJson ?? 'undefined (the program returned nothing)'}${printed}`,
      isError: false,
    };
  }
  const { name, message, line, column } = end.error;
  const place =
    line === undefined ? '' : ` (line ${line}${column === undefined ? '' : `, column ${column}`})`;
  return { text: `${end.status}: ${name}: ${message}${place}${printed}`, isError: true };
}
