import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';

const entry = resolve(import.meta.dirname, '../cli/patternbench.js');

/** What a command left behind: its exit code, and what it printed. */
export type CommandResult = {
  code: number | null;
  signal: NodeJS.Signals | null;
  stdout: string;
  stderr: string;
};

/** Verbs that may start servers which came with a scenario. */
const trusting = ['run', 'check', 'sweep', 'gate', 'pin'];

/** What a test's run needs no more of: the two plain variants, and one trial of a provider's model. */
function frugal(args: readonly string[]): string[] {
  if (!['run', 'sweep'].includes(args[0] ?? '') || args.includes('--resume')) return [];
  const asksProvider = args.some((arg) => arg.startsWith('anthropic:'));
  return [
    ...(args.includes('--variants') ? [] : ['--variants', 'classic,code']),
    ...(asksProvider && args[0] === 'run' && !args.includes('--trials') ? ['--trials', '1'] : []),
  ];
}

/**
 * Runs `patternbench` as its users do, in a process of its own. Servers that a test's scenario brings are accepted, as by
 * a user who wrote the scenario; `trust: false` leaves that to the arguments. A run that names no variants is one of classic and
 * code alone, and of a provider's model it makes one trial.
 */
export function patternbench(
  args: string[],
  options: {
    cwd?: string;
    env?: Record<string, string>;
    trust?: boolean;
    onStart?: (child: ChildProcess) => void;
  } = {},
): Promise<CommandResult> {
  const trusts = options.trust !== false && trusting.includes(args[0] ?? '');
  const child = spawn(process.execPath, [entry, ...args, ...frugal(args), ...(trusts ? ['--trust'] : [])], {
    cwd: options.cwd ?? makeFolder({}),
    env: { ...process.env, ...options.env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  options.onStart?.(child);
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

/** A new temporary folder with these files in it, by relative path. */
export function makeFolder(files: Record<string, string>): string {
  const folder = mkdtempSync(join(tmpdir(), 'patternbench-test-'));
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  return folder;
}
