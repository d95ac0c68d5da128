// Over 400 lines because one authorization server, which each test makes misbehave in its own way, takes 90 lines to set up.
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';
import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import crm from '../../../../mock-servers/crm/server.ts';
import { parseOptions } from '../../../../mock-servers/load.ts';
import { openMock } from '../../../../mock-servers/open-mock.ts';
import { answerMessage, readMessage } from '../../../../mock-servers/protocol.ts';
import { serveHttp } from '../../../../mock-servers/serve-http.ts';
import { UsageError, VerificationError } from '../../../errors.ts';
import type { ProtocolEra } from '../../../results/codes.ts';
import {
  type AuthServer,
  browse,
  clientDocument,
  keyedMachine,
  machine,
  startAuthServer,
} from '../../../testing/auth-server.ts';
import { type Connection, connect } from '../connections.ts';
import { type OauthConfig, oauthConfig } from '../server-spec.ts';
import { openAuthorization } from './authorization.ts';
import { createMemoryStore, type LoginStore } from './login-store.ts';

const read = 'crm:read';
const write = 'crm:write';
const { signal } = new AbortController();
const timeouts = { connectMs: 20_000, callMs: 20_000 };
const redirectUrl = 'http://127.0.0.1:43210/callback';

let issuer: AuthServer;
let served: Awaited<ReturnType<typeof serveHttp>>;
/** Milliseconds that the clocks of server and client are ahead of the authorization server's. */
let [serverAhead, clientAhead] = [0, 0];

beforeAll(async () => {
  issuer = await startAuthServer({ scopes: [read, write] });
  served = await serveHttp(crm, parseOptions(crm, { contacts: 80 }), {
    auth: { issuer: issuer.issuer, now: () => new Date(Date.now() + serverAhead) },
  });
});
beforeEach(() => {
  [serverAhead, clientAhead] = [0, 0];
  Object.assign(issuer.settings, {
    lifeSeconds: 300,
    grantOnly: undefined,
    resources: { [served.url]: [read, write] },
  });
  issuer.log.length = 0;
});
afterAll(async () => {
  await served.close();
  await issuer.close();
});

type Use = {
  era?: ProtocolEra;
  store?: LoginStore;
  declared?: string[];
  oauth?: Partial<OauthConfig>;
  person?: boolean | ((back: URLSearchParams) => void);
  headers?: Record<string, string>;
  url?: string;
};

/** Connects as a process of its own would: nothing is shared but the store. */
async function open({
  era = 'legacy',
  store = createMemoryStore(),
  declared = [read, write],
  person = true,
  ...use
}: Use = {}) {
  const asked: URL[] = [];
  const authorization = openAuthorization({
    store,
    now: () => Date.now() + clientAhead,
    ...(person !== false && {
      browser: async () => ({
        redirectUrl,
        async ask(url: URL) {
          asked.push(url);
          const { searchParams } = await browse(url);
          if (typeof person === 'function') person(searchParams);
          return searchParams;
        },
      }),
    }),
  });
  const oauth = oauthConfig.parse({ clientMetadataUrl: clientDocument, ...use.oauth });
  const spec = {
    url: use.url ?? served.url,
    headers: use.headers ?? {},
    oauth,
    scopes: declared,
    protocolEra: era,
    // It is one, so that it says what it executed.
    mock: { name: 'crm', options: {} },
  };
  const connection = await connect('crm', spec, timeouts, signal, authorization);
  return { connection, authorization, store, asked };
}

const get = (connection: Connection, id = 'con_000001') => connection.call('get_contact', { id }, signal);
const tag = (connection: Connection, id = 'con_000001') =>
  connection.call('tag_contact', { id, tags: ['vip'] }, signal);

describe('a login', () => {
  test('asks a person once for the declared scopes and for none that the server names, and serves later processes', async () => {
    const first = await open({ declared: [read] });
    expect(await get(first.connection)).toMatchObject({ isError: false });
    expect(first.asked.map(({ searchParams }) => searchParams.get('scope'))).toEqual([read]);
    expect(issuer.log).toEqual(['authorization_code: crm:read']);
    const second = await open({ declared: [read], store: first.store, person: false });
    expect(await get(second.connection)).toMatchObject({ isError: false });
    expect(issuer.log).toHaveLength(1);
    expect(second.authorization.report()).toEqual([
      { server: 'crm', issuer: issuer.issuer, declared: [read], held: [read], demanded: [] },
    ]);
  });

  test('for more than a scenario declares gives it a token with less', async () => {
    const { store } = await open();
    const { connection } = await open({ store, declared: [read], person: false });
    expect(issuer.log).toEqual(['authorization_code: crm:read crm:write', 'refresh_token: crm:read']);
    expect(connection.scopes()).toEqual([read]);
    await expect(tag(connection)).rejects.toThrow('demands the scope crm:write, which is not declared');
    const whole = await open({ store, person: false });
    expect(await tag(whole.connection)).toMatchObject({ isError: false });
  });

  test('that several connections want at once is asked for once', async () => {
    let asked = 0;
    const authorization = openAuthorization({
      store: createMemoryStore(),
      browser: async () => ({
        redirectUrl,
        async ask(url) {
          asked += 1;
          return (await browse(url)).searchParams;
        },
      }),
    });
    const oauth = oauthConfig.parse({ clientMetadataUrl: clientDocument });
    const spec = { url: served.url, headers: {}, oauth, scopes: [read] };
    const three = Array.from({ length: 3 }, () => connect('crm', spec, timeouts, signal, authorization));
    for (const connection of await Promise.all(three)) await connection.close();
    expect(asked).toBe(1);
  });

  test('that is missing is wanted by name, and where no one is asked nothing is', async () => {
    const opening = open({ person: false });
    await expect(opening).rejects.toThrow(UsageError);
    await expect(opening).rejects.toThrow('Server "crm" wants a token. Log in: patternbench login crm');
    expect(issuer.log).toEqual([]);
  });
});

const pem = keyedMachine.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
test.each([
  ['secret', { clientId: machine.id, clientSecret: machine.secret }],
  ['key', { clientId: keyedMachine.id, privateKey: pem }],
])('a machine logs in by itself with its %s, also again', async (_, client) => {
  const oauth = { grant: 'client_credentials', ...client } as const;
  const { connection } = await open({ oauth, person: false });
  expect(await tag(connection)).toMatchObject({ isError: false });
  clientAhead = 301_000;
  expect(await get(connection)).toMatchObject({ isError: false });
  expect(issuer.log).toEqual(Array(2).fill('client_credentials: crm:read crm:write'));
});

describe('64 calls in flight when the token expires', () => {
  const ids = Array.from({ length: 64 }, (_, index) => `con_${String(index + 1).padStart(6, '0')}`);

  test.each<[string, ProtocolEra]>([
    ['foreseen', 'legacy'],
    ['foreseen', 'modern'],
    ['found out by the server', 'legacy'],
    ['found out by the server', 'modern'],
  ])('take one refresh, %s, and are each executed once (%s MCP)', async (how, era) => {
    const { connection, store } = await open({ era });
    issuer.settings.lifeSeconds = 600;
    if (how === 'foreseen') clientAhead = 301_000;
    serverAhead = 301_000;
    const results = await Promise.all(ids.map((id) => get(connection, id)));
    expect(results.every(({ isError }) => !isError)).toBe(true);
    expect(issuer.log).toEqual([
      'authorization_code: crm:read crm:write',
      'refresh_token: crm:read crm:write',
    ]);
    expect((await store.read(served.url))?.refreshToken).toBeDefined();
  });
});

test('a login that was revoked ends with what to do, and its refresh token is sent once', async () => {
  const { connection, store } = await open();
  const { refreshToken = '', client } = (await store.read(served.url)) ?? {};
  await fetch(`${issuer.issuer}/token/revocation`, {
    method: 'POST',
    body: new URLSearchParams({ token: refreshToken, client_id: client?.id ?? '' }),
  });
  const later = await open({ store, person: false });
  clientAhead = 301_000;
  for (const each of [0, 1]) {
    await expect(get(later.connection), `${each}`).rejects.toThrow('its login has ended');
  }
  expect(issuer.log).toEqual([
    'authorization_code: crm:read crm:write',
    'refused refresh_token: refresh token not found',
  ]);
  await connection.close();
});

describe('scopes', () => {
  test('that the login lacks are asked for once, of a person', async () => {
    const store = createMemoryStore();
    issuer.settings.grantOnly = [read];
    const { connection, asked, authorization } = await open({ store });
    issuer.settings.grantOnly = undefined;
    expect(await tag(connection)).toMatchObject({ isError: false });
    expect(asked).toHaveLength(2);
    expect(issuer.log).toEqual(['authorization_code: crm:read', 'authorization_code: crm:read crm:write']);
    expect(authorization.report()).toMatchObject([{ held: [read, write], demanded: [read, write] }]);
  });

  test('that are asked for and not granted are named, and not asked for again', async () => {
    issuer.settings.grantOnly = [read];
    const { connection, asked } = await open();
    const failed = await Promise.allSettled([tag(connection), tag(connection), tag(connection)]);
    for (const each of failed)
      expect(each).toMatchObject({
        status: 'rejected',
        reason: { message: 'Server "crm": the scope crm:write was asked for and not granted.' },
      });
    expect(asked).toHaveLength(2);
    expect(await get(connection)).toMatchObject({ isError: false });
  });

  test('that the login lacks are a reason to log in again where no person is asked', async () => {
    const store = createMemoryStore();
    issuer.settings.grantOnly = [read];
    await open({ store });
    const { connection } = await open({ store, person: false });
    await expect(tag(connection)).rejects.toThrow(
      'crm:write, which the login does not have. Log in: patternbench login crm',
    );
    expect(issuer.log).toHaveLength(1);
  });
});

describe('the newer MCP', () => {
  test.each<ProtocolEra>(['auto', 'modern'])(
    'of a server that wants tokens is spoken as with one that wants none (%s)',
    async (era) => {
      const { connection, asked } = await open({ era, declared: [read] });
      expect(connection.protocolVersion).toBe('2026-07-28');
      expect(await get(connection)).toMatchObject({ isError: false });
      expect(asked).toHaveLength(1);
      await expect(tag(connection)).rejects.toThrow('demands the scope crm:write, which is not declared');
    },
  );

  test('takes one step up, and tells what was not granted', async () => {
    issuer.settings.grantOnly = [read];
    const { connection, asked } = await open({ era: 'modern' });
    await expect(tag(connection)).rejects.toThrow('the scope crm:write was asked for and not granted');
    issuer.settings.grantOnly = undefined;
    expect(asked).toHaveLength(2);
    expect(await get(connection)).toMatchObject({ isError: false });
  });

  test('without a login names the command that gets one', async () => {
    await expect(open({ era: 'modern', person: false })).rejects.toThrow('Log in: patternbench login crm');
  });
});

/** A server that behaves as told, and what it and the issuer were sent meanwhile. */
async function startFake(answer: (path: string, origin: string) => object | number | string | undefined) {
  const heard: { path: string; authorization: string | undefined; headers: string }[] = [];
  const http = createServer((request, response) => {
    const path = new URL(request.url ?? '/', origin()).pathname;
    heard.push({
      path,
      authorization: request.headers.authorization,
      headers: JSON.stringify(request.headers),
    });
    request.resume();
    const given = answer(path, origin());
    if (typeof given === 'object') {
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(given));
    } else if (typeof given === 'string') {
      response.writeHead(307, { location: given }).end();
    } else {
      response.writeHead(given ?? 404, { 'www-authenticate': 'Bearer' }).end();
    }
  });
  const origin = () => `http://127.0.0.1:${(http.address() as AddressInfo).port}`;
  http.listen(0, '127.0.0.1');
  await once(http, 'listening');
  onTestFinished(async () => {
    http.closeAllConnections();
    http.close();
  });
  return { origin: origin(), url: `${origin()}/mcp`, heard };
}

/** Says what the issuer says of itself, with changes. */
async function issuerMetadata(changes: Record<string, unknown> = {}) {
  const said = await fetch(`${issuer.issuer}/.well-known/oauth-authorization-server`);
  return { ...((await said.json()) as object), ...changes };
}

const resourcePath = '/.well-known/oauth-protected-resource/mcp';
const issuerPath = '/.well-known/oauth-authorization-server';

describe('metadata that are not to be trusted: nothing is asked for where', () => {
  test.each<[string, (origin: string) => object, string]>([
    ['the server is another resource', () => ({ resource: served.url }), 'says that it is another resource'],
    ['it names no issuer', () => ({ authorization_servers: [] }), 'names no authorization server'],
    [
      'its issuer is neither https nor here',
      () => ({ authorization_servers: ['http://issuer.test'] }),
      'neither https',
    ],
    [
      'its issuer only looks like here',
      () => ({ authorization_servers: ['http://127.0.0.1:1@issuer.test'] }),
      'neither https',
    ],
  ])('%s', async (_what, said, reason) => {
    const fake = await startFake((path, origin) =>
      path === resourcePath
        ? { resource: `${origin}/mcp`, authorization_servers: [issuer.issuer], ...said(origin) }
        : 401,
    );
    const before = issuer.requests.length;
    await expect(open({ url: fake.url })).rejects.toThrow(reason);
    expect(issuer.requests).toHaveLength(before);
  });

  test.each<[string, (origin: string) => Record<string, unknown>, string]>([
    [
      'the issuer says that it is another',
      () => ({ issuer: 'https://other.test' }),
      'says that it is https://other.test',
    ],
    [
      'the issuer does not support PKCE',
      () => ({ code_challenge_methods_supported: undefined }),
      'PKCE with S256',
    ],
    [
      'people would be sent to plain http',
      () => ({ authorization_endpoint: 'http://people.test/' }),
      'which is not https',
    ],
  ])('%s', async (_what, changes, reason) => {
    const metadata = await issuerMetadata();
    const fake = await startFake((path, origin) => {
      if (path === resourcePath) return { resource: `${origin}/mcp`, authorization_servers: [origin] };
      return path === issuerPath ? { ...metadata, issuer: origin, ...changes(origin) } : 401;
    });
    const asked: URL[] = [];
    await expect(
      open({ url: fake.url, oauth: { clientId: 'known' }, person: () => asked.push(new URL(fake.url)) }),
    ).rejects.toThrow(reason);
    expect(asked).toEqual([]);
    expect(fake.heard.map(({ path }) => path)).not.toContain('/token');
  });

  test('the metadata are said to be on another host', async () => {
    const elsewhere = await startFake(() => 404);
    const http = createServer((request, response) => {
      request.resume();
      response
        .writeHead(401, { 'www-authenticate': `Bearer resource_metadata="${elsewhere.origin}/x"` })
        .end();
    });
    http.listen(0, '127.0.0.1');
    await once(http, 'listening');
    onTestFinished(() => void http.close());
    const url = `http://127.0.0.1:${(http.address() as AddressInfo).port}/mcp`;
    await expect(open({ url })).rejects.toThrow('its metadata are said to be elsewhere');
    expect(elsewhere.heard).toEqual([]);
  });
});

describe('what the browser brings back is refused, and no code is sent on, where', () => {
  test.each<[string, (back: URLSearchParams) => void, string]>([
    ['it answers another request', (back) => back.set('state', 'x'), 'answers another request (state)'],
    [
      'it is of another issuer',
      (back) => back.set('iss', 'https://attacker.test'),
      'of another issuer, https://attacker.test',
    ],
    ['it names no issuer', (back) => back.delete('iss'), 'does not name its issuer'],
    ['it is an error', (back) => back.set('error', 'access_denied'), 'did not agree: access_denied'],
    ['it has no code', (back) => back.delete('code'), 'neither a code nor an error'],
  ])('%s', async (_what, person, reason) => {
    await expect(open({ person })).rejects.toThrow(reason);
    expect(issuer.log).toEqual([]);
  });

  test('its code was used before', async () => {
    let used = '';
    await open({ person: (back) => (used = back.get('code') ?? '') });
    await expect(open({ person: (back) => back.set('code', used) })).rejects.toThrow(
      'refused the code: invalid_grant',
    );
    // The issuer also revokes what the code had given.
    expect(issuer.log.slice(1)).toHaveLength(1);
  });

  test('the code is of another issuer that the server now names (mix-up)', async () => {
    const metadata = await issuerMetadata();
    const attacker = await startFake((path, origin) =>
      path === issuerPath ? { ...metadata, issuer: origin, token_endpoint: `${origin}/token` } : 404,
    );
    const fake = await startFake((path, origin) =>
      path === resourcePath ? { resource: `${origin}/mcp`, authorization_servers: [attacker.origin] } : 401,
    );
    issuer.settings.resources[fake.url] = [read, write];
    await expect(open({ url: fake.url })).rejects.toThrow(`of another issuer, ${issuer.issuer}`);
    expect(attacker.heard.map(({ path }) => path)).not.toContain('/token');
  });
});

describe('a token', () => {
  test('is sent to its server alone: no redirect takes it along, within the host neither', async () => {
    const { store } = await open();
    const login = await store.read(served.url);
    const elsewhere = await startFake(() => 404);
    for (const place of [elsewhere.url, '/other']) {
      const fake = await startFake((path, origin) => {
        if (path === resourcePath)
          return { resource: `${origin}/mcp`, authorization_servers: [issuer.issuer] };
        return path === '/mcp' ? place : 200;
      });
      // A login to the server that now redirects.
      if (login) await store.write({ ...login, url: fake.url, metadataUrl: undefined });
      await expect(open({ store, url: fake.url, person: false })).rejects.toThrow(/redirects to another/);
      expect(fake.heard.filter(({ path, authorization }) => path !== '/mcp' && authorization)).toEqual([]);
    }
    expect(elsewhere.heard).toEqual([]);
  });

  test('stays with an issuer that does not change: another one is sent nothing and stops all', async () => {
    const other = await startFake(() => 404);
    const { store } = await open();
    const login = await store.read(served.url);
    const fake = await startFake((path, origin) =>
      path === resourcePath ? { resource: `${origin}/mcp`, authorization_servers: [other.origin] } : 200,
    );
    if (login) await store.write({ ...login, url: fake.url, metadataUrl: undefined });
    const opening = open({ store, url: fake.url, person: false });
    await expect(opening).rejects.toThrow(VerificationError);
    await expect(opening).rejects.toThrow(
      `changed its authorization server: the login is of ${issuer.issuer}`,
    );
    expect(other.heard).toEqual([]);
    expect(fake.heard.filter(({ path }) => path === '/mcp')).toEqual([]);
  });

  test('comes with no header that was configured for the server', async () => {
    const before = issuer.requests.length;
    const { connection } = await open({ headers: { 'x-api-key': 'configured-secret' } });
    await get(connection);
    const headers = JSON.stringify(issuer.requests.slice(before));
    expect(headers).not.toContain('configured-secret');
    expect(headers).not.toContain('Bearer');
  });

  test('of a configured Authorization header is not replaced, and no one is asked', async () => {
    const opening = open({ headers: { Authorization: 'Bearer configured-token' } });
    await expect(opening).rejects.toThrow('Invalid Compact JWS');
    expect(issuer.log).toEqual([]);
  });

  test('that a server sends back reaches no one', async () => {
    const { store, authorization } = await open();
    const token = Object.values((await store.read(served.url))?.access ?? {})[0]?.token ?? '';
    expect(token.length).toBeGreaterThan(100);
    expect(authorization.redact(`it said ${token}`)).toBe('it said [redacted: token]');
    const access = authorization.access('crm', { url: served.url, headers: {} });
    expect(JSON.stringify(access?.clean({ result: { echo: [token, { [token]: 1 }] } }))).not.toContain(token);
  });

  /** A server that keeps to the rules until a call: that it refuses with what `challenge` makes of the token it was sent. */
  async function startSpiteful(status: number, challenge: (token: string) => string) {
    const mock = openMock(crm, parseOptions(crm, { contacts: 3 }));
    const http = createServer(async (request, response) => {
      const say = (code: number, body: unknown, headers: Record<string, string> = {}) =>
        response
          .writeHead(code, { 'content-type': 'application/json', ...headers })
          .end(JSON.stringify(body));
      if (request.method === 'GET' && request.url === resourcePath)
        return say(200, { resource: url, authorization_servers: [issuer.issuer] });
      if (request.method !== 'POST') return say(405, {});
      const message = readMessage(await json(request));
      const token = request.headers.authorization?.replace('Bearer ', '');
      if (!token) return say(401, {}, { 'www-authenticate': 'Bearer' });
      if (message?.method === 'tools/call')
        return say(status, { echo: token }, { 'www-authenticate': `Bearer ${challenge(token)}` });
      say(200, message && (await answerMessage(mock, message)));
    });
    http.listen(0, '127.0.0.1');
    await once(http, 'listening');
    onTestFinished(() => void http.close());
    const url = `http://127.0.0.1:${(http.address() as AddressInfo).port}/mcp`;
    issuer.settings.resources[url] = [read, write];
    return url;
  }

  test.each<[string, number, (token: string) => string]>([
    ['its description', 401, (token) => `error="invalid_token", error_description="no: ${token}"`],
    ['the scope that it demands', 403, (token) => `error="insufficient_scope", scope="${token}"`],
    ['the place of its metadata', 401, (token) => `resource_metadata="https://elsewhere.test/${token}"`],
  ])(
    'that a server puts into a refusal, as %s, is in no message and in no record',
    async (_, status, challenge) => {
      const url = await startSpiteful(status, challenge);
      const { connection, store, authorization } = await open({ url });
      const failure = await get(connection).then(
        () => expect.fail('it was not refused'),
        (error: Error) => error.message,
      );
      const login = await store.read(url);
      const tokens = Object.values(login?.access ?? {}).map(({ token }) => token);
      expect(tokens.length).toBeGreaterThan(0);
      const told = failure + JSON.stringify([authorization.report(), connection.scopes()]);
      for (const token of tokens)
        for (const part of [token, token.slice(0, 30), token.slice(-30)]) expect(told).not.toContain(part);
    },
  );
});
