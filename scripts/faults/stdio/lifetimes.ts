import { spawn } from 'node:child_process';
import { closeSync, writeSync } from 'node:fs';
import { measured, refused } from '../usual.ts';
import type { StdioMode, StdioModes } from './mode.ts';

const exits = (code: number) => () => process.exit(code);
const kills = (signal: NodeJS.Signals) => () => void process.kill(process.pid, signal);
const never = () => {};

/** A child of the server's own that stays: with its pipes, or in a group of its own. */
function leaveChild(options: { detached: boolean; pipes: boolean }): void {
  const args = ['-e', 'setInterval(() => {}, 1000)', process.argv[3] ?? ''];
  spawn(process.execPath, args, {
    detached: options.detached,
    stdio: options.pipes ? ['ignore', 'inherit', 'inherit'] : 'ignore',
  }).unref();
}

/** Bytes one at a time; `pauseMs` between two of them. */
const drips = (pauseMs: number): NonNullable<StdioMode['call']> => {
  return (request, { raw }) => {
    const line = `${JSON.stringify({ jsonrpc: '2.0', id: request.id, result: { content: [] } })}\n`;
    const next = (at: number): void => {
      if (at >= line.length) return;
      raw(line.slice(at, at + 1));
      setTimeout(() => next(at + 1), pauseMs);
    };
    next(0);
  };
};

/** Servers that end, hang, or will not end. */
export const lifetimeModes: StdioModes = {
  'ends-at-once-0': { ...refused, start: exits(0) },
  'ends-at-once-7': {
    ...refused,
    start() {
      writeSync(2, 'configuration file is missing\n');
      process.exit(7);
    },
  },
  'ends-in-initialize': { ...refused, initialize: exits(1) },
  'ends-in-list': { ...refused, list: exits(1) },
  'ends-in-call-0': { ...refused, call: exits(0) },
  'ends-in-call-139': { ...refused, call: exits(139) },
  'ends-after-call': {
    exits: [0, 3],
    call(request, { answer }) {
      answer(request);
      setTimeout(exits(1), 5);
    },
  },
  'killed-in-call': { ...refused, call: kills('SIGKILL') },
  'segfault-in-call': { ...refused, call: kills('SIGSEGV') },
  'stopped-in-call': { ...refused, call: kills('SIGSTOP') },
  'closes-stdout-in-call': { ...refused, call: () => closeSync(1) },
  'closes-stdin-in-call': {
    exits: [0, 3],
    call(request, { answer }) {
      process.stdin.destroy();
      answer(request);
    },
  },
  'hangs-in-initialize': { ...refused, initialize: never },
  'hangs-in-list': { ...refused, list: never },
  'hangs-in-call': { ...refused, call: never },
  'answers-too-late': {
    ...refused,
    call: (request, { answer }) => void setTimeout(() => answer(request), 4_000),
  },
  'ignores-sigterm': {
    ...measured,
    start() {
      for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, never);
      setInterval(never, 1_000);
      process.stdin.on('end', never);
    },
  },
  'busy-for-ever': {
    ...refused,
    call() {
      for (;;);
    },
  },
  'drips-slowly': { ...refused, call: drips(100) },
  'drips-in-time': { ...measured, call: drips(2) },
  'cut-line': {
    ...refused,
    call: ({ id }, { raw }) => raw(`{"jsonrpc":"2.0","id":${id},"result":{"content":[{"type":"te`),
  },
  'cut-line-and-ends': {
    ...refused,
    call({ id }, { raw }) {
      raw(`{"jsonrpc":"2.0","id":${id},"result":{"content":[`);
      setTimeout(exits(0), 20);
    },
  },
  'child-in-group': { ...measured, start: () => leaveChild({ detached: false, pipes: false }) },
  'child-holds-pipes': { ...measured, start: () => leaveChild({ detached: false, pipes: true }) },
  'child-holds-pipes-and-server-ends': {
    ...refused,
    start: () => leaveChild({ detached: false, pipes: true }),
    call: exits(1),
  },
  // What makes itself a process group of its own cannot be found again below isolation by the system.
  daemon: { ...measured, mayLeave: true, start: () => leaveChild({ detached: true, pipes: false }) },
  'daemon-holds-pipes': {
    ...measured,
    mayLeave: true,
    start: () => leaveChild({ detached: true, pipes: true }),
  },
};
