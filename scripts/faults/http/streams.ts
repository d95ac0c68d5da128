import { either, hangsInCall, measured, refused, text } from '../usual.ts';
import type { Exchange, HttpMode, HttpModes } from './mode.ts';

/** Begins a stream of server-sent events. */
function open({ response }: Exchange, first = ''): Exchange['response'] {
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  response.flushHeaders();
  if (first !== '') response.write(first);
  return response;
}

const event = (data: string): string => `event: message\ndata: ${data}\n\n`;

/** Writes one text again and again, as fast as it is taken. */
function flood(response: Exchange['response'], chunk: string): void {
  const more = (): void => {
    while (!response.destroyed && response.write(chunk));
    if (!response.destroyed) response.once('drain', more);
  };
  more();
}

const inCall = (
  speak: (exchange: Exchange) => void,
  expected: Omit<HttpMode, 'call'> = hangsInCall,
): HttpMode => ({
  ...expected,
  call: speak,
});

/** Too much that answers nothing: it takes a second or two to read that much. */
const unasked = { ...refused, says: 'bytes that answer nothing', limitSeconds: 60 };

/** Answers that come as server-sent events. */
export const streamModes: HttpModes = {
  'sse-well-behaved': inCall((exchange) => void open(exchange).end(event(exchange.usual())), measured),
  'sse-opens-and-hangs': inCall((exchange) => void open(exchange)),
  'sse-comments-without-end': inCall(
    (exchange) => flood(open(exchange), `: ${'y'.repeat(1_000)}\n\n`),
    unasked,
  ),
  'sse-data-without-end': inCall((exchange) => flood(open(exchange), `data: ${'y'.repeat(65_536)}`), {
    ...refused,
    mostMiB: 1_500,
    limitSeconds: 120,
  }),
  'sse-lines-without-empty': inCall((exchange) => flood(open(exchange), 'data: x\n'.repeat(1_000)), {
    ...refused,
    mostMiB: 1_600,
    limitSeconds: 120,
  }),
  'sse-events-without-end': inCall(
    (exchange) =>
      flood(
        open(exchange),
        event(
          '{"jsonrpc":"2.0","method":"notifications/progress","params":{"progressToken":1,"progress":1}}',
        ),
      ),
    unasked,
  ),
  'sse-event-50mb': inCall(
    (exchange) => {
      const result = text('some words '.repeat(4_500_000));
      open(exchange).end(event(JSON.stringify({ jsonrpc: '2.0', id: exchange.request.id, result })));
    },
    { ...refused, mostMiB: 1_600, limitSeconds: 120 },
  ),
  'sse-event-invalid': inCall((exchange) => void open(exchange).end(event('{"jsonrpc": oops'))),
  'sse-event-other-id': inCall(
    (exchange) => void open(exchange).end(event('{"jsonrpc":"2.0","id":424242,"result":{}}')),
  ),
  'sse-cut-in-event': inCall((exchange) => {
    open(exchange, 'data: {"jsonrpc":"2.0",');
    setTimeout(() => exchange.response.destroy(), 50);
  }),
  'sse-closes-empty': inCall((exchange) => void open(exchange).end()),
  'sse-retry-at-once': inCall((exchange) => void open(exchange).end('id: 1\nretry: 0\ndata:\n\n')),
  'sse-listens-and-retries-at-once': {
    ...measured,
    get: (exchange) => void open(exchange).end('id: 1\nretry: 0\ndata:\n\n'),
  },
  'sse-listens-and-hangs': { ...measured, get: (exchange) => void open(exchange) },
  'sse-listens-and-floods': { ...either, get: (exchange) => flood(open(exchange), ': y\n\n'.repeat(1_000)) },
  'sse-listens-500': { ...measured, get: ({ response }) => void response.writeHead(500).end('no') },
  'sse-carriage-returns': inCall(
    (exchange) => void open(exchange).end(event(exchange.usual()).replaceAll('\n', '\r\n')),
    measured,
  ),
};
