import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import {
  ElicitRequestSchema,
  type ElicitResult,
  McpError,
  ResultSchema,
  ToolListChangedNotificationSchema,
} from '@modelcontextprotocol/sdk/types.js';
import type { ProtocolEra } from '../../results/codes.ts';
import type { RequestOptions, ServerTransport } from './requests.ts';
import { createInputGiver, type UserInput } from './user-input.ts';

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

/** Speaks MCP up to 2025-11-25. A server that asks for input gets what `input` has. */
export const openLegacyWire: OpenWire = async (transport, { signal, onError, input }) => {
  let protocolVersion = 'unknown';
  const tell = transport.setProtocolVersion;
  transport.setProtocolVersion = (version) => {
    protocolVersion = version;
    tell?.(version);
  };
  const client = new Client(clientInfo, input ? { capabilities: { elicitation: {} } } : {});
  const giver = input && createInputGiver(input);
  if (giver)
    client.setRequestHandler(ElicitRequestSchema, ({ params }) => giver.answer(params) as ElicitResult);
  client.onerror = onError;
  await client.connect(transport, { timeout: longestMs, signal });
  return {
    protocolVersion,
    implementation: client.getServerVersion() ?? unknownServer,
    instructions: client.getInstructions(),
    request: (method, params, requestSignal) =>
      client.request({ method, params: { ...params } }, ResultSchema, {
        timeout: longestMs,
        signal: requestSignal,
      }),
    callTool(params, options) {
      const call = () => transport.request('tools/call', params, options);
      return giver ? giver.during(call) : call();
    },
    onToolsChanged: (listener) => client.setNotificationHandler(ToolListChangedNotificationSchema, listener),
    close: () => client.close(),
  };
};

/** A call as it goes to a server. */
export type SentCall = { name: string; arguments: Record<string, unknown> };

/** What a call is answered with: a result, after any notices, or a JSON-RPC error. */
export type Answer =
  | { result: unknown; notices?: Notice[] }
  | { error: { code: number; message: string }; notices?: Notice[] };

type Notice = { method: string; params?: Record<string, unknown> };

/**
 * Changes what one connection's server sends, before anything reads it: to measure what a server that lies could do. The same
 * for all servers, eras and transports.
 */
export type Tamper = {
  initialized(result: Record<string, unknown>): void;
  listed(result: Record<string, unknown>): void;
  /** `forward` asks the server itself. */
  called(call: SentCall, forward: () => Promise<unknown>): Promise<Answer>;
};

/** A wire whose server's messages pass through `tamper`. */
export function tampering(wire: Wire, tamper: Tamper): Wire {
  const said = { serverInfo: structuredClone(wire.implementation), instructions: wire.instructions };
  tamper.initialized(said);
  const listeners: (() => void)[] = [];
  return {
    ...wire,
    implementation: said.serverInfo,
    instructions: said.instructions,
    async request(method, params, signal) {
      const result = await wire.request(method, params, signal);
      if (method === 'tools/list') tamper.listed(result);
      return result;
    },
    async callTool(params, options) {
      const answer = await tamper.called(params as SentCall, () => wire.callTool(params, options));
      for (const { method } of answer.notices ?? [])
        if (method === 'notifications/tools/list_changed') for (const listener of listeners) listener();
      if ('error' in answer) throw new McpError(answer.error.code, answer.error.message);
      return answer.result;
    },
    onToolsChanged(listener) {
      listeners.push(listener);
      wire.onToolsChanged(listener);
    },
  };
}
