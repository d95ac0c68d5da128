import { basename } from 'node:path';
import { setLogAside, startRunAudit } from '../audit/audit-log.ts';
import type { LatencyProfile } from '../meter/latency.ts';
import { loadOtherTokenizer, loadTokenizer } from '../meter/tokenizer.ts';
import type { ModelEntry } from '../model/catalogue.ts';
import { createPinCheck } from '../pin/check.ts';
import type { Lock } from '../pin/lock-file.ts';
import { checkServers } from '../pin/preflight.ts';
import type { Trust } from '../pin/trust.ts';
import { type Trial, trialName } from '../plan/plan.ts';
import type { ShardRecord } from '../plan/shard.ts';
import type { IsolationLevel } from '../results/codes.ts';
import type { RunRecord } from '../results/run.ts';
import { createSandbox } from '../sandbox/create.ts';
import type { SweepPoint } from '../sweep/sweep-schema.ts';
import type { SayVerdict } from '../verdict/verdict.ts';
import type { Measure } from '../verdict/verdict-schema.ts';
import { findUnequalWork } from '../work/find-unequal.ts';
import { readWork } from '../work/read-work.ts';
import { continueRecord, endedBefore, spentBefore } from './continue-run.ts';
import { type ItemSearch, type ItemSearches, type SharedMeans, searchItems } from './item-search.ts';
import { journalKeyOf, openJournal } from './journal.ts';
import { createBudget, RunEnded } from './limits.ts';
import { pace } from './paced.ts';
import type { UnusedRecordings } from './provider.ts';
import { toRecord } from './record.ts';
import type { EarlierRun } from './resume.ts';
import { createRunDirectory } from './run-directory.ts';
import { createTurns, sharedServers } from './server-turns.ts';
import { createSummariser } from './summarise.ts';
import { type Result, type Summary, summarySchema } from './summary.ts';
import { runTrial } from './trial.ts';
import type { ModelSettings } from './trial-model.ts';
import { runWorkers } from './workers.ts';

/** What happens in a run, for whoever shows it. `number` is a trial's place in the plan. */
export type RunEvent =
  | { type: 'warning'; message: string }
  | { type: 'resumed'; ended: number; of: number }
  | { type: 'trial_started'; number: number; of: number; trial: Trial }
  | { type: 'round_trip'; number: number; roundTrip: number; inputTokens: number; spentUsd: number | null }
  | { type: 'trial_ended'; number: number; of: number; trial: Trial; result: Result; spentUsd: number | null }
  /** A search for the number of items at which a verdict flips has one more point. */
  | { type: 'size_tried'; scenario: string; param: string; point: SweepPoint }
  /** The run ends before its plan does, for this reason; it can be resumed. */
  | { type: 'ended_early'; reason: string };

/** Everything a run is made of, resolved. */
export type RunInput = {
  trials: Trial[];
  model: ModelEntry;
  profile: LatencyProfile;
  seed: number;
  out: string;
  mcpConfigFile: string | undefined;
  timeouts: { connectMs: number; callMs: number };
  /** Whether each line of the audit log must be on the disk before its call is made. */
  auditFsync: boolean;
  /** The isolation level that the sandbox must reach; the highest that works here is taken in any case. */
  minimumIsolation?: IsolationLevel;
  /** The lock file's path and what it holds, undefined where there is none. */
  lock: { file: string; lock: Lock | undefined };
  /** What the user accepted of servers that scenarios bring. */
  trust: Trust;
  /** Whose decisions are measured; a perfect scripted model's where it says nothing. */
  models?: Omit<ModelSettings, 'budget'>;
  /** Trials at a time; one unless told otherwise. */
  concurrency?: number;
  /** USD that the run may cost. */
  maxCostUsd?: number | undefined;
  /** Ratios of means from 1/(1 + margin) to 1 + margin are no difference that matters; 0.1 unless told otherwise. */
  margin?: number;
  /** What verdicts weigh by, and the variant that the others are compared with. */
  by?: Measure;
  reference?: string | undefined;
  /** Counts estimated tokens a second time with another vocabulary, to see whether a verdict hangs on it. */
  sensitivity?: boolean;
  /** Whether each variant is also compared with itself. */
  aa?: boolean;
  /** Puts verdicts into words. */
  sayVerdict: SayVerdict;
  /** Looks for the number of items at which verdicts flip once all trials have ended; not looked for without it. */
  itemSearch?: ItemSearch | undefined;
  /** What the run that this one is a part of holds open; opened for this run alone otherwise. */
  shared?: SharedMeans;
  /** What the run was asked for; without it, it cannot be resumed. */
  config?: NonNullable<RunRecord['config']>;
  /** Which part of a plan the trials are, where they are not all of it. */
  shard?: ShardRecord | undefined;
  /** The interrupted run that this one goes on with. */
  earlier?: EarlierRun | undefined;
  signal: AbortSignal;
  onEvent: (event: RunEvent) => void;
};

/**
 * Executes a plan and writes the run directory as it goes: a trial that has ended is on disk before the next one of its
 * worker starts. An abort, a used-up budget or a provider that refuses everything ends it with what was finished, marked
 * `partial`. A run that is gone on with does again only what had not ended, and what infrastructure had ended.
 */
export async function executeRun(input: RunInput): Promise<Summary> {
  // Closed in any case, the last opened first.
  const open = new AsyncDisposableStack();
  try {
    return await execute(input, open);
  } finally {
    await open.disposeAsync();
  }
}

async function execute(input: RunInput, open: AsyncDisposableStack): Promise<Summary> {
  const { trials, model, profile, signal, earlier, onEvent } = input;
  const { file, lock } = input.lock;
  const warn = (message: string) => onEvent({ type: 'warning', message });
  if (earlier) open.adopt(earlier.directory, ({ close }) => close());
  const pins = createPinCheck(lock, file, warn);
  const faults = await checkServers(trials, { ...input, pins });
  const tokenizer = input.shared?.tokenizer ?? (await loadTokenizer(model.tokenizer));
  const otherTokenizer = input.sensitivity ? await loadOtherTokenizer(model.tokenizer) : undefined;
  // Before the directory is made: a level that is not reached here leaves none behind.
  const sandbox =
    input.shared?.sandbox ??
    open.adopt(
      await createSandbox(input.minimumIsolation ? { minimum: input.minimumIsolation } : {}),
      (opened) => opened.close(),
    );
  const directory = earlier?.directory ?? open.adopt(createRunDirectory(input.out), ({ close }) => close());
  const { record, forced } = continueRecord(toRecord(input, sandbox.level), earlier);
  // First of all files: with it, a run that is killed at any moment from here on can be resumed.
  if (!earlier) directory.writeRun(record);
  if (directory.takenOverFrom !== undefined) {
    warn(`The run was taken over from process ${directory.takenOverFrom}, which died without releasing it.`);
  }
  for (const change of forced) warn(`Resumed although changed: ${change}.`);
  const run = basename(directory.path);
  const traceOf = ({ scenario, variant, repeat }: Trial) =>
    directory.traceFile(scenario.name, variant.name, repeat);
  if (earlier?.auditProblem !== undefined) {
    const aside = setLogAside(directory.auditFile);
    if (aside) warn(`The audit log as it was found is kept as ${aside}.`);
  }
  const audit = startRunAudit(
    directory.auditFile,
    { run, seed: input.seed, versions: record.versions },
    { fsync: input.auditFsync, resume: earlier !== undefined },
  );
  open.adopt(audit, ({ close }) => close());
  const journal = openJournal(directory.journalFile, record, earlier?.journal);
  open.adopt(journal, ({ close }) => close());
  if (forced.length > 0) journal.forced(forced);
  const ended = endedBefore(trials, earlier);
  const searches: ItemSearches = {
    // Other files than those of the first part may give another flip.
    found: forced.length > 0 ? new Map() : new Map(earlier?.journal?.foundItems),
    isOver: !input.itemSearch,
  };
  const budget = createBudget(input.maxCostUsd, earlier ? spentBefore(earlier) : 0);
  const summarise = createSummariser({
    trials,
    model,
    profile,
    tokenizer,
    seed: input.seed,
    plannedEvidence: record.evidence,
    imperfections: input.models?.imperfections,
    ...(input.by && { by: input.by }),
    ...(input.reference && { reference: input.reference }),
    margin: input.margin ?? 0.1,
    aa: input.aa ?? false,
    forced,
    sayVerdict: input.sayVerdict,
    findUnequal: (done) =>
      findUnequalWork(readWork(done.map((each) => ({ ...each, traceFile: traceOf(each.trial) })))),
  });
  const write = () => {
    const summary = inOrder(summarise(ended, audit.head(), searches), warn);
    directory.writeSummary(summary);
    directory.writeRun({ ...record, status: summary.status });
    return summary;
  };
  // The journal holds every trial as soon as it has ended; the summary is for whoever looks meanwhile.
  const saved = pace(write, summaryEveryMs);
  open.adopt(saved, ({ stop }) => stop());
  if (earlier) onEvent({ type: 'resumed', ended: ended.size, of: trials.length });

  let endReason: string | undefined;
  const runOne = async ({ trial, number }: NumberedTrial, signal: AbortSignal): Promise<void> => {
    onEvent({ type: 'trial_started', number, of: trials.length, trial });
    const trace = traceOf(trial);
    const spent = createBudget(undefined);
    const own = {
      ...budget,
      spend(usd: number | null) {
        spent.spend(usd);
        budget.spend(usd);
      },
    };
    let result: Result;
    try {
      result = await runTrial(trial, trace, {
        tokenizer,
        otherTokenizer,
        profile,
        sandbox,
        mcpConfigFile: input.mcpConfigFile,
        timeouts: input.timeouts,
        models: { ...input.models, budget: own },
        run,
        audit,
        pins,
        fault: faults.get(trial),
        onMissingTool(fault) {
          const same = trials.filter(
            ({ scenario, params }) => scenario === trial.scenario && params === trial.params,
          );
          for (const other of same) faults.set(other, fault);
        },
        signal,
        onRoundTrip: (roundTrip, inputTokens) =>
          onEvent({ type: 'round_trip', number, roundTrip, inputTokens, spentUsd: budget.spentUsd() }),
      });
    } catch (error) {
      if (spent.spentUsd() !== 0) journal.abandoned(trialName(trial), spent.spentUsd());
      if (!(error instanceof RunEnded)) throw error;
      endReason ??= error.message;
      return;
    }
    journal.ended(trial.repeat, result);
    ended.set(journalKeyOf(trial), { repeat: trial.repeat, result });
    saved.soon();
    onEvent({ type: 'trial_ended', number, of: trials.length, trial, result, spentUsd: budget.spentUsd() });
  };

  const concurrency = input.concurrency ?? 1;
  const turns = createTurns();
  const takeTurn = async (numbered: NumberedTrial, signal: AbortSignal): Promise<void> => {
    const done = await turns(concurrency > 1 ? await sharedServers(numbered.trial, input.mcpConfigFile) : []);
    try {
      if (endReason === undefined && !signal.aborted) await runOne(numbered, signal);
    } finally {
      done();
    }
  };

  saved.now();
  let unused: UnusedRecordings[] | undefined;
  try {
    await runWorkers({
      items: trials
        .map((trial, index): NumberedTrial => ({ trial, number: index + 1 }))
        .filter(({ trial }) => !ended.has(journalKeyOf(trial))),
      concurrency,
      signal,
      work: takeTurn,
      isOver: () => endReason !== undefined,
    });
  } catch (error) {
    try {
      saved.now();
    } catch {
      // What ended the run is told; where the disk is full, the summary is the lesser loss.
    }
    throw error;
  } finally {
    // Also after a failure: what was recorded has been paid for, and must reach the disk.
    unused = await input.models?.provider?.close(trials, (trial) => ended.has(journalKeyOf(trial)));
  }
  for (const { file: cassette, exchanges, repeats } of unused ?? []) {
    warn(
      `${cassette} holds ${exchanges} recorded exchanges of repeats that this run does not have: ${repeats.join(', ')}.`,
    );
  }
  if (input.itemSearch && ended.size === trials.length && !signal.aborted) {
    await searchItems({
      search: input.itemSearch,
      trials,
      summary: summarise(ended, audit.head(), searches),
      searches,
      anew: forced.length > 0,
      directory: directory.path,
      shared: { sandbox, tokenizer },
      signal,
      onPoint: (scenario, param, point) => onEvent({ type: 'size_tried', scenario, param, point }),
      onFound: (found) => {
        journal.foundItems(found);
        saved.soon();
      },
      warn,
    });
  }
  if (endReason !== undefined) onEvent({ type: 'ended_early', reason: endReason });
  return saved.now();
}

/** Milliseconds from one summary to the next while trials end. */
const summaryEveryMs = 1000;

/** The summary with its keys in the order of the schema, as whoever reads and writes it again has them. */
function inOrder(summary: Summary, warn: (message: string) => void): Summary {
  const checked = summarySchema.safeParse(summary);
  if (checked.success) return checked.data;
  // What was measured is worth more than its form: it is written, and the fault is told.
  warn(`The summary is not as its format says: ${checked.error.issues[0]?.path.join('.')}.`);
  return summary;
}

/** A trial and its place in the plan, from 1. */
type NumberedTrial = { trial: Trial; number: number };
