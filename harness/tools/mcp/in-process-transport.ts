import { setImmediate as turn } from 'node:timers/promises';
import type { JSONRPCMessage } from '@modelcontextprotocol/sdk/types.js';
import { loadMockServer } from '../../../mock-servers/load.ts';
import { type OpenMock, openMock } from '../../../mock-servers/open-mock.ts';
import { answerMessage, readMessage } from '../../../mock-servers/protocol.ts';
import { ConnectionFault, createRequests, type ServerTransport } from './requests.ts';

/** A mock server and its complete options. */
export type MockSpec = { name: string; options: Record<string, unknown> };

/**
 * A mock server inside this process, where nothing is measured by a clock. Messages are JSON both ways, as over a wire; what a
 * process of its own costs (0.5 s of CPU time, most of it for data that are made once here) is left out.
 */
export function createInProcessTransport({ name, options }: MockSpec): ServerTransport {
  let mock: OpenMock | undefined;
  const post = async (message: object): Promise<void> => {
    const asked = readMessage(JSON.parse(JSON.stringify(message)));
    // As a server in another process, it answers in a later turn of the event loop.
    await turn();
    if (!mock) throw new ConnectionFault('the connection was closed');
    const answer = asked && (await answerMessage(mock, asked));
    if (!answer || !mock) return;
    const received = JSON.parse(JSON.stringify(answer)) as JSONRPCMessage;
    if (!requests.settle(received)) transport.onmessage?.(received);
  };
  const requests = createRequests(post);
  const transport: ServerTransport = {
    async start() {
      mock = openMock(await loadMockServer(name), options);
    },
    send: post,
    request: requests.send,
    async close() {
      if (!mock) return;
      mock = undefined;
      requests.rejectAll(new ConnectionFault('the connection was closed'));
      transport.onclose?.();
    },
  };
  return transport;
}
