import { type Screen, screenOf } from '../../reports/text/terminal.ts';
import type { Sandbox } from '../sandbox/sandbox.ts';

/** Where a command writes; a terminal also says how wide it is. */
export type Output = { write(text: string): unknown; isTTY?: boolean; columns?: number };

/** How work under way is ended by what happens outside of it. */
export type GuardedWork = {
  /** Asks it to end in order, with what it has. `exitCode` is then the command's. */
  stop: (exitCode: number, why: string) => void;
  /** Kills what it started; the process ends at once. */
  kill: () => void;
};

/** All that a command sees of the process it runs in. */
export type Io = {
  /** The absolute folder that relative paths start from. */
  cwd: string;
  env: NodeJS.ProcessEnv;
  /** What is piped in or typed; nothing without it. */
  stdin?: AsyncIterable<string | Buffer> & { isTTY?: boolean; ref?(): unknown; unref?(): unknown };
  stdout: Output;
  stderr: Output;
  /** A sandbox that outlives the command; each run opens its own without. */
  sandbox?: Sandbox;
  /** Whether mock servers of runs are part of this process, whose measured times are then not theirs. */
  mocksInProcess?: boolean;
  /** Lets signals and faults end the work, until the function it returns is called. Without it, nothing interrupts. */
  guard?: (work: GuardedWork) => () => void;
};

/** Whether a command runs unattended, as CI systems say by a variable. */
export function isCi({ CI }: NodeJS.ProcessEnv): boolean {
  return Boolean(CI) && CI !== 'false' && CI !== '0';
}

/** A line for people, on standard error: standard output is for results. */
export function tell({ stderr }: Io, message: string): void {
  stderr.write(`${message}\n`);
}

/** The terminal that a stream is: coloured where it is one and neither NO_COLOR nor the terminal says otherwise. */
export function screenFor(
  { isTTY, columns }: Output,
  { NO_COLOR, FORCE_COLOR, TERM }: NodeJS.ProcessEnv,
): Screen {
  const isForced = FORCE_COLOR !== undefined && FORCE_COLOR !== '0' && FORCE_COLOR !== 'false';
  const hasColour = isForced || (isTTY === true && !NO_COLOR && TERM !== 'dumb' && FORCE_COLOR === undefined);
  return screenOf(isTTY ? columns : undefined, hasColour);
}
