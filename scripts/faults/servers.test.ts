import { join, resolve } from 'node:path';
import { build } from 'rolldown';
import { beforeAll, describe, expect, test } from 'vitest';
import { InfrastructureError } from '../../harness/errors.ts';
import type { ProtocolEra } from '../../harness/results/codes.ts';
import { makeFolder } from '../../harness/testing/command-line.ts';
import { connect } from '../../harness/tools/mcp/connections.ts';
import type { ReachableServer } from '../../harness/tools/mcp/server-spec.ts';
import type { HttpMode } from './http/mode.ts';
import { serveHostile } from './http/serve.ts';
import { idModes } from './messages/ids.ts';
import { pauseModes } from './messages/pauses.ts';
import { httpModes } from './modes.ts';
import { lifetimeModes } from './stdio/lifetimes.ts';
import { noiseModes } from './stdio/noise.ts';
import type { Expectation } from './usual.ts';

// Hostile servers that need neither much memory nor a process of their own, against one connection in this process: all of
// them over HTTP, most in both eras of MCP, and over stdio those whose messages each wire reads by itself.
// `npm run faults -- servers` tries these and the others over both, in whole runs. It takes more than ten seconds of CPU time, as
// there are some 370 servers, 60 of them processes.

const { signal } = new AbortController();
/** A limit that a mode is made to run into, one that leaves a process time to start, and one that must not decide. */
const shortMs = 300;
const startMs = 3_000;
const longMs = 60_000;

/** What two calls came to: what was told, or the text of the second result. */
async function meet(
  server: ReachableServer,
  { waitsFor }: Expectation,
): Promise<{ code: 0 | 3; said: string }> {
  const timeouts = {
    connectMs: waitsFor !== 'connect' ? longMs : 'command' in server ? startMs : shortMs,
    callMs: waitsFor === 'call' ? shortMs : longMs,
  };
  try {
    const connection = await connect('s', server, timeouts, signal);
    try {
      if (!connection.surface.tools.some(({ name }) => name === 'get'))
        return { code: 3, said: 'no tool "get"' };
      await connection.call('get', { n: 2 }, signal);
      const { isError, text } = await connection.call('get', { n: 1 }, signal);
      return { code: 0, said: isError ? `error: ${text}` : text };
    } finally {
      await connection.close();
    }
  } catch (error) {
    if (!(error instanceof InfrastructureError)) throw error;
    return { code: 3, said: error.message };
  }
}

function check({ exits, says }: Expectation, { code, said }: Awaited<ReturnType<typeof meet>>): void {
  expect(exits, said).toContain(code);
  expect(said.length).toBeLessThan(code === 3 ? 4_000 : Number.POSITIVE_INFINITY);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for.
  if (code === 3) expect(said).not.toMatch(/[\0-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e]/);
  if (says !== undefined) expect(said).toMatch(says);
  else if (exits.length === 1 && code === 0) expect(said).toBe('{"n":1}');
  else expect(exits.length, 'a mode that is refused has to say how').toBe(2);
}

const isQuick = ({ mostMiB, limitSeconds, mayLeave = false }: Expectation) =>
  mostMiB === undefined && limitSeconds === undefined && !mayLeave;
const quick = <T extends Expectation>(modes: Record<string, T>) =>
  Object.entries(modes).filter(([, mode]) => isQuick(mode));

describe.skipIf(process.platform === 'win32')('over stdio', () => {
  // Bundled once: a process that has to take types out of a dozen files takes three times as long to start.
  let bundle = '';
  beforeAll(async () => {
    const file = join(makeFolder({}), 'server.mjs');
    const input = resolve(import.meta.dirname, 'stdio/server.ts');
    await build({ input, platform: 'node', output: { file, format: 'esm' }, logLevel: 'silent' });
    bundle = file;
  });

  test.concurrent.each(quick({ ...idModes, ...pauseModes, ...noiseModes, ...lifetimeModes }))(
    '%s',
    async (name, mode) => {
      const spec = { command: process.execPath, args: [bundle, name], env: {} };
      check(mode, await meet(spec, mode));
    },
  );
});

/** Meets a mode over HTTP, and sees that nothing goes to another server. */
async function meetOverHttp(mode: HttpMode, protocolEra: ProtocolEra) {
  const { url, caught, close } = await serveHostile(mode);
  try {
    const met = await meet({ url, headers: { authorization: 'Bearer canary' }, protocolEra }, mode);
    expect(caught(), 'requests to another server').toBe(0);
    return met;
  } finally {
    close();
  }
}

describe('over HTTP', () => {
  test.concurrent.each(quick(httpModes))('%s', async (_, mode) => {
    check(mode, await meetOverHttp(mode, 'legacy'));
  });
});

// A stricter library reads the newer MCP: what it lets pass comes out as in the older one, and all else is told.
describe('over HTTP in the newer MCP', () => {
  const later = quick(httpModes).filter(([, { call, list }]) => call ?? list);
  test.concurrent.each(later)('%s', async (name, mode) => {
    const met = await meetOverHttp(mode, 'modern');
    if (met.code === 0) return check(mode, met);
    check({ exits: [3], says: /^Server "s"|^no tool/ }, met);
    if (name.endsWith('well-behaved')) expect.fail(met.said);
  });
});
