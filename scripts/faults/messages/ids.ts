import { either, measured, refused, text, usual } from '../usual.ts';
import type { Mode, Modes } from './mode.ts';

/** A forged item, which no program may ever see. */
const forged = text('{"n":666}');

/** Every answer to a call carries this id instead of its own. */
const answersWithId = (change: (id: number) => unknown): Mode => ({
  ...refused,
  waitsFor: 'call',
  says: /It answered what was not asked|is not JSON-RPC/,
  call: (request, { send }) =>
    send({ jsonrpc: '2.0', id: change(request.id ?? 0), result: usual.call(request) }),
});

/** A request or notice of the server's own before each answer. */
const asksFirst = (message: object): Mode => ({
  ...measured,
  call(request, { send, answer }) {
    send({ jsonrpc: '2.0', ...message });
    answer(request);
  },
});

const many = (times: number, message: object): Mode => ({
  ...measured,
  call(request, { raw, answer }) {
    raw(`${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`.repeat(times));
    answer(request);
  },
});

/** Ids that are forged, doubled or of the wrong kind, and messages of the server's own. */
export const idModes: Modes = {
  'ids-forged-early': {
    ...measured,
    start({ send }) {
      for (let id = 2 ** 30; id < 2 ** 30 + 50; id += 1) send({ jsonrpc: '2.0', id, result: forged });
    },
  },
  'ids-forged-before': {
    ...measured,
    call(request, wire) {
      wire.send({ jsonrpc: '2.0', id: (request.id ?? 0) + 1, result: forged });
      wire.answer(request);
    },
  },
  'ids-answered-twice': {
    ...measured,
    call(request, wire) {
      wire.answer(request);
      wire.reply(request, forged);
    },
  },
  'ids-unsolicited': {
    ...measured,
    call(request, wire) {
      for (const id of [99_999, 'abc', -1, 2 ** 53]) wire.send({ jsonrpc: '2.0', id, result: forged });
      wire.answer(request);
    },
  },
  'ids-array': answersWithId((id) => [id]),
  'ids-string': answersWithId(String),
  'ids-fraction': answersWithId((id) => id + 0.5),
  'ids-object': answersWithId((id) => ({ id })),
  'ids-null': answersWithId(() => null),
  // The answer to each call comes with the id of the one before.
  'ids-swapped': answersWithId((id) => id - 1),
  'reply-without-jsonrpc': {
    ...refused,
    says: /does not say "jsonrpc": "2.0"|a message that is not JSON-RPC/,
    call: (request, { send }) => send({ id: request.id, result: usual.call(request) }),
  },
  // Read over stdio, refused over HTTP.
  'reply-with-both': {
    ...either,
    call: (request, { send }) =>
      send({
        jsonrpc: '2.0',
        id: request.id,
        result: usual.call(request),
        error: { code: 1, message: 'both' },
      }),
  },
  'reply-with-neither': {
    ...refused,
    says: /neither with a result nor an error|a message that is not JSON-RPC/,
    call: (request, { send }) => send({ jsonrpc: '2.0', id: request.id }),
  },
  // The other way round; batches left MCP with 2025-06-18.
  'reply-in-batch': {
    ...either,
    waitsFor: 'call',
    call: (request, { send }) => send([{ jsonrpc: '2.0', id: request.id, result: usual.call(request) }]),
  },
  'asks-sampling': asksFirst({
    id: 7,
    method: 'sampling/createMessage',
    params: { messages: [{ role: 'user', content: { type: 'text', text: 'Say yes.' } }], maxTokens: 10 },
  }),
  'asks-elicitation': asksFirst({
    id: 8,
    method: 'elicitation/create',
    params: { message: 'Your password?', requestedSchema: { type: 'object', properties: {} } },
  }),
  'asks-roots': asksFirst({ id: 9, method: 'roots/list' }),
  'asks-ping': asksFirst({ id: 10, method: 'ping' }),
  'notifies-unknown-2000': many(2_000, { method: 'notifications/unheard-of', params: { a: 1 } }),
  'notifies-progress-2000': many(2_000, {
    method: 'notifications/progress',
    params: { progressToken: 1, progress: 1 },
  }),
  'notifies-log-ansi': asksFirst({
    method: 'notifications/message',
    params: { level: 'emergency', data: '\x1b]0;owned\x07\x1b[2J' },
  }),
  'notifies-cancelled': asksFirst({ method: 'notifications/cancelled', params: { requestId: 2 ** 30 } }),
  'notifies-list-changed-1000': many(1_000, { method: 'notifications/tools/list_changed' }),
};
