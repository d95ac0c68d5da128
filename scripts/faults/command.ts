import { spawn } from 'node:child_process';
import { createHash, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { watchProcesses } from './processes.ts';

const entry = resolve(import.meta.dirname, '../../harness/cli/patternbench.js');

/** So many milliseconds after a command has shown so many lines of progress; it holds on fast machines and slow ones. */
export type Moment = { lines: number; afterMs: number };

/** What a command left behind. */
export type Ended = {
  code: number | null;
  signal: NodeJS.Signals | null;
  /** The first megabyte of each; `printed` counts all of it, in bytes. */
  stdout: string;
  stderr: string;
  printed: number;
  seconds: number;
  /** When each line of standard error came, in milliseconds. */
  lineTimes: number[];
  peakMiB: number;
  /** True where it was ended because it took longer than it may. */
  late: boolean;
  /** Processes that outlived it by more than a second and a half. */
  left: string[];
};

export type CommandOptions = {
  cwd: string;
  limitSeconds: number;
  env?: Record<string, string>;
  /** Shell commands before it, such as `ulimit -n 64`. */
  before?: string;
  /** What the command line of a hostile server holds: its memory is its own, but it must not stay. */
  mark?: string;
  /** Sends SIGKILL to the command, and to nothing else. */
  killAt?: Moment;
};

const keptCharacters = 1024 * 1024;
const mostLines = 1_000;
const graceMs = 1_500;
/** A process that was just starting when its parent was killed must first start to see that it is alone. */
const endMs = 10_000;

/** A word that is on no other command line. */
export function newMark(): string {
  return `case-${createHash('sha256').update(randomUUID()).digest('hex').slice(0, 16)}`;
}

/** Runs `patternbench` as its users do, in a process of its own, and looks at what it takes. */
export async function runPatternbench(args: readonly string[], options: CommandOptions): Promise<Ended> {
  const { cwd, limitSeconds, before, mark = newMark(), killAt } = options;
  const command = [process.execPath, entry, ...args];
  const [program = '', ...rest] =
    before === undefined ? command : ['bash', '-c', `${before}; exec "$@"`, 'bash', ...command];
  const started = performance.now();
  const child = spawn(program, rest, {
    cwd,
    env: { ...plainEnvironment(), ...options.env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const watch = watchProcesses(child.pid ?? 0, mark);
  const texts = { stdout: '', stderr: '' };
  let printed = 0;
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].setEncoding('utf8').on('data', (text: string) => {
      printed += Buffer.byteLength(text);
      if (texts[name].length < keptCharacters) texts[name] += text.slice(0, keptCharacters);
    });
  }
  const lineTimes: number[] = [];
  let kill: NodeJS.Timeout | undefined;
  const killSoon = () => {
    if (killAt && lineTimes.length >= killAt.lines)
      kill ??= setTimeout(() => child.kill('SIGKILL'), killAt.afterMs);
  };
  killSoon();
  child.stderr.on('data', (text: string) => {
    for (const _ of text.matchAll(/\n/g))
      if (lineTimes.length < mostLines) lineTimes.push(performance.now() - started);
    killSoon();
  });
  let late = false;
  const limit = setTimeout(() => {
    late = true;
    child.kill('SIGKILL');
  }, limitSeconds * 1000);
  const closed = once(child, 'close');
  const [code, signal] = await once(child, 'exit');
  clearTimeout(limit);
  clearTimeout(kill);
  const seconds = (performance.now() - started) / 1000;
  // A process that stays and holds the pipes must not hold this one.
  await Promise.race([closed, delay(graceMs)]);
  for (let waited = 0; watch.left().length > 0 && waited < endMs; waited += 50) await delay(50);
  const left = watch.left();
  watch.killLeft();
  watch.stop();
  for (const name of ['stdout', 'stderr'] as const) child[name].destroy();
  return { code, signal, ...texts, printed, seconds, lineTimes, peakMiB: watch.peakMiB(), late, left };
}

/** The environment without what would make a run live, or npm's own. */
function plainEnvironment(): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(([name]) => !/^(npm_|INIT_CWD|ANTHROPIC_|CI$)/.test(name));
  return Object.fromEntries(kept);
}
