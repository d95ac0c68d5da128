import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { httpModes } from '../modes.ts';
import { inEra, type Request, usualAnswer } from '../usual.ts';
import type { Exchange, HttpMode } from './mode.ts';

/** A hostile server over Streamable HTTP on a loopback port. */
type HostileServer = {
  url: string;
  /** How many requests the server elsewhere has seen, of which none is right. */
  caught(): number;
  close(): void;
};

export async function serveHostile(mode: HttpMode): Promise<HostileServer> {
  let caught = 0;
  const catcher = createServer((_, response) => {
    caught += 1;
    response.writeHead(404).end();
  });
  const catcherPort = await listen(catcher);

  const server = createServer(async (incoming, response) => {
    response.on('error', () => {});
    incoming.on('error', () => {});
    let body = '';
    try {
      for await (const chunk of incoming.setEncoding('utf8')) body += chunk;
    } catch {
      return;
    }
    const request: Request = body === '' ? {} : JSON.parse(body);
    const usual = () => {
      const result = usualAnswer(request);
      const outcome = result
        ? { result: inEra(request, result) }
        : { error: { code: -32601, message: 'no such method' } };
      return JSON.stringify({ jsonrpc: '2.0', id: request.id, ...outcome });
    };
    const json: Exchange['json'] = (text, headers = {}) => {
      response.writeHead(200, { 'content-type': 'application/json', ...headers });
      response.end(text);
    };
    const answer = () => {
      if (request.method === undefined) response.writeHead(405).end();
      else if (request.id === undefined) response.writeHead(202).end();
      else json(usual());
    };
    const exchange = {
      request,
      incoming,
      response,
      elsewhere: `http://127.0.0.1:${catcherPort}`,
      json,
      usual,
      answer,
    };
    const handler = {
      initialize: mode.initialize,
      'server/discover': mode.initialize,
      'tools/list': mode.list,
      'tools/call': mode.call,
      GET: mode.get,
      DELETE: mode.delete,
    }[request.method ?? incoming.method ?? ''];
    (handler ?? answer)(exchange);
  });
  const port = await listen(server);
  return {
    url: `http://127.0.0.1:${port}/mcp`,
    caught: () => caught,
    close() {
      for (const each of [server, catcher]) {
        each.close();
        each.closeAllConnections();
      }
    },
  };
}

function listen(started: Server): Promise<number> {
  return new Promise((done) => {
    started.listen(0, '127.0.0.1', () => done((started.address() as AddressInfo).port));
  });
}

// In a process of its own, forked with the name of a mode: it tells its parent its address, and on any message how many requests
// the server elsewhere has seen.
if (import.meta.main) {
  const mode = httpModes[process.argv[2] ?? ''];
  if (!mode) throw new Error(`There is no mode "${process.argv[2]}".`);
  const { url, caught } = await serveHostile(mode);
  process.on('message', () => process.send?.({ caught: caught() }));
  process.on('disconnect', () => process.exit());
  process.send?.({ url });
}
