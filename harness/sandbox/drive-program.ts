import type { DrivenProgram } from './program.ts';
import type { CompletedCall, GuestCall, Pause, ProgramEnd, Sandbox } from './sandbox.ts';

/**
 * Handing results to the program costs about as much as a call costs a server, each time. So while calls are under way,
 * results wait until there are `batchSize` of them, but no longer than `batchDelayMs`.
 */
const batchSize = 48;
const batchDelayMs = 2;

/** With more calls under way there is always something to do, and nothing to stay awake for. */
const fewInFlight = 2;

/**
 * Drives a program to its end. Calls start as soon as they arrive, at most `callsInFlight` at once and in the program's
 * order; results that come in while the isolate is busy go over together.
 */
export async function driveProgram(
  program: DrivenProgram,
  options: { call: Parameters<Sandbox['run']>[1]['call']; callsInFlight: number },
): Promise<ProgramEnd> {
  const controller = new AbortController();
  const { signal } = controller;
  const queue: GuestCall[] = [];
  /** Calls that have started are dropped together, so that their arguments are not kept. */
  let queueAt = 0;
  const busyPoll = createBusyPoll();
  let inFlight = 0;
  let arrived: CompletedCall[] = [];
  let wake: (() => void) | undefined;
  let batchTimer: NodeJS.Timeout | undefined;
  let fault: { error: unknown } | undefined;
  let pauses = 0;
  let hasEnded = false;

  function resume(): void {
    clearTimeout(batchTimer);
    batchTimer = undefined;
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
    while (
      inFlight < options.callsInFlight &&
      queueAt < queue.length &&
      pauses === 0 &&
      fault === undefined
    ) {
      const call = queue[queueAt++] as GuestCall;
      if (2 * queueAt >= queue.length) queueAt -= queue.splice(0, queueAt).length;
      inFlight += 1;
      start(call).then((result) => {
        inFlight -= 1;
        if (signal.aborted) return;
        arrived.push({ id: call.id, result });
        launch();
        if (wake === undefined) return;
        if (arrived.length >= Math.min(batchSize, inFlight)) return resume();
        batchTimer ??= setTimeout(resume, batchDelayMs);
      }, fail);
    }
  }
  async function start(call: GuestCall) {
    return options.call(call, signal, pause);
  }
  const pause: Pause = () => {
    pauses += 1;
    program.pause();
    let isOver = false;
    return () => {
      if (isOver) return;
      isOver = true;
      pauses -= 1;
      if (pauses > 0 || signal.aborted) return;
      program.resume();
      launch();
      if (arrived.length > 0) resume();
    };
  };

  program.hold();
  program.onEnd(() => {
    hasEnded = true;
    resume();
  });
  try {
    for (;;) {
      const results = arrived;
      arrived = [];
      if (inFlight <= fewInFlight) busyPoll.begin();
      const batch = await program.advance(results);
      // A fault that came in while the program was busy counts, even if the program then ended.
      if (fault !== undefined) break;
      if (batch.end !== undefined) return batch.end;
      for (const call of batch.calls) queue.push(call);
      launch();
      if (inFlight <= fewInFlight) busyPoll.begin();
      while ((arrived.length === 0 || pauses > 0) && fault === undefined && !hasEnded) {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
      if (fault !== undefined) break;
    }
    await program.stop();
    throw (fault as { error: unknown }).error;
  } finally {
    busyPoll.end();
    controller.abort();
  }
}

/** How long an answer is waited for awake: longer than a local server or a program takes, far shorter than any other. */
const awakeMs = 0.4;

/**
 * Keeps this process polling for a moment instead of sleeping, because an answer is expected at once. On an idle machine,
 * waking up takes about as long as a local server takes to answer. A program that makes one call after another waits for
 * that twice a call. A slower answer costs no more than that moment of CPU time.
 */
export function createBusyPoll(): { begin(): void; end(): void } {
  let until = 0;
  let awake = false;
  const poll = () => {
    awake = performance.now() < until;
    if (awake) setImmediate(poll);
  };
  return {
    begin() {
      until = performance.now() + awakeMs;
      if (awake) return;
      awake = true;
      setImmediate(poll);
    },
    end() {
      until = 0;
    },
  };
}
