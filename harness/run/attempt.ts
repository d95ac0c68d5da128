import type { Outcome, ProgramReport } from '../agent/patterns/converse.ts';
import { addCounts, sumOfCounts } from '../analysis/aggregate.ts';
import type { ClientProfile } from '../meter/clients.ts';
import type { RequestBill } from '../meter/ledger.ts';
import type { Meter, Reading } from '../meter/meter.ts';
import { describeOverflow } from '../meter/meter.ts';
import type { RefusalCode } from '../results/codes.ts';
import type { Result } from '../results/summary.ts';
import type { Grades } from '../scenario/grade.ts';
import type { Approvals } from '../tools/approvals.ts';
import type { Canaries } from '../tools/canaries.ts';
import type { FaultDial } from '../tools/faults.ts';
import type { Redact } from '../tools/mcp/secrets.ts';
import type { Surface } from '../tools/mcp/surface.ts';
import { toKept } from '../tools/recorder.ts';
import type { ToolCaller } from '../tools/tool-caller.ts';
import type { WorkRecorder } from '../tools/work-recorder.ts';
import type { Trial } from './plan.ts';
import type { ResultSizeMeter } from './result-sizes.ts';
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
  const { calls: toolCalls, sentAgain, refusals, toolsMs, sandboxMs, programs } = attempt.atOverflow ?? whole;
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
      measured: milliseconds(toolsMs + sandboxMs),
      ...(evidence === 'live' && modelMs !== undefined && { measuredModel: modelMs }),
    },
    ...(cut && {
      overflow: {
        roundTrip: cut.roundTrip,
        inputTokens: cut.inputTokens,
        contextWindow: cut.contextWindow,
      },
    }),
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
      toolsMs: milliseconds(toolsMs),
      sandboxMs: milliseconds(sandboxMs),
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

function bill(reading: Reading) {
  const { roundTrips, tokens, ledger, remainder, estimatedBilled, costUsd } = reading;
  return {
    roundTrips,
    tokens,
    ledger,
    ...(remainder === undefined ? {} : { remainder }),
    ...(estimatedBilled === undefined ? {} : { estimatedBilled }),
    costUsd,
    ...(costUsd ? {} : { unpriced: true as const }),
  };
}

function explain(outcome: Outcome, graded: Grades | undefined): string {
  switch (outcome.status) {
    case 'completed':
      return (
        (graded?.grades.find((each) => !each.correct) ?? graded?.grades[0])?.reason ?? 'It was not graded.'
      );
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
