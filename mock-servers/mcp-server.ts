import { setTimeout as delay } from 'node:timers/promises';
import { Server } from '@modelcontextprotocol/sdk/server/index.js';
import { CallToolRequestSchema, ListToolsRequestSchema } from '@modelcontextprotocol/sdk/types.js';
import { z } from 'zod';
import type { OpenMock } from './open-mock.ts';
import { STATE_METHOD } from './state.ts';

const stateRequestSchema = z.object({ method: z.literal(STATE_METHOD) });

/** An MCP server for one session over `mock`; not yet connected. Sessions share the data, never this object. */
export function createMcpServer(mock: OpenMock): Server {
  const { name, title, version, instructions } = mock.server;
  // The SDK's McpServer would parse arguments and word their errors itself; here both are the mock's own.
  const server = new Server({ name, title, version }, { capabilities: { tools: {} }, instructions });
  server.setRequestHandler(ListToolsRequestSchema, () => ({ tools: mock.definitions }));
  server.setRequestHandler(CallToolRequestSchema, async ({ params }) => {
    if (mock.latencyMs > 0) await delay(mock.latencyMs);
    return mock.call(params.name, params.arguments);
  });
  server.setRequestHandler(stateRequestSchema, () => mock.state());
  return server;
}
