import { either, measured, type Request, refused, text, usual } from '../usual.ts';
import type { StdioMode, StdioModes, Wire } from './mode.ts';

/** A forged item, which no program may ever see. */
const forged = text('{"n":666}');

/** Every answer to a call carries this id instead of its own. */
const answersWithId = (
  change: (id: number) => unknown,
  exits: readonly number[] = refused.exits,
): StdioMode => ({
  exits,
  call: (request, { send }) =>
    send({ jsonrpc: '2.0', id: change(request.id ?? 0), result: usual.call(request) }),
});

/** A request or notice of the server's own before each answer. */
const asksFirst = (message: object): StdioMode => ({
  ...measured,
  call(request, { send, answer }) {
    send({ jsonrpc: '2.0', ...message });
    answer(request);
  },
});

const many = (times: number, message: object): StdioMode => ({
  ...measured,
  call(request, { raw, answer }) {
    raw(`${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`.repeat(times));
    answer(request);
  },
});

let waiting: Request | undefined;

/** Ids that are forged, doubled or of the wrong kind, and messages of the server's own. */
export const idModes: StdioModes = {
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
  'ids-array': answersWithId((id) => [id], either.exits),
  'ids-string': answersWithId(String, either.exits),
  'ids-fraction': answersWithId((id) => id + 0.5),
  'ids-object': answersWithId((id) => ({ id })),
  'ids-null': answersWithId(() => null),
  'ids-swapped': {
    ...refused,
    call(request, wire: Wire) {
      // The answer to each call comes with the id of the one before.
      if (waiting) wire.reply(waiting, usual.call(request));
      waiting = request;
    },
  },
  'reply-without-jsonrpc': {
    ...either,
    call: (request, { send }) => send({ id: request.id, result: usual.call(request) }),
  },
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
  'reply-with-neither': { ...either, call: (request, { send }) => send({ jsonrpc: '2.0', id: request.id }) },
  'reply-in-batch': {
    ...either,
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
