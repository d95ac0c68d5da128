import { createVigil } from './busy-poll.ts';
import type { DrivenProgram } from './program.ts';
import type { CallResult, GuestCall, ProgramEnd, Settlement } from './sandbox.ts';

/**
 * Each time the program is given results costs it and its process about as much as a call costs a server, so while others
 * are under way results wait for company: for so many, but no longer than this.
 */
const handOver = 48;
const patienceMs = 2;

/** With more calls under way there is always something to do, and nothing to stay awake for. */
const fewInFlight = 2;

/**
 * Drives a program to its end. Calls start as soon as they arrive, at most `callsInFlight` at once and in the program's
 * order; results that come in while the isolate is busy go over together.
 */
export async function driveProgram(
  program: DrivenProgram,
  options: { call: (call: GuestCall, signal: AbortSignal) => Promise<CallResult>; callsInFlight: number },
): Promise<ProgramEnd> {
  const controller = new AbortController();
  const { signal } = controller;
  const queue: GuestCall[] = [];
  /** Calls that have started are dropped together, so that their arguments are not kept. */
  let queueAt = 0;
  const vigil = createVigil();
  let inFlight = 0;
  let arrived: Settlement[] = [];
  let wake: (() => void) | undefined;
  let patience: NodeJS.Timeout | undefined;
  let fault: { error: unknown } | undefined;

  function resume(): void {
    clearTimeout(patience);
    patience = undefined;
    const go = wake;
    wake = undefined;
    go?.();
  }
  function fail(error: unknown): void {
    if (signal.aborted) return;
    fault ??= { error };
    resume();
  }
  function launch(): void {
    while (inFlight < options.callsInFlight && queueAt < queue.length && fault === undefined) {
      const call = queue[queueAt++] as GuestCall;
      if (2 * queueAt >= queue.length) queueAt -= queue.splice(0, queueAt).length;
      inFlight += 1;
      start(call).then((result) => {
        inFlight -= 1;
        if (signal.aborted) return;
        arrived.push({ id: call.id, result });
        launch();
        if (wake === undefined) return;
        if (arrived.length >= Math.min(handOver, inFlight)) return resume();
        patience ??= setTimeout(resume, patienceMs);
      }, fail);
    }
  }
  async function start(call: GuestCall): Promise<CallResult> {
    return options.call(call, signal);
  }

  program.hold();
  program.onEnd(resume);
  try {
    for (;;) {
      const settlements = arrived;
      arrived = [];
      if (inFlight <= fewInFlight) vigil.begin();
      const wave = await program.advance(settlements);
      // A fault that came in while the program was busy counts, even if the program then ended.
      if (fault !== undefined) break;
      if (wave.end !== undefined) return wave.end;
      for (const call of wave.calls) queue.push(call);
      launch();
      if (inFlight <= fewInFlight) vigil.begin();
      if (arrived.length === 0 && fault === undefined) {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
      if (fault !== undefined) break;
    }
    await program.stop();
    throw (fault as { error: unknown }).error;
  } finally {
    vigil.end();
    controller.abort();
  }
}
