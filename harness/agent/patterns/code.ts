import { hash } from 'node:crypto';
import type { ToolParam, ToolUseBlock } from '../../results/messages.ts';
import type { GuestCall, ProgramEnd } from '../../sandbox/sandbox.ts';
import type { CallingProgram } from '../../tools/approvals.ts';
import { declarations } from '../../tools/browse/declaration.ts';
import { createDirectory, type Directory } from '../../tools/browse/directory.ts';
import type { Surface, Tool } from '../../tools/mcp/surface.ts';
import { callDeclared, changes, declareAll, toolsByClassicName } from './classic.ts';
import {
  converse,
  type Execute,
  type Executed,
  type Pattern,
  type PatternContext,
  type Task,
} from './converse.ts';

export const browseTools = 'browse_tools';
export const runCode = 'run_code';

/** Walks the servers as a module directory. */
const browseTool: ToolParam = {
  name: browseTools,
  description:
    'Shows the MCP servers as a directory of TypeScript modules. "/" lists the servers; "/crm" lists the functions of server crm, one line each; "/crm/get_contact" shows the full TypeScript declaration of that function.',
  input_schema: {
    type: 'object',
    properties: { path: { type: 'string', description: 'Such as "/", "/crm" or "/crm/get_contact".' } },
    required: ['path'],
  },
};

/** Runs programs; with the declarations of functions where there is nothing to browse. */
export function runCodeTool(declared?: string): ToolParam {
  const base =
    "Runs a TypeScript program in a sandbox and shows you what it returns. `code` is the body of an async function: `await mcp.<server>.<function>(args)` calls a tool and gives its result; `return` a JSON value to see it; console.log is shown too. Nothing else enters the conversation. Calls run concurrently under Promise.all. A tool's error is thrown as ToolError. There is no network, file system, timer or import, and nothing is kept from one program to the next.";
  return {
    name: runCode,
    description: declared === undefined ? base : `${base}\n\n${declared}`,
    input_schema: {
      type: 'object',
      properties: { code: { type: 'string', description: 'The body of an async TypeScript function.' } },
      required: ['code'],
    },
  };
}

/** The tools of `code`, the same for all servers. */
export const codeTools: ToolParam[] = [browseTool, runCodeTool()];

/** What `mcp` offers a program: the identifiers of each server's tools. */
export function toApi(surface: Surface): Record<string, string[]> {
  return Object.fromEntries(
    surface.map(({ server, tools }) => [server, tools.map((tool) => tool.identifier)]),
  );
}

/** The tools of each server by the identifier that programs use. */
export function toolsByIdentifier(surface: Surface): Map<string, Map<string, Tool>> {
  return new Map(
    surface.map(({ server, tools }) => [server, new Map(tools.map((tool) => [tool.identifier, tool]))]),
  );
}

/** The arguments of a call: an empty object where there are none. Anything else passes as it is, for the policy to refuse. */
export function argumentsOf(call: GuestCall): Record<string, unknown> {
  return (call.args ?? {}) as Record<string, unknown>;
}

/** Runs a program of the model's against the servers and reports how it ended. Rejects for infrastructure only. */
async function runProgram(source: string, surface: Surface, context: PatternContext): Promise<ProgramEnd> {
  const sha256 = hash('sha256', source);
  const tools = toolsByIdentifier(surface);
  let program: CallingProgram | undefined;
  const end = await context.sandbox.run(
    { source, api: toApi(surface) },
    {
      signal: context.signal,
      limits: context.programLimits,
      call: async (call, signal, pause) => {
        const tool = tools.get(call.server)?.get(call.tool);
        if (!tool) {
          return {
            ok: false,
            error: { code: 'unknown_tool', message: `There is no mcp.${call.server}.${call.tool}` },
          };
        }
        const caller = { kind: 'program', sha256 } as const;
        program ??= { source, pause };
        const result = await context.callTool(tool, argumentsOf(call), caller, signal, program);
        if (result.isError && context.toolErrors === 'values')
          return { ok: true, valueJson: JSON.stringify({ error: result.text }) };
        if (result.isError) return { ok: false, error: { code: 'tool_error', message: result.text } };
        return { ok: true, valueJson: result.isJson ? result.text : JSON.stringify(result.text) };
      },
    },
  );
  const { status, calls, stoppedCalls, logBytes, measured } = end;
  context.onProgram({
    ...{ sha256, status, calls, stoppedCalls, logBytes },
    valueBytes: end.status === 'ok' ? Buffer.byteLength(end.valueJson ?? '') : 0,
    ...(end.status === 'ok' ? {} : { error: `${end.error.name}: ${end.error.message}` }),
    measured,
  });
  return end;
}

/** What the model is shown of a program: the value first, as bare JSON, then what it printed. */
function showEnd(end: ProgramEnd): { text: string; isError: boolean } {
  const printed = end.logs ? `\n\nconsole:\n${end.logs}` : '';
  if (end.status === 'ok') {
    const value = end.valueJson ?? 'undefined (the program returned nothing)';
    return { text: `${value}${printed}`, isError: false };
  }
  const { name, message, line, column } = end.error;
  const place =
    line === undefined ? '' : ` (line ${line}${column === undefined ? '' : `, column ${column}`})`;
  return { text: `${end.status}: ${name}: ${message}${place}${printed}`, isError: true };
}

/** The model writes programs that call the tools; only what they return or print enters the context. */
export const code: Pattern = (task, context) => {
  const directory = createDirectory(task.surface);
  return converse(task, codeTools, answerBy(task, context, unknownTool, directory), context);
};

/** As `code`, with nothing to discover: the description of `run_code` contains the declarations of all tools. */
export const codeTyped: Pattern = (task, context) =>
  converse(task, [runCodeTool(declarations(task.surface))], answerBy(task, context, unknownTool), context);

/**
 * Both kinds of tools: every tool declared for direct calls, and programs beside them. The model chooses step by step, and
 * pays for the definitions of both.
 */
export const hybrid: Pattern = (task, context) => {
  const tools = toolsByClassicName(task.surface);
  const directory = createDirectory(task.surface);
  const call: Execute = (use) => callDeclared(use, tools, context);
  return converse(
    task,
    [...declareAll(tools), ...codeTools],
    answerBy(task, context, call, directory),
    context,
    changes(tools),
  );
};

/** Runs programs, shows what the directory has, where there is one, and leaves all other uses to `otherwise`. */
function answerBy(task: Task, context: PatternContext, otherwise: Execute, directory?: Directory): Execute {
  return async (use) => {
    if (use.name === runCode) return run(use, task, context);
    return use.name === browseTools && directory ? browse(use, directory) : otherwise(use);
  };
}

/** Answers a use of `browse_tools` with what is at its path. */
function browse(use: ToolUseBlock, directory: Directory): Executed {
  const { path } = use.input as { path?: unknown };
  return typeof path === 'string'
    ? { text: directory.browse(path), isError: false }
    : { text: 'path: expected a string such as "/"', isError: true };
}

/** Answers a use of `run_code` with how its program ended, or says what is wrong with its input. */
async function run(use: ToolUseBlock, { surface }: Task, context: PatternContext): Promise<Executed> {
  const { code: source } = use.input as { code?: unknown };
  if (typeof source !== 'string') return { text: 'code: expected a string', isError: true };
  return { ...showEnd(await runProgram(source, surface, context)), isData: true };
}

async function unknownTool(use: ToolUseBlock): Promise<Executed> {
  return {
    text: `There is no tool "${use.name}" here. Functions of MCP servers are called from a program: use ${runCode}.`,
    isError: true,
  };
}
