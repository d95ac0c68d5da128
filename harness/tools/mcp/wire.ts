import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import {
  ElicitRequestSchema,
  type ElicitResult,
  ErrorCode,
  McpError,
  ResultSchema,
  ToolListChangedNotificationSchema,
} from '@modelcontextprotocol/sdk/types.js';
import { z } from 'zod';
import type { ProtocolEra } from '../../results/codes.ts';
import type { RequestOptions, ServerTransport } from './requests.ts';

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

/** What a user would fill in where a server asks for input, by the name of a form's field. */
export type UserInput = Record<string, z.core.util.JSONType>;

/** How often a server may ask before it answers one call. */
export const mostRounds = 10;

/** A form as a server asks for it; a page to visit has another mode. */
const form = z.object({
  mode: z.literal('form').optional(),
  requestedSchema: z.object({
    properties: z.record(z.string(), z.unknown()).default({}),
    required: z.array(z.string()).default([]),
  }),
});

/**
 * Fills in a form: those of its fields that `input` has. Declines where a field that is required is not there, and for what is
 * not a form, such as a page to visit.
 */
function fillIn(input: UserInput, params: unknown): { action: 'accept' | 'decline'; content?: UserInput } {
  const { data } = form.safeParse(params);
  if (!data || data.requestedSchema.required.some((name) => !Object.hasOwn(input, name)))
    return { action: 'decline' };
  const known = Object.entries(input).filter(([name]) =>
    Object.hasOwn(data.requestedSchema.properties, name),
  );
  return { action: 'accept', content: Object.fromEntries(known) };
}

/**
 * Gives input to a server that asks for it by requests of its own (up to 2025-11-25). Those do not say for which call: it may ask
 * `mostRounds` times for each that is under way, and is declined after that and outside of calls.
 */
export function createInputGiver(input: UserInput) {
  let callsUnderWay = 0;
  let roundsLeft = 0;
  return {
    answer(params: unknown): ReturnType<typeof fillIn> {
      if (roundsLeft === 0) return { action: 'decline' };
      roundsLeft -= 1;
      return fillIn(input, params);
    },
    /** Makes a call, which the server may ask for. */
    async during<T>(call: () => Promise<T>): Promise<T> {
      callsUnderWay += 1;
      roundsLeft += mostRounds;
      try {
        return await call();
      } finally {
        callsUnderWay -= 1;
        roundsLeft = Math.min(roundsLeft, callsUnderWay * mostRounds);
      }
    },
  };
}

/** A result that asks for input instead of giving any (since 2026-07-28). */
const wanting = z.looseObject({
  resultType: z.literal('input_required'),
  inputRequests: z.record(z.string(), z.looseObject({ method: z.string(), params: z.unknown() })).default({}),
  requestState: z.string().optional(),
});

/**
 * What a request is repeated with, where its result asks for input; undefined where the result is one. Throws an `McpError` where
 * a server asks without there being input, or for something other than forms.
 */
export function answerTo(result: unknown, input: UserInput | undefined): object | undefined {
  const { data } = wanting.safeParse(result);
  if (!data) return undefined;
  const { inputRequests, requestState } = data;
  if (!input) throw refusal('the server asks for input, which is not offered to it');
  const inputResponses = Object.fromEntries(
    Object.entries(inputRequests).map(([key, { method, params }]) => {
      if (method !== 'elicitation/create')
        throw refusal(`the server asks for ${method}, which is not offered`);
      return [key, fillIn(input, params)];
    }),
  );
  return { inputResponses, ...(requestState !== undefined && { requestState }) };
}

export function refusal(text: string): McpError {
  return new McpError(ErrorCode.InvalidRequest, text);
}

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
