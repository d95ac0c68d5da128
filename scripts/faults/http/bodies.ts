import { constants, createGzip, gzipSync } from 'node:zlib';
import { either, measured, refused, text } from '../usual.ts';
import type { Exchange, HttpMode, HttpModes } from './mode.ts';

const reply = ({ request }: Exchange, result: object): string =>
  JSON.stringify({ jsonrpc: '2.0', id: request.id, result });

const says = (make: () => string, more: Partial<HttpMode> = {}): HttpMode => ({
  ...measured,
  ...more,
  call: (exchange) => exchange.json(reply(exchange, text(make()))),
});

const typed = (type: string | undefined): HttpMode => ({
  ...refused,
  call({ response, usual }) {
    response.writeHead(200, type === undefined ? {} : { 'content-type': type });
    response.end(usual());
  },
});

/** The call answered by bytes on the bare socket. */
const speaks = (bytes: string, expected: Omit<HttpMode, 'call'> = refused): HttpMode => ({
  ...expected,
  call: ({ incoming }) => void incoming.socket.end(bytes),
});

/** A gigabyte that travels as a megabyte. */
function bomb({ request, response }: Exchange): void {
  response.writeHead(200, { 'content-type': 'application/json', 'content-encoding': 'gzip' });
  const packed = createGzip({ level: constants.Z_BEST_SPEED });
  packed.pipe(response);
  packed.write(`{"jsonrpc":"2.0","id":${request.id},"result":{"content":[{"type":"text","text":"`);
  const chunk = 'x'.repeat(4 * 1024 * 1024);
  let sent = 0;
  const more = (): void => {
    while (sent++ < 256 && !response.destroyed)
      if (!packed.write(chunk)) return void packed.once('drain', more);
    packed.end('"}]}}');
  };
  more();
}

const ok = 'HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n';

/** Bodies and headers that are large, cut, packed or not what they are said to be. */
export const bodyModes: HttpModes = {
  'http-body-200mb': says(() => 'a b '.repeat(50_000_000), { ...refused, mostMiB: 2_500, limitSeconds: 120 }),
  'http-body-20mb-spaces': says(() => ' '.repeat(20_000_000), { mostMiB: 1_600, limitSeconds: 120 }),
  'http-body-600kb-combining': says(() => `a${'\u0316\u0301'.repeat(150_000)}`),
  'http-body-nested-10000': says(() => `{"n":1,"d":${'['.repeat(10_000)}${']'.repeat(10_000)}}`),
  'http-gzip-bomb': { ...refused, mostMiB: 1_000, limitSeconds: 120, call: bomb },
  'http-gzip-bomb-at-start': { ...refused, mostMiB: 1_000, limitSeconds: 120, initialize: bomb },
  'http-gzip': {
    ...measured,
    call: ({ response, usual }) => {
      response.writeHead(200, { 'content-type': 'application/json', 'content-encoding': 'gzip' });
      response.end(gzipSync(usual()));
    },
  },
  'http-gzip-broken': {
    ...refused,
    call: ({ json, usual }) => json(usual(), { 'content-encoding': 'gzip' }),
  },
  'http-encoding-unknown': {
    ...either,
    call: ({ json, usual }) => json(usual(), { 'content-encoding': 'rot13' }),
  },
  'http-type-html': typed('text/html'),
  'http-type-image': typed('image/png'),
  'http-type-missing': typed(undefined),
  'http-body-empty': { ...refused, call: ({ json }) => json('') },
  'http-body-invalid': { ...refused, call: ({ json }) => json('{"jsonrpc": oops') },
  'http-body-other-id': { ...refused, call: ({ json }) => json('{"jsonrpc":"2.0","id":424242,"result":{}}') },
  'http-body-other-shape': { ...refused, call: ({ json }) => json('[1,2,3]') },
  'http-body-cut': {
    ...refused,
    call({ response, usual }) {
      response.writeHead(200, { 'content-type': 'application/json', 'content-length': usual().length });
      response.write(usual().slice(0, 20));
      setTimeout(() => response.destroy(), 50);
    },
  },
  'http-body-drips': {
    ...refused,
    call({ response, usual }) {
      response.writeHead(200, { 'content-type': 'application/json' });
      let at = 0;
      const timer = setInterval(() => response.write(usual().slice(at, ++at)), 300);
      response.on('close', () => clearInterval(timer));
    },
  },
  'http-hangs': { ...refused, initialize: () => {} },
  'http-hangs-in-list': { ...refused, list: () => {} },
  'http-hangs-in-call': { ...refused, call: () => {} },
  'http-hangs-after-headers': {
    ...refused,
    call: ({ response }) =>
      void response.writeHead(200, { 'content-type': 'application/json' }).flushHeaders(),
  },
  'http-reset-in-initialize': {
    ...refused,
    initialize: ({ incoming }) => void incoming.socket.resetAndDestroy(),
  },
  'http-reset-in-call': { ...refused, call: ({ incoming }) => void incoming.socket.resetAndDestroy() },
  'http-speaks-ssh': speaks('SSH-2.0-OpenSSH_9.9\r\n'),
  'http-length-too-long': speaks(`${ok}content-length: 1000000\r\n\r\n{}`),
  'http-length-twice': speaks(`${ok}content-length: 2\r\ncontent-length: 3\r\n\r\n{}`),
  'http-chunk-broken': speaks(`${ok}transfer-encoding: chunked\r\n\r\nzz\r\n{}\r\n0\r\n\r\n`),
  'http-header-1mb': speaks(`${ok}x-long: ${'x'.repeat(1_000_000)}\r\n\r\n{}`),
  'http-headers-100000': speaks(`${ok}${'x-many: 1\r\n'.repeat(100_000)}\r\n{}`),
  'http-header-nul': speaks(`${ok}x-nul: a\0b\r\n\r\n{}`),
  'http-headers-drip': {
    ...refused,
    call({ incoming: { socket } }) {
      socket.write(ok);
      const timer = setInterval(() => socket.write('x-drip: 1\r\n'), 200);
      socket.on('close', () => clearInterval(timer));
    },
  },
  'http-session-8kb': {
    ...either,
    initialize: ({ json, usual }) => json(usual(), { 'mcp-session-id': 's'.repeat(8_000) }),
  },
};
