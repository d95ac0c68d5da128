import { constants } from 'node:os';
import { join, resolve, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describeThrown, stackOf } from '../errors.ts';
import { showHidden } from '../visible.ts';
import type { GuardedWork, Io } from './io.ts';
import { main } from './main.ts';

/** Work that was asked to end in order and has not after this long never will. */
const ENDING_MS = 10_000;

const ownCode = join(resolve(import.meta.dirname, '..'), sep);
let work: GuardedWork | undefined;
let mayExit = false;
let faulty = false;

/**
 * Scenarios are foreign code in this process. An uncaught error of theirs, from a timer or a dropped promise, ends the command
 * in order with exit code 3. When they exit the process, that does not count as the command's own end.
 */
function guardProcess(): void {
  process.on('uncaughtException', endByFault);
  process.on('unhandledRejection', endByFault);
  process.on('exit', () => {
    // A fault has been reported, and outweighs the command's own result.
    if (faulty && !process.exitCode) process.exitCode = 3;
    if (mayExit) return;
    work?.kill();
    process.exitCode = 3;
    if (faulty) return;
    console.error(
      `The process ended before the command had finished: code of a scenario called process.exit(), or patternbench has a fault. Fix it.${resumeHint()}`,
    );
  });
}

/** Ends the process itself: from here on its exit code counts. */
function exit(code?: number): never {
  mayExit = true;
  process.exit(code);
}

function endByFault(thrown: unknown): void {
  if (thrown instanceof Error && (thrown as NodeJS.ErrnoException).code === 'EPIPE') {
    // Whoever read the output has read enough, as `head` does; work under way has its files and goes on.
    if (work) return;
    exit();
  }
  // What follows from the first fault is no news.
  if (faulty) return;
  faulty = true;
  console.error(showHidden(describeFault(thrown)));
  if (!work) exit(3);
  work.stop(3, 'uncaught fault');
  setTimeout(() => {
    console.error(`The command did not end in order.${resumeHint()}`);
    process.exit(3);
  }, ENDING_MS).unref();
}

/** What was thrown, where, and whose fault it is. */
function describeFault(thrown: unknown): string {
  const said = describeThrown(thrown);
  const stack = stackOf(thrown);
  const places = [...stack.matchAll(/(?<=[\s(])(file:\/\/\S+?|\/\S+?|[A-Za-z]:\\\S+?):(\d+):\d+\)?$/gm)].map(
    ([, file = '', line]) => `${file.startsWith('file:///') ? fileURLToPath(file) : file}:${line}`,
  );
  const place = places.find((at) => !at.startsWith(ownCode) && !/[/\\]node_modules[/\\]/.test(at));
  const uncaught = 'uncaught, in a callback or in a promise that was not awaited';
  if (place) return `${place}: threw ${said}, ${uncaught}. It is a fault of a scenario's code: fix it there.`;
  if (places.length > 0) return `A fault of patternbench: it threw ${said}, ${uncaught}.\n${stack}`;
  return `Something threw ${said}, ${uncaught}. The place is unknown: code of a scenario, or patternbench.`;
}

function resumeHint(): string {
  return process.argv[2] === 'run'
    ? ' Finished trials are on disk. Resume with patternbench run --resume DIR (DIR is the --out directory, or else the newest in runs/).'
    : '';
}

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/**
 * Lets signals and uncaught faults end work in order. The first signal asks it to end with what it has, a second ends the
 * process at once. A signal's exit code is 128 + its number, as shells expect.
 */
function guard(started: GuardedWork): () => void {
  let interrupted = false;
  const stop: GuardedWork['stop'] = (exitCode, why) => {
    interrupted = true;
    started.stop(exitCode, why);
  };
  const onSignal = (signal: (typeof signals)[number]) => {
    const exitCode = 128 + constants.signals[signal];
    if (!interrupted) return stop(exitCode, signal);
    started.kill();
    exit(exitCode);
  };
  for (const signal of signals) process.on(signal, onSignal);
  work = { ...started, stop };
  return () => {
    for (const signal of signals) process.off(signal, onSignal);
    work = undefined;
  };
}

const io: Io = {
  cwd: process.cwd(),
  env: process.env,
  stdin: process.stdin,
  stdout: process.stdout,
  stderr: process.stderr,
  guard,
};

guardProcess();
process.exitCode = await main(process.argv.slice(2), io);
mayExit = true;
