import { basename } from 'node:path';
import { createBudget, RunEnded } from '../agent/model/request-limits.ts';
import { messageOf } from '../errors.ts';
import { isMeasured } from '../results/reading.ts';
import type { Result } from '../results/summary.ts';
import { readWorkRecord, writeWorkRecord } from '../results/trace.ts';
import { trialDirReference } from '../scenario/servers.ts';
import type { ReachableServer } from '../tools/mcp/server-spec.ts';
import type { OpenRun } from './open-run.ts';
import { keyOf, type Trial, trialName } from './plan.ts';
import { runTrial } from './trial.ts';

/** A trial and its place in the plan, from 1. */
type NumberedTrial = { trial: Trial; number: number };

/**
 * Runs the trials that have not ended, several at a time where asked. Each is in the journal before the next one of its worker
 * starts. Gives the reason where a used-up budget or a provider that refuses everything ended them early. `others` are the same
 * run of other models, as which each trial is billed, too.
 */
export async function runTrials(run: OpenRun, others: readonly OpenRun[] = []): Promise<string | undefined> {
  const { input, saved, warn } = run;
  const { trials, concurrency = 1 } = input;
  const turns = createTurns();
  let endReason: string | undefined;
  const takeTurn = async (numbered: NumberedTrial, signal: AbortSignal): Promise<void> => {
    const done = await turns(concurrency > 1 ? await sharedServers(numbered.trial) : []);
    try {
      if (endReason === undefined && !signal.aborted) await runOne(run, numbered, signal, others);
    } catch (error) {
      if (!(error instanceof RunEnded)) throw error;
      endReason ??= error.message;
    } finally {
      done();
    }
  };
  saved.now();
  const failures: unknown[] = [];
  const note = (error: unknown) => void failures.push(error);
  /** Whether a trial has ended and is not done again by a resumed run, which then still adds to its recording. */
  const wasMeasured = (trial: Trial) => {
    const found = run.ended.get(keyOf(trial));
    return found !== undefined && isMeasured(found.result);
  };
  const open = trials
    .map((trial, index): NumberedTrial => ({ trial, number: index + 1 }))
    .filter(({ trial }) => !run.hasEnded(trial));
  const isScripted = input.models?.provider === undefined;
  await runWorkers<NumberedTrial>({
    // What takes longest is not begun last; and scripted trials of the same work wait for the schedule that one of them finds.
    ...(isScripted && concurrency > 1
      ? { items: open.toSorted((a, b) => itemsOf(b) - itemsOf(a)), groupOf: ({ trial }) => trial.servers }
      : { items: open }),
    concurrency,
    signal: input.signal,
    work: takeTurn,
    isOver: () => endReason !== undefined,
  }).catch(note);
  // Also after a failure: what was recorded has been paid for, and must reach the disk.
  const unused = await input.models?.provider?.close(trials, wasMeasured).catch(note);
  for (const { file, exchanges, repeats } of unused ?? []) {
    warn(
      `${file} holds ${exchanges} recorded exchanges of repeats that this run does not have: ${repeats.join(', ')}.`,
    );
  }
  if (failures.length > 0) {
    try {
      saved.now();
    } catch {
      // What ended the run is told; where the disk is full, the summary is the lesser loss.
    }
    for (const other of failures.slice(1)) warn(messageOf(other));
    throw failures[0];
  }
  return endReason;
}

/** How many items a trial works through, by the parameter that says so. */
function itemsOf({ trial: { scenario, params } }: NumberedTrial): number {
  return scenario.items === undefined ? 1 : Number(params[scenario.items]);
}

/** Runs one trial and writes what it came to. Of one that ends the run, what it had cost is kept. */
async function runOne(
  run: OpenRun,
  { trial, number }: NumberedTrial,
  signal: AbortSignal,
  others: readonly OpenRun[] = [],
): Promise<void> {
  const { input, budget, journal } = run;
  const { onEvent } = input;
  const of = input.trials.length;
  onEvent({ type: 'trial_started', number, of, trial });
  const spent = createBudget(undefined);
  const own = {
    ...budget,
    spend(usd: number | null) {
      spent.spend(usd);
      budget.spend(usd);
    },
  };
  let result: Result;
  const toPlay: OpenRun[] = [];
  try {
    result = await runTrial(trial, run.traceOf(trial), {
      ...input,
      ...run,
      models: { ...input.models, budget: own },
      alsoBilled: others.map((other) => ({
        model: other.input.model,
        counter: other.counter,
        traceFile: other.traceOf(trial),
        onResult: (billed) => {
          if (!billed) return void toPlay.push(other);
          const schedule = readWorkRecord(run.scheduleFileOf(trial));
          if (schedule) writeWorkRecord(other.scheduleFileOf(trial), schedule);
          keep(other, trial, billed);
        },
      })),
      onServer: (server) => {
        for (const { onServer } of [run, ...others]) onServer(server);
      },
      run: basename(run.directory.path),
      signal,
      onRoundTrip: (roundTrip, inputTokens) =>
        onEvent({ type: 'round_trip', number, roundTrip, inputTokens, spentUsd: budget.spentUsd() }),
    });
  } catch (error) {
    if (spent.spentUsd() !== 0) journal.abandoned(trialName(trial), spent.spentUsd());
    throw error;
  }
  keep(run, trial, result);
  onEvent({ type: 'trial_ended', number, of, trial, result, spentUsd: budget.spentUsd() });
  for (const other of toPlay) {
    await runOne(other, { trial: { ...trial, model: other.input.model }, number }, signal);
  }
}

/** Writes what a trial came to. */
function keep(run: OpenRun, trial: Trial, result: Result): void {
  run.journal.ended(trial.repeat, result);
  run.ended.set(keyOf(trial), { repeat: trial.repeat, result });
  run.saved.soon();
}

/** What is to be done, by how many at a time. */
type Workload<T> = {
  items: readonly T[];
  concurrency: number;
  /** Of items in a group the next is begun where none of it is under way, or where no other group has any left. */
  groupOf?: (item: T) => unknown;
  /** Aborts what is under way; nothing more is begun. */
  signal: AbortSignal;
  /** Given a signal that is also aborted when another item has failed. */
  work: (item: T, signal: AbortSignal) => Promise<void>;
  /** Where true, nothing more is begun and what is under way may finish. */
  isOver?: () => boolean;
};

/**
 * Works through items, several at a time. After a failure the others are aborted, so that none runs on for hours for a run
 * that has failed already. Settles only when all have ended; rejects with the first failure, never for an abort from outside.
 */
export async function runWorkers<T>(workload: Workload<T>): Promise<void> {
  const { items, concurrency, work, groupOf = () => undefined, isOver = () => false } = workload;
  const failing = new AbortController();
  const signal = AbortSignal.any([workload.signal, failing.signal]);
  const groups = [...Map.groupBy(items, groupOf).values()].map((left) => ({ left, underWay: 0 }));
  const worker = async (): Promise<void> => {
    while (!signal.aborted && !isOver()) {
      const open = groups.filter(({ left }) => left.length > 0);
      const group = open.find(({ underWay }) => underWay === 0) ?? open[0];
      if (!group) return;
      const item = group.left.shift() as T;
      group.underWay += 1;
      try {
        await work(item, signal);
      } catch (error) {
        if (!signal.aborted) failing.abort(error);
      } finally {
        group.underWay -= 1;
      }
    }
  };
  await Promise.all(Array.from({ length: concurrency }, worker));
  failing.signal.throwIfAborted();
}

/** A server that trials share, or whose files they may share; `alone` where a trial must have it to itself. */
export type SharedServer = { address: string; alone: boolean };

/**
 * Keeps trials over the same server apart, where one of them changes or resets it. Those that only read may go side by side.
 * Trials get their turn in the order in which they ask, so that none waits for another that waits for it. What a turn gives must
 * be called when the trial has ended.
 */
export function createTurns() {
  const lines = new Map<string, { alone: Promise<void>; reading: Promise<void>[] }>();
  return async (servers: readonly SharedServer[]): Promise<() => void> => {
    const { promise: end, resolve: done } = Promise.withResolvers<void>();
    const before = servers.flatMap(({ address, alone }) => {
      const line = lines.get(address) ?? { alone: Promise.resolve(), reading: [] };
      const first = alone ? [line.alone, ...line.reading] : [line.alone];
      lines.set(address, alone ? { alone: end, reading: [] } : { ...line, reading: [...line.reading, end] });
      return first;
    });
    await Promise.all(before);
    return done;
  };
}

/**
 * The servers of a trial that outlive it, those at a URL, and those that are started for each trial but not told its own folder:
 * what they write may lie where those of another trial write. Its own fault, where they cannot be told, is for the trial to meet.
 */
export async function sharedServers({
  scenario,
  servers,
}: Pick<Trial, 'scenario' | 'servers'>): Promise<SharedServer[]> {
  try {
    const changes = scenario.writes || scenario.setup !== undefined || scenario.teardown !== undefined;
    const addresses = new Map<string, boolean>();
    for (const server of Object.values(await servers.resolve())) {
      const address = sharedAddress(server);
      if (address === undefined) continue;
      addresses.set(address, addresses.get(address) || changes || server.reset !== undefined);
    }
    return [...addresses].map(([address, alone]) => ({ address, alone }));
  } catch {
    return [];
  }
}

/** What trials share of a server; undefined where that is nothing. */
function sharedAddress(server: ReachableServer): string | undefined {
  if ('url' in server) {
    const { origin, pathname } = new URL(server.url);
    return `${origin}${pathname}`;
  }
  const { command, args, env, cwd, mock } = server;
  const written = JSON.stringify({ command, args, env, cwd });
  const isOwn = mock || (server.reset === undefined && written.includes(trialDirReference));
  return isOwn ? undefined : written;
}
