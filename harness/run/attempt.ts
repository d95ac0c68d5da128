import { readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { mostOutputTokens } from '../agent/model/request-limits.ts';
import type { Outcome, ProgramReport } from '../agent/patterns/converse.ts';
import { addCounts, sumOfCounts } from '../analysis/aggregate.ts';
import { InfrastructureError } from '../errors.ts';
import { makeDirectory, replaceFile } from '../files.ts';
import type { ModelEntry } from '../meter/catalogue.ts';
import type { ClientProfile } from '../meter/clients.ts';
import type { RequestBill } from '../meter/ledger.ts';
import { describeOverflow, Meter, type Overflow, type Reading } from '../meter/meter.ts';
import type { Model } from '../meter/model.ts';
import type { TokenCounter } from '../meter/token-counter.ts';
import type { Category, RefusalCode } from '../results/codes.ts';
import type { Result } from '../results/summary.ts';
import { writeWorkRecord } from '../results/trace.ts';
import type { Grades } from '../scenario/grade.ts';
import type { Approvals } from '../tools/approvals.ts';
import type { Canaries } from '../tools/canaries.ts';
import type { FaultDial } from '../tools/faults.ts';
import type { Redact } from '../tools/mcp/secrets.ts';
import type { Surface } from '../tools/mcp/surface.ts';
import { toKept } from '../tools/recorder.ts';
import type { CallTool, ToolCaller } from '../tools/tool-caller.ts';
import type { WorkRecorder } from '../tools/work-recorder.ts';
import type { Trial } from './plan.ts';
import { ResultSizeMeter, writeToolRecord } from './tool-record.ts';
import type { TrialEnvironment } from './trial.ts';
import type { ModelFindings } from './trial-model.ts';

/** What is known of a trial so far; kept when it fails half-way. */
export type Attempt = {
  outcome: Outcome | undefined;
  grades: Grades | undefined;
  surface: Surface;
  /** Takes the secrets of the servers' configurations out of what is kept. */
  redact?: Redact | undefined;
  serverStartMs: number;
  programs: ProgramReport[];
  caller?: ToolCaller;
  /** What no model need see, where the scenario declares any. */
  canaries?: Canaries | undefined;
  /** What lets calls fail, where the run has faults. */
  dial?: FaultDial | undefined;
  approvals?: Approvals | undefined;
  resultSizes?: ResultSizeMeter;
  /** What was asked of the servers, and answered. */
  work?: WorkRecorder;
  /** How the scripted model's direct calls are asked for. */
  schedule?: Result['schedule'];
  /** As which client the trial is billed, too; only where its variant stands for what that client does. */
  client?: ClientProfile | undefined;
  /** What is known of the model's part. */
  findings: ModelFindings;
  /** Books what was billed against the limits of trial and run. */
  spend?: (bill: RequestBill) => void;
  /** What tools and programs had done when a request did not fit the window. */
  atOverflow?: Usage;
};

/** What tools and programs have done so far. */
type Usage = {
  calls: number;
  sentAgain: number;
  refusals: Partial<Record<RefusalCode, number>>;
  /** Milliseconds in which at least one call was under way. */
  toolsMs: number;
  /** Milliseconds that programs took, without those in which a call of theirs was under way. */
  sandboxMs: number;
  programs: readonly ProgramReport[];
};

const milliseconds = (value: number) => Math.round(value * 10) / 10;

/** What a trial came to: the bill from its meter, the rest from what is known of the attempt. */
export function toResult(trial: Trial, attempt: Attempt, meter: Meter, totalMs: number): Result {
  const outcome = attempt.outcome ?? { status: 'infrastructure_error', error: 'The trial did not end.' };
  const reading = meter.reading();
  const overflow = meter.overflow();
  const otherwise = meter.otherwise();
  const client = attempt.client && meter.asClient(attempt.client);
  const whole = usageOf(attempt);
  const { calls: toolCalls, sentAgain, refusals, programs, ...times } = attempt.atOverflow ?? whole;
  const graded = attempt.grades;
  const { evidence, provider, modelMs } = attempt.findings;
  // Counted here, or by a provider that refused the request.
  const cut = overflow ?? (outcome.status === 'context_overflow' ? outcome : undefined);
  const stoppedCalls = addCounts(programs.map((program) => program.stoppedCalls));
  // What became of the trial after a call that was not approved follows from that call.
  const notApproved = outcome.status === 'infrastructure_error' ? undefined : attempt.approvals?.failure();
  const correct = graded ? (outcome.status === 'completed' && graded.correct ? 1 : 0) : null;
  return {
    scenario: trial.scenario.name,
    params: trial.params,
    variant: trial.variant.name,
    pattern: trial.variant.pattern,
    model: trial.model.id,
    evidence,
    trials: 1,
    status: outcome.status,
    reason: toKept(notApproved ?? explain(outcome, graded), attempt.redact),
    ...(outcome.status === 'infrastructure_error' && outcome.scenarioFault && { scenarioFault: true }),
    correct,
    ...bill(reading),
    toolCalls,
    ...(attempt.schedule && { schedule: attempt.schedule }),
    refusals: sumOfCounts(refusals),
    ...(sumOfCounts(refusals) > 0 && { refusalCodes: addCounts([refusals]) }),
    ...(attempt.canaries && { canaries: attempt.canaries.report() }),
    ...(attempt.dial && { faults: attempt.dial.report(outcome.status === 'completed' && correct === 0) }),
    ...(attempt.approvals && { approvals: attempt.approvals.report() }),
    programs: programs.length,
    ...(programs.length > 0 && {
      programEnds: addCounts(programs.map(({ status }) => ({ [status]: 1 }))),
    }),
    ...(sumOfCounts(stoppedCalls) > 0 && { stoppedCalls }),
    ...(sentAgain > 0 && { sentAgain: { input: sentAgain } }),
    latencyMs: {
      modelled: reading.modelledMs,
      measured: milliseconds(times.toolsMs + times.sandboxMs),
      ...(evidence === 'live' && modelMs !== undefined && { measuredModel: modelMs }),
    },
    ...(cut && { overflow: pickOverflow(cut) }),
    ...(overflow && {
      hypothetical: {
        ...bill(overflow.hypothetical),
        toolCalls: whole.calls,
        latencyMs: {
          modelled: overflow.hypothetical.modelledMs,
          measured: milliseconds(whole.toolsMs + whole.sandboxMs),
        },
        correct: graded?.correct ? 1 : 0,
      },
    }),
    ...(provider && { provider }),
    tools: attempt.surface.reduce((sum, server) => sum + server.tools.length, 0),
    ...(attempt.resultSizes && { resultBytes: sumOf(attempt.resultSizes.read(), ({ bytes }) => bytes) }),
    prefixTokens: reading.prefixTokens,
    ...(reading.cacheGapMs !== undefined && { cacheGapMs: reading.cacheGapMs }),
    ...(otherwise && { otherwise }),
    ...(client && { client }),
    counts: meter.counts(),
    measured: {
      toolsMs: milliseconds(times.toolsMs),
      sandboxMs: milliseconds(times.sandboxMs),
      serverStartMs: milliseconds(attempt.serverStartMs),
      totalMs: milliseconds(totalMs),
    },
  };
}

/** What tools and programs have done so far. */
export function usageOf({ caller, programs }: Pick<Attempt, 'caller' | 'programs'>): Usage {
  const programsMs = sumOf(programs, ({ measured }) => measured.startMs + measured.wallMs);
  return {
    calls: caller?.calls() ?? 0,
    sentAgain: caller?.sentAgain() ?? 0,
    refusals: caller?.refusals() ?? {},
    toolsMs: caller?.busyMs('any') ?? 0,
    // A model's own calls run beside no program, or beside one that is not held up by them.
    sandboxMs: Math.max(0, programsMs - (caller?.busyMs('program') ?? 0)),
    programs: [...programs],
  };
}

function sumOf<T>(values: readonly T[], pick: (value: T) => number): number {
  return values.reduce((sum, value) => sum + pick(value), 0);
}

/** The figures of an overflow, without what else is known of it. */
export function pickOverflow({ roundTrip, inputTokens, contextWindow }: Overflow): Overflow {
  return { roundTrip, inputTokens, contextWindow };
}

function bill({ roundTrips, tokens, ledger, remainder, estimatedBilled, costUsd }: Reading) {
  return {
    ...{ roundTrips, tokens, ledger },
    ...(remainder !== undefined && { remainder }),
    ...(estimatedBilled !== undefined && { estimatedBilled }),
    costUsd,
    ...(!costUsd && { unpriced: true as const }),
  };
}

function explain(outcome: Outcome, graded: Grades | undefined): string {
  switch (outcome.status) {
    case 'completed': {
      const { grades = [] } = graded ?? {};
      return (grades.find((each) => !each.correct) ?? grades[0])?.reason ?? 'It was not graded.';
    }
    case 'context_overflow':
      return describeOverflow(outcome);
    case 'limit_reached':
      return `A limit was reached: ${outcome.limit}.`;
    case 'model_stopped':
      return outcome.reason;
    case 'infrastructure_error':
      return outcome.error;
  }
}

/**
 * A further model as which a trial is billed. A scripted conversation is the same for every model: what differs is how its tokens
 * are counted, and what they cost.
 */
export type AlsoBilled = {
  model: ModelEntry;
  counter: TokenCounter;
  /** Where the trace goes, as if the trial had been played as this model. */
  traceFile: string;
  /**
   * Told the result; undefined where the trial must be played for this model: one of the two reaches a window or a limit, or
   * files cannot be written.
   */
  onResult: (result: Result | undefined) => void;
};

/** The further bills of one trial under way. */
export type FurtherBills = ReturnType<typeof openFurtherBills>;

type Billed = { bill: RequestBill; prompt: Partial<Record<Category, number>> };

/** Opens the further bills of a scripted trial. */
export function openFurtherBills(
  trial: Trial,
  { alsoBilled = [], profile, models }: Pick<TrialEnvironment, 'alsoBilled' | 'profile' | 'models'>,
) {
  const bills = alsoBilled.map((also) => {
    const roundTrips: Billed[] = [];
    const meter = new Meter({
      model: also.model,
      counter: also.counter,
      profile,
      toolCategories: trial.variant.toolCategories,
      onRoundTrip: (bill, _, prompt) => roundTrips.push({ bill, prompt }),
    });
    return { also, meter, roundTrips, sizes: new ResultSizeMeter(also.counter) };
  });
  return {
    /** Counts what is said. */
    middleware: (next: Model) => bills.reduce((model, { meter }) => meter.middleware(model), next),
    /** Counts what tools return. */
    watch: (callTool: CallTool) => bills.reduce((call, { sizes }) => sizes.watch(call), callTool),
    /** Time that passes besides that of the model, in modelled milliseconds. */
    waited(ms: number) {
      for (const { meter } of bills) meter.waited(ms);
    },
    /** Writes what the trial came to as each model, from what it came to as its own. */
    end(attempt: Attempt, played: Result, traceFile: string, totalMs: number) {
      for (const { also, meter, roundTrips, sizes } of bills) {
        const isWhole = played.status === 'completed' || played.status === 'model_stopped';
        const isSame =
          isWhole &&
          !meter.hasOverflowed &&
          !reachesLimit(roundTrips, mostOutputTokens(also.model), models?.limits?.tokens);
        const own = { ...trial, model: also.model };
        const write = () => {
          makeDirectory(dirname(also.traceFile));
          const trace = traceAs(also.model, readFileSync(traceFile, 'utf8'), roundTrips);
          replaceFile(also.traceFile, trace, InfrastructureError);
          writeToolRecord(also.traceFile, own, attempt, sizes);
          if (attempt.work) writeWorkRecord(also.traceFile, attempt.work.read());
        };
        also.onResult(isSame && succeeds(write) ? toResult(own, attempt, meter, totalMs) : undefined);
      }
    },
  };
}

/** Whether a trial with these bills would have been stopped: by a response too long, or by tokens billed before a request. */
function reachesLimit(roundTrips: readonly Billed[], mostOutput: number, mostTokens = Infinity): boolean {
  const before = roundTrips.slice(0, -1).reduce((sum, { bill }) => sum + bill.input + bill.output, 0);
  return before >= mostTokens || roundTrips.some(({ bill }) => bill.output > mostOutput);
}

/** Where files cannot be written, the trial is played for that model, which tells why; the others keep theirs. */
function succeeds(write: () => void): boolean {
  try {
    write();
    return true;
  } catch {
    return false;
  }
}

/** A trace with the bills of another model. */
function traceAs({ id }: ModelEntry, trace: string, billed: readonly Billed[]): string {
  const as = (line: string) => {
    const event = JSON.parse(line);
    if (event.event === 'trial_started' || event.event === 'request') return { ...event, model: id };
    if (event.event === 'response') return { ...event, response: { ...event.response, model: id } };
    return event.event === 'billed' ? { ...event, ...billed[event.roundTrip - 1] } : event;
  };
  return trace.replace(/.+/g, (line) =>
    /^\{"event":"(trial_started|request|response|billed)"/.test(line) ? JSON.stringify(as(line)) : line,
  );
}
