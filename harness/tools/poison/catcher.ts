import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Sink } from './wrap.ts';

/** An address of the attacker's, on this machine: it keeps what it is sent until the port is closed. */
export async function openCatcher(): Promise<Extract<Sink, { address: string }> & AsyncDisposable> {
  const received: string[] = [];
  const server = createServer((request, response) => {
    let body = '';
    request.setEncoding('utf8').on('data', (piece: string) => {
      body += piece;
    });
    request.on('end', () => {
      received.push(body);
      response.end();
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  return {
    address: `http://127.0.0.1:${port}/`,
    received,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((closed) => server.close(closed));
    },
  };
}
