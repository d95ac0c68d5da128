import { describe, expect, test } from 'vitest';
import { createSandbox } from './create.ts';
import { resolveLimits } from './limits.ts';
import { openProgram } from './program.ts';
import { API, answer } from './testing/harness.ts';
import { childThat } from './testing/in-process.ts';

/** Replies that only a child that the guest has taken over would send. */
const FORGED: { name: string; reply: string }[] = [
  { name: 'text that is not JSON', reply: 'calls' },
  { name: 'nothing', reply: '' },
  { name: 'null', reply: 'null' },
  { name: 'an array', reply: '[]' },
  { name: 'calls that are no array', reply: '{"calls":{"length":1},"logs":"","logBytes":0}' },
  { name: 'a call that is null', reply: '{"calls":[null],"logs":"","logBytes":0}' },
  { name: 'an id out of order', reply: withCall({ id: 7 }) },
  { name: 'an id that is text', reply: withCall({ id: '1' }) },
  { name: 'a server that was not offered', reply: withCall({ server: 'admin' }) },
  { name: 'a server named __proto__', reply: withCall({ server: '__proto__' }) },
  { name: 'a tool that was not offered', reply: withCall({ tool: 'drop_everything' }) },
  { name: 'a tool named constructor', reply: withCall({ tool: 'constructor' }) },
  { name: 'no arguments', reply: '{"calls":[{"id":1,"server":"s","tool":"echo"}],"logs":"","logBytes":0}' },
  { name: 'arguments that are too large', reply: withCall({ args: 'x'.repeat(2 ** 20) }) },
  {
    name: 'arguments nested too deeply',
    reply: withCall({ args: 0 }).replace('"args":0', `"args":${'['.repeat(5000)}${']'.repeat(5000)}`),
  },
  {
    name: 'more output than is kept',
    reply: JSON.stringify({ calls: [], logs: 'x'.repeat(70_000), logBytes: 70_000 }),
  },
  { name: 'a count that is no number', reply: '{"calls":[],"logs":"","logBytes":"many"}' },
  {
    name: 'a count of stopped calls that is no number',
    reply: '{"calls":[],"logs":"","logBytes":0,"stopped":{"unknown_tool":"many"}}',
  },
  {
    name: 'a count of calls that were stopped by something unknown',
    reply: '{"calls":[],"logs":"","logBytes":0,"stopped":{"__proto__":1,"magic":1}}',
  },
  { name: 'an end that does not exist', reply: withEnd({ status: 'root' }) },
  { name: 'an end inherited from a prototype', reply: withEnd({ status: 'constructor' }) },
  { name: 'a value that is no text', reply: withEnd({ status: 'ok', valueJson: { a: 1 } }) },
  {
    name: 'a value that is too large',
    reply: withEnd({ status: 'ok', valueJson: `"${'x'.repeat(2 ** 20)}"` }),
  },
  { name: 'a value that is no JSON', reply: withEnd({ status: 'ok', valueJson: '{"a":' }) },
  { name: 'an error without text', reply: withEnd({ status: 'guest_error', error: {} }) },
  {
    name: 'a value that is nested too deeply',
    reply: withEnd({ status: 'ok', valueJson: `${'['.repeat(500_000)}${']'.repeat(500_000)}` }),
  },
  {
    name: 'a line that is an object',
    reply: withEnd({ status: 'guest_error', error: { name: 'a', message: 'b', line: {} } }),
  },
  {
    name: 'a column that is negative',
    reply: withEnd({ status: 'guest_error', error: { name: 'a', message: 'b', line: 1, column: -1 } }),
  },
  { name: 'output of a negative size', reply: '{"calls":[],"logs":"","logBytes":-1}' },
  { name: 'the status of a kill', reply: withEnd({ status: 'killed', error: { name: 'a', message: 'b' } }) },
];

function withCall(forged: object): string {
  return JSON.stringify({
    calls: [{ id: 1, server: 's', tool: 'echo', args: {}, ...forged }],
    logs: '',
    logBytes: 0,
  });
}

function withEnd(end: object): string {
  return JSON.stringify({ calls: [], logs: '', logBytes: 0, end });
}

/** What a parent makes of such a reply to the first request. */
async function meet(reply: string) {
  const child = childThat(async () => () => reply);
  const opened = openProgram(child, { source: '', api: API }, resolveLimits({}), { startMs: 0 });
  const { calls, end } = await opened.advance([]);
  return { calls, end, wasKilled: (await child.request('')) === undefined };
}

describe('a parent believes nothing that a child says', () => {
  const refused = { status: 'crashed', calls: 0, error: { name: 'ProtocolError' } };

  test.each(FORGED)('$name', async ({ reply }) => {
    expect(await meet(reply)).toMatchObject({ calls: [], end: refused, wasKilled: true });
  });

  test('nor where the child is a process', async () => {
    const bootstrap = `({ start: () => '', settle: () => {}, reset: () => {}, take: () => ${JSON.stringify(withCall({ id: 7 }))} })`;
    const sandbox = await createSandbox({ level: 'L1', warm: 0 }, { boot: { bootstrap } });
    const end = await sandbox.run({ source: '', api: API }, { call: answer, limits: { wallMs: 5000 } });
    await sandbox.close();
    expect(end).toMatchObject(refused);
  });

  test('an end has its own fields only: the parent’s figures and the program’s output stay as they are', async () => {
    const figures = {
      ...{ calls: -5, unsettled: 'x', logs: 'x'.repeat(200_000), logBytes: -1, measured: null },
      ...{ stoppedCalls: 7, valueJson: '1', extra: true },
    };
    const error = { name: 'n'.repeat(1000), message: 'm'.repeat(100_000), stack: 'at host', line: 3 };
    const { end } = await meet(withEnd({ status: 'guest_error', error, ...figures }));
    expect(end).toEqual({
      status: 'guest_error',
      error: { name: `${'n'.repeat(200)}…`, message: `${'m'.repeat(8192)}…`, line: 3 },
      ...{ logs: '', logBytes: 0, calls: 0, unsettled: [], stoppedCalls: {} },
      measured: end?.measured,
    });
    expect(end?.measured.wallMs).toBeGreaterThan(0);
  });

  test('a frame larger than any program could need is not even read', async () => {
    const bootstrap = `({ start: () => '', settle: () => {}, reset: () => {}, take: () => 'x'.repeat(60e6) })`;
    const sandbox = await createSandbox({ level: 'L1', warm: 0 }, { boot: { bootstrap, memoryMiB: 256 } });
    const run = { call: () => Promise.reject(new Error('no call')), limits: { memoryBytes: 256 * 2 ** 20 } };
    const end = await sandbox.run({ source: '', api: API }, run);
    await sandbox.close();
    expect(end.status).not.toBe('ok');
    expect(end.logs).toBe('');
  });
});
