import { setTimeout as delay } from 'node:timers/promises';
import { z } from 'zod';
import { messageOf } from '../harness/errors.ts';
import {
  checkEnvelope,
  claimedVersion,
  complete,
  dialogueOf,
  discover,
  listTools,
  type Refusal,
} from './modern-protocol.ts';
import { InvalidCallError, type OpenMock } from './open-mock.ts';
import { STATE_METHOD } from './state.ts';

// MCP as far as a server of tools needs it. The SDK's server does the same, but takes 0.15 s of CPU time to load, and a mock
// server is started for every trial. The tests talk to it with the SDK's client.

/** Versions of MCP with a handshake that are spoken, newest first. Their tools are alike. */
export const PROTOCOL_VERSIONS = ['2025-11-25', '2025-06-18', '2025-03-26', '2024-11-05'] as const;

/** Codes of JSON-RPC errors, from section 5.1 of its specification. */
export const errorCodes = { methodNotFound: -32601, invalidParams: -32602, internalError: -32603 };

const messageSchema = z.object({
  jsonrpc: z.literal('2.0'),
  id: z.union([z.string(), z.int()]).optional(),
  method: z.string().optional(),
  params: z.record(z.string(), z.unknown()).default({}),
});
const initializeSchema = z.object({ protocolVersion: z.string() });
const callSchema = z.object({ name: z.string(), arguments: z.record(z.string(), z.unknown()).optional() });

/** One JSON-RPC message of a client: a request, or what wants no answer. */
export type Message = z.output<typeof messageSchema>;

/** What a request is answered with. */
export type Answer = { jsonrpc: '2.0'; id: string | number } & ({ result: unknown } | { error: Refusal });

/** What came in as JSON as a message; `undefined` where it is not one of JSON-RPC. */
export function readMessage(json: unknown): Message | undefined {
  return messageSchema.safeParse(json).data;
}

/** Answers a client's message; `undefined` for a notification. Never rejects: what a tool throws is an error for the client. */
export async function answerMessage(mock: OpenMock, message: Message): Promise<Answer | undefined> {
  const { id, method, params } = message;
  if (id === undefined || method === undefined) return undefined;
  const isModern = claimedVersion(params) !== undefined;
  const refusal = isModern ? checkEnvelope(params) : undefined;
  if (refusal) return refuse(id, refusal);
  const respond = (isModern ? modernMethods : methods).get(method);
  if (respond === undefined) return failed(id, errorCodes.methodNotFound, `there is no method ${method}`);
  try {
    if (method === 'tools/call') mock.served(isModern ? 'modern' : 'legacy');
    const result = await respond(mock, params);
    return { jsonrpc: '2.0', id, result: isModern ? complete(mock, result) : result };
  } catch (error) {
    const isOfClient = error instanceof InvalidCallError || error instanceof z.ZodError;
    const code = isOfClient ? errorCodes.invalidParams : errorCodes.internalError;
    return failed(id, code, messageOf(error));
  }
}

type Method = (mock: OpenMock, params: Record<string, unknown>) => object | Promise<object>;

const callTool: Method = async (mock, params) => {
  const { name, arguments: args } = callSchema.parse(params);
  if (mock.latencyMs > 0) await delay(mock.latencyMs);
  return claimedVersion(params) === undefined
    ? mock.call(name, args)
    : mock.converse(name, args, dialogueOf(params));
};
const tellState: Method = (mock) => mock.state();

/** By name; each gets the request's parameters and returns or promises its result. */
const methods = new Map<string, Method>(
  Object.entries<Method>({
    initialize({ server }, params) {
      const { protocolVersion: wanted } = initializeSchema.parse(params);
      const { name, title, version, instructions } = server;
      return {
        protocolVersion: PROTOCOL_VERSIONS.find((spoken) => spoken === wanted) ?? PROTOCOL_VERSIONS[0],
        capabilities: { tools: {} },
        serverInfo: { name, title, version },
        instructions,
      };
    },
    ping: () => ({}),
    'tools/list': (mock) => ({ tools: mock.list() }),
    'tools/call': callTool,
    [STATE_METHOD]: tellState,
  }),
);

/** The same for requests that claim a revision without handshake. */
const modernMethods = new Map<string, Method>(
  Object.entries<Method>({
    'server/discover': discover,
    'tools/list': listTools,
    'tools/call': callTool,
    [STATE_METHOD]: tellState,
  }),
);

function failed(id: string | number, code: number, message: string): Answer {
  return refuse(id, { code, message });
}

export function refuse(id: string | number, error: Refusal): Answer {
  return { jsonrpc: '2.0', id, error };
}
