import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import crm from '../../../../mock-servers/crm/server.ts';
import { parseOptions } from '../../../../mock-servers/load.ts';
import { serveHttp } from '../../../../mock-servers/serve.ts';
import { UsageError } from '../../../errors.ts';
import {
  type AuthServer,
  browse,
  clientDocument,
  machine,
  startAuthServer,
} from '../../../testing/auth-server.ts';
import { type Connection, connect } from '../connections.ts';
import { openAuthorization } from './authorization.ts';
import { createMemoryStore, type LoginStore } from './login-store.ts';
import { type OauthConfig, oauthConfig } from './oauth-config.ts';

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
    lifeSeconds: 60,
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
  store?: LoginStore;
  declared?: string[];
  oauth?: Partial<OauthConfig>;
  person?: boolean | ((back: URLSearchParams) => void);
  headers?: Record<string, string>;
  url?: string;
};

/** Connects as a process of its own would: nothing is shared but the store. */
async function open({
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
  const spec = { url: use.url ?? served.url, headers: use.headers ?? {}, oauth, scopes: declared };
  const connection = await connect('crm', spec, timeouts, signal, authorization);
  return { connection, authorization, store, asked };
}

const get = (connection: Connection, id = 'con_000001') => connection.call('get_contact', { id }, signal);
const tag = (connection: Connection, id = 'con_000001') =>
  connection.call('tag_contact', { id, tags: ['vip'] }, signal);

describe('a login', () => {
  test('asks a person once for the declared scopes, whatever the server names, and serves later processes', async () => {
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

  test('that is missing is wanted by name, and where no one is asked nothing is', async () => {
    const opening = open({ person: false });
    await expect(opening).rejects.toThrow(UsageError);
    await expect(opening).rejects.toThrow('Server "crm" wants a token. Log in: patternbench login crm');
    expect(issuer.log).toEqual([]);
  });
});

test('a machine logs in by itself, also again', async () => {
  const oauth = { grant: 'client_credentials', clientId: machine.id, clientSecret: machine.secret } as const;
  const { connection } = await open({ oauth, person: false });
  expect(await tag(connection)).toMatchObject({ isError: false });
  clientAhead = 61_000;
  expect(await get(connection)).toMatchObject({ isError: false });
  expect(issuer.log).toEqual(Array(2).fill('client_credentials: crm:read crm:write'));
});

describe('64 calls in flight when the token expires', () => {
  const ids = Array.from({ length: 64 }, (_, index) => `con_${String(index + 1).padStart(6, '0')}`);

  test.each(['foreseen', 'found out by the server'])(
    'take one refresh, %s, and are each executed once',
    async (how) => {
      const { connection, store } = await open();
      issuer.settings.lifeSeconds = 600;
      if (how === 'foreseen') clientAhead = 61_000;
      serverAhead = 61_000;
      const results = await Promise.all(ids.map((id) => get(connection, id)));
      expect(results.every(({ isError }) => !isError)).toBe(true);
      expect(issuer.log).toEqual([
        'authorization_code: crm:read crm:write',
        'refresh_token: crm:read crm:write',
      ]);
      expect((await store.read(served.url))?.refreshToken).toBeDefined();
    },
  );
});

test('a login that was revoked ends with what to do, and its refresh token is sent once', async () => {
  const { connection, store } = await open();
  const { refreshToken = '', client } = (await store.read(served.url)) ?? {};
  await fetch(`${issuer.issuer}/token/revocation`, {
    method: 'POST',
    body: new URLSearchParams({ token: refreshToken, client_id: client?.id ?? '' }),
  });
  const later = await open({ store, person: false });
  clientAhead = 61_000;
  for (const each of [0, 1]) {
    await expect(get(later.connection), `${each}`).rejects.toThrow('its login has ended');
  }
  expect(issuer.log).toEqual([
    'authorization_code: crm:read crm:write',
    'refused refresh_token: refresh token not found',
  ]);
  await connection.close();
});
