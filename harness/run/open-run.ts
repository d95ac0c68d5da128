import { existsSync } from 'node:fs';
import { basename } from 'node:path';
import manifest from '../../package.json' with { type: 'json' };
import { createBudget } from '../agent/model/request-limits.ts';
import { findUnequalWork, type TrialWork } from '../analysis/find-unequal.ts';
import { isComputed } from '../analysis/verdict/comparison.ts';
import type { SayVerdict } from '../analysis/verdict/verdict.ts';
import { InfrastructureError } from '../errors.ts';
import type { ModelEntry } from '../meter/catalogue.ts';
import type { ClientProfile } from '../meter/clients.ts';
import type { LatencyProfile } from '../meter/latency.ts';
import type { ExactCounter } from '../meter/token-counter.ts';
import type { IsolationLevel, Measure } from '../results/codes.ts';
import { pointKey } from '../results/point.ts';
import { isMeasured } from '../results/reading.ts';
import { joinAuthorizations, type RunRecord, runFormat } from '../results/run.ts';
import type { Result } from '../results/summary.ts';
import type { SweepPoint } from '../results/sweep.ts';
import { readWorkRecord } from '../results/trace.ts';
import type { Conditions } from '../results/world.ts';
import { type ConnectedServer, joinServers } from '../results/world.ts';
import { createSandbox } from '../sandbox/create.ts';
import type { Sandbox } from '../sandbox/sandbox.ts';
import type { ScenarioFault } from '../scenario/ask.ts';
import type { ConfigPlaces, ScenarioServers } from '../scenario/servers.ts';
import type { Trust } from '../scenario/trust.ts';
import type { ApprovalSettings } from '../tools/approvals.ts';
import { setLogAside, startRunAudit } from '../tools/audit/audit-log.ts';
import type { Authorization } from '../tools/mcp/auth/authorization.ts';
import { createPinCheck } from '../tools/pin/check.ts';
import type { Lock } from '../tools/pin/lock-file.ts';
import { continueRecord, type EarlierRun, endedBefore, openJournal, spentBefore } from './journal.ts';
import { keyOf, type ShardRecord, type Trial } from './plan.ts';
import { createRunDirectory } from './run-directory.ts';
import { createSummariser, type EndedTrial, type ItemSearches } from './summarise.ts';
import { type ModelSettings, openTrialCounter } from './trial-model.ts';
import { createSchedules } from './trial-schedule.ts';
import { checkServers } from './trial-servers.ts';

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
  /** The model of the run that plays the trials of this one, which is only billed. */
  playedAs?: string;
  /** As which client the trials are billed, too. */
  client?: ClientProfile | undefined;
  seed: number;
  /** What is added to the world that the workflows describe; their trials have it, too. */
  conditions?: Conditions | undefined;
  out: string;
  /** Where the servers that scenarios name are configured. */
  places: ConfigPlaces;
  timeouts: { connectMs: number; callMs: number };
  /** Where servers over HTTP get their tokens; none are sent without it. */
  authorization?: Authorization | undefined;
  /** Whether each line of the audit log must be on the disk before its call is made. */
  auditFsync: boolean;
  /** The isolation level that the sandbox must reach; the highest that works here is taken in any case. */
  minimumIsolation?: IsolationLevel;
  /** The lock file's path and what it holds, undefined where there is none. */
  lock: { file: string; lock: Lock | undefined };
  /** What the user accepted of servers that scenarios bring. */
  trust: Trust;
  /** Which calls must be approved besides those that scenarios name, and who is asked. */
  approvals?: ApprovalSettings | undefined;
  /** Counts that tokens go by where it knows a text; they are estimated without it. */
  exact?: ExactCounter | undefined;
  /** Whose decisions are measured; a perfect scripted model's where it says nothing. */
  models?: Omit<ModelSettings, 'budget'> | undefined;
  /** Whether mock servers are part of this process, so that their times are not those of a server. */
  mocksInProcess?: boolean | undefined;
  /** Trials at a time; one unless told otherwise. */
  concurrency?: number;
  /** USD that the run may cost. */
  maxCostUsd?: number | undefined;
  /** Ratios of means from 1/(1 + margin) to 1 + margin are no difference that matters; 0.1 unless told otherwise. */
  margin?: number | undefined;
  /** What verdicts weigh by, and the variant that the others are compared with. */
  by?: Measure | undefined;
  reference?: string | undefined;
  /** Whether each variant is also compared with itself. */
  aa?: boolean;
  /** Puts verdicts into words. */
  sayVerdict: SayVerdict;
  /** Whether the number of items at which verdicts flip is looked for once all trials have ended. */
  findItems?: boolean;
  /**
   * A sandbox that stays open afterwards, such as that of the run that this one is a part of; opened for this run alone
   * otherwise.
   */
  sandbox?: Sandbox | undefined;
  /** What the run was asked for; without it, it cannot be resumed. */
  config?: NonNullable<RunRecord['config']>;
  /** Which part of a plan the trials are, where they are not all of it. */
  shard?: ShardRecord | undefined;
  /** The interrupted run that this one resumes. */
  earlier?: EarlierRun | undefined;
  signal: AbortSignal;
  onEvent: (event: RunEvent) => void;
};

/** A run under way: what its trials share, and the files that it writes. Disposing of it closes what it opened. */
export type OpenRun = Awaited<ReturnType<typeof openRun>>;

/**
 * Checks the servers, then opens everything that a run holds: sandbox, directory, audit log and journal. Where a part fails,
 * those opened before it are closed. Throws what `checkServers`, `createRunDirectory` and `continueRecord` throw.
 */
export async function openRun(input: RunInput) {
  // Closed the last opened first.
  await using opening = new AsyncDisposableStack();
  const { trials, earlier, onEvent } = input;
  const warn = (message: string) => onEvent({ type: 'warning', message });
  if (earlier) opening.adopt(earlier.directory, ({ close }) => close());
  const pins = createPinCheck(input.lock.lock, input.lock.file, warn);
  await checkServers(trials, { ...input, pins });
  const counter = await openTrialCounter(input.model, input.exact);
  // Before the directory is made: a level that is not reached here leaves none behind.
  const sandbox =
    input.sandbox ??
    opening.adopt(
      await createSandbox(input.minimumIsolation ? { minimum: input.minimumIsolation } : {}),
      (opened) => opened.close(),
    );
  const directory =
    earlier?.directory ?? opening.adopt(createRunDirectory(input.out), ({ close }) => close());
  const { record, forced } = continueRecord(toRecord(input, sandbox.level), earlier);
  // First of all files: with it, a run that is killed at any moment from here on can be resumed.
  if (!earlier) directory.writeRun(record);
  if (directory.takenOverFrom !== undefined) {
    warn(`The run was taken over from process ${directory.takenOverFrom}, which died without releasing it.`);
  }
  for (const change of forced) warn(`Resumed although changed: ${change}.`);
  if (earlier?.auditProblem !== undefined) {
    const aside = setLogAside(directory.auditFile);
    if (aside) warn(`The audit log as it was found is kept as ${aside}.`);
  }
  const audit = startRunAudit(
    directory.auditFile,
    { run: basename(directory.path), seed: input.seed, versions: record.versions },
    { fsync: input.auditFsync, resume: earlier !== undefined },
  );
  opening.adopt(audit, ({ close }) => close());
  const journal = openJournal(directory.journalFile, record, earlier?.journal);
  opening.adopt(journal, ({ close }) => close());
  if (forced.length > 0) journal.forced(forced);

  const ended = endedBefore(trials, earlier);
  const searches: ItemSearches = {
    // Other files than those of the first part may give another flip.
    found: forced.length > 0 ? new Map() : new Map(earlier?.journal?.foundItems),
    isOver: !input.findItems,
  };
  const traceOf = ({ scenario, variant, repeat }: Trial) =>
    directory.traceFile(scenario.name, variant.name, repeat);
  /** The file of what the program was answered when the schedule of its calls was found. */
  const scheduleFileOf = ({ scenario, dataSeed }: Trial) =>
    directory.traceFile(scenario.name, scheduleName, dataSeed);
  const summariser = createSummariser({
    ...input,
    counter,
    forced,
    plannedEvidence: record.evidence,
    findUnequal: (done) => findUnequalWork(readWork(done, traceOf, scheduleFileOf)),
  });
  let { servers } = joinServers([earlier?.record.servers]);
  const onServer = (server: ConnectedServer) => {
    ({ servers } = joinServers([servers, [server]]));
  };
  const summarise = () => ({
    ...summariser(ended, audit.head(), searches),
    ...(servers && { servers }),
  });
  const save = () => {
    const lost = [directory.journalFile, directory.auditFile].find((file) => !existsSync(file));
    if (lost !== undefined) {
      throw new InfrastructureError(
        `${lost} was removed while the run was writing it. What it held is lost: run again.`,
      );
    }
    const summary = directory.writeSummary(summarise(), (place) =>
      warn(`The summary is not as its format says: ${place}.`),
    );
    directory.writeRun({
      ...record,
      status: summary.status,
      ...joinAuthorizations([earlier?.record.authorization, input.authorization?.report()]),
      ...(servers && { servers }),
    });
    return summary;
  };
  const saved = pace(save, summaryEveryMs);
  opening.adopt(saved, ({ stop }) => stop());
  const opened = opening.move();
  return {
    ...{ input, counter, sandbox, directory, audit, journal, pins, searches, traceOf, scheduleFileOf, warn },
    faults: new Map<ScenarioServers, ScenarioFault>(),
    schedules: createSchedules(
      scheduleFileOf,
      trials.some(({ variant }) => variant.usesSchedule && variant.pattern === 'classic'),
    ),
    /** What had changed when the run was resumed nevertheless. */
    forced,
    budget: createBudget(input.maxCostUsd, earlier ? spentBefore(earlier) : 0),
    /** The trials that have ended, by `keyOf`. */
    ended,
    hasEnded: (trial: Trial) => ended.has(keyOf(trial)),
    /** Notes a server that a trial was connected to. */
    onServer,
    /** What the run has come to so far. */
    summarise,
    /** Writes `summary.json` and `run.json`. The journal holds each trial already; these are for whoever looks meanwhile. */
    saved,
    [Symbol.asyncDispose]: () => opened.disposeAsync(),
  };
}

/** Milliseconds from one summary to the next while trials end, where writing it takes little of them. */
const summaryEveryMs = 1000;

/** What `run.json` says of a run before its first trial has ended. */
function toRecord(input: RunInput, isolation: string): RunRecord {
  const { '@modelcontextprotocol/sdk': mcpSdk = '', 'isolated-vm': isolatedVm = '' } = manifest.dependencies;
  const scenarios = new Map(
    input.trials.map(({ scenario: { name, hash }, params }) => [
      pointKey({ scenario: name, params }),
      { name, params, hash },
    ]),
  );
  return {
    format: runFormat,
    status: 'partial',
    versions: {
      patternbench: manifest.version,
      node: process.versions.node,
      'mcp-sdk': mcpSdk,
      'isolated-vm': isolatedVm,
    },
    seed: input.seed,
    model: input.model,
    evidence: input.models?.plannedEvidence ?? 'scripted',
    latencyProfile: input.profile,
    ...(input.conditions && { conditions: input.conditions }),
    variants: [...new Set(input.trials.map((trial) => trial.variant.name))],
    isolation,
    scenarios: [...scenarios.values()],
    ...(input.config && { config: input.config }),
    ...(input.shard && { shard: input.shard }),
    ...(input.playedAs !== undefined && { playedAs: input.playedAs }),
    measured: { startedAt: new Date().toISOString(), platform: `${process.platform} ${process.arch}` },
  };
}

/** The name under which it is told what differs from the run of the program that its schedule was found from. */
const scheduleName = 'schedule';

/**
 * What trials asked and were answered, from their directory, and what the program was answered when its schedule was found.
 * Trials that infrastructure ended say nothing about their state.
 */
function readWork(
  ended: readonly EndedTrial[],
  traceOf: (trial: Trial) => string,
  scheduleFileOf: (trial: Trial) => string,
): TrialWork[] {
  const scheduled = new Map(ended.map(({ trial }) => [scheduleFileOf(trial), trial.dataSeed]));
  const schedules = [...scheduled].flatMap(([file, dataSeed]): TrialWork[] => {
    const work = readWorkRecord(file);
    return work ? [{ variant: scheduleName, repeat: 1, dataSeed, isComputed: true, work }] : [];
  });
  const trials = ended.flatMap(({ trial, result }): TrialWork[] => {
    const work = isMeasured(result) ? readWorkRecord(traceOf(trial)) : undefined;
    if (!work) return [];
    const { variant, repeat, dataSeed } = trial;
    return [{ variant: variant.name, repeat, dataSeed, isComputed: isComputed(result), work }];
  });
  return [...schedules, ...trials];
}

/**
 * Does a job that costs time at most once in `everyMs`, however often it is asked for. Where it took long, as on a busy disk, the
 * next waits twenty times as long, so that it never takes more than a twentieth of the time. What it throws where nothing waits
 * for it is lost: whoever needs the job done does it `now` in the end.
 */
export function pace<T>(job: () => T, everyMs: number) {
  let timer: NodeJS.Timeout | undefined;
  let next = Number.NEGATIVE_INFINITY;
  /** Forgets what was to be done soon. */
  const stop = () => {
    clearTimeout(timer);
    timer = undefined;
  };
  /** Does it at once. */
  const now = (): T => {
    stop();
    const began = performance.now();
    const done = job();
    const ended = performance.now();
    next = ended + Math.max(everyMs, 20 * (ended - began));
    return done;
  };
  const later = () => {
    try {
      now();
    } catch {
      // It is tried again, by someone who hears of it.
    }
  };
  /** Does it within `everyMs`, or later where it takes long: at once where that long ago it was done last. */
  const soon = (): void => {
    const wait = next - performance.now();
    if (wait <= 0) now();
    // What is written soon is no reason to keep a process that has nothing else to do.
    else timer ??= setTimeout(later, wait).unref();
  };
  return { soon, now, stop };
}
