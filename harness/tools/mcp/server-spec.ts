import { z } from 'zod';
import { protocolEras } from '../../results/codes.ts';
import type { MockSpec } from './in-process-transport.ts';
import type { Secret } from './secrets.ts';
import type { Tamper } from './wire.ts';

const texts = z.record(z.string(), z.string()).default({});
const args = z.array(z.string()).default([]);

const spoken = {
  /**
   * Which MCP is spoken with a server: `legacy` is up to 2025-11-25, `modern` from 2026-07-28 on, which has no sessions. `auto`
   * asks the server; one that ends at an unknown request cannot be asked.
   */
  protocolEra: z.enum(protocolEras).optional(),
  /** What a user would fill in where a server asks for input, by field. Without it a server is told that none can be given. */
  input: z.record(z.string(), z.json()).optional(),
};

/** A server started as a child process that speaks MCP on its standard input and output. */
const stdioServer = z.strictObject({
  type: z.literal('stdio').optional(),
  command: z.string().min(1),
  args,
  /** The child's environment besides the few variables that programs need to start at all (PATH, HOME …). */
  env: texts,
  cwd: z.string().optional(),
  ...spoken,
});

/** When a scope is asked for: always, where a scenario writes, or where it may use one of these tools. */
const occasion = z.union([z.literal('always'), z.literal('writes'), z.array(z.string().min(1)).min(1)]);

/** How to get tokens for a server at a URL: `oauth` beside its address. Keys of other clients are let pass. */
export const oauthConfig = z.object({
  /** The only authorization server to use; otherwise the first that the server names at login. */
  issuer: z.url().optional(),
  clientId: z.string().min(1).optional(),
  clientSecret: z.string().min(1).optional(),
  /** A private key in PEM by which the client proves itself instead of a secret (`private_key_jwt`). */
  privateKey: z.string().min(1).optional(),
  /** The https address of a document that describes the client, for authorization servers that read such. */
  clientMetadataUrl: z.url({ protocol: /^https$/ }).optional(),
  /** `client_credentials` is for machines: no person logs in. */
  grant: z.enum(['authorization_code', 'client_credentials']).default('authorization_code'),
  /** The port of this machine that the browser is sent back to; a free one where it says nothing. */
  callbackPort: z.int().min(1).max(65_535).optional(),
  /** All that may ever be asked for. A list, or a text with spaces, is always asked for. */
  scopes: z
    .union([z.string(), z.array(z.string().min(1)), z.record(z.string().min(1), occasion)])
    .default({}),
});

/** A server reached over Streamable HTTP. */
const httpServer = z.strictObject({
  type: z.enum(['http', 'streamable-http']).optional(),
  url: z.url(),
  headers: texts,
  oauth: oauthConfig.optional(),
  ...spoken,
});

/** How a server that outlives a trial is put back to the state that every trial starts from. */
const reset = z.discriminatedUnion('kind', [
  /** A tool of the server itself. */
  z.strictObject({
    kind: z.literal('tool'),
    tool: z.string().min(1),
    arguments: z.record(z.string(), z.json()).default({}),
  }),
  /** An HTTP request, which must be answered with a status of 200 to 299. */
  z.strictObject({
    kind: z.literal('request'),
    url: z.url(),
    method: z.enum(['GET', 'POST', 'PUT', 'PATCH', 'DELETE']).default('POST'),
    headers: texts,
    body: z.string().optional(),
  }),
  /** A command, started without a shell in the scenario's folder; it must exit with 0. */
  z.strictObject({
    kind: z.literal('command'),
    command: z.string().min(1),
    args,
    env: texts,
  }),
]);

/** One of the synthetic servers in `mock-servers/`, started over stdio with these options. */
const mockServer = z.strictObject({
  mock: z.string().min(1),
  options: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])).default({}),
  ...spoken,
});

/** A server by its name in the `.mcp.json` in use. */
const configuredServer = z.strictObject({ configured: z.string().min(1), reset: reset.optional() });

/** How a scenario names a server. */
export const serverSpec = z.union(
  [mockServer, configuredServer, stdioServer, httpServer.extend({ reset: reset.optional() })],
  { error: 'expected { mock }, { configured }, { command, args } or { url }' },
);

/** The standard `.mcp.json`: what MCP clients share. Unknown keys of other clients are let pass. */
export const mcpConfig = z.object({
  mcpServers: z.record(z.string(), z.union([z.object(stdioServer.shape), z.object(httpServer.shape)])),
});

export type ServerSpec = z.input<typeof serverSpec>;
export type StdioServer = z.output<typeof stdioServer>;
export type HttpServer = z.output<typeof httpServer>;
export type Reset = z.output<typeof reset>;
export type ReachableServer = (StdioServer | HttpServer) & {
  /** Done before each trial. */
  reset?: Reset | undefined;
  /** What a server of ours is made of: it tells graders its state. */
  mock?: MockSpec;
  /** Whether a server of ours is part of this process instead of one of its own. */
  inProcess?: boolean;
  /** Its name in the `.mcp.json`, where it is from there. */
  configured?: string;
  /** The OAuth scopes that the scenario declares by what it uses; those that are always asked for where undefined. */
  scopes?: readonly string[];
  /** The folder of commands that npm installed beside its `.mcp.json`: first on its PATH. */
  commandFolder?: string;
  /** What variables were filled in with. */
  filledIn?: readonly Secret[];
  /** The trial's own folder, where the server is given it. It changes with each trial and is no secret. */
  trialDirectory?: string;
  /** Changes what the server sends, afresh for each connection: where it is measured what a lying server could do. */
  tamper?: () => Tamper;
};
export type McpConfig = z.output<typeof mcpConfig>;

/** A server as its configuration writes it, before variables are filled in. */
export type WrittenServer = Extract<ServerSpec, { command: string } | { url: string }>;

/** A reset that starts or asks something besides the server. */
export type OutsideReset = Extract<Reset, { kind: 'command' | 'request' }>;

export type OauthConfig = z.output<typeof oauthConfig>;

/** The scopes of a configuration, read or as written. */
type Scoped = { scopes?: OauthConfig['scopes'] | undefined } | undefined;

/**
 * The scopes that a scenario declares by what it uses, sorted: `writes`, and its `tools` of this server, all of them where
 * undefined. Without a scenario, those that are always asked for.
 */
export function declaredScopes(
  config: Scoped,
  use?: { writes: boolean; tools: readonly string[] | undefined },
): string[] {
  const { scopes = {} } = config ?? {};
  if (typeof scopes === 'string') return scopes.split(/\s+/).filter(Boolean).sort();
  if (Array.isArray(scopes)) return [...scopes].sort();
  const declared = Object.entries(scopes).filter(([, when]) => {
    if (when === 'always') return true;
    if (use === undefined) return false;
    if (when === 'writes') return use.writes;
    return use.tools === undefined || when.some((tool) => use.tools?.includes(tool));
  });
  return declared.map(([scope]) => scope).sort();
}

/** All scopes that a configuration names. */
export function allScopes(config: Scoped): string[] {
  const { scopes = {} } = config ?? {};
  return typeof scopes === 'string' || Array.isArray(scopes)
    ? declaredScopes(config)
    : Object.keys(scopes).sort();
}
