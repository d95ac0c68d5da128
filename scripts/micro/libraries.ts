import { Client as Client2 } from '@modelcontextprotocol/client';
import { StdioClientTransport as Stdio2 } from '@modelcontextprotocol/client/stdio';
import type { ProtocolEra } from '../../harness/results/codes.ts';
import { connect } from '../../harness/tools/mcp/connections.ts';
import type { StdioServer } from '../../harness/tools/mcp/server-spec.ts';
import { alternate, type Side } from './alternate.ts';
import { connectBare, crmServer, inFlight } from './bare-client.ts';

/** One way to a server, and the calls a second that went through it: one after another, and 64 in flight. */
export type Way = { name: string; oneByOne: number; inFlight: number };

type Call = (contactId: string) => Promise<unknown>;

const contacts = 1000;
const { signal } = new AbortController();
const timeouts = { connectMs: 30_000, callMs: 30_000 };

/**
 * The libraries of both eras and our own way through each, over stdio servers of their own that speak both. The first is the SDK's
 * client 1.x, which others are compared with.
 */
export async function compareLibraries(calls: number, rounds: number): Promise<Way[]> {
  const server = await crmServer(contacts);
  const ids = Array.from(
    { length: calls },
    (_, index) => `con_${String((index % contacts) + 1).padStart(6, '0')}`,
  );
  const sdk = await connectBare(server);
  const [old2, ownLegacy, ownModern] = [
    await connectClient2(server),
    await connect('crm', { ...server, protocolEra: 'legacy' }, timeouts, signal),
    await connect('crm', { ...server, protocolEra: 'modern' }, timeouts, signal),
  ];
  const toCall = (contactId: string) => ({ name: 'get_last_order', arguments: { contactId } });
  const ways: [string, Call][] = [
    ['SDK 1.x, legacy', (id) => sdk.callTool(toCall(id))],
    ['client 2.x, legacy', (id) => old2.callTool(toCall(id))],
    ['ours over 1.x, legacy', (id) => ownLegacy.call('get_last_order', { contactId: id }, signal)],
    ['ours over 2.x, modern', (id) => ownModern.call('get_last_order', { contactId: id }, signal)],
  ];
  try {
    const rates = async (most: number) => {
      const sides = ways.map(([name, call]): Side => ({ name, run: () => inFlight(ids, most, call) }));
      return (await alternate(sides, rounds)).map(({ medianMs }) => (calls / medianMs) * 1000);
    };
    const [single, many] = [await rates(1), await rates(64)];
    return ways.map(([name], at) => ({ name, oneByOne: single[at] ?? 0, inFlight: many[at] ?? 0 }));
  } finally {
    await Promise.all([sdk.close(), old2.close(), ownLegacy.close(), ownModern.close()]);
  }
}

async function connectClient2({ command, args }: StdioServer): Promise<Client2> {
  const mode = 'legacy' satisfies ProtocolEra;
  const client = new Client2({ name: 'bare', version: '1' }, { versionNegotiation: { mode } });
  await client.connect(new Stdio2({ command, args, stderr: 'ignore' }));
  await client.listTools();
  return client;
}
