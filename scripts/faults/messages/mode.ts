import type { Expectation, Request } from '../usual.ts';
import { inEra, usualAnswer } from '../usual.ts';

/** How a mode speaks, over any wire. */
type Wire = {
  /** One message on a line. */
  send(message: unknown): void;
  /** Bytes as they are. */
  raw(bytes: string | Uint8Array): void;
  reply(request: Request, result: unknown): void;
  fail(request: Request, error: unknown): void;
  /** The usual answer. */
  answer(request: Request): void;
};

type Handler = (request: Request, wire: Wire) => void;

/** One way in which a server does not behave, and what is right for a run against it. */
export type Mode = Expectation & {
  start?: (wire: Wire) => void;
  initialize?: Handler;
  /** `before` counts the lists that were asked for on this connection. */
  list?: (request: Request, wire: Wire, before: number) => void;
  call?: Handler;
};

export type Modes = Record<string, Mode>;

/** A wire that writes its bytes by `raw`. */
export function createWire(raw: Wire['raw']): Wire {
  const send: Wire['send'] = (message) => raw(`${JSON.stringify(message)}\n`);
  const reply: Wire['reply'] = (request, result) =>
    send({ jsonrpc: '2.0', id: request.id, result: inEra(request, result) });
  const fail: Wire['fail'] = ({ id }, error) => send({ jsonrpc: '2.0', id, error });
  const answer: Wire['answer'] = (request) => {
    const result = usualAnswer(request);
    if (result) reply(request, result);
    else fail(request, { code: -32601, message: 'no such method' });
  };
  return { raw, send, reply, fail, answer };
}

/** Answers the requests of one connection as a mode does; what is no request is not answered. */
export function createResponder(mode: Mode): (request: Request, wire: Wire) => void {
  let lists = 0;
  return (request, wire) => {
    if (request.id === undefined || request.method === undefined) return;
    const opens = request.method === 'initialize' || request.method === 'server/discover';
    if (opens && mode.initialize) mode.initialize(request, wire);
    else if (request.method === 'tools/list' && mode.list) mode.list(request, wire, lists++);
    else if (request.method === 'tools/call' && mode.call) mode.call(request, wire);
    else wire.answer(request);
  };
}
