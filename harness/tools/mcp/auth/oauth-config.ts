import { z } from 'zod';

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
