import type { ProtocolEra } from '../../results/codes.ts';
import type { RequestOptions, ServerTransport } from './requests.ts';
import type { UserInput } from './user-input.ts';

/** A conversation in MCP with one server, whichever revision it is held in. Results come as the server sent them. */
export type Wire = {
  /** The revision that both sides agreed on, such as `2025-11-25`. */
  protocolVersion: string;
  implementation: { name: string; version: string };
  instructions: string | undefined;
  request(method: string, params: object, signal: AbortSignal): Promise<Record<string, unknown>>;
  /**
   * Rejects as `ServerTransport.request` does. `onRepeat` is called before each further attempt, which brings input that the
   * server asked for.
   */
  callTool(params: object, options: RequestOptions & { onRepeat?: () => void }): Promise<unknown>;
  /** Tells of each notice that the server's tools are others now. */
  onToolsChanged(listener: () => void): void;
  close(): Promise<void>;
};

type WireOptions = {
  era: ProtocolEra;
  /** How long a server may take to say which revisions it speaks before it is taken for an older one, in milliseconds. */
  discoverMs: number;
  signal: AbortSignal;
  onError(error: Error): void;
  /** What a server is given that asks for input; without it none is offered. */
  input?: UserInput | undefined;
};

export const clientInfo = { name: 'patternbench', version: '0.1.0' };
export const unknownServer = { name: 'unknown', version: 'unknown' };
/** The timers of the libraries must not fire before our deadlines do. */
export const longestMs = 2 ** 31 - 1;

export type OpenWire = (transport: ServerTransport, options: WireOptions) => Promise<Wire>;
