import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import crm from '../../mock-servers/crm/server.ts';
import { parseOptions } from '../../mock-servers/load.ts';
import { serveHttp } from '../../mock-servers/serve-http.ts';
import { STATE_METHOD } from '../../mock-servers/state.ts';
import { type AuthServer, browse, clientDocument, machine, startAuthServer } from '../testing/auth-server.ts';
import { makeFolder, patternbench } from '../testing/command-line.ts';
import { loginFolder, openLoginStore } from '../tools/mcp/auth/login-store.ts';
import { main } from './main.ts';

const scopes = ['crm:read', 'crm:write'];
const contacts = 64;
let issuer: AuthServer;
let served: Awaited<ReturnType<typeof serveHttp>>;
/** Requests with a token that the server still answers before its clock jumps ahead. */
let untilJump = Number.POSITIVE_INFINITY;

beforeAll(async () => {
  issuer = await startAuthServer({ scopes });
  const now = () => {
    untilJump -= 1;
    return new Date(Date.now() + (untilJump < 0 ? 61_000 : 0));
  };
  served = await serveHttp(crm, parseOptions(crm, { contacts }), { auth: { issuer: issuer.issuer, now } });
});
beforeEach(() => {
  untilJump = Number.POSITIVE_INFINITY;
  const resources = { [served.url]: scopes };
  Object.assign(issuer.settings, { lifeSeconds: 60, grantOnly: undefined, resources });
  issuer.log.length = 0;
});
afterAll(async () => {
  await served.close();
  await issuer.close();
});

/** A folder with a workflow over the server, and another for what is kept of this user. */
function makeUser({ body = readAll, writes = false, oauth = {} as object, more = '' } = {}) {
  const declared = { 'crm:read': 'always', 'crm:write': 'writes' };
  const server = {
    url: served.url,
    oauth: { clientMetadataUrl: clientDocument, scopes: declared, ...oauth },
  };
  const cwd = makeFolder({
    '.mcp.json': JSON.stringify({ mcpServers: { customers: server } }),
    'scenario.ts': `export default {
      title: 'Over OAuth', description: 'Reads or tags.', task: 'Say how many.', writes: ${writes},
      servers: { crm: { configured: 'customers' } }, truth: () => (${contacts}), ${more} };`,
    'program.ts': `export default async function (mcp, { rounds }) {\n${body}\n}\n`,
  });
  const env = { XDG_CONFIG_HOME: makeFolder({}), APPDATA: makeFolder({}) };
  return { cwd, env, store: openLoginStore(loginFolder(env)) };
}
type User = ReturnType<typeof makeUser>;

const ids = `Array.from({ length: ${contacts} }, (_, i) => 'con_' + String(i + 1).padStart(6, '0'))`;
const readAll = `const all = await Promise.all(${ids}.map((id) => mcp.crm.get_contact({ id })));
  return all.filter(({ contact }) => contact.id).length;`;
const tagAll = `const all = await Promise.all(${ids}.map((id) => mcp.crm.tag_contact({ id, tags: ['vip'] })));
  return all.length;`;

/** Logs in, with a person who follows the address that is printed. */
async function login({ cwd, env }: User, ...args: string[]) {
  const printed = { stdout: '', stderr: '' };
  const into = (stream: keyof typeof printed) => ({
    write(text: string) {
      printed[stream] += text;
      const address = /Log in at this address: (\S+)/.exec(text)?.[1];
      if (address) void browse(address).then((back) => fetch(back));
    },
  });
  const io = { cwd, env, stdout: into('stdout'), stderr: into('stderr') };
  const config = ['--mcp-config', join(cwd, '.mcp.json')];
  return { code: await main(['login', 'customers', '--no-browser', ...config, ...args], io), ...printed };
}

const run = ({ cwd, env }: User, ...args: string[]) =>
  patternbench(['run', '.', '--out', 'out', '--set', 'verdict.sizes=false', ...args], { cwd, env });

/** A token that the issuer signed for the server, but for what is said otherwise. */
function sign(over: Record<string, unknown> = {}): Promise<string> {
  const seconds = Math.floor(Date.now() / 1000);
  const own = { sub: 'observer', client_id: 'observer', jti: 'observer', iat: seconds, exp: seconds + 600 };
  return issuer.sign({ iss: issuer.issuer, aud: served.url, ...own, ...over });
}

/** What the server itself says it executed, by tool. */
async function countExecuted(): Promise<Record<string, number>> {
  const token = await sign();
  const send = async (method: string, session?: string) =>
    fetch(served.url, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        accept: 'application/json, text/event-stream',
        authorization: `Bearer ${token}`,
        ...(session && { 'mcp-session-id': session }),
      },
      body: JSON.stringify({
        jsonrpc: '2.0',
        id: 1,
        method,
        params: {
          protocolVersion: '2025-11-25',
          capabilities: {},
          clientInfo: { name: 'observer', version: '1' },
        },
      }),
    });
  const opened = await send('initialize');
  const answer = await send(STATE_METHOD, opened.headers.get('mcp-session-id') ?? undefined);
  return ((await answer.json()) as { result: { calls: Record<string, number> } }).result.calls;
}

function textsIn(folder: string): [string, string][] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((name) => join(folder, name))
    .filter((file) => statSync(file).isFile())
    .map((file) => [file, readFileSync(file, 'utf8')]);
}

test('a person logs in once; runs then use the login with the scopes of their scenario alone', async () => {
  const user = makeUser();
  const loggedIn = await login(user);
  expect(loggedIn.stdout).toMatch(
    /^Logged in to customers by http\S+, with the scopes crm:read, crm:write\. It lists 2\d tools\.$/m,
  );
  expect(loggedIn.stderr).toMatch(/The login is in \S+logins\. (No store of the system|The key that seals)/);
  expect(loggedIn.code).toBe(0);
  const { code, stderr } = await run(user, '--variants', 'classic,code');
  expect([code, stderr]).toEqual([0, expect.any(String)]);
  const record = JSON.parse(readFileSync(join(user.cwd, 'out/run.json'), 'utf8'));
  expect(record.authorization).toEqual([
    { server: 'customers', issuer: issuer.issuer, declared: ['crm:read'], held: ['crm:read'], demanded: [] },
  ]);
  expect(readFileSync(join(user.cwd, 'out/audit.jsonl'), 'utf8')).toContain('"scopes":["crm:read"]');
  expect(issuer.log).toEqual(['authorization_code: crm:read crm:write', 'refresh_token: crm:read']);
});

test.each(['classic', 'code'])(
  'a token that expires in the middle of %s is renewed once; every call is executed once, and no token is on disk',
  async (variant) => {
    const user = makeUser({ body: tagAll, writes: true });
    await login(user);
    const before = await user.store.read(served.url);
    const executed = (await countExecuted()).tag_contact ?? 0;
    issuer.settings.lifeSeconds = 600;
    // Initialize, its notice, the list of tools and the first calls.
    untilJump = 8;
    const { code, stdout, stderr } = await run(user, '--variants', variant);
    expect([code, stderr]).toEqual([0, expect.any(String)]);
    const summary = JSON.parse(readFileSync(join(user.cwd, 'out/summary.json'), 'utf8'));
    expect(summary.results).toMatchObject([{ correct: 1, toolCalls: contacts }]);
    expect(issuer.log).toEqual([
      'authorization_code: crm:read crm:write',
      'refresh_token: crm:read crm:write',
    ]);
    untilJump = Number.POSITIVE_INFINITY;
    // Also the calls by which a schedule is found, in trials of their own.
    const audited = readFileSync(join(user.cwd, 'out/audit.jsonl'), 'utf8').match(/"event":"call",/g) ?? [];
    expect((await countExecuted()).tag_contact).toBe(executed + audited.length);
    expect(audited.length % contacts).toBe(0);
    const after = await user.store.read(served.url);
    const secrets = [before, after].flatMap((each) => [
      each?.refreshToken ?? '',
      ...Object.values(each?.access ?? {}).map(({ token }) => token),
    ]);
    expect(new Set(secrets).size).toBe(4);
    const places = [...textsIn(join(user.cwd, 'out')), ['what was printed', stdout + stderr] as const];
    for (const secret of secrets) {
      for (const [place, text] of places) expect(text.includes(secret), place).toBe(false);
    }
  },
);

test('the further runs that look for a break-even use the login, too', async () => {
  const user = makeUser({
    body: 'for (const _ of Array(rounds)) await mcp.crm.get_contact({ id: "con_000001" });\n  return 64;',
    more: `params: { rounds: { type: 'integer', default: 3, min: 1, description: 'Calls.' } }, items: 'rounds',`,
  });
  await login(user);
  const { code, stderr } = await patternbench(['run', '.', '--out', 'out'], user);
  expect([code, stderr]).toEqual([0, expect.not.stringContaining('Warning')]);
  expect(readdirSync(join(user.cwd, 'out'))).toContain('break-even');
});

test('a machine needs no login: its secret is a variable of the environment', async () => {
  const oauth = {
    grant: 'client_credentials',
    clientId: machine.id,
    clientSecret: `\${PATTERNBENCH_TEST_SECRET}`,
  };
  const user = makeUser({ oauth });
  Object.assign(user.env, { PATTERNBENCH_TEST_SECRET: machine.secret });
  const { code, stderr } = await run(user, '--variants', 'classic,code');
  expect([code, stderr]).toEqual([0, expect.any(String)]);
  expect(issuer.log).toEqual(['client_credentials: crm:read']);
  for (const [place, text] of textsIn(join(user.cwd, 'out')))
    expect(text.includes(machine.secret), place).toBe(false);
});

describe('in both patterns, nothing is executed', () => {
  const variants = ['--variants', 'classic,code'];
  const reasonsOf = ({ cwd }: User) =>
    JSON.parse(readFileSync(join(cwd, 'out/summary.json'), 'utf8')).results.map(
      (result: Record<string, unknown>) => [result.variant, result.status, result.reason],
    );
  const both = (reason: string) =>
    ['classic', 'code'].map((name) => [name, 'infrastructure_error', expect.stringContaining(reason)]);
  const tagged = async () => (await countExecuted()).tag_contact ?? 0;

  test('without a login, and the command that gets one is named', async () => {
    const { code, stderr } = await run(makeUser(), ...variants);
    expect(stderr).toContain('Server "customers" wants a token. Log in: patternbench login customers');
    expect(code).toBe(2);
    expect(issuer.log).toEqual([]);
  });

  test('with a login that was revoked', async () => {
    const user = makeUser({ body: tagAll, writes: true });
    await login(user);
    const before = await tagged();
    const stored = await user.store.read(served.url);
    await fetch(`${issuer.issuer}/token/revocation`, {
      method: 'POST',
      body: new URLSearchParams({ token: stored?.refreshToken ?? '', client_id: clientDocument }),
    });
    untilJump = 0;
    const { code, stderr } = await run(user, ...variants);
    expect(code).toBe(3);
    expect(stderr).toContain('Log in: patternbench login customers');
    expect(reasonsOf(user)).toEqual(both('its login has ended'));
    untilJump = Number.POSITIVE_INFINITY;
    expect(await tagged()).toBe(before);
    expect(issuer.log).toEqual([
      'authorization_code: crm:read crm:write',
      'refused refresh_token: refresh token not found',
    ]);
  });

  test.each([
    ['for another server', { aud: 'https://elsewhere.test/mcp' }],
    ['of another issuer', { iss: 'https://elsewhere.test' }],
  ])('with a token %s that cannot be renewed', async (_, over) => {
    const user = makeUser({ body: tagAll, writes: true });
    await login(user);
    const before = await tagged();
    const { refreshToken: _refreshToken, ...stored } =
      (await user.store.read(served.url)) ?? expect.fail('there is no login');
    const token = await sign({ scope: scopes.join(' '), ...over });
    const access = { [scopes.join(' ')]: { token, scopes, renewAt: null } };
    await user.store.write({ ...stored, access });
    const { code } = await run(user, ...variants);
    expect(code).toBe(3);
    expect(reasonsOf(user)).toEqual(both('its login has ended'));
    expect(await tagged()).toBe(before);
    expect(issuer.log).toEqual(['authorization_code: crm:read crm:write']);
  });

  test('without the scope that a tool needs', async () => {
    const user = makeUser({ body: tagAll, writes: true });
    issuer.settings.grantOnly = ['crm:read'];
    await login(user);
    const before = await tagged();
    const { code, stderr } = await run(user, ...variants);
    expect(code).toBe(3);
    expect(stderr).toContain('Log in: patternbench login customers');
    expect(reasonsOf(user)).toEqual(both('demands the scope crm:write, which the login does not have'));
    expect(await tagged()).toBe(before);
  });

  test('once the server names another issuer: the run stops', async () => {
    const user = makeUser();
    await login(user);
    const stored = await user.store.read(served.url);
    if (stored) await user.store.write({ ...stored, issuer: 'https://issuer.test' });
    const before = await countExecuted();
    const { code, stderr } = await run(user, ...variants);
    expect(stderr).toContain('changed its authorization server: the login is of https://issuer.test');
    expect(code).toBe(1);
    expect(await countExecuted()).toEqual(before);
    const refused = await login(user);
    expect([refused.code, refused.stderr]).toEqual([1, expect.stringContaining('--accept')]);
    expect((await login(user, '--accept')).code).toBe(0);
  });
});

test('a login is forgotten', async () => {
  const user = makeUser();
  await login(user);
  expect((await login(user, '--forget')).stdout).toBe('The login to customers was removed.\n');
  expect((await login(user, '--forget')).stdout).toBe('There is no login to customers.\n');
});

test('a login for one scenario asks for what it declares', async () => {
  const user = makeUser();
  const { stdout } = await login(user, '--scenario', user.cwd);
  expect(stdout).toContain('with the scopes crm:read.');
});
