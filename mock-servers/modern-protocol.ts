import { z } from 'zod';
import type { Dialogue, OpenMock } from './open-mock.ts';

// The requests of MCP since 2026-07-28: no handshake and no session, each says itself what it is.

export const MODERN_VERSION = '2026-07-28';

const versionKey = 'io.modelcontextprotocol/protocolVersion';
const capabilitiesKey = 'io.modelcontextprotocol/clientCapabilities';

/** Codes of the specification's own errors. */
const errorCodes = { headerMismatch: -32020, unsupportedVersion: -32022, invalidParams: -32602 };

/** Milliseconds for which a list may be kept, and by whom: a mock's tools never change and are the same for all. */
const caching = { ttlMs: 3_600_000, cacheScope: 'public' };

/** Why a request is not served, as JSON-RPC has it. */
export type Refusal = { code: number; message: string; data?: Record<string, unknown> };

/** The revision that a request claims in its envelope; undefined for a request of an earlier one. */
export function claimedVersion(params: Record<string, unknown>): unknown {
  return envelopeOf(params)?.[versionKey];
}

/** What is wrong with the envelope of a request. */
export function checkEnvelope(params: Record<string, unknown>): Refusal | undefined {
  const envelope = envelopeOf(params);
  const missing = [versionKey, capabilitiesKey].filter((key) => envelope?.[key] === undefined);
  if (missing.length > 0)
    return {
      code: errorCodes.invalidParams,
      message: `the request's _meta lacks ${missing.join(' and ')}`,
      data: { envelope: { missing } },
    };
  const requested = claimedVersion(params);
  if (requested === MODERN_VERSION) return undefined;
  return {
    code: errorCodes.unsupportedVersion,
    message: `MCP ${requested} is not spoken here`,
    data: { supported: [MODERN_VERSION], requested },
  };
}

/** Names of headers that repeat what is in the body, by lower-case name. */
type Headers = Readonly<Record<string, string | string[] | undefined>>;

/** The first header of a request that says other than its body; undefined where they agree. */
export function checkHeaders(
  headers: Headers,
  method: string | undefined,
  params: Record<string, unknown>,
): Refusal | undefined {
  const named = method === 'tools/call' ? params.name : undefined;
  const repeated = {
    'mcp-protocol-version': claimedVersion(params),
    'mcp-method': method,
    'mcp-name': named,
  };
  for (const [name, said] of Object.entries(repeated)) {
    if (said === undefined || headers[name] === said) continue;
    return {
      code: errorCodes.headerMismatch,
      message: `the header ${name} is ${JSON.stringify(headers[name] ?? null)}, the body says ${JSON.stringify(said)}`,
    };
  }
  return undefined;
}

/** What a request brings to a tool that may ask for input: whether it can, and what it was given after it did. */
export function dialogueOf(params: Record<string, unknown>): Dialogue {
  const { inputResponses, requestState } = dialogueSchema.parse(params);
  const capabilities = envelopeOf(params)?.[capabilitiesKey];
  const canAsk = typeof capabilities === 'object' && capabilities !== null && 'elicitation' in capabilities;
  return {
    canAsk,
    ...(inputResponses && { inputResponses }),
    ...(requestState !== undefined && { requestState }),
  };
}

const dialogueSchema = z.object({
  inputResponses: z
    .record(
      z.string(),
      z.looseObject({ action: z.string(), content: z.record(z.string(), z.unknown()).optional() }),
    )
    .optional(),
  requestState: z.string().optional(),
});

/** A result with what all of them carry. */
export function complete({ server: { name, title, version } }: OpenMock, result: object): object {
  const serverInfo = { name, title, version };
  return { resultType: 'complete', ...result, _meta: { 'io.modelcontextprotocol/serverInfo': serverInfo } };
}

/** What a server says of itself when it is asked. */
export function discover({ server }: OpenMock): object {
  const { instructions } = server;
  return { supportedVersions: [MODERN_VERSION], capabilities: { tools: {} }, instructions, ...caching };
}

export function listTools(mock: OpenMock): object {
  return { tools: mock.list(), ...caching };
}

function envelopeOf(params: Record<string, unknown>): Record<string, unknown> | undefined {
  const { _meta } = params;
  return typeof _meta === 'object' && _meta !== null ? (_meta as Record<string, unknown>) : undefined;
}
