import { type ChildProcess, spawn } from 'node:child_process';
import { setTimeout as delay } from 'node:timers/promises';
import { getDefaultEnvironment } from '@modelcontextprotocol/sdk/client/stdio.js';
import type { Transport } from '@modelcontextprotocol/sdk/shared/transport.js';
import {
  ErrorCode,
  type JSONRPCMessage,
  JSONRPCMessageSchema,
  McpError,
} from '@modelcontextprotocol/sdk/types.js';
import { createLineReader } from './line-reader.ts';
import { createRequests, type RequestOptions } from './requests.ts';
import type { StdioServer } from './server-spec.ts';

/** How long a server may take to end when its input closes, and again when it is asked to with a signal. */
const farewellMs = 2_000;

/** Process ids of the stdio servers now running, so that the command line can leave none behind. */
const running = new Set<number>();

/** Kills every stdio server at once; for the moment before the process itself ends. */
export function killServers(): void {
  for (const pid of running) {
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      // It has ended by itself.
    }
  }
}

/** An MCP server in a process of its own, spoken to over its standard input and output. */
export type StdioTransport = Transport & {
  /**
   * Sends a request beside those of the SDK's client, for the one method that is called thousands of times: the client
   * parses each message three times, sets a timer for each request, and writes each to the pipe by itself. Resolves with the
   * result as it was sent. Rejects with the signal's reason, after telling the server, or with an `McpError`.
   */
  request(method: string, params: object, options: RequestOptions): Promise<unknown>;
};

/** What is told of a server: what it writes to its standard error, and, once, that a message of its is too large. */
export type StdioListener = {
  mostMessageBytes: number;
  onStderr: (text: string) => void;
  onExcess: (error: Error) => void;
};

/** Makes a transport; the server starts with `start`. Of a message that grows too large, nothing is kept. */
export function createStdioTransport(
  spec: StdioServer,
  { mostMessageBytes, onStderr, onExcess }: StdioListener,
): StdioTransport {
  let server: ChildProcess | undefined;
  let unsent = '';

  const flush = () => {
    const lines = unsent;
    unsent = '';
    server?.stdin?.write(lines);
  };
  /** Messages of one turn of the event loop travel together; each write would wake the server up. */
  const post = (message: object) => {
    if (!server) throw new Error('Not connected');
    if (unsent === '') process.nextTick(flush);
    unsent += `${JSON.stringify(message)}\n`;
  };
  const requests = createRequests(post);

  const receive = (line: string) => {
    try {
      const message: unknown = JSON.parse(line);
      if (!requests.settle(message)) transport.onmessage?.(JSONRPCMessageSchema.parse(message));
    } catch (error) {
      transport.onerror?.(error instanceof Error ? error : new Error(String(error)));
    }
  };
  const lines = createLineReader(mostMessageBytes, receive);

  const transport: StdioTransport = {
    start() {
      const started = spawn(spec.command, spec.args, {
        env: { ...getDefaultEnvironment(), ...spec.env },
        stdio: ['pipe', 'pipe', 'pipe'],
        windowsHide: true,
        ...(spec.cwd === undefined ? {} : { cwd: spec.cwd }),
      });
      server = started;
      const { pid, stdin, stdout, stderr } = started;
      if (pid !== undefined) running.add(pid);
      const report = (error: Error) => transport.onerror?.(error);
      for (const stream of [stdin, stdout, stderr]) stream.on('error', report);
      stderr.setEncoding('utf8').on('data', onStderr);
      stdout.on('data', (chunk: Buffer) => {
        if (lines.push(chunk)) return;
        stdout.removeAllListeners('data').resume();
        onExcess(new Error(`it answered with a message of more than ${mostMessageBytes} bytes`));
      });
      started.once('close', () => {
        if (pid !== undefined) running.delete(pid);
        server = undefined;
        requests.rejectAll(new McpError(ErrorCode.ConnectionClosed, 'Connection closed'));
        transport.onclose?.();
      });
      return new Promise((resolve, reject) => {
        started.once('spawn', resolve);
        started.once('error', (error) => {
          reject(error);
          report(error);
        });
      });
    },
    async send(message: JSONRPCMessage) {
      post(message);
    },
    request: requests.send,
    async close() {
      const ending = server;
      if (!ending || ending.exitCode !== null || ending.signalCode !== null) return;
      const closed = new Promise((resolve) => ending.once('close', resolve));
      const gone = () => Promise.race([closed, delay(farewellMs, undefined, { ref: false })]);
      ending.stdin?.end(unsent);
      unsent = '';
      await gone();
      if (ending.exitCode === null && ending.signalCode === null) {
        ending.kill('SIGTERM');
        await gone();
      }
      if (ending.exitCode === null && ending.signalCode === null) ending.kill('SIGKILL');
    },
  };
  return transport;
}
