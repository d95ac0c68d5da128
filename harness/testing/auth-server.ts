import { generateKeyPairSync } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, SignJWT } from 'jose';
import Provider, { type Context, errors } from 'oidc-provider';

/** What an authorization server of a test does; tests may change it at any time. */
type AuthServerSettings = {
  /** How long access tokens live. */
  lifeSeconds: number;
  /** The only scopes that the person grants; all that are asked for where undefined. */
  grantOnly: string[] | undefined;
  /** The scopes that each resource knows, by its address. */
  resources: Record<string, string[]>;
};

/** The address of the document that describes the client, served to the authorization server alone. */
export const clientDocument = 'https://patternbench.test/client.json';

/** Any port of this machine may be redirected to, as RFC 8252 has it for native clients. */
const redirectUri = 'http://127.0.0.1/callback';

/** A client that signs in without a person, and one that proves itself by a key. */
export const machine = { id: 'machine', secret: 'machine-secret-0123456789' };
export const keyedMachine = { id: 'keyed-machine', ...generateKeyPairSync('ec', { namedCurve: 'P-256' }) };

/**
 * A real authorization server on loopback: oidc-provider, with one person who signs in and consents to everything asked. It
 * notes all tokens that it issues or refuses, and all requests. Access tokens are JWTs for one resource.
 */
export async function startAuthServer({
  scopes,
  registration = true,
  document = true,
  ...given
}: Partial<AuthServerSettings> & {
  /** All scopes of all resources: a client may only register for scopes that are known from the start. */
  scopes: string[];
  registration?: boolean;
  document?: boolean;
}) {
  const settings: AuthServerSettings = { lifeSeconds: 60, grantOnly: undefined, resources: {}, ...given };
  let handle: (request: IncomingMessage, response: ServerResponse) => unknown = () => undefined;
  const requests: { path: string; headers: IncomingMessage['headers'] }[] = [];
  const http = createServer((request, response) => {
    requests.push({
      path: new URL(request.url ?? '/', 'http://localhost').pathname,
      headers: request.headers,
    });
    handle(request, response);
  });
  http.listen(0, '127.0.0.1');
  await once(http, 'listening');
  const issuer = `http://127.0.0.1:${(http.address() as AddressInfo).port}`;
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const key = { ...(await exportJWK(privateKey)), alg: 'ES256', use: 'sig', kid: 'test' };
  const provider = new Provider(issuer, configure({ scopes, key, settings, registration, document }));
  const log: string[] = [];
  provider.on('grant.success', ({ oidc, body }: Context) =>
    log.push(`${oidc.params?.grant_type}: ${body.scope ?? ''}`),
  );
  provider.on('grant.error', ({ oidc }: Context, { error, error_detail }) =>
    log.push(`refused ${oidc.params?.grant_type}: ${error_detail ?? error}`),
  );
  const callback = provider.callback();
  handle = (request, response) =>
    request.url?.startsWith('/interaction/')
      ? consent(provider, settings, request, response)
      : callback(request, response);
  return {
    issuer,
    settings,
    /** One line for each token that was issued or refused. */
    log,
    requests,
    /** Signs any claims as this server would sign its own. */
    sign: (claims: Record<string, unknown>, header: Record<string, unknown> = {}) =>
      new SignJWT(claims)
        .setProtectedHeader({ alg: 'ES256', typ: 'at+jwt', kid: 'test', ...header })
        .sign(privateKey),
    async close() {
      http.close();
      http.closeAllConnections();
      await once(http, 'close');
    },
  };
}

export type AuthServer = Awaited<ReturnType<typeof startAuthServer>>;

function configure({
  scopes,
  key,
  settings,
  registration,
  document,
}: {
  scopes: string[];
  key: object;
  settings: AuthServerSettings;
  registration: boolean;
  document: boolean;
}): Record<string, unknown> {
  const described = {
    client_id: clientDocument,
    client_name: 'patternbench',
    redirect_uris: [redirectUri],
    grant_types: ['authorization_code', 'refresh_token'],
    response_types: ['code'],
    token_endpoint_auth_method: 'none',
    application_type: 'native',
  };
  const credentials = {
    client_id: machine.id,
    client_secret: machine.secret,
    grant_types: ['client_credentials'],
    redirect_uris: [],
    response_types: [],
    token_endpoint_auth_method: 'client_secret_basic',
  };
  const keyed = {
    ...{ ...credentials, client_id: keyedMachine.id, client_secret: undefined },
    token_endpoint_auth_method: 'private_key_jwt',
    token_endpoint_auth_signing_alg: 'ES256',
    jwks: { keys: [{ ...keyedMachine.publicKey.export({ format: 'jwk' }), alg: 'ES256', use: 'sig' }] },
  };
  return {
    clients: [credentials, keyed],
    jwks: { keys: [key] },
    cookies: { keys: ['test'] },
    // Without them, a registration that names scopes of a resource is refused.
    scopes,
    clientDefaults: { id_token_signed_response_alg: 'ES256' },
    features: {
      devInteractions: { enabled: false },
      clientCredentials: { enabled: true },
      revocation: { enabled: true, allowedPolicy: () => true },
      registration: { enabled: registration },
      clientIdMetadataDocument: { enabled: document, ack: 'draft-02' },
      resourceIndicators: {
        enabled: true,
        defaultResource: (_context: unknown, _client: unknown, oneOf: unknown) => oneOf,
        useGrantedResource: () => true,
        getResourceServerInfo(_context: unknown, resource: string) {
          const known = settings.resources[resource];
          if (!known) throw new errors.InvalidTarget();
          return {
            scope: known.join(' '),
            audience: resource,
            accessTokenFormat: 'jwt',
            accessTokenTTL: settings.lifeSeconds,
            jwt: { sign: { alg: 'ES256' } },
          };
        },
      },
    },
    pkce: { required: () => true },
    issueRefreshToken: (_context: unknown, client: { grantTypeAllowed(type: string): boolean }) =>
      client.grantTypeAllowed('refresh_token'),
    rotateRefreshToken: () => true,
    expiresWithSession: () => false,
    ttl: {
      ClientCredentials: settings.lifeSeconds,
      AuthorizationCode: 30,
      RefreshToken: 600,
      Grant: 600,
      Session: 600,
      Interaction: 60,
      IdToken: 60,
    },
    findAccount: (_context: unknown, sub: string) => ({ accountId: sub, claims: () => ({ sub }) }),
    interactions: { url: (_context: unknown, { uid }: { uid: string }) => `/interaction/${uid}` },
    // Such documents are read over https only.
    fetch: async (url: string | URL, options: RequestInit) =>
      String(url) === clientDocument ? Response.json(described) : fetch(url, options),
  };
}

/** The person: signs in and consents to what is asked, or to `grantOnly` of it. */
async function consent(
  provider: Provider,
  { grantOnly }: AuthServerSettings,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  try {
    const { prompt, params, session, grantId } = await provider.interactionDetails(request, response);
    if (prompt.name === 'login')
      return await provider.interactionFinished(request, response, { login: { accountId: 'person' } });
    const grant =
      (grantId === undefined ? undefined : await provider.Grant.find(grantId)) ??
      new provider.Grant({ accountId: session?.accountId, clientId: params.client_id });
    // A scope that is also one of the provider's own is asked for twice; ungranted, consent would go round in circles.
    grant.addOIDCScope((prompt.details.missingOIDCScope ?? []).join(' '));
    for (const [resource, asked] of Object.entries(prompt.details.missingResourceScopes ?? {})) {
      const given = asked.filter((scope) => grantOnly?.includes(scope) ?? true);
      grant.addResourceScope(resource, given.join(' '));
      const refused = asked.filter((scope) => !given.includes(scope));
      if (refused.length > 0) grant.rejectResourceScope(resource, refused.join(' '));
    }
    const result = { consent: { grantId: await grant.save() } };
    await provider.interactionFinished(request, response, result, { mergeWithLastSubmission: true });
  } catch (error) {
    response.writeHead(500).end(String(error));
  }
}

/** The person's browser: follows redirects with cookies until one leaves for the client, and gives that address. */
export async function browse(address: string | URL): Promise<URL> {
  const cookies = new Map<string, string>();
  let url = new URL(address);
  for (let hops = 0; hops < 12; hops += 1) {
    const cookie = [...cookies].map((pair) => pair.join('=')).join('; ');
    const response = await fetch(url, { redirect: 'manual', headers: { cookie } });
    for (const set of response.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(set) ?? [];
      if (value === '') cookies.delete(name);
      else cookies.set(name, value);
    }
    const location = response.headers.get('location');
    if (location === null)
      throw new Error(`no redirect at ${url.pathname}: ${response.status} ${await response.text()}`);
    url = new URL(location, url);
    if (url.pathname === '/callback') return url;
  }
  throw new Error('too many redirects');
}
