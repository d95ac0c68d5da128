import { stripTypeScriptTypes } from 'node:module';
import { messageOf } from '../../errors.ts';
import type { Json } from '../../json.ts';
import type {
  CallResult,
  CompletedCall,
  GuestCall,
  OpenProgram,
  Program,
  ProgramEnd,
  Sandbox,
} from '../sandbox.ts';

/**
 * Runs programs in this process, without limits: for tests of what drives programs, where isolation is not the point and a
 * process for each would take most of the time.
 */
export function createInProcessSandbox(): Sandbox {
  return {
    level: 'L1',
    open: async (program) => openInProcess(program),
    async run(program, { call, signal = new AbortController().signal }) {
      const opened = openInProcess(program);
      for (let results: CompletedCall[] = []; ; ) {
        const { calls, end } = await opened.advance(results);
        if (end) return end;
        const answer = async (made: GuestCall) => ({
          id: made.id,
          result: await call(made, signal, () => () => {}),
        });
        results = await Promise.all(calls.map(answer));
      }
    },
    close: async () => {},
  };
}

class ToolError extends Error {
  readonly code: string;
  constructor(code: string, _server: string, _tool: string, message: string) {
    super(message);
    this.code = code;
  }
}

function openInProcess({ source, api }: Program): OpenProgram {
  const waiting = new Map<number, { server: string; tool: string; settle: (result: CallResult) => void }>();
  let made: GuestCall[] = [];
  let count = 0;
  let end: ProgramEnd | undefined;
  const call = (server: string, tool: string, args: unknown): Promise<unknown> => {
    count += 1;
    made.push({ id: count, server, tool, args: JSON.parse(JSON.stringify(args ?? {})) as Json });
    const { promise, resolve, reject } = Promise.withResolvers<unknown>();
    const settle = (result: CallResult) =>
      result.ok
        ? resolve(JSON.parse(result.valueJson))
        : reject(new ToolError(result.error.code, server, tool, result.error.message));
    waiting.set(count, { server, tool, settle });
    promise.catch(() => {});
    return promise;
  };
  const mcp = Object.fromEntries(
    Object.entries(api).map(([server, tools]) => [
      server,
      Object.fromEntries(tools.map((tool) => [tool, (args: unknown) => call(server, tool, args)])),
    ]),
  );
  const start = () => {
    const body = stripTypeScriptTypes(`async function program() {\n${source}\n}`);
    const run = new Function('mcp', 'ToolError', `'use strict'; ${body}\nreturn program();`);
    const about = { logs: '', logBytes: 0, calls: 0, unsettled: [], stoppedCalls: {}, ignoredResults: 0 };
    const measured = { startMs: 0, wallMs: 0, cpuMs: 0 };
    (run(mcp, ToolError) as Promise<unknown>).then(
      (value) => {
        end = { ...about, measured, status: 'ok', valueJson: JSON.stringify(value) };
      },
      (error: unknown) => {
        end = {
          ...about,
          measured,
          status: 'guest_error',
          error: { name: 'Error', message: messageOf(error) },
        };
      },
    );
  };
  let isStarted = false;
  return {
    async advance(results) {
      if (!isStarted) start();
      isStarted = true;
      for (const { id, result } of results) waiting.get(id)?.settle(result);
      // Microtasks are all done before the next immediate.
      await new Promise(setImmediate);
      const calls = made;
      made = [];
      return { calls, ...(end && { end }) };
    },
    stop: async () => {},
  };
}
