import type { Json } from '../json.ts';
import type { IsolationLevel, ProgramStatus, StopCode } from '../results/codes.ts';

/** What one program may use. Sizes are in bytes of UTF-8, times in milliseconds. */
export type SandboxLimits = {
  wallMs: number;
  /**
   * CPU time. Between two waits a clock stands in for it that allows a tenth and 100 ms more, because a program that computes
   * can only be stopped by a clock: on a machine that is busy, one long stretch gets less CPU time than this.
   */
  cpuMs: number;
  /** Heap of the isolate; the child process as a whole may use this plus a fixed allowance. */
  memoryBytes: number;
  calls: number;
  callsInFlight: number;
  argumentBytes: number;
  argumentDepth: number;
  resultBytes: number;
  /** Console output kept; more is counted and cut, with a marker that gives the true total. */
  logBytes: number;
  /** The returned value as JSON; more ends the program as `output_limit`. */
  valueBytes: number;
};

/**
 * A program: the body of an async TypeScript function. In scope are the language itself, `mcp.<server>.<tool>(args)`,
 * `console.log/info/warn/error/debug`, and `ToolError` (with `code`, `server`, `tool`), which every failed call throws; no
 * timers, no network, no modules. What it returns and passes on becomes JSON: a Date its ISO string, a Map an object (or
 * pairs), a Set an array, an Error its name and message; undefined properties are left out; NaN and infinities are null in a
 * returned value and an error in arguments; functions, symbols, BigInt, cycles, binary data and promises that were not awaited
 * are errors that name the path.
 */
export type Program = {
  source: string;
  /** What `mcp` offers: server name → identifiers of its functions. */
  api: Record<string, string[]>;
};

/** A call that a program makes and now waits for. */
export type GuestCall = {
  /** Unique within its program, rising from 1 in the order in which the program made its calls. */
  id: number;
  server: string;
  /** The identifier under `mcp.<server>`; always one that `api` lists. */
  tool: string;
  args: Json;
};

/** The answer to a call: a value as JSON text, or an error that the program sees as a thrown exception. */
export type CallResult =
  | { ok: true; valueJson: string }
  | { ok: false; error: { code: string; message: string } };

/** A call, by its id, with its result. */
export type CompletedCall = { id: number; result: CallResult };

/** How a program ended. `logs` is what it printed, capped, with a marker where something was cut. */
export type ProgramEnd = {
  logs: string;
  /** Bytes printed in all, cut or not. */
  logBytes: number;
  /** Calls that left the sandbox; those of the batch in which the program ended did not. */
  calls: number;
  /** Ids of calls that left the sandbox and whose results never reached the program. */
  unsettled: number[];
  /**
   * Calls that the sandbox stopped, by code. What never left the isolate is known from the isolate itself, up to its last
   * word: a program that is killed takes what it was stopped in since then with it.
   */
  stoppedCalls: Partial<Record<StopCode, number>>;
  /** Measured, never computed: wait for a ready child, wall time from the first `advance`, CPU time. */
  measured: { startMs: number; wallMs: number; cpuMs: number };
} & (
  | {
      status: 'ok' /** JSON text of the returned value; `undefined` where nothing was returned. */;
      valueJson: string | undefined;
    }
  | {
      status: Exclude<ProgramStatus, 'ok'>;
      /** For a model to repair its program from: line and column count from 1 in its own source. */
      error: { name: string; message: string; line?: number; column?: number };
    }
);

/** What happened until the program could go no further by itself. */
export type CallBatch = {
  /** Calls newly made, in order. Empty with no `end` means: it waits for calls that are already under way. */
  calls: GuestCall[];
  /** Present when the program has ended; calls in the same batch were made but not waited for, and are not to be run. */
  end?: ProgramEnd;
};

/** A program under way, driven batch by batch. The scripted model and the code pattern both build on it. */
export type OpenProgram = {
  /**
   * Hands results to the program and resolves when the isolate is quiescent again, or the program has ended. The first
   * call, with no results, starts it. One `advance` at a time. Never rejects for anything that the program does.
   */
  advance(results: CompletedCall[]): Promise<CallBatch>;
  /** Ends the program at once (its status becomes `killed`) and kills its child. Safe to call at any time. */
  stop(): Promise<void>;
};

/** Stops the program's clock, and all of it, until the function that it returns is called. */
export type Pause = () => () => void;

type ProgramOptions = {
  limits?: Partial<SandboxLimits>;
  signal?: AbortSignal;
  /**
   * The process may have served another such program before, each in an isolate of its own: for what the author of a scenario
   * wrote, never for what a model wrote. It saves the 100 ms and more of CPU time that a process takes to start.
   */
  trusted?: boolean;
};

/** Runs programs, each in a fresh isolate in a child process of its own unless it is trusted. */
export type Sandbox = {
  readonly level: IsolationLevel;
  /** Starts a program that the caller drives. `wallMs` counts from the first `advance`. */
  open(program: Program, options?: ProgramOptions): Promise<OpenProgram>;
  /**
   * Runs a program to its end. Calls go to `call` as soon as the program makes them, up to `callsInFlight` at once;
   * results return in the order in which they arrive. Where `call` rejects, the program is killed and `run` rejects with the
   * same error: that is for infrastructure faults, a tool's own error is a `CallResult`. Where `call` pauses the program before
   * it first awaits anything, no later call starts meanwhile either.
   */
  run(
    program: Program,
    options: ProgramOptions & {
      call: (call: GuestCall, signal: AbortSignal, pause: Pause) => Promise<CallResult>;
    },
  ): Promise<ProgramEnd>;
  /** Kills all children, warm ones too. */
  close(): Promise<void>;
};
