import type { Exit } from './process.ts';

const outOfMemory = /out of memory|heap_oom|heap limit|bad_alloc|Fatal process OOM|allocation fail/i;

/** A frame of a stack, of JavaScript or of the engine. */
const frame = /^\s*(at .+|\d+: 0x.*)$/;

/** A line that says what went wrong, as programs and errors of Node word it. */
const telling = /^[\w-]+: |error|fatal|cannot|could not|failed/i;

/** The longest line that is shown of what a process printed, in characters. */
const mostShown = 300;

/** Whether the engine gave up for want of memory, by what it printed to standard error. */
export function ranOutOfMemory(stderr: string): boolean {
  return outOfMemory.test(stderr);
}

/**
 * Why a child ended before it was ready: without a full stop at the end. Of a dying engine's many lines it is the one that says
 * what was wrong, never a frame of its stack.
 */
export function explainDeath({ stderr, code, signal }: Exit): string {
  const lines = stderr.split('\n').flatMap((line) => {
    const said = line.replace(/^[#\s]+/, '').trim();
    return said === '' || frame.test(line) || /^(<---|-----|\^)/.test(said) ? [] : [said];
  });
  const line = lines.find((each) => telling.test(each)) ?? lines.at(-1);
  if (line === undefined) return `the child ended with ${signal ?? `exit code ${code}`}`;
  const said = (line.length > mostShown ? `${line.slice(0, mostShown)}…` : line).replace(/\.$/, '');
  if (!ranOutOfMemory(stderr)) return said;
  return `${said}. Each process reserves several GiB of addresses: raise the limit that is set with ulimit -v`;
}
