import { spawn } from 'node:child_process';
import { closeSync, writeSync } from 'node:fs';
import type { Modes } from '../messages/mode.ts';
import { hangsInCall, measured, refused } from '../usual.ts';

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

const ended = (code: number) => ({ ...refused, says: `it ended with exit code ${code}` });

/** Servers that end, or will not end. */
export const lifetimeModes: Modes = {
  'ends-at-once-0': { ...ended(0), start: exits(0) },
  'ends-at-once-7': {
    ...ended(7),
    start() {
      writeSync(2, 'configuration file is missing\n');
      process.exit(7);
    },
  },
  'ends-in-initialize': { ...ended(1), initialize: exits(1) },
  'ends-in-list': { ...ended(1), list: exits(1) },
  'ends-in-call-0': { ...ended(0), call: exits(0) },
  'ends-in-call-139': { ...ended(139), call: exits(139) },
  'ends-after-call': {
    exits: [0, 3],
    call(request, { answer }) {
      answer(request);
      setTimeout(exits(1), 5);
    },
  },
  'killed-in-call': { ...refused, says: 'it was killed by SIGKILL', call: kills('SIGKILL') },
  'segfault-in-call': { ...refused, says: 'it was killed by SIGSEGV', call: kills('SIGSEGV') },
  'stopped-in-call': { ...hangsInCall, call: kills('SIGSTOP') },
  'closes-stdout-in-call': {
    ...refused,
    says: 'it closed its standard input or output',
    call: () => closeSync(1),
  },
  'closes-stdin-in-call': {
    exits: [0, 3],
    call(request, { answer }) {
      process.stdin.destroy();
      answer(request);
    },
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
    ...hangsInCall,
    call() {
      for (;;);
    },
  },
  'cut-line-and-ends': {
    ...ended(0),
    call({ id }, { raw }) {
      raw(`{"jsonrpc":"2.0","id":${id},"result":{"content":[`);
      setTimeout(exits(0), 20);
    },
  },
  'child-in-group': { ...measured, start: () => leaveChild({ detached: false, pipes: false }) },
  'child-holds-pipes': { ...measured, start: () => leaveChild({ detached: false, pipes: true }) },
  'child-holds-pipes-and-server-ends': {
    ...ended(1),
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
