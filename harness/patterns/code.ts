import { createHash } from 'node:crypto';
import { createDirectory } from '../directory/directory.ts';
import { argumentsOf, toApi, toolsByIdentifier } from '../mcp/program-api.ts';
import type { Surface } from '../mcp/surface.ts';
import type { ToolUseBlock } from '../model/model.ts';
import type { ProgramEnd } from '../sandbox/sandbox.ts';
import { browseTools, codeTools, runCode } from './code-tools.ts';
import { converse } from './conversation.ts';
import type { Pattern, PatternContext } from './pattern.ts';

/** The model writes programs that call the tools; only what they return or print enters the context. */
export const code: Pattern = (task, context) => {
  const directory = createDirectory(task.surface);
  return converse(
    task,
    codeTools,
    async (use) => {
      const input = use.input as { path?: unknown; code?: unknown };
      if (use.name === browseTools) {
        return typeof input.path === 'string'
          ? { text: directory.browse(input.path), isError: false }
          : { text: 'path: expected a string such as "/"', isError: true };
      }
      if (use.name === runCode) {
        return typeof input.code === 'string'
          ? runProgram(input.code, task.surface, context)
          : { text: 'code: expected a string', isError: true };
      }
      return { text: unknownTool(use), isError: true };
    },
    context,
  );
};

function unknownTool(use: ToolUseBlock): string {
  return `There is no tool "${use.name}" here. Functions of MCP servers are called from a program: use ${runCode}.`;
}

async function runProgram(
  source: string,
  surface: Surface,
  context: PatternContext,
): Promise<{ text: string; isError: boolean }> {
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
    logBytes: end.logBytes,
    valueBytes: end.status === 'ok' ? Buffer.byteLength(end.valueJson ?? '') : 0,
    ...(end.status === 'ok' ? {} : { error: `${end.error.name}: ${end.error.message}` }),
    measured: end.measured,
  });
  return { text: showEnd(end), isError: end.status !== 'ok' };
}

/** What the model is shown of a program: the value first, as bare JSON, then what it printed. */
function showEnd(end: ProgramEnd): string {
  const printed = end.logs ? `\n\nconsole:\n${end.logs}` : '';
  if (end.status === 'ok') return `${end.valueJson ?? 'undefined (the program returned nothing)'}${printed}`;
  const { name, message, line, column } = end.error;
  const place =
    line === undefined ? '' : ` (line ${line}${column === undefined ? '' : `, column ${column}`})`;
  return `${end.status}: ${name}: ${message}${place}${printed}`;
}
