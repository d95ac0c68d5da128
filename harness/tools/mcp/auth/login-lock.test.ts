import { type ChildProcess, fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import crm from '../../../../mock-servers/crm/server.ts';
import { parseOptions } from '../../../../mock-servers/load.ts';
import { serveHttp } from '../../../../mock-servers/serve-http.ts';
import { browse, clientDocument, startAuthServer } from '../../../testing/auth-server.ts';
import { serverCommand } from '../../../testing/server-command.ts';
import { connect } from '../connections.ts';
import { oauthConfig } from '../server-spec.ts';
import { openAuthorization } from './authorization.ts';
import { openLoginStore, withProcessLock } from './login-store.ts';

const makeFolder = () => mkdtempSync(join(tmpdir(), 'patternbench-lock-'));

test('work under one lock is done one after the other, and after a failure, too', async () => {
  const file = join(makeFolder(), 'lock');
  const seen: string[] = [];
  const work = (name: string) =>
    withProcessLock(file, async () => {
      seen.push(`${name} begins`);
      await new Promise(setImmediate);
      seen.push(`${name} ends`);
      if (name === 'a') throw new Error('a fails');
    });
  const [a, b] = await Promise.allSettled([work('a'), work('b')]);
  expect([a.status, b.status]).toEqual(['rejected', 'fulfilled']);
  expect(seen).toEqual(['a begins', 'a ends', 'b begins', 'b ends']);
});

test('a lock is given up on after a time, and says what to do', async () => {
  const file = join(makeFolder(), 'lock');
  await withProcessLock(file, async () => {
    const second = withProcessLock(file, async () => undefined, { patienceMs: 50 });
    await expect(second).rejects.toThrow('Another process has held');
  });
});

test('a process that is killed holds its lock no longer', async () => {
  const file = join(makeFolder(), 'lock');
  const code = `import(${JSON.stringify(resolve(import.meta.dirname, 'login-store.ts'))}).then(({ withProcessLock }) =>
    withProcessLock(${JSON.stringify(file)}, () => { console.log('held'); return new Promise(() => setInterval(() => {}, 1000)); }))`;
  const holder = spawn(process.execPath, ['-e', code], { stdio: ['ignore', 'pipe', 'inherit'] });
  await once(holder.stdout, 'data');
  const waiting = withProcessLock(file, async () => 'mine');
  holder.kill('SIGKILL');
  expect(await waiting).toBe('mine');
});

test('two processes with 64 calls in flight each take one refresh between them, and each call is executed', async () => {
  const scopes = ['crm:read', 'crm:write'];
  const issuer = await startAuthServer({ scopes, lifeSeconds: 300 });
  let ahead = 0;
  const served = await serveHttp(crm, parseOptions(crm, { contacts: 64 }), {
    auth: { issuer: issuer.issuer, now: () => new Date(Date.now() + ahead) },
  });
  onTestFinished(async () => {
    await served.close();
    await issuer.close();
  });
  issuer.settings.resources[served.url] = scopes;
  const folder = makeFolder();
  const authorization = openAuthorization({
    store: openLoginStore(folder),
    browser: async () => ({
      redirectUrl: 'http://127.0.0.1:43210/callback',
      ask: async (url: URL) => (await browse(url)).searchParams,
    }),
  });
  const oauth = oauthConfig.parse({ clientMetadataUrl: clientDocument });
  const spec = { url: served.url, headers: {}, oauth, scopes };
  const timeouts = { connectMs: 60_000, callMs: 60_000 };
  await (await connect('crm', spec, timeouts, new AbortController().signal, authorization)).close();

  const [start = '', ...args] = serverCommand('auth-worker.ts', folder, served.url, '64').args;
  const workers = [0, 1].map(() => fork(start, args, { execArgv: [] }));
  const next = async (child: ChildProcess) => ((await once(child, 'message')) as unknown[])[0];
  expect(await Promise.all(workers.map(next))).toEqual(['ready', 'ready']);
  expect(issuer.log).toHaveLength(1);
  [ahead, issuer.settings.lifeSeconds] = [301_000, 600];
  const done = Promise.all(workers.map(next));
  for (const child of workers) child.send('go');
  expect(await done).toEqual(Array(2).fill({ executed: 64 }));
  expect(issuer.log).toEqual(['authorization_code: crm:read crm:write', 'refresh_token: crm:read crm:write']);
});
