import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { toNodeHandler } from '@modelcontextprotocol/node';
import { createMcpHandler, inputRequired, McpServer } from '@modelcontextprotocol/server';
import { serveStdio } from '@modelcontextprotocol/server/stdio';
import { z } from 'zod';

/** How a server answers those that speak MCP up to 2025-11-25: as they speak, or not at all. */
export type Legacy = 'serve' | 'reject';

/**
 * A server of the official library for MCP 2026-07-28, made once for each request or connection. Its tools: `add`; `ask`, which
 * wants input and tells what it was given; `list`, whose result is an array; `seen`, which tells the era of its own call; and
 * `grow`, after which a tool is added.
 */
function createModernServer(grown: { value: boolean }, tell: () => void): McpServer {
  const server = new McpServer({ name: 'modern', version: '2' }, { instructions: 'Adds numbers.' });
  const numbers = z.object({ a: z.number(), b: z.number() });
  server.registerTool(
    'add',
    { description: 'Adds two numbers.', inputSchema: numbers, outputSchema: z.object({ sum: z.number() }) },
    ({ a, b }) => ({
      content: [{ type: 'text', text: JSON.stringify({ sum: a + b }) }],
      structuredContent: { sum: a + b },
    }),
  );
  const requestedSchema = {
    type: 'object',
    properties: { sure: { type: 'boolean' }, why: { type: 'string' } },
    required: ['sure'],
  } as const;
  server.registerTool(
    'ask',
    { description: 'Asks.', inputSchema: z.object({ always: z.boolean().optional() }) },
    ({ always }, { mcpReq: { inputResponses } }) =>
      inputResponses && !always
        ? { content: [{ type: 'text', text: JSON.stringify(inputResponses) }] }
        : inputRequired({
            inputRequests: {
              form: inputRequired.elicit({
                message: 'Sure?',
                requestedSchema: { ...requestedSchema, required: ['sure'] },
              }),
            },
          }),
  );
  server.registerTool(
    'list',
    { description: 'Lists.', inputSchema: z.object({}), outputSchema: z.array(z.number()) },
    () => ({ content: [], structuredContent: [1, 2] }),
  );
  server.registerTool('seen', { description: 'Tells.', inputSchema: z.object({}) }, (_, context) => ({
    content: [{ type: 'text', text: JSON.stringify(context.mcpReq.envelope ?? null) }],
  }));
  server.registerTool('grow', { description: 'Grows.', inputSchema: z.object({}) }, () => {
    grown.value = true;
    tell();
    return { content: [] };
  });
  if (grown.value)
    server.registerTool('more', { description: 'More.', inputSchema: z.object({}) }, () => ({ content: [] }));
  return server;
}

export async function serveModernHttp(legacy: Legacy): Promise<{ url: string; close(): void }> {
  const grown = { value: false };
  const handler = createMcpHandler(() => createModernServer(grown, () => handler.notify.toolsChanged()), {
    legacy: legacy === 'serve' ? 'stateless' : legacy,
  });
  const handle = toNodeHandler(handler) as RequestListener;
  const http = createServer(handle);
  await new Promise<void>((listening) => http.listen(0, '127.0.0.1', listening));
  return {
    url: `http://127.0.0.1:${(http.address() as AddressInfo).port}/mcp`,
    close() {
      http.close();
      http.closeAllConnections();
    },
  };
}

if (process.argv[1] === import.meta.filename) {
  const grown = { value: false };
  serveStdio(() => createModernServer(grown, () => {}), { legacy: (process.argv[2] ?? 'serve') as Legacy });
}
