import { constants, createGzip, gzipSync } from 'node:zlib';
import { hangsInCall, measured, refused } from '../usual.ts';
import type { Exchange, HttpMode, HttpModes } from './mode.ts';

const typed = (type: string | undefined): HttpMode => ({
  ...refused,
  says:
    type === undefined ? 'it answered without a content type' : `it answered with the content type ${type},`,
  call({ response, usual }) {
    response.writeHead(200, type === undefined ? {} : { 'content-type': type });
    response.end(usual());
  },
});

/** The call answered by bytes on the bare socket. */
const speaks = (bytes: string, says: string): HttpMode => ({
  ...refused,
  says,
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
    says: 'its answer could not be read to the end: incorrect header check',
    call: ({ json, usual }) => json(usual(), { 'content-encoding': 'gzip' }),
  },
  'http-encoding-unknown': {
    ...measured,
    call: ({ json, usual }) => json(usual(), { 'content-encoding': 'rot13' }),
  },
  'http-type-html': typed('text/html'),
  'http-type-image': typed('image/png'),
  'http-type-missing': typed(undefined),
  'http-body-empty': { ...refused, says: 'text that is not JSON', call: ({ json }) => json('') },
  'http-body-other-shape': {
    ...refused,
    says: 'a message that is not JSON-RPC',
    call: ({ json }) => json('[1,2,3]'),
  },
  'http-body-cut': {
    ...refused,
    says: 'its answer could not be read to the end: other side closed',
    call({ response, usual }) {
      response.writeHead(200, { 'content-type': 'application/json', 'content-length': usual().length });
      response.write(usual().slice(0, 20));
      setTimeout(() => response.destroy(), 50);
    },
  },
  'http-body-drips': {
    ...hangsInCall,
    call({ response, usual }) {
      response.writeHead(200, { 'content-type': 'application/json' });
      let at = 0;
      const timer = setInterval(() => response.write(usual().slice(at, ++at)), 300);
      response.on('close', () => clearInterval(timer));
    },
  },
  'http-hangs-after-headers': {
    ...hangsInCall,
    call: ({ response }) =>
      void response.writeHead(200, { 'content-type': 'application/json' }).flushHeaders(),
  },
  'http-reset-in-initialize': {
    ...refused,
    says: 'it cannot be reached: read ECONNRESET',
    initialize: ({ incoming }) => void incoming.socket.resetAndDestroy(),
  },
  'http-reset-in-call': {
    ...refused,
    says: 'it cannot be reached: read ECONNRESET',
    call: ({ incoming }) => void incoming.socket.resetAndDestroy(),
  },
  'http-speaks-ssh': speaks('SSH-2.0-OpenSSH_9.9\r\n', 'Response does not match the HTTP/1.1 protocol'),
  'http-length-too-long': speaks(
    `${ok}content-length: 1000000\r\n\r\n{}`,
    'its answer could not be read to the end: ',
  ),
  'http-length-twice': speaks(
    `${ok}content-length: 2\r\ncontent-length: 3\r\n\r\n{}`,
    'does not match content-length',
  ),
  'http-chunk-broken': speaks(
    `${ok}transfer-encoding: chunked\r\n\r\nzz\r\n{}\r\n0\r\n\r\n`,
    'its answer could not be read to the end: ',
  ),
  'http-header-1mb': speaks(`${ok}x-long: ${'x'.repeat(1_000_000)}\r\n\r\n{}`, 'Headers Overflow'),
  'http-headers-100000': speaks(`${ok}${'x-many: 1\r\n'.repeat(100_000)}\r\n{}`, 'Headers Overflow'),
  'http-header-nul': speaks(`${ok}x-nul: a\0b\r\n\r\n{}`, 'Invalid header value char'),
  'http-headers-drip': {
    ...hangsInCall,
    call({ incoming: { socket } }) {
      socket.write(ok);
      const timer = setInterval(() => socket.write('x-drip: 1\r\n'), 200);
      socket.on('close', () => clearInterval(timer));
    },
  },
  'http-session-8kb': {
    ...measured,
    initialize: ({ json, usual }) => json(usual(), { 'mcp-session-id': 's'.repeat(8_000) }),
  },
};
