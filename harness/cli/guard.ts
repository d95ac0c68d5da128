import { join, resolve, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { inspect } from 'node:util';
import { showHidden } from '../visible.ts';
import type { GuardedWork } from './io.ts';

/** Work that was asked to end in order and has not after this long never will. */
const ENDING_MS = 10_000;

const ownCode = join(resolve(import.meta.dirname, '..'), sep);
let work: GuardedWork | undefined;
let mayExit = false;
let faulty = false;

/**
 * Scenarios are code of others in this process. What they throw where nobody can catch it, from a timer or a promise that
 * they dropped, ends the command in order with exit code 3; an exit of theirs does not pass for the command's own.
 */
export function guardProcess(): void {
  process.on('uncaughtException', endByFault);
  process.on('unhandledRejection', endByFault);
  process.on('exit', () => {
    // A fault has been told of, and outweighs what the command itself came to.
    if (faulty && !process.exitCode) process.exitCode = 3;
    if (mayExit) return;
    work?.kill();
    process.exitCode = 3;
    if (faulty) return;
    console.error(
      `The process was ended before the command had finished: by code of a scenario, such as process.exit(), or by a fault of patternbench. Mend it.${resumeHint()}`,
    );
  });
}

/** The command has finished, or ends the process itself: from here on its exit code stands. */
export function allowExit(): void {
  mayExit = true;
}

/** Says what is under way, until the function it returns is called. */
export function guardWork(started: GuardedWork): () => void {
  work = started;
  return () => {
    work = undefined;
  };
}

function endByFault(thrown: unknown): void {
  if (isClosedPipe(thrown)) {
    // Whoever read the output has read enough, as `head` does; work under way has its files and goes on.
    if (work) return;
    allowExit();
    process.exit();
  }
  // What follows from the first fault is no news.
  if (faulty) return;
  faulty = true;
  console.error(showHidden(describeFault(thrown)));
  if (!work) {
    allowExit();
    process.exit(3);
  }
  work.stop(3, 'uncaught fault');
  setTimeout(() => {
    console.error(`The command did not end in order.${resumeHint()}`);
    process.exit(3);
  }, ENDING_MS).unref();
}

function isClosedPipe(thrown: unknown): boolean {
  return thrown instanceof Error && (thrown as NodeJS.ErrnoException).code === 'EPIPE';
}

/** What was thrown, where, and whose fault it is. */
function describeFault(thrown: unknown): string {
  const said =
    thrown instanceof Error ? `${thrown.name}: ${thrown.message}` : `${inspect(thrown)}, which is no Error`;
  const stack = thrown instanceof Error ? (thrown.stack ?? '') : '';
  const places = [...stack.matchAll(/(?<=[\s(])(file:\/\/\S+?|\/\S+?|[A-Za-z]:\\\S+?):(\d+):\d+\)?$/gm)].map(
    ([, file = '', line]) => `${file.startsWith('file:///') ? fileURLToPath(file) : file}:${line}`,
  );
  const place = places.find((at) => !at.startsWith(ownCode) && !/[/\\]node_modules[/\\]/.test(at));
  const nobody = 'where nobody could catch it, in a promise that nobody waits for or in a callback';
  if (place) return `${place}: threw ${said}, ${nobody}. It is a fault of a scenario's code: mend it there.`;
  if (places.length > 0) return `A fault of patternbench: it threw ${said}, ${nobody}.\n${stack}`;
  return `Something threw ${said}, ${nobody}. Where cannot be told: in code of a scenario, or in patternbench.`;
}

function resumeHint(): string {
  return ['run', 'sweep'].includes(process.argv[2] ?? '')
    ? ` What had ended is on disk: patternbench ${process.argv[2]} --resume DIR goes on with it (DIR is what --out named, else the newest in runs/).`
    : '';
}
