import type { Expectation, Request } from '../usual.ts';

/** How a mode speaks. */
export type Wire = {
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

/** One way in which a stdio server does not behave, and what is right for a run against it. */
export type StdioMode = Expectation & {
  start?: (wire: Wire) => void;
  initialize?: Handler;
  list?: Handler;
  call?: Handler;
};

export type StdioModes = Record<string, StdioMode>;
