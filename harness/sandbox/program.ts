import { type StopCode, stopCodes } from '../results/codes.ts';
import type { Wall } from './isolation.ts';
import {
  createWallClock,
  ERROR_CHARS,
  RESULT_BATCH_CHARS,
  replyLimit,
  SOURCE_BYTES,
  WALL_GRACE_MS,
  WATCH_EVERY_MS,
} from './limits.ts';
import { type Child, ranOutOfMemory } from './process.ts';
import { type ChildEnd, checkReply, childStart, ended, type Reply } from './protocol.ts';
import type {
  CallBatch,
  CallResult,
  CompletedCall,
  OpenProgram,
  Program,
  ProgramEnd,
  SandboxLimits,
} from './sandbox.ts';

const MIB = 1024 * 1024;

/** What the child needs beside the isolate's heap: copies of strings on their way in and out, compiled code. */
const CHILD_ALLOWANCE_BYTES = 64 * MIB;

/** An open program with what `run` needs beside the public contract. */
export type DrivenProgram = OpenProgram & {
  /** Called once when the program ends, also between two calls of `advance`. */
  onEnd(listener: () => void): void;
  /** Keeps the parent process alive until the program ends. */
  hold(): void;
  /**
   * Stops the wall clock, from the moment at which the program has nothing left to compute, until `resume`. No results may be
   * handed to it meanwhile.
   */
  pause(): void;
  resume(): void;
};

/** Puts a program into a ready child, which is killed when the program ends unless there is `release`. */
export function openProgram(
  child: Child,
  program: Program,
  limits: SandboxLimits,
  options: {
    startMs: number;
    signal?: AbortSignal | undefined;
    /** Takes a child back that awaits its next request when the program ends, instead of killing it. */
    release?: (() => void) | undefined;
    /** For tests: walls of the parent that are left out. */
    without?: readonly Wall[] | undefined;
  },
): DrivenProgram {
  const has = (wall: Wall) => !options.without?.includes(wall);
  const start = childStart(program, limits);
  const { ends } = start;
  const outstanding = new Set<number>();
  let end: ProgramEnd | undefined;
  let imposed: ChildEnd | undefined;
  let busy = false;
  let held = false;
  let paused = false;
  let began = false;
  let made = 0;
  let cpuMs = 0;
  let seenCpuMs = 0;
  let logs = '';
  let logBytes = 0;
  let stoppedInside: Reply['stopped'];
  let resultsTooLarge = 0;
  const clock = createWallClock(limits.wallMs, has('wallTimer') ? onWall : undefined);
  let graceTimer: NodeJS.Timeout | undefined;
  let watchTimer: NodeJS.Timeout | undefined;
  let base: { rssBytes: number; cpuMs: number } | undefined;
  let largestBatch = 0;
  const listeners: (() => void)[] = [];

  /** `isIdle`: the child lives and awaits its next request. */
  function finish(how: ChildEnd, isIdle = false): ProgramEnd {
    if (end !== undefined) return end;
    clock.stop();
    clearTimeout(graceTimer);
    clearInterval(watchTimer);
    options.signal?.removeEventListener('abort', onAbort);
    if (isIdle && options.release) options.release();
    else child.kill();
    const kept =
      logBytes > limits.logBytes
        ? `${logs}\n[output cut: ${limits.logBytes} of ${logBytes} bytes kept]\n`
        : logs;
    end = {
      ...(how.status === 'ok' ? { status: how.status, valueJson: how.valueJson } : how),
      logs: kept,
      logBytes,
      calls: made,
      unsettled: [...outstanding],
      stoppedCalls: countStopped(stoppedInside, resultsTooLarge),
      measured: { startMs: options.startMs, wallMs: clock.spentMs(), cpuMs },
    };
    for (const listener of listeners) listener();
    return end;
  }

  /** Ends the program from outside; the first cause counts. */
  function impose(how: ChildEnd): void {
    if (end !== undefined) return;
    cpuMs = Math.max(cpuMs, seenCpuMs);
    imposed ??= how;
    void child.end();
    if (!busy) finish(imposed);
  }

  const stopped = ended('killed', 'Killed', 'The program was stopped from outside.');

  function onAbort(): void {
    impose(stopped);
  }

  function onWall(): void {
    const message = `The program was still waiting for ${outstanding.size} calls after ${limits.wallMs} ms.`;
    const end = outstanding.size === 0 ? ends.wall : ended('timeout_wall', 'WallTimeout', message);
    if (!busy) impose(end);
    // The child's own clock has run out too; it gets a moment to hand over what was printed.
    else graceTimer = setTimeout(() => impose(end), WALL_GRACE_MS);
  }

  function watch(): void {
    if (!busy) return;
    const usage = child.usage();
    if (usage === undefined) return;
    base ??= usage;
    // What is known of the time should the child not live to report it.
    seenCpuMs = usage.cpuMs - base.cpuMs;
    const memory = base.rssBytes + limits.memoryBytes + CHILD_ALLOWANCE_BYTES + 4 * largestBatch;
    if (usage.rssBytes > memory && has('memoryWatch')) impose(ends.memory);
    // The isolate's own timer comes first; this one is for what does not heed it, such as BigInt arithmetic.
    if (seenCpuMs > limits.cpuMs * 1.25 + 300 && has('cpuWatch')) impose(ends.cpu);
  }

  function begin(): string {
    began = true;
    base = child.usage();
    watchTimer = setInterval(watch, WATCH_EVERY_MS).unref();
    child.setReplyLimit(replyLimit(limits));
    return JSON.stringify(start);
  }

  async function exchange(text: string): Promise<Reply | ProgramEnd> {
    largestBatch = Math.max(largestBatch, text.length);
    const frame = await child.request(text, clock.leftMs());
    if (end !== undefined) return end;
    if (frame === undefined || imposed !== undefined) return finish(imposed ?? (await causeOfDeath(child)));
    const reply = checkReply(frame.text, { api: program.api, limits, made });
    if ('status' in reply) return finish(reply);
    cpuMs = frame.cpuMicros / 1000;
    logBytes = Math.max(logBytes, reply.logBytes);
    logs += reply.logs;
    stoppedInside = reply.stopped ?? stoppedInside;
    return reply;
  }

  async function advance(results: CompletedCall[]): Promise<CallBatch> {
    if (busy) throw new Error('advance() was called while another advance() was under way.');
    if (end !== undefined) return { calls: [], end };
    busy = true;
    // Whoever awaits this keeps the parent alive, no longer than the deadline; an idle program does not.
    clock.hold(true);
    clock.start();
    const batch: CallBatch = { calls: [] };
    try {
      if (!began && Buffer.byteLength(program.source) > SOURCE_BYTES) {
        const message = `The program is longer than ${SOURCE_BYTES} bytes.`;
        batch.end = finish(ended('syntax_error', 'SyntaxError', message));
        return batch;
      }
      for (const { json, ids } of began ? batches(results) : [{ json: begin(), ids: [] }]) {
        const reply = await exchange(json);
        if ('measured' in reply) return { calls: [], end: reply };
        for (const id of ids) outstanding.delete(id);
        batch.calls.push(...reply.calls);
        if (reply.end !== undefined) {
          // What had to be stopped may have left its process in any state.
          batch.end = finish(reply.end, ['ok', 'guest_error', 'syntax_error'].includes(reply.end.status));
          return batch;
        }
        made += reply.calls.length;
        for (const call of reply.calls) outstanding.add(call.id);
      }
      if (outstanding.size === 0) {
        const message =
          'The program waits for something that nothing can bring about: no call is under way, and there are no timers.';
        batch.end = finish(ended('timeout_wall', 'Deadlock', message));
      }
      return batch;
    } finally {
      busy = false;
      if (paused) clock.stop();
      if (!held) clock.hold(false);
      if (imposed !== undefined && end === undefined) finish(imposed);
    }
  }

  /** Results as JSON arrays, joined without parsing: each result was serialised once already. */
  function batches(results: CompletedCall[]): { json: string; ids: number[] }[] {
    let last: { parts: string[]; ids: number[] } = { parts: [], ids: [] };
    const all = [last];
    let chars = 0;
    const seen = new Set<number>();
    for (const { id, result } of results) {
      if (!outstanding.has(id) || seen.has(id)) continue;
      seen.add(id);
      if (chars >= RESULT_BATCH_CHARS) {
        last = { parts: [], ids: [] };
        all.push(last);
        chars = 0;
      }
      const tooLarge = result.ok && Buffer.byteLength(result.valueJson) > limits.resultBytes;
      if (tooLarge) resultsTooLarge += 1;
      const part = resultJson(id, tooLarge ? resultTooLarge(limits) : result, limits);
      chars += part.length;
      last.parts.push(part);
      last.ids.push(id);
    }
    return all.map(({ parts, ids }) => ({ json: `[${parts.join(',')}]`, ids }));
  }

  if (options.signal?.aborted) onAbort();
  else options.signal?.addEventListener('abort', onAbort, { once: true });
  child.exited.then(async () => {
    // A child that dies between two exchanges would otherwise be noticed only at the next one.
    if (!busy && end === undefined) finish(imposed ?? (await causeOfDeath(child)));
  });

  return {
    advance,
    async stop() {
      if (options.release && !busy) {
        // Where it has ended, the child is gone or has another program.
        finish(stopped, true);
        return;
      }
      onAbort();
      await child.end();
    },
    onEnd(listener) {
      if (end !== undefined) listener();
      else listeners.push(listener);
    },
    hold() {
      held = true;
      clock.hold(true);
    },
    pause() {
      paused = true;
      if (!busy) clock.stop();
    },
    resume() {
      paused = false;
      if (began && end === undefined) clock.start();
    },
  };
}

/** All stopped calls by code, in the order of the codes, without those that there were none of. */
function countStopped(inside: Reply['stopped'], resultsTooLarge: number): ProgramEnd['stoppedCalls'] {
  const counts = { ...inside, result_too_large: resultsTooLarge };
  const present = stopCodes.flatMap((code): [StopCode, number][] => {
    const count = counts[code] ?? 0;
    return count > 0 ? [[code, count]] : [];
  });
  return Object.fromEntries(present);
}

function resultTooLarge({ resultBytes }: SandboxLimits): CallResult {
  const message = `The result is larger than ${resultBytes} bytes; ask for less at once.`;
  return { ok: false, error: { code: 'result_too_large', message } };
}

function resultJson(id: number, result: CallResult, limits: SandboxLimits): string {
  if (result.ok) return `{"id":${id},"v":${result.valueJson}}`;
  const { code, message } = result.error;
  // A limit on results must not make an error unreadable.
  const shown = message.slice(0, Math.max(limits.resultBytes, ERROR_CHARS));
  return `{"id":${id},"code":${JSON.stringify(code)},"message":${JSON.stringify(shown)}}`;
}

/** The child was not killed by us: the engine gave up, mostly for lack of memory. */
async function causeOfDeath(child: Child): Promise<ChildEnd> {
  const { stderr, signal, code } = await child.exited;
  return ranOutOfMemory(stderr)
    ? ended('oom', 'OutOfMemory', 'The program used more memory than it may. Keep less at once.')
    : ended(
        'crashed',
        'Crashed',
        `The sandbox process ended unexpectedly (${signal ?? `exit code ${code}`}).`,
      );
}
