import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { resolve } from 'node:path';
import { json, text } from 'node:stream/consumers';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { messageOf } from '../../../errors.ts';
import { connect } from '../connections.ts';
import { type OauthConfig, oauthConfig } from '../server-spec.ts';
import { openAuthorization } from './authorization.ts';
import { createMemoryStore } from './login-store.ts';

const relay = resolve(import.meta.dirname, '../../../testing/conformance-relay.js');

/** Scenarios of the suite that do not pass, and why that is so. One that passes must not be here. */
const expectedFailures: Record<string, string> = {
  'auth/scope-from-scopes-supported': 'Only declared scopes are asked for, never all that a server supports.',
  'auth/scope-step-up': 'All declared scopes are asked for at once, so there is no second request for more.',
  'auth/cross-app-access-complete-flow': 'Tokens of an enterprise are not exchanged.',
  'auth/2025-03-26-oauth-metadata-backcompat': 'A server must say which issuer it trusts (since 2025-06-18).',
  'auth/2025-03-26-oauth-endpoint-fallback': 'Endpoints are not guessed where there are no metadata.',
};

/** What a user would declare, having read which scopes a server documents. */
const declared: Record<string, OauthConfig['scopes']> = {
  'auth/scope-from-www-authenticate': 'mcp:basic',
  'auth/scope-step-up': 'mcp:basic mcp:write',
  'auth/scope-retry-limit': 'mcp:admin',
};

const handed = z.object({
  scenario: z.string(),
  url: z.url(),
  context: z.looseObject({
    client_id: z.string().optional(),
    client_secret: z.string().optional(),
    private_key_pem: z.string().optional(),
  }),
});

/** Connects as a login does, lists the tools and calls each. The suite's authorization server redirects without a person. */
async function play({ scenario, url, context }: z.infer<typeof handed>): Promise<void> {
  const authorization = openAuthorization({
    store: createMemoryStore(),
    browser: async () => ({
      redirectUrl: 'http://127.0.0.1:43210/callback',
      async ask(address) {
        const response = await fetch(address, { redirect: 'manual' });
        return new URL(response.headers.get('location') ?? '').searchParams;
      },
    }),
  });
  const oauth = oauthConfig.parse({
    clientMetadataUrl: 'https://conformance-test.local/client-metadata.json',
    clientId: context.client_id,
    clientSecret: context.client_secret,
    privateKey: context.private_key_pem,
    ...(scenario.startsWith('auth/client-credentials') && { grant: 'client_credentials' }),
    scopes: declared[scenario] ?? [],
  });
  const { signal } = new AbortController();
  const timeouts = { connectMs: 30_000, callMs: 30_000 };
  const connection = await connect('suite', { url, headers: {}, oauth }, timeouts, signal, authorization);
  for (const { name } of connection.surface.tools) await connection.call(name, {}, signal);
  await connection.close();
}

const player = createServer(async (request, response) => {
  try {
    await play(handed.parse(await json(request)));
    response.end('played');
  } catch (error) {
    response.writeHead(500).end(messageOf(error));
  }
});
beforeAll(async () => {
  player.listen(0, '127.0.0.1');
  await once(player, 'listening');
});
afterAll(() => void player.close());

test.each([
  ['auth', 14],
  ['extensions', 3],
  ['backcompat', 2],
  ['draft', 3],
])(
  'the official conformance scenarios of the suite %s pass, but for those that are expected to fail',
  async (suite, count) => {
    const command = createRequire(import.meta.url).resolve('@modelcontextprotocol/conformance/dist/index.js');
    const { port } = player.address() as AddressInfo;
    const client = [process.execPath, relay, port].map((word) => `"${word}"`).join(' ');
    const args = ['client', '--suite', suite, '--timeout', '60000', '--command', client];
    const child = spawn(process.execPath, [command, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
    const [said, complaints] = await Promise.all([text(child.stdout), text(child.stderr)]);
    const ended = [...said.matchAll(/^([✓✗]) (\S+): /gm)].map(([, mark, name = '']) => [name, mark] as const);
    expect(ended, complaints).toHaveLength(count);
    for (const [name, mark] of ended)
      expect([name, mark], said).toEqual([name, Object.hasOwn(expectedFailures, name) ? '✗' : '✓']);
  },
);
