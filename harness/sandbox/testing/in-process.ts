import { stripTypeScriptTypes } from 'node:module';
import { setImmediate as turn } from 'node:timers/promises';
import { constants, createContext, Script } from 'node:vm';
import { messageOf } from '../../errors.ts';
import { driveProgram } from '../drive-program.ts';
import { bootstrapSource } from '../guest/bootstrap.ts';
import { resolveLimits } from '../limits.ts';
import type { Child } from '../process.ts';
import { type DrivenProgram, openProgram } from '../program.ts';
import type { ChildEnd, Start } from '../protocol.ts';
import type { Program, Sandbox, SandboxLimits } from '../sandbox.ts';

/** What is inside an isolate: see `guest/bridge.ts`. */
type Bridge = {
  start(body: string, settings: string): string;
  settle(batch: string): void;
  take(stopped: string, turn: number): string;
};

/** Hardening walls an isolate in; here nothing is walled in. */
const bootstrap = new Script(bootstrapSource({ harden: false }));

/**
 * Runs programs in this process: for tests where isolation is not the point, since a child for each program would take most of
 * their time. Bridge, protocol and the parent's side are the real ones. There is no limit on memory or CPU time, so a program that
 * never waits never ends. `leaked` is what of the host programs find in scope besides.
 */
export function createInProcessSandbox(leaked: Record<string, unknown> = {}): Sandbox {
  const open = (program: Program, limits: SandboxLimits, signal?: AbortSignal): DrivenProgram =>
    openProgram(createStandIn(leaked), program, limits, { startMs: 0, signal });
  return {
    level: 'L1',
    open: async (program, { limits, signal } = {}) => open(program, resolveLimits(limits), signal),
    async run(program, { call, limits: given, signal }) {
      const limits = resolveLimits(given);
      return driveProgram(open(program, limits, signal), { call, callsInFlight: limits.callsInFlight });
    },
    close: async () => {},
  };
}

/** What stands in for a child process: one program in a context of its own. */
function createStandIn(leaked: Record<string, unknown>): Child {
  // An ordinary global object: with one that Node watches, each look-up of a global takes five times as long.
  const context = createContext(constants.DONT_CONTEXTIFY);
  const bridge = bootstrap.runInContext(Object.assign(context, leaked)) as Bridge;
  let replies = 0;
  return childThat(async (text) => {
    const end = replies === 0 ? start(bridge, JSON.parse(text) as Start) : bridge.settle(text);
    // Microtasks are all done before the next turn of the event loop.
    await turn();
    replies += 1;
    return () => bridge.take(end ? JSON.stringify(end) : '', replies);
  });
}

/** A child without a process, which replies with what `reply` makes of a request unless it was killed meanwhile. */
export function childThat(reply: (text: string) => Promise<() => string>): Child {
  const { promise: exited, resolve: exit } = Promise.withResolvers<Awaited<Child['exited']>>();
  let isGone = false;
  const kill = () => {
    isGone = true;
    exit({ code: null, signal: 'SIGKILL', stderr: '' });
  };
  return {
    ready: Promise.resolve({ ok: true, netDenied: false }),
    exited,
    setReplyLimit() {},
    async request(text) {
      if (isGone) return undefined;
      const take = await reply(text);
      return isGone ? undefined : { text: take(), cpuMicros: 0 };
    },
    awaitReady() {
      return this.ready;
    },
    async end() {
      kill();
    },
    kill,
    usage: () => undefined,
  };
}

/** Starts the program; what keeps it from being one otherwise. */
function start(bridge: Bridge, { source, hasTypes, ...settings }: Start): ChildEnd | undefined {
  try {
    const wrapped = `async function program() {\n${source}\n}`;
    const lines = (hasTypes ? stripTypeScriptTypes(wrapped) : wrapped).split('\n');
    const body = `"use strict";\n${lines.slice(1, -1).join('\n')}\n//# sourceURL=program.ts\n`;
    const refusal = bridge.start(body, JSON.stringify(settings));
    if (refusal !== '') throw new SyntaxError(refusal);
    return undefined;
  } catch (error) {
    return { status: 'syntax_error', error: { name: 'SyntaxError', message: messageOf(error) } };
  }
}
