import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { startMockServer } from '../../harness/scenario/servers.ts';
import type { StdioServer } from '../../harness/tools/mcp/server-spec.ts';

export const seed = 1;

/** The command that serves a CRM of this size. */
export async function crmServer(contacts: number): Promise<StdioServer> {
  return (await startMockServer('crm', { contacts, seed })) as StdioServer;
}

/** The MCP SDK's own client over stdio, with nothing of ours in between. */
export async function connectBare(server: StdioServer): Promise<Client> {
  const client = new Client({ name: 'bare', version: '1' });
  await client.connect(
    new StdioClientTransport({ command: server.command, args: server.args, stderr: 'ignore' }),
  );
  await client.listTools();
  return client;
}

/** Calls `call` for each item, at most `inFlight` at once. */
export async function inFlight<T>(
  items: T[],
  most: number,
  call: (item: T) => Promise<unknown>,
): Promise<void> {
  let next = 0;
  const worker = async () => {
    for (let item = items[next++]; item !== undefined; item = items[next++]) await call(item);
  };
  await Promise.all(Array.from({ length: most }, worker));
}
