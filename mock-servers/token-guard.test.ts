import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type AuthServer, machine, startAuthServer } from '../harness/testing/auth-server.ts';
import crm from './crm/server.ts';
import { parseOptions } from './load.ts';
import { serveHttp } from './serve-http.ts';
import { STATE_METHOD } from './state.ts';

const scopes = ['crm:read', 'crm:write'];
let issuer: AuthServer;
let served: Awaited<ReturnType<typeof serveHttp>>;
let clock = () => new Date();

beforeAll(async () => {
  issuer = await startAuthServer({ scopes });
  served = await serveHttp(crm, parseOptions(crm, { contacts: 5 }), {
    auth: { issuer: issuer.issuer, now: () => clock() },
  });
  issuer.settings.resources[served.url] = scopes;
});
afterAll(async () => {
  await served.close();
  await issuer.close();
});

const seconds = () => Math.floor(Date.now() / 1000);
const claims = (over: Record<string, unknown> = {}) => ({
  iss: issuer.issuer,
  aud: served.url,
  sub: 'person',
  client_id: 'client',
  jti: 'id',
  iat: seconds(),
  exp: seconds() + 60,
  scope: 'crm:read crm:write',
  ...over,
});

type Sent = { token?: string; session?: string; url?: string; method?: string };

async function send(body: object | undefined, { token, session, url, method = 'POST' }: Sent = {}) {
  const response = await fetch(url ?? served.url, {
    method,
    headers: {
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
      ...(session !== undefined && { 'mcp-session-id': session }),
    },
    ...(body && { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  return {
    status: response.status,
    challenge: response.headers.get('www-authenticate'),
    session: response.headers.get('mcp-session-id') ?? '',
    text,
  };
}

const initialize = {
  jsonrpc: '2.0',
  id: 0,
  method: 'initialize',
  params: { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'test', version: '1' } },
};
const call = (name: string) => ({
  jsonrpc: '2.0',
  id: 1,
  method: 'tools/call',
  params: {
    name,
    arguments: { id: 'con_000001', ...(name === 'tag_contact' && { tags: ['vip'] }) },
  },
});

/** Calls that reached a tool, as the server itself counts them. */
async function countCalls(): Promise<number> {
  const token = await issuer.sign(claims());
  const { session } = await send(initialize, { token });
  const { text } = await send({ jsonrpc: '2.0', id: 2, method: STATE_METHOD }, { token, session });
  const calls: Record<string, number> = JSON.parse(text).result.calls;
  return Object.values(calls).reduce((sum, each) => sum + each, 0);
}

test('says to anyone whose tokens it takes, and which scopes it knows', async () => {
  const { status, challenge } = await send(initialize);
  const place = /resource_metadata="([^"]+)"/.exec(challenge ?? '')?.[1] ?? '';
  expect([status, challenge]).toEqual([401, expect.stringContaining('scope="crm:read"')]);
  expect(await (await fetch(place)).json()).toEqual({
    resource: served.url,
    authorization_servers: [issuer.issuer],
    scopes_supported: scopes,
    bearer_methods_supported: ['header'],
  });
});

test('lets a token of its issuer call what its scopes allow', async () => {
  const body = new URLSearchParams({
    grant_type: 'client_credentials',
    scope: 'crm:read',
    resource: served.url,
  });
  const authorization = `Basic ${btoa(`${machine.id}:${machine.secret}`)}`;
  const granted = await fetch(`${issuer.issuer}/token`, { method: 'POST', headers: { authorization }, body });
  const { access_token: token } = (await granted.json()) as { access_token: string };
  const { session, status } = await send(initialize, { token });
  expect(status).toBe(200);
  expect(JSON.parse((await send(call('get_contact'), { token, session })).text)).toHaveProperty(
    'result.structuredContent.contact.id',
    'con_000001',
  );
  const refused = await send(call('tag_contact'), { token, session });
  expect(refused.status).toBe(403);
  expect(refused.challenge).toContain('error="insufficient_scope"');
  expect(refused.challenge).toContain('scope="crm:write"');
});

describe('a token that is refused executes nothing:', () => {
  test.each<[string, () => Promise<string>, string]>([
    ['no JWT', async () => 'abc', 'Invalid Compact JWS'],
    ['one without a signature', async () => unsigned(), 'alg'],
    ['of an unknown key', async () => (await stranger()).sign(claims()), 'signature'],
    ['expired', () => issuer.sign(claims({ exp: seconds() - 1 })), '"exp" claim timestamp check failed'],
    ['not valid yet', () => issuer.sign(claims({ nbf: seconds() + 60 })), '"nbf" claim'],
    ['without an end', () => issuer.sign(claims({ exp: undefined })), 'missing required "exp" claim'],
    ['for another server', () => issuer.sign(claims({ aud: 'https://elsewhere.test/mcp' })), '"aud"'],
    ['for no server', () => issuer.sign(claims({ aud: undefined })), '"aud"'],
    ['of another issuer', () => issuer.sign(claims({ iss: 'https://elsewhere.test' })), '"iss"'],
    ['an ID token', () => issuer.sign(claims(), { typ: 'JWT' }), '"typ"'],
    ['of no client', () => issuer.sign(claims({ client_id: undefined })), '"client_id"'],
    ['that lives for two hours', () => issuer.sign(claims({ exp: seconds() + 7_200 })), 'more than 3600'],
  ])('%s', async (_what, make, reason) => {
    const before = await countCalls();
    const own = await issuer.sign(claims());
    const { session } = await send(initialize, { token: own });
    const { status, challenge, text } = await send(call('tag_contact'), { token: await make(), session });
    expect([status, challenge]).toEqual([401, expect.stringContaining('error="invalid_token"')]);
    expect(JSON.parse(text).error.message).toContain(reason);
    expect(await countCalls()).toBe(before);
  });

  test('in the query', async () => {
    const token = await issuer.sign(claims());
    const { status, text } = await send(call('tag_contact'), { url: `${served.url}?access_token=${token}` });
    expect([status, text]).toEqual([400, expect.stringContaining('a token in the query is not accepted')]);
  });

  test('once its time is over, also within a session', async () => {
    const token = await issuer.sign(claims());
    const { session } = await send(initialize, { token });
    clock = () => new Date(Date.now() + 61_000);
    const late = await send(call('get_contact'), { token, session });
    clock = () => new Date();
    expect(late.status).toBe(401);
    expect((await send(call('get_contact'), { token, session })).status).toBe(200);
  });
});

async function stranger(): Promise<AuthServer> {
  const other = await startAuthServer({ scopes });
  await other.close();
  return other;
}

function unsigned(): string {
  const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  return `${encode({ alg: 'none', typ: 'at+jwt' })}.${encode(claims())}.`;
}

test('a batch of messages needs the scopes of all of them', async () => {
  const token = await issuer.sign(claims({ scope: 'crm:read' }));
  const { session } = await send(initialize, { token });
  const { status } = await send([call('get_contact'), call('tag_contact')], { token, session });
  expect(status).toBe(403);
});

describe('a session', () => {
  test('of another person or another client is not found, whatever its scopes', async () => {
    const { session } = await send(initialize, { token: await issuer.sign(claims()) });
    const before = await countCalls();
    for (const thief of [{ sub: 'thief' }, { client_id: 'thief' }]) {
      const token = await issuer.sign(claims(thief));
      expect((await send(call('get_contact'), { token, session })).status).toBe(404);
      expect((await send(undefined, { token, session, method: 'DELETE' })).status).toBe(404);
    }
    expect(await countCalls()).toBe(before);
    expect((await send(call('get_contact'), { token: await issuer.sign(claims()), session })).status).toBe(
      200,
    );
  });

  test('is needed, and ends when its owner ends it', async () => {
    const token = await issuer.sign(claims());
    expect((await send(call('get_contact'), { token })).status).toBe(400);
    const { session } = await send(initialize, { token });
    expect((await send(undefined, { token, session, method: 'DELETE' })).status).toBe(200);
    expect((await send(call('get_contact'), { token, session })).status).toBe(404);
  });
});

describe('a request since 2026-07-28', () => {
  const meta = {
    'io.modelcontextprotocol/protocolVersion': '2026-07-28',
    'io.modelcontextprotocol/clientCapabilities': {},
  };
  async function ask(name: string, token: string | undefined, { session = '' } = {}) {
    const { params, ...message } = call(name);
    const response = await fetch(served.url, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        accept: 'application/json, text/event-stream',
        'mcp-protocol-version': '2026-07-28',
        'mcp-method': 'tools/call',
        'mcp-name': name,
        ...(token !== undefined && { authorization: `Bearer ${token}` }),
        ...(session && { 'mcp-session-id': session }),
      },
      body: JSON.stringify({ ...message, params: { ...params, _meta: meta } }),
    });
    return {
      status: response.status,
      session: response.headers.get('mcp-session-id'),
      body: await response.json(),
    };
  }

  test('needs no session, is given none, and is let in by its own token alone', async () => {
    const token = await issuer.sign(claims());
    const { status, session, body } = await ask('get_contact', token);
    expect([status, session]).toEqual([200, null]);
    expect(body).toHaveProperty('result.structuredContent.contact.id', 'con_000001');
  });

  test('is held to the same tokens and scopes, and a session of another lends it nothing', async () => {
    const { session } = await send(initialize, { token: await issuer.sign(claims()) });
    const before = await countCalls();
    const reader = await issuer.sign(claims({ scope: 'crm:read', sub: 'thief' }));
    expect((await ask('tag_contact', undefined, { session })).status).toBe(401);
    expect(
      (await ask('tag_contact', await issuer.sign(claims({ aud: 'https://elsewhere.test' })))).status,
    ).toBe(401);
    expect((await ask('tag_contact', reader, { session })).status).toBe(403);
    expect(await countCalls()).toBe(before);
  });
});

test('an issuer that says it is another is refused before anything is served', async () => {
  const other = issuer.issuer.replace('127.0.0.1', 'localhost');
  const serving = serveHttp(crm, parseOptions(crm, { contacts: 1 }), { auth: { issuer: other } });
  await expect(serving).rejects.toThrow(`it says that it is ${issuer.issuer}`);
});
