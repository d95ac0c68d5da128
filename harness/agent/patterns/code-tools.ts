import type { ToolParam } from '../../results/messages.ts';

export const browseTools = 'browse_tools';
export const runCode = 'run_code';

/** Walks the servers as a module directory. */
export const browseTool: ToolParam = {
  name: browseTools,
  description:
    'Shows the MCP servers as a directory of TypeScript modules. "/" lists the servers; "/crm" lists the functions of server crm, one line each; "/crm/get_contact" shows the full TypeScript declaration of that function.',
  input_schema: {
    type: 'object',
    properties: { path: { type: 'string', description: 'Such as "/", "/crm" or "/crm/get_contact".' } },
    required: ['path'],
  },
};

/** Runs programs; with `declarations` where there is nothing to browse. */
export function runCodeTool(options: { declarations?: string } = {}): ToolParam {
  const base =
    "Runs a TypeScript program in a sandbox and shows you what it returns. `code` is the body of an async function: `await mcp.<server>.<function>(args)` calls a tool and gives its result; `return` a JSON value to see it; console.log is shown too. Nothing else enters the conversation. Calls run concurrently under Promise.all. A tool's error is thrown as ToolError. There is no network, file system, timer or import, and nothing is kept from one program to the next.";
  const declared = options.declarations === undefined ? '' : `\n\n${options.declarations}`;
  return {
    name: runCode,
    description: `${base}${declared}`,
    input_schema: {
      type: 'object',
      properties: { code: { type: 'string', description: 'The body of an async TypeScript function.' } },
      required: ['code'],
    },
  };
}

/** The tools of `code`, the same for all servers. */
export const codeTools: ToolParam[] = [browseTool, runCodeTool()];
