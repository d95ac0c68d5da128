import type { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { CodeModeUtcpClient } from '@utcp/code-mode';
import { addFunctionToUtcpDirectCall } from '@utcp/direct-call';

/** Runs one program in `@utcp/code-mode`; it must return `expected`. */
type UtcpRunner = (source: string, expected: unknown) => Promise<void>;

/**
 * `@utcp/code-mode` over an MCP client like the bare one: its isolate lives in this process, and each call blocks it
 * until the answer is there. Programs call `crm.get_last_order(…)` without awaiting.
 */
export async function createUtcpRunner(client: Client): Promise<UtcpRunner> {
  await silently(async () => register(client));
  const utcp = await CodeModeUtcpClient.create();
  await silently(() =>
    utcp.registerManual({ name: 'crm', call_template_type: 'direct-call', callable_name: 'crmManual' }),
  );
  return (source, expected) =>
    silently(async () => {
      const { result, logs } = await utcp.callToolChain(source, 120_000);
      if (result !== expected)
        throw new Error(`@utcp/code-mode returned ${String(result)}: ${logs.join('\n')}`);
    });
}

function register(client: Client): void {
  addFunctionToUtcpDirectCall('crmManual', async () => ({
    utcp_version: '1.0.0',
    manual_version: '1.0.0',
    tools: [
      {
        name: 'get_last_order',
        description: 'Returns the newest order of a contact.',
        inputs: { type: 'object', properties: { contactId: { type: 'string' } }, required: ['contactId'] },
        outputs: { type: 'object' },
        tags: [],
        tool_call_template: { name: 'crm', call_template_type: 'direct-call', callable_name: 'getLastOrder' },
      },
    ],
  }));
  addFunctionToUtcpDirectCall('getLastOrder', async (...given: unknown[]) => {
    const [first] = given;
    const contactId =
      typeof first === 'object' && first !== null && 'contactId' in first ? first.contactId : first;
    const { structuredContent } = await client.callTool({ name: 'get_last_order', arguments: { contactId } });
    return structuredContent;
  });
}

/** It prints two lines for each call; they are dropped, so that writing them costs it nothing. */
async function silently<T>(work: () => Promise<T>): Promise<T> {
  const { log } = console;
  console.log = () => undefined;
  try {
    return await work();
  } finally {
    console.log = log;
  }
}
