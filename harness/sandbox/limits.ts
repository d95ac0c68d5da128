import { mostArguments } from '../results/codes.ts';
import type { SandboxLimits } from './sandbox.ts';

const KIB = 1024;
const MIB = 1024 * KIB;

/** What a program may use unless its caller says otherwise. */
export const DEFAULT_LIMITS: SandboxLimits = {
  wallMs: 60_000,
  cpuMs: 10_000,
  memoryBytes: 128 * MIB,
  calls: 20_000,
  callsInFlight: 64,
  argumentBytes: mostArguments.bytes,
  argumentDepth: mostArguments.levels,
  resultBytes: 64 * MIB,
  logBytes: 64 * KIB,
  valueBytes: MIB,
};

/** A program that prints this many times `logBytes` is not reporting but flooding, and is ended. */
export const LOG_FLOOD_FACTOR = 100;

/** Source text longer than this is refused unparsed: the parser's own time and memory are not metered. */
export const SOURCE_BYTES = MIB;

/** Nesting of a returned value; deeper ones overflow the stacks of recursive readers further on. */
export const VALUE_DEPTH = 512;

/** Characters of an error's message that are kept. */
export const ERROR_CHARS = 8 * KIB;

/** Arguments of all calls that a program makes between two waits, as characters of JSON: what the parent parses at once. */
export const CALL_BATCH_CHARS = 16 * MIB;

/** The largest frame that a child may send: a batch, the output and the value, each at its worst as escaped UTF-8. */
export function replyLimit({ logBytes, valueBytes }: SandboxLimits): number {
  return 3 * CALL_BATCH_CHARS + 6 * (logBytes + valueBytes) + MIB;
}

/** Results are handed over in batches of at most about this many characters, to bound copies in the child. */
export const RESULT_BATCH_CHARS = 16 * MIB;

/** How often the parent looks at a busy child's memory and CPU time. */
export const WATCH_EVERY_MS = 10;

/** After the wall deadline a busy child has this long to hand over its logs before it is killed. */
export const WALL_GRACE_MS = 100;

/** The longest that a timer of Node's can wait; a longer one would go off at once. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** The least of each limit, where that is not 1: an isolate needs so much to start (a bound of isolated-vm). */
const FLOORS: Partial<SandboxLimits> = { memoryBytes: 8 * MIB, calls: 0, logBytes: 0 };

/** What can be enforced at most, where that is not every number. */
const CEILINGS: Partial<SandboxLimits> = {
  // More heap would not fit under the system limit on a child's data.
  memoryBytes: 1024 * MIB,
  // The policy, which knows no scenario, lets no more through.
  argumentBytes: mostArguments.bytes,
  argumentDepth: mostArguments.levels,
  wallMs: LONGEST_TIMER_MS,
  cpuMs: LONGEST_TIMER_MS,
};

/**
 * Fills in defaults and refuses limits that make no sense.
 * @throws RangeError that names the limit.
 */
export function resolveLimits(given: Partial<SandboxLimits> = {}): SandboxLimits {
  const limits = { ...DEFAULT_LIMITS };
  for (const key of Object.keys(DEFAULT_LIMITS) as (keyof SandboxLimits)[]) {
    const value = given[key];
    if (value === undefined) continue;
    const least = FLOORS[key] ?? 1;
    if (!Number.isFinite(value) || value < least) {
      throw new RangeError(
        `Sandbox limit ${key} is ${value}; it must be a finite number of at least ${least}.`,
      );
    }
    const most = CEILINGS[key] ?? Number.POSITIVE_INFINITY;
    if (value > most) {
      throw new RangeError(`Sandbox limit ${key} is ${value}; at most ${most} can be enforced.`);
    }
    limits[key] = value;
  }
  return limits;
}

/** The wall clock of one program, which can be stopped: what passes meanwhile is not the program's time. */
export type WallClock = ReturnType<typeof createWallClock>;

/** Calls `onLimit` once the clock ran for so many milliseconds in all; never where there is nothing to call. */
export function createWallClock(limitMs: number, onLimit: (() => void) | undefined) {
  let spent = 0;
  let since: number | undefined;
  let timer: NodeJS.Timeout | undefined;
  let isHeld = false;
  /** Milliseconds that it ran. */
  const spentMs = () => spent + (since === undefined ? 0 : performance.now() - since);
  /** Milliseconds until the limit. */
  const leftMs = () => Math.max(0, limitMs - spentMs());
  return {
    spentMs,
    leftMs,
    /** Lets it run; nothing changes where it does. */
    start(): void {
      if (since !== undefined) return;
      since = performance.now();
      if (onLimit === undefined) return;
      timer = setTimeout(onLimit, leftMs());
      if (!isHeld) timer.unref();
    },
    stop(): void {
      spent = spentMs();
      since = undefined;
      clearTimeout(timer);
      timer = undefined;
    },
    /** Whether it keeps this process alive while it runs; at first it does not. */
    hold(held: boolean): void {
      isHeld = held;
      if (held) timer?.ref();
      else timer?.unref();
    },
  };
}
