import { createPrivateKey, type KeyObject, randomUUID } from 'node:crypto';
import { registerClient } from '@modelcontextprotocol/sdk/client/auth.js';
import { SignJWT } from 'jose';
import { z } from 'zod';
import { InfrastructureError, messageOf, UsageError } from '../../../errors.ts';
import type { OauthConfig } from '../server-spec.ts';
import { bareFetch, type Discovered, quote, toScopes } from './discover.ts';

/** As what patternbench is known to an authorization server. */
export const oauthClient = z.strictObject({
  id: z.string(),
  secret: z.string().optional(),
  /** How it proves to be itself, where registering said so. */
  method: z.enum(['none', 'client_secret_basic', 'client_secret_post']).optional(),
});
export type OauthClient = z.infer<typeof oauthClient>;

/**
 * The client to log in as: the configured one, else one that its metadata document describes, else one registered now
 * (RFC 7591). Throws a `UsageError` where the authorization server wants one that it knows.
 */
export async function findClient(
  { issuer, metadata }: Discovered,
  config: OauthConfig | undefined,
  redirectUrl: string,
  scopes: readonly string[],
): Promise<OauthClient> {
  const { clientId, clientSecret, clientMetadataUrl } = config ?? {};
  if (clientId !== undefined)
    return { id: clientId, ...(clientSecret !== undefined && { secret: clientSecret }) };
  if (clientMetadataUrl !== undefined && metadata.client_id_metadata_document_supported)
    return { id: clientMetadataUrl, method: 'none' };
  if (!metadata.registration_endpoint)
    throw new UsageError(
      `${quote(issuer)} lets no client register itself. Register one there, and give its id as oauth.clientId.`,
    );
  const clientMetadata = {
    client_name: 'patternbench',
    redirect_uris: [redirectUrl],
    grant_types: ['authorization_code', 'refresh_token'],
    response_types: ['code'],
    token_endpoint_auth_method: 'none',
    // With it, any port of this machine may be redirected to (RFC 8252).
    application_type: 'native',
  };
  const registered = await registerClient(issuer, {
    metadata,
    clientMetadata,
    ...(scopes.length > 0 && { scope: scopes.join(' ') }),
    fetchFn: bareFetch,
  }).catch((error: unknown) => {
    if (error instanceof InfrastructureError) throw error;
    throw new InfrastructureError(`${quote(issuer)} did not register a client: ${quote(messageOf(error))}.`);
  });
  const method = oauthClient.shape.method.safeParse(registered.token_endpoint_auth_method).data;
  return {
    id: registered.client_id,
    ...(registered.client_secret !== undefined && { secret: registered.client_secret }),
    ...(method && { method }),
  };
}

/** An authorization server's refusal, by the code of RFC 6749, section 5.2. */
type TokenRefusal = { refused: string; description: string };

/** A client with what it proves itself by: a private key is never kept with a login. */
export type ProvenClient = OauthClient & { privateKey?: string | undefined };

const answered = z
  .object({
    // As RFC 6749 has it (appendix A.12); any other character could end the header that it is sent in.
    access_token: z.string().regex(/^[\x20-\x7e]+$/),
    token_type: z.string().regex(/^bearer$/i),
    expires_in: z.coerce.number().positive().optional(),
    refresh_token: z.string().min(1).optional(),
    scope: z.string().optional(),
  })
  .transform(({ access_token: access, refresh_token: refresh, scope, expires_in: lifeSeconds }) => ({
    ...{ access, refresh, lifeSeconds },
    // Where the answer does not name them, they are as asked.
    scopes: scope === undefined ? undefined : toScopes(scope),
  }));

/** Tokens as they were issued. */
export type Tokens = z.output<typeof answered>;
const refusal = z.object({ error: z.string(), error_description: z.string().optional() });

/**
 * Asks for tokens for the one resource (RFC 8707). Resolves with a refusal where the server answered with one; rejects with
 * an `InfrastructureError` where it gave no answer that can be used.
 */
export async function requestTokens(
  { issuer, resource, metadata }: Discovered,
  client: ProvenClient,
  params: Record<string, string>,
): Promise<Tokens | TokenRefusal> {
  const headers = new Headers({
    'content-type': 'application/x-www-form-urlencoded',
    accept: 'application/json',
  });
  const body = new URLSearchParams({ ...params, resource });
  if (client.privateKey === undefined)
    authenticate(client, metadata.token_endpoint_auth_methods_supported, headers, body);
  else {
    const assertion = await signAssertion({ id: client.id, pem: client.privateKey }, issuer, Date.now());
    body.set('client_assertion_type', 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer');
    body.set('client_assertion', assertion);
  }
  const response = await bareFetch(metadata.token_endpoint, { method: 'POST', headers, body });
  const json: unknown = await response.json().catch(() => undefined);
  if (!response.ok) {
    const said = refusal.safeParse(json).data;
    if (!said || response.status >= 500)
      throw new InfrastructureError(`${quote(issuer)} gave no token: it answered with ${response.status}.`);
    return { refused: quote(said.error), description: quote(said.error_description ?? '') };
  }
  const { data } = answered.safeParse(json);
  if (!data)
    throw new InfrastructureError(`${quote(issuer)} answered with something other than a bearer token.`);
  return data;
}

/** Puts in who asks, in the way that was agreed or, where none was, in the first that both sides know. */
function authenticate(
  { id, secret, method }: OauthClient,
  supported: readonly string[] = ['client_secret_basic'],
  headers: Headers,
  body: URLSearchParams,
): void {
  const chosen =
    method ??
    (secret === undefined
      ? 'none'
      : supported.includes('client_secret_basic') || !supported.includes('client_secret_post')
        ? 'client_secret_basic'
        : 'client_secret_post');
  if (secret !== undefined && chosen === 'client_secret_basic') {
    const pair = [id, secret].map(encodeURIComponent).join(':');
    headers.set('authorization', `Basic ${Buffer.from(pair).toString('base64')}`);
    return;
  }
  body.set('client_id', id);
  if (secret !== undefined && chosen === 'client_secret_post') body.set('client_secret', secret);
}

/** The curves of ES256, ES384 and ES512, by Node's names of them (RFC 7518, section 3.4). */
const ofCurve: Record<string, string> = { prime256v1: 'ES256', secp384r1: 'ES384', secp521r1: 'ES512' };

/** Seconds for which an assertion holds: it is used at once, and clocks differ. */
const lifeSeconds = 60;

/**
 * Proves to be a client with a private key: a signed JWT for one request to one authorization server (RFC 7523, section 2.2).
 * `pem` is the key in PKCS #8; its kind decides how it is signed. `now` is in milliseconds since 1970. Throws a `UsageError` for
 * a key that cannot be used, and quotes nothing of it.
 */
export async function signAssertion(
  { id, pem }: { id: string; pem: string },
  issuer: string,
  now: number,
): Promise<string> {
  const key = readKey(pem);
  const seconds = Math.floor(now / 1000);
  return new SignJWT()
    .setProtectedHeader({ alg: algorithmOf(key) })
    .setIssuer(id)
    .setSubject(id)
    .setAudience(issuer)
    .setJti(randomUUID())
    .setIssuedAt(seconds)
    .setExpirationTime(seconds + lifeSeconds)
    .sign(key);
}

function readKey(pem: string): KeyObject {
  try {
    // A variable often has its line ends written as \n.
    return createPrivateKey(pem.replaceAll('\\n', '\n'));
  } catch {
    // What the parser says is of no help, and the key is a secret.
    throw new UsageError('oauth.privateKey is not a private key in PEM (-----BEGIN PRIVATE KEY-----).');
  }
}

function algorithmOf({ asymmetricKeyType, asymmetricKeyDetails }: KeyObject): string {
  const curve = ofCurve[asymmetricKeyDetails?.namedCurve ?? ''];
  if (asymmetricKeyType === 'ec' && curve !== undefined) return curve;
  if (asymmetricKeyType === 'rsa') return 'RS256';
  if (asymmetricKeyType === 'ed25519') return 'EdDSA';
  throw new UsageError(
    `oauth.privateKey is a key of the kind ${asymmetricKeyType}; use EC P-256, P-384 or P-521, RSA or Ed25519.`,
  );
}
