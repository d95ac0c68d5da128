/** A JSON-RPC request as a hostile server reads it; nothing of it is checked. */
export type Request = {
  id?: number;
  method?: string;
  params?: {
    name?: string;
    protocolVersion?: string;
    cursor?: string;
    arguments?: { n?: number };
    _meta?: Record<string, unknown>;
  };
};

/** What a server that behaves answers with. */
export const usual = {
  initialize: ({ params }: Request): object => ({
    protocolVersion: params?.protocolVersion,
    capabilities: { tools: { listChanged: true } },
    serverInfo: { name: 'items', version: '1.0.0' },
  }),
  discover: (): object => ({
    resultType: 'complete',
    supportedVersions: ['2026-07-28'],
    capabilities: { tools: { listChanged: true } },
    ttlMs: 0,
    cacheScope: 'private',
    _meta: { 'io.modelcontextprotocol/serverInfo': { name: 'items', version: '1.0.0' } },
  }),
  tool: {
    name: 'get',
    description: 'Returns one item.',
    inputSchema: { type: 'object', properties: { n: { type: 'integer' } }, required: ['n'] },
    annotations: { readOnlyHint: true },
  },
  list: (): object => ({ tools: [usual.tool] }),
  call: ({ params }: Request): object => text(JSON.stringify({ n: params?.arguments?.n ?? 0 })),
};

/** A result that is one block of text. */
export function text(content: string): object {
  return { content: [{ type: 'text', text: content }] };
}

/** The usual answer to a request; undefined for a method that the server does not know. */
export function usualAnswer(request: Request): object | undefined {
  if (request.method === 'initialize') return usual.initialize(request);
  if (request.method === 'server/discover') return usual.discover();
  if (request.method === 'tools/list') return usual.list();
  if (request.method === 'tools/call') return usual.call(request);
  return undefined;
}

/** A result with what all have to carry since 2026-07-28, where the request is of that MCP. */
export function inEra({ params }: Request, result: unknown): unknown {
  const isModern = params?._meta?.['io.modelcontextprotocol/protocolVersion'] !== undefined;
  if (!isModern || typeof result !== 'object' || result === null || Array.isArray(result)) return result;
  return { resultType: 'complete', ttlMs: 0, cacheScope: 'private', ...result };
}

/** What is right for a run against a mode: how it may end, and what it may take where that is not the usual. */
export type Expectation = {
  exits: readonly number[];
  /** A part of what is told, or of what the call gives; the usual item where it is measured and none is said. */
  says?: string | RegExp | undefined;
  /** The time limit that it runs into; none else may decide. */
  waitsFor?: 'connect' | 'call';
  mostMiB?: number;
  limitSeconds?: number;
  mayLeave?: boolean;
};

/** The fault is ignored or is a result: the run ends as any other. */
export const measured = { exits: [0] } as const;
/** Nothing can be measured: it is infrastructure. */
export const refused = { exits: [3] } as const;
/** Either is right. */
export const either = { exits: [0, 3] } as const;
/** Time is up before there is a list of tools. */
export const hangsAtStart = {
  ...refused,
  waitsFor: 'connect',
  says: 'it had not started and listed its tools within',
} as const;
/** Time is up in the middle of a call. */
export const hangsInCall = { ...refused, waitsFor: 'call', says: 'it did not answer within' } as const;
