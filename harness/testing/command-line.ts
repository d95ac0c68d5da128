import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { Readable } from 'node:stream';
import type { GuardedWork, Io } from '../cli/io.ts';

const entry = resolve(import.meta.dirname, '../cli/patternbench.js');

/** Commands in this process, one after another: each has the process's folder and environment to itself. */
let last: Promise<unknown> = Promise.resolve();

/** What a command left behind: its exit code, and what it printed. */
export type CommandResult = {
  code: number | null;
  signal: NodeJS.Signals | null;
  stdout: string;
  stderr: string;
};

/** Verbs that may start servers which came with a scenario. */
const trusting = ['run', 'check', 'gate'];

/** What a test's run needs no more of: the two plain variants, and one trial of a provider's model. */
function frugal(args: readonly string[]): string[] {
  if (args[0] !== 'run' || args.includes('--resume')) return [];
  const asksProvider = args.some((arg) => arg.startsWith('anthropic:'));
  return [
    ...(args.includes('--variants') ? [] : ['--variants', 'classic,code']),
    ...(asksProvider && !args.includes('--trials') ? ['--trials', '1'] : []),
  ];
}

type CommandOptions = { cwd?: string; env?: Record<string, string>; trust?: boolean };

/** `interruptAt` interrupts the command, as Ctrl-C does, once standard error matches; `stdin` is piped in. */
type InProcessOptions = CommandOptions & { interruptAt?: RegExp; stdin?: string };

/**
 * Runs `patternbench` in this process, programs and mock servers included. Servers that a test's scenario brings are accepted, as
 * by a user who wrote the scenario; `trust: false` leaves that to the arguments. A run that names no variants is one of classic and
 * code alone, and of a provider's model it makes one trial.
 */
export function patternbench(args: string[], options?: InProcessOptions): Promise<CommandResult> {
  return inTurn(args, options, true);
}

/**
 * The same with programs and mock servers in processes of their own, as in a user's run: where a program does not end by itself,
 * and to resume what a process of its own began.
 */
export function patternbenchApart(args: string[], options?: InProcessOptions): Promise<CommandResult> {
  return inTurn(args, options, false);
}

function inTurn(args: string[], options: InProcessOptions = {}, isWhole: boolean): Promise<CommandResult> {
  const run = last.then(() => runHere(args, options, isWhole));
  last = run.catch(() => {});
  return run;
}

async function runHere(
  args: string[],
  { cwd = makeFolder({}), env, trust, interruptAt, stdin = '' }: InProcessOptions,
  isWhole: boolean,
): Promise<CommandResult> {
  const printed = { stdout: '', stderr: '' };
  let work: GuardedWork | undefined;
  const into = (stream: keyof typeof printed) => ({
    write(text: string) {
      printed[stream] += text;
      if (stream === 'stderr' && interruptAt?.test(printed.stderr)) work?.stop(130, 'SIGINT');
    },
  });
  const before = { cwd: process.cwd(), env: process.env };
  // The `.mcp.json` of the folder and the variables in it are looked up per trial, from the process itself.
  process.chdir(cwd);
  process.env = { ...process.env, ...env };
  try {
    // Loaded only here: many tests take no more from this file than a folder.
    const { main } = await import('../cli/main.ts');
    const { createInProcessSandbox } = await import('../sandbox/testing/in-process.ts');
    const io: Io = {
      ...(isWhole && { sandbox: createInProcessSandbox(), mocksInProcess: true }),
      cwd,
      env: process.env,
      stdin: Readable.from([Buffer.from(stdin)]),
      stdout: into('stdout'),
      stderr: into('stderr'),
      guard(started) {
        work = started;
        return () => {
          work = undefined;
        };
      },
    };
    return { code: await main(complete(args, trust), io), signal: null, ...printed };
  } finally {
    process.chdir(before.cwd);
    process.env = before.env;
  }
}

/** Runs `patternbench` as its users do, in a process of its own: for what only a process can show. */
export function patternbenchProcess(
  args: string[],
  {
    cwd = makeFolder({}),
    env,
    trust,
    onStart,
  }: CommandOptions & { onStart?: (child: ChildProcess) => void } = {},
): Promise<CommandResult> {
  const child = spawn(process.execPath, [entry, ...complete(args, trust)], {
    cwd,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  onStart?.(child);
  let [stdout, stderr] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (text) => {
    stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text) => {
    stderr += text;
  });
  return new Promise((done) => {
    child.once('close', (code, signal) => done({ code, signal, stdout, stderr }));
  });
}

function complete(args: string[], trust = true): string[] {
  const starts = trusting.includes(args[0] ?? '') || args.includes('--pin') || args.includes('--accept');
  return [...args, ...frugal(args), ...(trust && starts ? ['--trust'] : [])];
}

/** A new temporary folder with these files in it, by relative path. */
export function makeFolder(files: Record<string, string>): string {
  const folder = mkdtempSync(join(tmpdir(), 'patternbench-test-'));
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  return folder;
}
