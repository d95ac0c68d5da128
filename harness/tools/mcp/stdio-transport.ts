import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { delimiter, dirname, join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { getDefaultEnvironment } from '@modelcontextprotocol/sdk/client/stdio.js';
import { type JSONRPCMessage, JSONRPCMessageSchema } from '@modelcontextprotocol/sdk/types.js';
import { parseJson } from '../../json.ts';
import { number } from '../../numbers.ts';
import { refuseWithoutPipes } from '../../without-pipes.ts';
import {
  ConnectionFault,
  closeGraceMs,
  createAwaited,
  createRequests,
  createUnasked,
  mostMessageBytes,
  noticeBytes,
  type ServerTransport,
  type TransportListener,
  unknownId,
} from './requests.ts';
import type { ReachableServer } from './server-spec.ts';

type StartedServer = Exclude<ReachableServer, { url: string }>;

/** Milliseconds to wait for remaining output after a server has ended, in case a child of its own keeps the pipes open. */
const drainMs = 250;

/** Process ids of the stdio servers now running, so that the command line can leave none behind. */
const running = new Set<number>();

/** Kills every stdio server at once; for the moment before the process itself ends. */
export function killServers(): void {
  for (const pid of running) signalServer(pid, 'SIGKILL');
}

/** Signals a server and the processes that it started: launchers such as npx leave the server itself to a child. */
function signalServer(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(process.platform === 'win32' ? pid : -pid, signal);
  } catch {
    // All of them have ended by themselves.
  }
}

/**
 * An MCP server in a process of its own, spoken to over its standard input and output. It starts with `start`. Of a message
 * that grows too large, nothing is kept.
 */
export function createStdioTransport(
  spec: StartedServer,
  { onStderr, onExcess, onEnd }: TransportListener,
): ServerTransport {
  let server: ChildProcess | undefined;
  let unsent = '';
  /** How the server ended, for all who call it from then on. */
  let ended: Error | undefined;
  let closing = false;
  let finish = () => {};

  const flush = () => {
    const lines = unsent;
    unsent = '';
    server?.stdin?.write(lines);
  };
  /** Messages of one turn of the event loop travel together; each write would wake the server up. */
  const post = (message: object) => {
    if (!server) throw ended ?? new ConnectionFault('Not connected');
    if (unsent === '') process.nextTick(flush);
    unsent += `${JSON.stringify(message)}\n`;
  };
  const requests = createRequests(post);
  const awaited = createAwaited();

  const unasked = createUnasked(onExcess);

  const receive = (line: string) => {
    // To try others as JSON would take several times as long, and there may be millions.
    if (!object.test(line)) return void transport.onerror?.(new SyntaxError(line));
    try {
      const message = parseJson(line);
      const settled = requests.settle(message);
      if (settled === 'answer') unasked.answered();
      if (settled) return;
      const checked = JSONRPCMessageSchema.safeParse(message);
      if (!checked.success) throw new SyntaxError(line);
      if (awaited.isStray(checked.data)) throw new Error(unknownId);
      if ('method' in checked.data) unasked.took(noticeBytes);
      else unasked.answered();
      transport.onmessage?.(checked.data);
    } catch (error) {
      transport.onerror?.(error instanceof Error ? error : new Error(String(error)));
    }
  };
  const lines = createLineReader(mostMessageBytes, (line) => {
    unasked.took(line.length);
    receive(line);
  });

  const transport: ServerTransport = {
    // By these two a client knows that it speaks over a pipe.
    get pid() {
      return server?.pid;
    },
    get stderr() {
      return server?.stderr;
    },
    start() {
      const started = spawn(spec.command, spec.args, {
        env: environmentOf(spec),
        stdio: ['pipe', 'pipe', 'pipe'],
        windowsHide: true,
        // A process group of its own, so that what the server started can be ended with it.
        detached: process.platform !== 'win32',
        ...(spec.cwd === undefined ? {} : { cwd: spec.cwd }),
      });
      refuseWithoutPipes(started);
      server = started;
      const { pid, stdin, stdout, stderr } = started;
      if (pid !== undefined) running.add(pid);
      let drainTimer: NodeJS.Timeout | undefined;
      finish = () => {
        if (server !== started) return;
        server = undefined;
        clearTimeout(drainTimer);
        ended = new ConnectionFault(closing ? 'the connection was closed' : describeEnd(started));
        onEnd(ended);
        if (pid !== undefined) {
          running.delete(pid);
          signalServer(pid, 'SIGKILL');
        }
        for (const stream of [stdin, stdout, stderr]) stream.destroy();
        requests.rejectAll(ended);
        transport.onclose?.();
      };
      const finishSoon = () => {
        drainTimer ??= setTimeout(finish, drainMs);
      };
      // A pipe that breaks is how a server's end is met first; who no longer reads can be asked no more.
      stdin.on('error', finishSoon);
      for (const stream of [stdout, stderr]) stream.on('error', finishSoon);
      // A server that has closed its output can answer no more; one that is asked to end may take its time after that.
      stdout.once('end', () => {
        if (!closing) finishSoon();
      });
      started.once('exit', finishSoon);
      started.once('close', finish);
      stderr.setEncoding('utf8').on('data', onStderr);
      const readNoMore = () => void stdout.removeAllListeners('data').resume();
      stdout.on('data', (chunk: Buffer) => {
        try {
          if (lines.push(chunk)) return;
        } catch {
          // It was told when it became too much.
          return readNoMore();
        }
        readNoMore();
        onExcess(new Error(`it answered with a message of more than ${number(mostMessageBytes)} bytes`));
      });
      return new Promise((resolve, reject) => {
        started.once('spawn', resolve);
        started.once('error', (error) => reject(explainStart(error, spec)));
      });
    },
    async send(message: JSONRPCMessage) {
      awaited.sent(message);
      post(message);
    },
    request: requests.send,
    async close() {
      const ending = server;
      if (!ending) return;
      closing = ending.exitCode === null && ending.signalCode === null;
      const closed = new Promise((resolve) => ending.once('close', resolve));
      const gone = () => Promise.race([closed, delay(closeGraceMs, undefined, { ref: false })]);
      ending.stdin?.end(unsent);
      unsent = '';
      await gone();
      for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
        if (server !== ending || ending.pid === undefined) return;
        signalServer(ending.pid, signal);
        await gone();
      }
      finish();
    },
  };
  return transport;
}

/** What programs need to start at all, with the server's own variables; commands installed beside its configuration come first. */
function environmentOf({ env, commandFolder }: StartedServer): Record<string, string> {
  const all = { ...getDefaultEnvironment(), ...env };
  if (commandFolder === undefined || !existsSync(commandFolder)) return all;
  return { ...all, PATH: [commandFolder, all.PATH].filter(Boolean).join(delimiter) };
}

/** How each message begins. */
const object = /^\s*\{/;

/** How a server ended, in words that follow a colon. */
function describeEnd({ exitCode, signalCode }: ChildProcess): string {
  if (signalCode !== null) return `it was killed by ${signalCode}`;
  if (exitCode !== null) return `it ended with exit code ${exitCode}`;
  return 'it closed its standard input or output';
}

/** Why a server's process did not start, with what to do where that is known. */
function explainStart(error: Error, { command, cwd }: StartedServer): Error {
  const { code } = error as NodeJS.ErrnoException;
  const withHint = (hint: string) => new Error(`${error.message}. ${hint}`, { cause: error });
  const isWindows = process.platform === 'win32';
  // npm installs commands as scripts of cmd there, which only cmd starts.
  const viaCmd = `On Windows, start commands of npm as "command": "cmd", "args": ["/c", "${command}", …]`;
  if (code === 'EINVAL' && isWindows) return withHint(viaCmd);
  if (code !== 'ENOENT') return error;
  if (cwd !== undefined && !existsSync(cwd))
    return withHint('The folder in which it is started does not exist');
  if (/[\\/]/.test(command)) return error;
  const installed = cwd === undefined ? undefined : findInstalled(command, cwd);
  if (installed !== undefined)
    return withHint(`It is not on the PATH. It is installed here: "command": "${installed}"`);
  const instead = `Install it there, or start it with "command": "npx", "args": ["-y", "<package>"]`;
  return withHint(
    `There is no such command on the PATH, nor in node_modules/.bin beside its configuration. ${isWindows ? viaCmd : instead}`,
  );
}

/** The path of a command among the packages that npm installed in a folder or above it. */
function findInstalled(command: string, folder: string): string | undefined {
  for (let at = resolve(folder); ; at = dirname(at)) {
    const path = join(at, 'node_modules', '.bin', command);
    if (existsSync(path)) return path;
    if (at === dirname(at)) return undefined;
  }
}

const lineEnd = 0x0a;

/**
 * Cuts a stream of bytes into lines of text. Text is decoded only when a line is whole, so that a character between two
 * chunks survives, and pieces are joined only once, so that a line of many chunks costs no more than its length.
 */
export function createLineReader(longestBytes: number, onLine: (line: string) => void) {
  let pieces: Buffer[] = [];
  let held = 0;
  return {
    /** False once a line has grown longer than is allowed: nothing more is read then. */
    push(chunk: Buffer): boolean {
      if (held > longestBytes) return false;
      let from = 0;
      for (let to = chunk.indexOf(lineEnd); to >= 0; to = chunk.indexOf(lineEnd, from)) {
        if (pieces.length === 0) onLine(chunk.toString('utf8', from, to));
        else {
          pieces.push(chunk.subarray(from, to));
          const line = Buffer.concat(pieces).toString('utf8');
          pieces = [];
          held = 0;
          onLine(line);
        }
        from = to + 1;
      }
      if (from === chunk.length) return true;
      pieces.push(from === 0 ? chunk : chunk.subarray(from));
      held += chunk.length - from;
      if (held <= longestBytes) return true;
      pieces = [];
      return false;
    },
  };
}
