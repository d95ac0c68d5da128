/**
 * A server that runs programs itself: `search_tools` and `call_tool_chain` over a CRM, by @utcp/code-mode, whose prompt for
 * agents is its instructions. Over standard input and output: `node scripts/black-box/server.ts CONTACTS SEED`. The CRM is in
 * the same process, so calls cross no wire. What the library prints goes to standard error, for standard output is the
 * connection.
 */
import { Server } from '@modelcontextprotocol/sdk/server/index.js';
import { StdioServerTransport } from '@modelcontextprotocol/sdk/server/stdio.js';
import { CallToolRequestSchema, ListToolsRequestSchema } from '@modelcontextprotocol/sdk/types.js';
import { CodeModeUtcpClient } from '@utcp/code-mode';
import { addFunctionToUtcpDirectCall } from '@utcp/direct-call';
import { messageOf } from '../../harness/errors.ts';
import crm from '../../mock-servers/crm/server.ts';
import { parseOptions } from '../../mock-servers/load.ts';
import { openMock } from '../../mock-servers/open-mock.ts';

const [contacts, seed] = process.argv.slice(2);
const mock = openMock(crm, parseOptions(crm, { contacts, seed }));
console.log = (...words: unknown[]) => process.stderr.write(`${words.join(' ')}\n`);

addFunctionToUtcpDirectCall('crmManual', async () => ({
  utcp_version: '1.0.0',
  manual_version: '1.0.0',
  tools: mock.definitions.map(({ name, description = '', inputSchema, outputSchema }) => ({
    name,
    description,
    inputs: inputSchema,
    outputs: outputSchema ?? { type: 'object' },
    tags: [],
    tool_call_template: { name: 'crm', call_template_type: 'direct-call', callable_name: name },
  })),
}));
const client = await CodeModeUtcpClient.create();
await client.registerManual({ name: 'crm', call_template_type: 'direct-call', callable_name: 'crmManual' });
// What a direct call would hand on are the bare values of its arguments, without their names.
client.callTool = async (tool, given) => {
  const { isError, structuredContent, content } = mock.call(tool.slice(tool.indexOf('.') + 1), given);
  const [first] = content;
  if (isError) throw new Error(first?.type === 'text' ? first.text : 'It failed.');
  return structuredContent;
};

const toolOf = (name: string, description: string, argument: string) => ({
  name,
  description,
  inputSchema: { type: 'object', properties: { [argument]: { type: 'string' } }, required: [argument] },
  annotations: { readOnlyHint: true },
});
/** How long a chain may run, in milliseconds. */
const chainMs = 120_000;
const answers: Record<string, (given: Record<string, unknown>) => Promise<string>> = {
  async search_tools({ task_description }) {
    const tools = await client.searchTools(String(task_description));
    return tools.map((tool) => client.toolToTypeScriptInterface(tool)).join('\n\n');
  },
  async call_tool_chain({ code }) {
    return JSON.stringify(await client.callToolChain(String(code), chainMs));
  },
};

const server = new Server(
  { name: 'code-mode', version: '1.2.12' },
  { capabilities: { tools: {} }, instructions: CodeModeUtcpClient.AGENT_PROMPT_TEMPLATE },
);
server.setRequestHandler(ListToolsRequestSchema, async () => ({
  tools: [
    toolOf(
      'search_tools',
      'Finds tools by a description of the task, as TypeScript interfaces.',
      'task_description',
    ),
    toolOf(
      'call_tool_chain',
      'Runs TypeScript code that calls the tools; gives its result and its logs.',
      'code',
    ),
  ],
}));
server.setRequestHandler(CallToolRequestSchema, async ({ params: { name, arguments: given = {} } }) => {
  try {
    const answer = await answers[name]?.(given);
    return { content: [{ type: 'text' as const, text: answer ?? `There is no tool ${name}.` }] };
  } catch (error) {
    return { isError: true, content: [{ type: 'text' as const, text: messageOf(error) }] };
  }
});
await server.connect(new StdioServerTransport());
