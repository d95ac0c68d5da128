import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import {
  createRemoteJWKSet,
  type JWTPayload,
  type JWTVerifyGetKey,
  errors as joseErrors,
  jwtVerify,
} from 'jose';
import { z } from 'zod';
import { InfrastructureError, messageOf } from '../harness/errors.ts';
import { claimedVersion, MODERN_VERSION } from './modern-protocol.ts';
import type { OpenMock } from './open-mock.ts';

/** Whose tokens a mock server takes. `now` is the server's clock, the system's unless given. */
export type TokenDemand = { issuer: string; now?: () => Date };

/** What becomes of a request: let in with headers for the response, or refused. */
type Admission =
  | { admitted: true; headers: Record<string, string> }
  | { admitted: false; status: number; headers: Record<string, string>; message: string };

/** Decides on the requests to a mock server that demands tokens. */
export type TokenGuard = {
  /** Path and content of the resource's metadata (RFC 9728), which anyone may read. */
  metadataPath: string;
  metadata: Record<string, unknown>;
  admit(request: IncomingMessage, message: unknown): Promise<Admission>;
};

/** What no token may sign itself with, such as `none` or a shared secret, is not here. */
const algorithms = ['ES256', 'RS256', 'PS256', 'EdDSA'];

/** A token that lives longer than this is refused: a stolen one would be good for as long. In seconds. */
const longestLifeSeconds = 3_600;

const mostSessions = 1_000;

const issuerMetadata = z.looseObject({ issuer: z.string(), jwks_uri: z.url() });

/** The scope that a tool needs, by what it says of itself: reading, or all the rest. */
export function scopeOf(server: string, { readOnlyHint }: { readOnlyHint?: boolean | undefined } = {}) {
  return `${server}:${readOnlyHint === true ? 'read' : 'write'}`;
}

/**
 * Guards `mock`, served at `resource`, with the tokens of one issuer: JWTs as RFC 9068 has them, for this resource, of an
 * hour at most. Rejects with an `InfrastructureError` where the issuer does not say where its keys are.
 */
export async function createTokenGuard(
  mock: OpenMock,
  resource: string,
  { issuer, now = () => new Date() }: TokenDemand,
): Promise<TokenGuard> {
  const keys = createRemoteJWKSet(await findKeys(issuer));
  const name = mock.server.name;
  const scopes = new Map(mock.definitions.map((tool) => [tool.name, scopeOf(name, tool.annotations)]));
  const readScope = scopeOf(name, { readOnlyHint: true });
  const { origin, pathname } = new URL(resource);
  const metadataPath = `/.well-known/oauth-protected-resource${pathname}`;
  const sessions = createSessions();
  const refuse = (status: number, message: string, error?: string, scope?: string): Admission => {
    const parts = {
      error,
      error_description: error && message.replaceAll(/["\\\r\n]/g, "'"),
      scope,
      resource_metadata: `${origin}${metadataPath}`,
    };
    const written = Object.entries(parts).flatMap(([key, value]) => (value ? [`${key}="${value}"`] : []));
    return {
      admitted: false,
      status,
      message,
      headers: { 'www-authenticate': `Bearer ${written.join(', ')}` },
    };
  };
  return {
    metadataPath,
    metadata: {
      resource,
      authorization_servers: [issuer],
      scopes_supported: [...new Set(scopes.values())].sort(),
      bearer_methods_supported: ['header'],
    },
    async admit(request, message) {
      if (new URL(request.url ?? '/', origin).searchParams.has('access_token'))
        return refuse(400, 'a token in the query is not accepted', 'invalid_request');
      const token = /^Bearer ([\w.~+/-]+=*)$/i.exec(request.headers.authorization ?? '')?.[1];
      if (token === undefined) return refuse(401, 'a bearer token is required', undefined, readScope);
      let claims: JWTPayload;
      try {
        claims = await verify(token, keys, { issuer, audience: resource, currentDate: now() });
      } catch (error) {
        return refuse(401, messageOf(error), 'invalid_token', readScope);
      }
      const held = new Set(typeof claims.scope === 'string' ? claims.scope.split(' ') : []);
      const wanting = [message].flat().find((each) => {
        const scope = scopes.get(calledTool(each) ?? '');
        return scope !== undefined && !held.has(scope);
      });
      if (wanting) {
        const tool = calledTool(wanting) ?? '';
        const scope = scopes.get(tool) ?? '';
        return refuse(403, `${tool} needs the scope ${scope}`, 'insufficient_scope', scope);
      }
      return sessions.admit(request, message, JSON.stringify([claims.sub, claims.client_id]));
    },
  };
}

async function verify(
  token: string,
  keys: JWTVerifyGetKey,
  expected: { issuer: string; audience: string; currentDate: Date },
): Promise<JWTPayload> {
  const { payload } = await jwtVerify(token, keys, {
    ...expected,
    algorithms,
    typ: 'at+jwt',
    requiredClaims: ['exp', 'iat', 'sub', 'client_id', 'jti'],
  }).catch((error: unknown) => {
    const claim = error instanceof joseErrors.JWTClaimValidationFailed ? ` (${error.claim})` : '';
    throw new Error(`the token is refused${claim}: ${messageOf(error)}`);
  });
  if ((payload.exp ?? 0) - (payload.iat ?? 0) > longestLifeSeconds)
    throw new Error(`the token is refused: it lives for more than ${longestLifeSeconds} seconds`);
  return payload;
}

/**
 * Sessions that belong to who opened them: another owner's is answered like one that never was. Requests since 2026-07-28 have
 * none: each is let in by its own token alone.
 */
function createSessions() {
  const owners = new Map<string, string>();
  return {
    admit({ method, headers }: IncomingMessage, message: unknown, owner: string): Admission {
      if (isSessionless(headers, message)) return { admitted: true, headers: {} };
      const id = headers['mcp-session-id'];
      if (id === undefined) {
        if (![message].flat().some((each) => methodOf(each) === 'initialize'))
          return {
            admitted: false,
            status: 400,
            headers: {},
            message: 'initialize first: no session is named',
          };
        const opened = randomUUID();
        owners.set(opened, owner);
        const [oldest = ''] = owners.keys();
        if (owners.size > mostSessions) owners.delete(oldest);
        return { admitted: true, headers: { 'mcp-session-id': opened } };
      }
      if (typeof id !== 'string' || owners.get(id) !== owner)
        return { admitted: false, status: 404, headers: {}, message: 'there is no such session' };
      if (method === 'DELETE') owners.delete(id);
      return { admitted: true, headers: { 'mcp-session-id': id } };
    },
  };
}

function isSessionless(headers: IncomingMessage['headers'], message: unknown): boolean {
  if (methodOf(message) === undefined) return false;
  const { params } = z
    .object({ params: z.record(z.string(), z.unknown()).default({}) })
    .catch({ params: {} })
    .parse(message);
  return headers['mcp-protocol-version'] === MODERN_VERSION || claimedVersion(params) !== undefined;
}

function methodOf(message: unknown): unknown {
  return typeof message === 'object' && message !== null && 'method' in message ? message.method : undefined;
}

function calledTool(message: unknown): string | undefined {
  if (methodOf(message) !== 'tools/call') return undefined;
  const called = z.looseObject({ params: z.looseObject({ name: z.string() }) }).safeParse(message);
  return called.data?.params.name;
}

/** Asks the issuer where its keys are, by RFC 8414 and by OpenID Connect Discovery, and whether it is who it is taken for. */
async function findKeys(issuer: string): Promise<URL> {
  const { origin, pathname } = new URL(issuer);
  const path = pathname.replace(/\/$/, '');
  const places = [
    `${origin}/.well-known/oauth-authorization-server${path}`,
    `${origin}${path}/.well-known/openid-configuration`,
  ];
  const problems: string[] = [];
  for (const place of places) {
    try {
      const response = await fetch(place, { redirect: 'error', signal: AbortSignal.timeout(10_000) });
      if (!response.ok) throw new Error(`it answered with ${response.status}`);
      const metadata = issuerMetadata.parse(await response.json());
      if (metadata.issuer !== issuer) throw new Error(`it says that it is ${metadata.issuer}`);
      return new URL(metadata.jwks_uri);
    } catch (error) {
      problems.push(`${place}: ${messageOf(error)}`);
    }
  }
  throw new InfrastructureError(
    `The issuer ${issuer} does not say where its keys are. Is it up?\n${problems.join('\n')}`,
  );
}
