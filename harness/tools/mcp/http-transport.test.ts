import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';
import { afterEach, describe, expect, test } from 'vitest';
import { InfrastructureError } from '../../errors.ts';
import { number } from '../../numbers.ts';
import { makeFolder, patternbench } from '../../testing/command-line.ts';
import { type Misbehaviour, startEndlessServer } from '../../testing/endless-server.ts';
import { scenarioFiles } from '../../testing/scenario-files.ts';
import { connect } from './connections.ts';
import { createBoundedFetch } from './http-transport.ts';

const stops: (() => unknown)[] = [];
afterEach(async () => {
  for (const stop of stops.splice(0)) await stop();
});

const { signal } = new AbortController();
const timeouts = { connectMs: 25_000, callMs: 25_000 };
const mib = 1024 * 1024;

async function start(misbehaviour: Misbehaviour) {
  const server = await startEndlessServer(misbehaviour);
  stops.push(server.close);
  return server;
}

/** Connects and calls; gives what went wrong. */
async function connectAndCall(url: string, headers = {}): Promise<Error> {
  try {
    const connection = await connect('far', { url, headers }, timeouts, signal);
    stops.push(connection.close);
    await connection.call('ping', {}, signal);
  } catch (error) {
    return error as Error;
  }
  return new Error('nothing went wrong');
}

/** A server that sends these chunks, each by itself, and what comes through the bound. */
async function read(chunks: (string | Buffer)[], headers: Record<string, string>, mostMessageBytes: number) {
  const server = createServer(async (_, response) => {
    response.writeHead(200, headers);
    for (const chunk of chunks) {
      response.write(chunk);
      await new Promise((done) => setTimeout(done, 5));
    }
    response.end();
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  stops.push(() => server.close());
  const excess: string[] = [];
  const bounded = createBoundedFetch({ mostMessageBytes, onExcess: (error) => excess.push(error.message) });
  const response = await bounded(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
  const text = await response.text().catch((error: Error) => `failed: ${error.message}`);
  return { text, excess };
}

const events = { 'content-type': 'text/event-stream; charset=utf-8' };
const json = { 'content-type': 'application/json' };

describe('the bound of an answer over HTTP', () => {
  test('lets a body through that is as long as it may be, and no byte more', async () => {
    expect(await read(['x'.repeat(50), 'x'.repeat(50)], json, 100)).toEqual({
      text: 'x'.repeat(100),
      excess: [],
    });
    const { text, excess } = await read(['x'.repeat(50), 'x'.repeat(51)], json, 100);
    expect(text).toBe('failed: it answered with a body of more than 100 bytes');
    expect(excess).toEqual(['it answered with a body of more than 100 bytes']);
  });

  test.each(['\n', '\r\n', '\r'])(
    'is one of each event, not of the stream, with lines that end in %j',
    async (end) => {
      const event = `data: ${'y'.repeat(60)}${end}${end}`;
      // Chunks that end in the middle of the empty line.
      const chunks = Array.from({ length: 6 }, () => [event.slice(0, -1), event.slice(-1)]).flat();
      expect(await read(chunks, events, 100)).toEqual({ text: event.repeat(6), excess: [] });
      const long = `data: ${'y'.repeat(60)}${end}`;
      expect((await read([event, long, long], events, 100)).excess).toHaveLength(1);
    },
  );

  test('counts what was compressed as what it becomes', async () => {
    const bomb = gzipSync('z'.repeat(5 * mib));
    const { excess } = await read([bomb], { ...json, 'content-encoding': 'gzip' }, mib);
    expect(excess).toEqual([`it answered with a body of more than ${number(mib)} bytes`]);
  });
});

describe('what a server sends over HTTP besides answers', () => {
  const length = 30_000;
  const message = `data: ${'y'.repeat(length - 8)}\n\n`;

  /**
   * Ten responses, or one stream for GET, that all stay open until each is read; gives how many bytes of each were counted,
   * while none had ended.
   */
  async function countUnasked(parts: string[], headers: Record<string, string>, method = 'POST') {
    const server = createServer(async (_, response) => {
      response.writeHead(200, headers);
      for (const part of parts) await new Promise((written) => response.write(part, written));
    });
    await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
    stops.push(() => {
      server.closeAllConnections();
      server.close();
    });
    let unasked = 0;
    const onUnasked = (bytes: number) => {
      unasked += bytes;
    };
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
    const all = method === 'GET' ? 1 : 10;
    const expected = parts.join('').length;
    const reading = Array.from({ length: all }, async () => {
      const bounded = createBoundedFetch({ mostMessageBytes: mib, onExcess: () => undefined, onUnasked });
      const { body } = await bounded(url, { method });
      let bytes = 0;
      for await (const chunk of body ?? []) {
        bytes += chunk.length;
        if (bytes === expected) return;
      }
    });
    await Promise.all(reading);
    return unasked / all;
  }

  test.each([
    ['a body', ['{', message], json],
    ['an event', [message], events],
    ['an event in parts', [message.slice(0, 9), message.slice(9, -1), message.slice(-1)], events],
  ])('is nothing while ten answers come in at once, each %s', async (_, parts, headers) => {
    expect(await countUnasked(parts, headers)).toBe(0);
  });

  test('is all of a response but its largest message', async () => {
    const unasked = await countUnasked(
      Array.from({ length: 20 }, () => message),
      events,
    );
    // Messages that end in the same chunk count as one.
    expect(unasked).toBeGreaterThan(20 * length - length - 2 * 65_536);
    expect(unasked).toBeLessThanOrEqual(19 * length);
  });

  test('is all of a stream that was not asked for', async () => {
    expect(await countUnasked([message], events, 'GET')).toBe(length);
  });
});

describe('a server that answers without end', () => {
  const bound = 32 * mib;

  test.each<[Misbehaviour['at'], Misbehaviour['as'], string]>([
    ['initialize', 'error', 'could not be started'],
    ['tools/list', 'json', 'could not be started'],
    ['tools/call', 'events', 'failed in the middle of ping'],
  ])('to %s, as %s, fails as infrastructure at the bound, not at a timeout', async (at, as, doing) => {
    const server = await start({ at, as });
    const error = await connectAndCall(server.url);
    expect(error).toBeInstanceOf(InfrastructureError);
    expect(error.message).toContain(`Server "far" (${server.origin}) ${doing}: it answered with`);
    expect(error.message).toContain(`of more than ${number(bound)} bytes`);
    expect(server.seen.sentBytes).toBeLessThan(bound + 64 * mib);
  });
});

describe('a server that redirects', () => {
  test.each([302, 307, 308])(
    'to another origin with %i is refused, and nothing is sent there',
    async (status) => {
      const other = await start({ at: 'tools/call', as: 'json' });
      const server = await start({ at: 'initialize', as: { redirect: other.url, status } });
      const error = await connectAndCall(server.url, { authorization: 'Bearer secret' });
      expect(error).toBeInstanceOf(InfrastructureError);
      expect(error.message).toContain(
        `it redirects to another origin, ${other.origin}, which is not followed`,
      );
      expect(other.seen.requests).toEqual([]);
      expect(server.seen.requests[0]?.authorization).toBe('Bearer secret');
    },
  );

  test('ends a run as infrastructure, with exit code 3', async () => {
    const server = await start({
      at: 'initialize',
      as: { redirect: 'http://elsewhere.test/mcp', status: 308 },
    });
    const servers = `{ server: ${JSON.stringify({ url: server.url })} }`;
    const cwd = makeFolder(scenarioFiles({ body: 'return mcp.server.ping({});', servers }));
    const { code, stderr } = await patternbench(['run', '.', '--variants', 'classic', '--out', 'out'], {
      cwd,
    });
    expect(stderr).toContain('it redirects to another origin, http://elsewhere.test, which is not followed');
    expect(code).toBe(3);
  });

  test('in the middle of its session is refused too', async () => {
    const other = await start({ at: 'initialize', as: 'json' });
    const server = await start({ at: 'tools/call', as: { redirect: other.url, status: 307 } });
    expect((await connectAndCall(server.url)).message).toContain(
      'failed in the middle of ping: it redirects',
    );
    expect(other.seen.requests).toEqual([]);
  });

  test('within its origin is followed', async () => {
    const place = { redirect: '/elsewhere', status: 307 };
    const server = await start({ at: 'tools/call', as: place });
    await connectAndCall(server.url);
    const calls = server.seen.requests.filter(({ method }) => method === 'tools/call');
    expect(calls.length).toBeGreaterThan(1);
  });
});

test('an address where nothing listens is told with its cause', async () => {
  const server = await start({ at: 'initialize', as: 'json' });
  await server.close();
  expect((await connectAndCall(server.url)).message).toContain('it cannot be reached: connect ECONNREFUSED');
});

test('two requests for a stream of events are at least a second apart, even if the server asks for less', async () => {
  const asked: number[] = [];
  const server = createServer((_, response) => {
    asked.push(performance.now());
    response.writeHead(200, events).end('retry: 0\n\n');
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  stops.push(() => server.close());
  const bounded = createBoundedFetch({ mostMessageBytes: mib, onExcess: () => undefined });
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  for (const method of ['GET', 'GET', 'POST']) await (await bounded(url, { method })).text();
  const [first = 0, second = 0] = asked;
  expect(second - first).toBeGreaterThan(900);
  expect(asked).toHaveLength(3);
});
