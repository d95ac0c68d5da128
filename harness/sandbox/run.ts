import type { DrivenProgram } from './program.ts';
import type { CallResult, GuestCall, ProgramEnd, Settlement } from './sandbox.ts';

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
  let queueAt = 0;
  let inFlight = 0;
  let arrived: Settlement[] = [];
  let wake: (() => void) | undefined;
  let scheduled = false;
  let fault: { error: unknown } | undefined;

  function resume(): void {
    scheduled = false;
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
      inFlight += 1;
      start(call).then((result) => {
        inFlight -= 1;
        if (signal.aborted) return;
        arrived.push({ id: call.id, result });
        launch();
        if (wake === undefined || scheduled) return;
        if (inFlight === 0) return resume();
        // After the current batch of input: results that arrived in one read go over in one message.
        scheduled = true;
        setImmediate(resume);
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
      const wave = await program.advance(settlements);
      if (wave.end !== undefined) return wave.end;
      for (const call of wave.calls) queue.push(call);
      launch();
      if (arrived.length === 0 && fault === undefined) {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
      if (fault !== undefined) {
        await program.stop();
        throw (fault as { error: unknown }).error;
      }
    }
  } finally {
    controller.abort();
  }
}
