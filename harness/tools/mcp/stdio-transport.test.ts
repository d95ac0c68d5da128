import { chmodSync, existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { InfrastructureError } from '../../errors.ts';
import {
  type CommandResult,
  makeFolder,
  patternbench,
  patternbenchProcess,
} from '../../testing/command-line.ts';
import { scenarioFiles } from '../../testing/scenario-files.ts';
import { type Connection, connect } from './connections.ts';
import { createLineReader } from './stdio-transport.ts';

const { signal } = new AbortController();
const timeouts = { connectMs: 20_000, callMs: 20_000 };
const open: Connection[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((connection) => connection.close()));
});

/**
 * Writes a server in plain JavaScript with a tool `ping`; `onCall` writes what it answers to a call, given `id`, `args`,
 * `reads` and `methods`.
 */
function writeServer(onCall: string) {
  const folder = makeFolder({
    'server.mjs': `
      import { spawn } from 'node:child_process';
      import { writeFileSync } from 'node:fs';
      import { createInterface } from 'node:readline';
      const answer = (id, result) => process.stdout.write(JSON.stringify({ jsonrpc: '2.0', id, result }) + '\\n');
      let reads = 0;
      const methods = [];
      process.stdin.on('data', () => { reads += 1; });
      createInterface({ input: process.stdin }).on('line', (line) => {
        const { id, method, params } = JSON.parse(line);
        methods.push(method);
        const args = params?.arguments;
        if (method === 'initialize') answer(id, { protocolVersion: params.protocolVersion, capabilities: { tools: {} }, serverInfo: { name: 'own', version: '1' } });
        else if (method === 'tools/list') answer(id, { tools: [{ name: 'ping', inputSchema: { type: 'object' }, annotations: { readOnlyHint: true } }] });
        else if (method === 'tools/call') { ${onCall} }
      });`,
  });
  return { command: process.execPath, args: [join(folder, 'server.mjs')], env: {} };
}

async function serve(onCall: string): Promise<Connection> {
  const server = writeServer(onCall);
  const connection = await connect('own', server, timeouts, signal);
  open.push(connection);
  return connection;
}

const text = (value: string) => `answer(id, { content: [{ type: 'text', text: ${value} }] });`;

test.each([
  ['lines that are not JSON', `'x'.repeat(1 << 18) + '\\n'`],
  [
    'answers to a call that was answered',
    `JSON.stringify({ jsonrpc: '2.0', id: id - 1, result: { x: 'x'.repeat(1 << 18) } }) + '\\n'`,
  ],
])('%s without end are a fault of the server, at a bound and not at a timeout', async (_, line) => {
  const connection = await serve(`
    if (args.first) { answer(id, { content: [] }); return; }
    const line = ${line};
    const more = () => { while (process.stdout.write(line)); process.stdout.once('drain', more); };
    more();`);
  await connection.call('ping', { first: true }, signal);
  const failed = connection.call('ping', {}, signal);
  await expect(failed).rejects.toThrow('it sent more than 67,108,864 bytes that answer nothing');
});

test('a message without end is a fault of the server, at the bound and not at a timeout', async () => {
  const connection = await serve(`
    const more = () => { while (process.stdout.write('x'.repeat(1 << 20))); process.stdout.once('drain', more); };
    more();`);
  const failed = connection.call('ping', {}, signal);
  await expect(failed).rejects.toThrow(InfrastructureError);
  await expect(failed).rejects.toThrow('it answered with a message of more than 33,554,432 bytes');
});

test('a result of many megabytes arrives whole', async () => {
  const connection = await serve(text("'é'.repeat(15e6)"));
  const { text: got } = await connection.call('ping', {}, signal);
  expect(got.length).toBe(15e6);
  expect(got.endsWith('é')).toBe(true);
});

test('calls of one turn travel together', async () => {
  const connection = await serve(text('String(reads)'));
  const before = Number((await connection.call('ping', {}, signal)).text);
  const results = await Promise.all(Array.from({ length: 50 }, () => connection.call('ping', {}, signal)));
  expect(Math.max(...results.map(({ text: reads }) => Number(reads))) - before).toBeLessThan(5);
});

test('a call that is given up is called off at the server', async () => {
  const connection = await serve(`if (!args.wait) ${text('methods.slice(-3).join()')}`);
  const controller = new AbortController();
  const waiting = connection.call('ping', { wait: true }, controller.signal);
  setTimeout(() => controller.abort(new Error('enough')), 50);
  await expect(waiting).rejects.toThrow('enough');
  const { text: methods } = await connection.call('ping', {}, signal);
  expect(methods).toBe('tools/call,notifications/cancelled,tools/call');
});

test('a server that ends takes all calls under way with it, and these and later ones say how it ended', async () => {
  const connection = await serve('process.stderr.write("out of luck"); process.exit(3);');
  const calls = [connection.call('ping', {}, signal), connection.call('ping', {}, signal)];
  for (const call of [...calls, Promise.allSettled(calls).then(() => connection.call('ping', {}, signal))]) {
    await expect(call).rejects.toThrow(InfrastructureError);
    await expect(call).rejects.toThrow(
      /failed in the middle of ping: it ended with exit code 3\.\n {2}Its standard error ends: out of luck$/,
    );
  }
});

test('a server that a signal killed is said to have been killed by it', async () => {
  const connection = await serve('process.kill(process.pid, "SIGKILL");');
  await expect(connection.call('ping', {}, signal)).rejects.toThrow('it was killed by SIGKILL.');
});

test.skipIf(process.platform === 'win32')(
  'a server that ends is missed at once though its child holds its pipes, and the child ends too',
  async () => {
    const connection = await serve(`
      if (!args.end) { const { pid } = spawn('sleep', ['60'], { stdio: 'inherit' }); ${text('String(pid)')} }
      else process.exit(7);`);
    const { text: pid } = await connection.call('ping', {}, signal);
    expect(isRunning(Number(pid))).toBe(true);
    const before = performance.now();
    await expect(connection.call('ping', { end: true }, signal)).rejects.toThrow(
      'it ended with exit code 7.',
    );
    expect(performance.now() - before).toBeLessThan(timeouts.callMs / 2);
    await vi.waitFor(() => expect(isRunning(Number(pid))).toBe(false));
  },
);

test.skipIf(process.platform === 'win32')('closing ends what a server started', async () => {
  const connection = await serve(`
    const { pid } = spawn('sleep', ['60'], { stdio: 'inherit' });
    process.stdin.on('end', () => process.exit());
    ${text('String(pid)')}`);
  const { text: pid } = await connection.call('ping', {}, signal);
  await connection.close();
  await vi.waitFor(() => expect(isRunning(Number(pid))).toBe(false));
  await expect(connection.call('ping', {}, signal)).rejects.toThrow('the connection was closed.');
});

test('a server that cannot be started is not said to have answered anything', async () => {
  const missing = { command: '/no/such/server', args: [], env: {} };
  const failed = await connect('own', missing, timeouts, signal).catch((error: Error) => error.message);
  expect(failed).toBe('Server "own" (/no/such/server) could not be started: spawn /no/such/server ENOENT.');
});

test('a server that lists page after page is given up at the deadline of connecting', async () => {
  const folder = makeFolder({
    'server.mjs': `
      import { createInterface } from 'node:readline';
      createInterface({ input: process.stdin }).on('line', (line) => {
        const { id, method, params } = JSON.parse(line);
        const result = method === 'initialize'
          ? { protocolVersion: params.protocolVersion, capabilities: { tools: {} }, serverInfo: { name: 'slow', version: '1' } }
          : { tools: [], nextCursor: 'more' };
        if (id !== undefined) setTimeout(() => console.log(JSON.stringify({ jsonrpc: '2.0', id, result })), 200);
      });`,
  });
  const slow = { command: process.execPath, args: [join(folder, 'server.mjs')], env: {} };
  // Two hundred pages would take 40 seconds; each by itself answers in time.
  const failed = connect('slow', slow, { connectMs: 2_000, callMs: 2_000 }, signal);
  await expect(failed).rejects.toThrow('it had not started and listed its tools within 2.0 s');
});

test.each([-32000, -32001])(
  'an error with the code %i that a server answers with is the error of the tool',
  async (code) => {
    const error = `{ jsonrpc: '2.0', id, error: { code: ${code}, message: 'the record is locked' } }`;
    const connection = await serve(`process.stdout.write(JSON.stringify(${error}) + '\\n');`);
    expect(await connection.call('ping', {}, signal)).toMatchObject({
      isError: true,
      text: expect.stringContaining('the record is locked'),
    });
    expect((await connection.call('ping', {}, signal)).isError).toBe(true);
  },
);

test('a command that is not on the PATH is told with the way to it', async () => {
  const folder = makeFolder({ 'node_modules/.bin/pb-missing': '' });
  const start = (cwd: string) =>
    connect('own', { command: 'pb-missing', args: [], env: {}, cwd }, timeouts, signal);
  await expect(start(folder)).rejects.toThrow(`"command": "${join(folder, 'node_modules/.bin/pb-missing')}"`);
  await expect(start(makeFolder({}))).rejects.toThrow('"command": "npx"');
  await expect(start(join(folder, 'none'))).rejects.toThrow(
    'The folder in which it is started does not exist',
  );
});

test('a command that npm installed beside the configuration is found, before any other of its name', async () => {
  const { args } = writeServer(text("'installed'"));
  const command = 'pb-installed';
  const script = `#!/bin/sh\nexec '${process.execPath}' '${args[0]}'\n`;
  const bin = join(makeFolder({ [`.bin/${command}`]: script }), '.bin');
  chmodSync(join(bin, command), 0o755);
  const elsewhere = makeFolder({ [command]: '#!/bin/sh\nexit 7\n' });
  chmodSync(join(elsewhere, command), 0o755);
  const server = { command, args: [], env: { PATH: elsewhere }, commandFolder: bin };
  const connection = await connect('own', server, timeouts, signal);
  open.push(connection);
  expect((await connection.call('ping', {}, signal)).text).toBe('installed');
});

test('answers that come twice leave no trace, neither in other calls nor in what an error says', async () => {
  const connection = await serve(`if (args.end) process.exit(4); ${text("'one'")} ${text("'two'")}`);
  expect((await connection.call('ping', {}, signal)).text).toBe('one');
  expect((await connection.call('ping', {}, signal)).text).toBe('one');
  const failed = await connection.call('ping', { end: true }, signal).catch((error: Error) => error.message);
  expect(failed).toMatch(/: it ended with exit code 4\.$/);
});

test('messages that are no JSON-RPC are shown as they came', async () => {
  const connection = await serve('process.stdout.write(\'{"hello":1}\\n\'); process.exit(5);');
  await expect(connection.call('ping', {}, signal)).rejects.toThrow(
    'it ended with exit code 5.\n  It answered what is not JSON-RPC: {"hello":1}',
  );
});

test.each([
  ['null', 'it answered with what MCP does not allow: Invalid input: expected object, received null.'],
  ["{ content: 'x' }", 'does not allow at content: Invalid input: expected array, received string.'],
])('a result that MCP does not allow, %s, is refused in one line', async (result, reason) => {
  const connection = await serve(`answer(id, ${result});`);
  const failed = await connection.call('ping', {}, signal).catch((error: Error) => error.message);
  expect(failed).toContain(reason);
  expect(failed).not.toContain('\n');
});

describe.skipIf(process.platform === 'win32')(
  'a run whose server starts a child that holds its pipes',
  () => {
    /** Runs a scenario whose server starts the child when it is called, and tells the child's id in a file. */
    async function run(
      then: string,
      by: (args: string[], cwd: string, pidFile: string) => Promise<CommandResult>,
    ) {
      const folder = makeFolder({});
      const pidFile = join(folder, 'pid');
      const server = writeServer(`
      const child = spawn('sleep', ['60'], { stdio: 'inherit' });
      writeFileSync(${JSON.stringify(pidFile)}, String(child.pid));
      ${then}`);
      const body = 'return mcp.server.ping({});';
      const scenario = makeFolder(scenarioFiles({ body, servers: `{ server: ${JSON.stringify(server)} }` }));
      const started = performance.now();
      const result = await by(['run', scenario, '--out', 'out'], folder, pidFile);
      expect(performance.now() - started).toBeLessThan(40_000);
      const child = Number(readFileSync(pidFile, 'utf8'));
      await vi.waitFor(() => expect(isRunning(child)).toBe(false));
      return result;
    }

    test('ends when the server does, and says how it ended', async () => {
      const { code, stderr } = await run('process.exit(7);', (args, cwd) => patternbench(args, { cwd }));
      expect(stderr).toContain('failed in the middle of ping: it ended with exit code 7.');
      expect(code).toBe(3);
    });

    test('leaves neither of them when it is interrupted', async () => {
      const { code } = await run('', (args, cwd, pidFile) =>
        patternbenchProcess(args, {
          cwd,
          onStart: (command) => {
            const started = () => expect(existsSync(pidFile)).toBe(true);
            void vi.waitFor(started, 20_000).then(() => command.kill('SIGINT'));
          },
        }),
      );
      expect(code).toBe(130);
    });
  },
);

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch {
    return false;
  }
  // Where orphans are not collected, a killed one keeps its id.
  const status = `/proc/${pid}/stat`;
  return !existsSync(status) || !/\) Z /.test(readFileSync(status, 'utf8'));
}

function read(chunks: Buffer[], longestBytes = 1000): { lines: string[]; accepted: boolean[] } {
  const lines: string[] = [];
  const reader = createLineReader(longestBytes, (line) => lines.push(line));
  return { lines, accepted: chunks.map((chunk) => reader.push(chunk)) };
}

test('lines are the same however the bytes are cut, also inside of a character', () => {
  const line = fc.string({ unit: 'grapheme', maxLength: 30 }).map((text) => text.replaceAll('\n', ''));
  fc.assert(
    fc.property(fc.array(line), fc.array(fc.nat(400)), (given, cuts) => {
      const bytes = Buffer.from(given.map((text) => `${text}\n`).join(''));
      const ends = [...cuts.filter((cut) => cut < bytes.length), bytes.length].sort((a, b) => a - b);
      const chunks = ends.map((end, index) => bytes.subarray(ends[index - 1] ?? 0, end));
      expect(read(chunks).lines).toEqual(given);
    }),
  );
});

test('what follows the last line end is kept for later and not reported yet', () => {
  expect(read([Buffer.from('one\ntw')]).lines).toEqual(['one']);
  expect(read([Buffer.from('one\ntw'), Buffer.from('o\n')]).lines).toEqual(['one', 'two']);
});

test('a line that grows too long is given up, and so is all that follows', () => {
  const { lines, accepted } = read(
    [Buffer.from('ok\n123456'), Buffer.from('78901'), Buffer.from('2\nlater\n')],
    10,
  );
  expect(lines).toEqual(['ok']);
  expect(accepted).toEqual([true, false, false]);
});
