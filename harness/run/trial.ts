import { LimitReached, mostOutputTokens, RunEnded, tellOutputLimit } from '../agent/model/request-limits.ts';
import type { Outcome, PatternContext } from '../agent/patterns/converse.ts';
import { createQuote, readingQuotes } from '../agent/patterns/quote.ts';
import { InfrastructureError, UsageError, VerificationError } from '../errors.ts';
import { ContextOverflow, Meter } from '../meter/meter.ts';
import type { TokenCounter } from '../meter/token-counter.ts';
import { seconds } from '../numbers.ts';
import { wireEras } from '../results/codes.ts';
import type { Result } from '../results/summary.ts';
import { writeWorkRecord } from '../results/trace.ts';
import type { ConnectedServer } from '../results/world.ts';
import { createWallClock } from '../sandbox/limits.ts';
import type { Sandbox } from '../sandbox/sandbox.ts';
import { askTask, askTruth, ScenarioFault } from '../scenario/ask.ts';
import { type Grades, grade } from '../scenario/grade.ts';
import type { ScenarioServers } from '../scenario/servers.ts';
import type { AuditLog } from '../tools/audit/audit-log.ts';
import { withoutTexts } from '../tools/mcp/surface.ts';
import type { PinCheck } from '../tools/pin/check.ts';
import { openRecorder, type Recorder, recordModel } from '../tools/recorder.ts';
import {
  type AlsoBilled,
  type Attempt,
  type FurtherBills,
  openFurtherBills,
  pickOverflow,
  toResult,
  usageOf,
} from './attempt.ts';
import type { RunInput } from './open-run.ts';
import { saltOf, type Trial, trialName } from './plan.ts';
import { writeToolRecord } from './tool-record.ts';
import { openCalls } from './trial-calls.ts';
import { type ModelSettings, type OpenedModel, openTrialModel } from './trial-model.ts';
import type { Schedules } from './trial-schedule.ts';
import { admitServers, openTrialServers, type ServerSettings } from './trial-servers.ts';

/** What all trials of a run share: its settings, and what it has open. */
export type TrialEnvironment = Pick<RunInput, 'profile' | 'client' | 'approvals' | 'signal'> &
  Pick<ServerSettings, 'timeouts' | 'authorization' | 'mocksInProcess'> & {
    counter: TokenCounter;
    /** As which models scripted trials are billed, too. */
    alsoBilled?: readonly AlsoBilled[];
    sandbox: Sandbox;
    /** Finds how direct calls are asked for. */
    schedules: Schedules;
    /** Whose decisions are measured, and what they may take. */
    models?: ModelSettings;
    /** Name of the run, and the log that its calls are written to before they are made. */
    run: string;
    audit: AuditLog;
    /** What servers are held against each time they were started. */
    pins: PinCheck;
    /**
     * Where a trial notes that its scenario's tools are not those of its servers, which every other trial of it would find, too:
     * the others do not start them for it.
     */
    faults?: Map<ScenarioServers, ScenarioFault>;
    /** Whether the model sees servers without free text. */
    withoutTexts?: boolean | undefined;
    /** Whether results are marked as data before the model sees them. */
    quotes?: boolean | undefined;
    /** Is given each server that the trial was connected to, and what that server saw. */
    onServer?: (server: ConnectedServer) => void;
    onRoundTrip?: (roundTrip: number, inputTokens: number) => void;
  };

/**
 * Runs one trial against freshly started servers and writes its trace. All that the trial does or meets is its result:
 * faults of the scenario's code, of the machine and of patternbench itself included. Rejects only with what concerns the
 * whole run: the signal's reason when it was aborted, a `RunEnded`, a `UsageError` for servers that cannot be used, and a
 * `VerificationError` for a server that is not what was pinned.
 */
export async function runTrial(
  trial: Trial,
  traceFile: string,
  environment: TrialEnvironment,
): Promise<Result> {
  const started = performance.now();
  const { client } = environment;
  const { pattern, name } = trial.variant;
  // Its variant is what the client does: direct calls in its way, or programs that a server runs for it.
  const isClients = pattern === 'code' || name === client?.classicVariant.value;
  const attempt: Attempt = {
    outcome: undefined,
    grades: undefined,
    surface: [],
    serverStartMs: 0,
    programs: [],
    client: isClients ? client : undefined,
    findings: { evidence: environment.models?.plannedEvidence ?? 'scripted' },
  };
  let meter: Meter | undefined;
  let result: Result;
  const further = openFurtherBills(trial, environment);
  try {
    const recorder = openRecorder(traceFile);
    try {
      meter = createMeter(trial, environment, recorder, attempt);
      await recordTrial(trial, environment, { recorder, meter, further }, attempt);
    } finally {
      recorder.close();
    }
    result = toResult(trial, attempt, meter, performance.now() - started);
    if (attempt.resultSizes) writeToolRecord(traceFile, trial, attempt, attempt.resultSizes);
    if (attempt.work) writeWorkRecord(traceFile, attempt.work.read());
  } catch (error) {
    attempt.outcome = toOutcome(error, environment.signal);
    attempt.grades = undefined;
    // Where files or its bill could not be completed: with its bill where there is one.
    const empty = new Meter(meterOptions(trial, environment));
    const totalMs = performance.now() - started;
    try {
      result = toResult(trial, attempt, meter ?? empty, totalMs);
    } catch {
      result = toResult(trial, attempt, empty, totalMs);
    }
  }
  further.end(attempt, result, traceFile, performance.now() - started);
  return result;
}

/** Where it is written down what a trial does and takes. */
export type Books = { recorder: Recorder; meter: Meter; further: FurtherBills };

/** Attempts the trial and records how it ended. */
async function recordTrial(
  trial: Trial,
  environment: TrialEnvironment,
  books: Books,
  attempt: Attempt,
): Promise<void> {
  const { recorder } = books;
  recorder.record({
    event: 'trial_started',
    scenario: trial.scenario.name,
    params: trial.params,
    variant: trial.variant.name,
    model: trial.model.id,
    evidence: environment.models?.plannedEvidence ?? 'scripted',
    repeat: trial.repeat,
    seed: trial.seed,
  });
  try {
    await attemptTrial(trial, environment, books, attempt);
  } catch (error) {
    attempt.outcome = toOutcome(error, environment.signal);
    attempt.grades = undefined;
    const { stack } = error as Partial<Error>;
    if (!(error instanceof InfrastructureError) && stack) {
      recorder.record({ event: 'fault', measured: { stack } });
    }
  }
  if (attempt.schedule) recorder.record({ event: 'schedule', ...attempt.schedule });
  if (attempt.outcome) recorder.record({ event: 'outcome', outcome: attempt.outcome });
  if (attempt.grades) recorder.record({ event: 'graded', ...attempt.grades });
}

/** What a trial that met this error came to. Throws what concerns the whole run. */
function toOutcome(error: unknown, signal: AbortSignal): Outcome {
  if (signal.aborted) throw signal.reason;
  const endsRun = [RunEnded, UsageError, VerificationError].some((kind) => error instanceof kind);
  if (endsRun) throw error;
  return {
    status: 'infrastructure_error',
    error: explainFault(error),
    ...(error instanceof ScenarioFault && { scenarioFault: true }),
  };
}

/** One line that says what failed, without a stack. */
function explainFault(error: unknown): string {
  if (error instanceof InfrastructureError) return error.message;
  const isSystems = error instanceof Error && 'syscall' in error;
  if (isSystems) return `The operating system refused something: ${error.message}.`;
  const said = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  return `A fault of patternbench ended the trial: ${said}. The stack is in the trial's trace.`;
}

function meterOptions({ model, variant }: Trial, { counter, profile }: TrialEnvironment) {
  return { model, counter, profile, toolCategories: variant.toolCategories };
}

async function attemptTrial(
  trial: Trial,
  environment: TrialEnvironment,
  books: Books,
  attempt: Attempt,
): Promise<void> {
  const { recorder, meter, further } = books;
  const { scenario, params, dataSeed } = trial;
  const { sandbox } = environment;
  const { provider, warmCache } = environment.models ?? {};
  const context = { params, seed: dataSeed };
  const fault = environment.faults?.get(trial.servers);
  if (fault) throw fault;
  // Before the trial's own servers are started: some are shared by all that call them.
  const schedule =
    trial.variant.usesSchedule && !provider ? await environment.schedules(trial, environment) : undefined;
  if (schedule && trial.variant.pattern === 'classic') {
    const { played, reason } = schedule;
    attempt.schedule = { played, ...(reason !== undefined && { reason }) };
  }
  const { timeoutMs } = environment.models?.limits ?? {};
  const late = new AbortController();
  const clock = createWallClock(timeoutMs ?? 0, timeoutMs === undefined ? undefined : () => late.abort());
  clock.start();
  const { signal: interrupt } = environment;
  const signal = AbortSignal.any([interrupt, late.signal]);
  const isLate = () => late.signal.aborted && !interrupt.aborted;
  const settings = { ...environment, limitMs: timeoutMs, signal, interrupt };
  const servers = await openTrialServers(trial, settings).catch((error: unknown) => {
    if (!isLate() || error instanceof ScenarioFault) throw error;
    throw new InfrastructureError(
      `The trial's time of ${(timeoutMs ?? 0) / 1000} seconds was up before its servers had started. Raise --timeout.`,
      { cause: error },
    );
  });
  const { connections, directory: trialDir } = servers;
  attempt.serverStartMs = servers.startMs;
  const { redact } = connections;
  attempt.redact = redact;
  recorder.hide(redact);
  let opened: OpenedModel | undefined;
  try {
    const { surface: found, audit } = admitServers(trial, servers, environment, trialName(trial));
    const surface = environment.withoutTexts ? withoutTexts(found) : found;
    attempt.surface = surface;
    for (const { server, implementation, tools } of surface) {
      const spoken = connections.spoken(server);
      if (spoken) environment.onServer?.(spoken);
      recorder.record({
        event: 'server_connected',
        server,
        implementation,
        ...(spoken && { protocolVersion: spoken.protocolVersion }),
        tools: tools.length,
      });
    }
    opened = await openTrialModel(
      trial,
      environment.models ?? {},
      {
        surface,
        sandbox,
        meter,
        secrets: connections.secrets,
        directory: trialDir,
        schedule,
        onLeave: (left) => {
          if (attempt.schedule) attempt.schedule = { left, ...attempt.schedule };
        },
      },
      ({ attempt: failed, delayMs, reason, failure }) =>
        recorder.record({
          event: 'retry',
          attempt: failed,
          kind: failure.kind,
          reason,
          measured: { delayMs },
        }),
    );
    const { outer } = opened;
    attempt.spend = opened.spend;
    const means = { ...books, servers, audit, clock };
    const { caller, approvals, callTool, watchModel } = openCalls(trial, environment, means, attempt);
    const quote = environment.quotes ? createQuote(saltOf(trial)) : undefined;
    const around = [
      quote && !provider ? readingQuotes : undefined,
      environment.models?.around?.(trial),
      watchModel,
    ];
    const inner = around.reduce((model, wrap) => wrap?.(model) ?? model, opened.inner);
    const toolErrors = trial.conditions?.faults?.errors;
    const patternContext: PatternContext = {
      model: outer(meter.middleware(further.middleware(recordModel(recorder)(audit.watchModel(inner))))),
      callTool,
      sandbox,
      programLimits: scenario.limits ?? {},
      ...(toolErrors && { toolErrors }),
      quote,
      limits: { roundTrips: opened.roundTrips, outputTokens: mostOutputTokens(trial.model) },
      onProgram: (program) => {
        attempt.programs.push(program);
        recorder.record({ event: 'program', ...program });
      },
      signal,
    };
    await approvals?.begin(signal);
    const outcome = await trial.variant
      .run(
        {
          text: askTask(scenario, context),
          surface,
          ...(provider && !warmCache && { salt: saltOf(trial) }),
        },
        patternContext,
      )
      .catch((error: unknown): Outcome => {
        if (error instanceof ContextOverflow) return { status: 'context_overflow', ...error.overflow };
        if (error instanceof LimitReached) return { status: 'limit_reached', limit: error.message };
        // All that was under way when the time was up failed because of it.
        if (isLate()) return { status: 'limit_reached', limit: seconds(timeoutMs ?? 0) };
        throw error;
      });
    const answer = outcome.status === 'completed' ? outcome.answer : '';
    const states = await connections.states();
    caller.finish();
    audit.counted(states);
    for (const [server, { eras }] of Object.entries(states)) {
      const spoken = connections.spoken(server);
      if (spoken) environment.onServer?.({ ...spoken, seen: wireEras.filter((era) => eras[era]) });
    }
    const timeLimit = { signal: interrupt, limitMs: timeoutMs };
    const truth = await askTruth(scenario, context, timeLimit);
    const grades = await grade(scenario, { ...context, trialDir, truth, answer, states }, timeLimit);
    attempt.grades = withApprovals(grades, approvals?.failure());
    const overflow = meter.overflow();
    attempt.outcome = overflow ? { status: 'context_overflow', ...pickOverflow(overflow) } : outcome;
  } finally {
    clock.stop();
    if (opened) attempt.findings = opened.findings(attempt.outcome);
    await opened?.inner.close();
    await servers.close().catch((error: unknown) => {
      // A trial that failed before says why; what its teardown met would hide it.
      if (attempt.outcome) throw error;
    });
  }
}

/** The grades, after that of approvals where a call was not approved: it makes the trial wrong. */
function withApprovals({ correct, grades }: Grades, failure: string | undefined): Grades {
  if (failure === undefined) return { correct, grades };
  return { correct: false, grades: [{ grader: 'approvals', correct: false, reason: failure }, ...grades] };
}

function createMeter(
  trial: Trial,
  environment: TrialEnvironment,
  recorder: Recorder,
  attempt: Attempt,
): Meter {
  return new Meter({
    ...meterOptions(trial, environment),
    countedBy: environment.models?.provider ? 'provider' : 'estimate',
    onOverflow: (overflow) => {
      attempt.atOverflow = usageOf(attempt);
      recorder.record({ event: 'context_overflow', ...overflow });
    },
    onRoundTrip: (bill, roundTrip, prompt) => {
      recorder.record({ event: 'billed', roundTrip, bill, prompt });
      // A provider stops there by itself; a script would write on.
      const most = mostOutputTokens(trial.model);
      if (!environment.models?.provider && bill.output > most) throw new LimitReached(tellOutputLimit(most));
      attempt.spend?.(bill);
      environment.onRoundTrip?.(roundTrip, bill.input);
    },
  });
}
