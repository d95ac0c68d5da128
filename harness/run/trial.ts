import type { AuditLog } from '../audit/audit-log.ts';
import { auditTrial } from '../audit/trial-audit.ts';
import { InfrastructureError } from '../errors.ts';
import { grade } from '../grade/grade.ts';
import { connectAll } from '../mcp/connections.ts';
import type { Surface } from '../mcp/surface.ts';
import type { LatencyProfile } from '../meter/latency.ts';
import { ContextOverflow, Meter } from '../meter/meter.ts';
import type { Tokenizer } from '../meter/tokenizer.ts';
import type { Model } from '../model/model.ts';
import type { Outcome, PatternContext } from '../patterns/pattern.ts';
import type { Trial } from '../plan/plan.ts';
import { createPolicy } from '../policy/policy.ts';
import type { Sandbox } from '../sandbox/sandbox.ts';
import { createClassicScript } from '../scripted/classic-script.ts';
import { createCodeScript } from '../scripted/code-script.ts';
import { recordModel } from '../trace/model-recorder.ts';
import { openRecorder, type Recorder } from '../trace/recorder.ts';
import { allowedSurface, refuseMissingTools } from './allowed.ts';
import { type Attempt, toResult, usageOf } from './attempt.ts';
import { ResultSizeMeter } from './result-sizes.ts';
import { resolveServers } from './servers.ts';
import type { Result } from './summary.ts';
import { createToolCaller } from './tool-caller.ts';
import { writeToolRecord } from './tool-record.ts';

/** What all trials of a run share. */
export type TrialEnvironment = {
  tokenizer: Tokenizer;
  profile: LatencyProfile;
  sandbox: Sandbox;
  mcpConfigFile: string | undefined;
  timeouts: { connectMs: number; callMs: number };
  /** Name of the run, and the log that its calls are written to before they are made. */
  run: string;
  audit: AuditLog;
  signal: AbortSignal;
  onRoundTrip?: (roundTrip: number, inputTokens: number) => void;
};

/**
 * Runs one trial against freshly started servers and writes its trace. Never rejects for what the trial did or met: that
 * is its result. Rejects with the signal's reason when it was aborted, and for faults of the scenario's own files.
 */
export async function runTrial(
  trial: Trial,
  traceFile: string,
  environment: TrialEnvironment,
): Promise<Result> {
  const recorder = openRecorder(traceFile);
  const started = performance.now();
  const attempt: Attempt = {
    outcome: undefined,
    grades: undefined,
    surface: [],
    serverStartMs: 0,
    programs: [],
  };
  const meter = createMeter(trial, environment, recorder, attempt);
  try {
    recorder.record({
      event: 'trial_started',
      scenario: trial.scenario.name,
      params: trial.params,
      variant: trial.variant.name,
      model: trial.model.id,
      evidence: 'scripted',
      repeat: trial.repeat,
      seed: trial.seed,
    });
    await attemptTrial(trial, environment, recorder, meter, attempt);
  } catch (error) {
    if (environment.signal.aborted) throw environment.signal.reason;
    if (!(error instanceof InfrastructureError)) throw error;
    attempt.outcome = { status: 'infrastructure_error', error: error.message };
  } finally {
    if (attempt.outcome) recorder.record({ event: 'outcome', outcome: attempt.outcome });
    if (attempt.grades) recorder.record({ event: 'graded', ...attempt.grades });
    recorder.close();
  }
  if (attempt.resultSizes) {
    const { surface, resultSizes: results } = attempt;
    writeToolRecord(traceFile, trial, { surface, results, tokenizer: environment.tokenizer });
  }
  return toResult(trial, attempt, meter, performance.now() - started);
}

async function attemptTrial(
  trial: Trial,
  environment: TrialEnvironment,
  recorder: Recorder,
  meter: Meter,
  attempt: Attempt,
): Promise<void> {
  const { scenario, params, dataSeed } = trial;
  const { signal, sandbox } = environment;
  const context = { params, seed: dataSeed };
  const servers = await resolveServers(scenario, context, environment.mcpConfigFile);
  const connecting = performance.now();
  const connections = await connectAll(servers, environment.timeouts, signal);
  attempt.serverStartMs = performance.now() - connecting;
  let model: Model | undefined;
  try {
    const surface = allowedSurface(scenario, connections.surface);
    attempt.surface = surface;
    for (const { server, implementation, tools } of surface) {
      recorder.record({ event: 'server_connected', server, implementation, tools: tools.length });
    }
    refuseMissingTools(scenario, surface);
    const grant = { tools: scenario.tools, writes: scenario.writes };
    const audit = auditTrial(environment.audit, {
      run: environment.run,
      trial: `${scenario.name}/${trial.variant.name}/${trial.repeat}`,
      pattern: trial.variant.pattern,
      model: trial.model.id,
      seed: trial.seed,
    });
    audit.granted(connections.listings, grant, () => false);
    model = createModel(trial, surface, sandbox);
    const caller = createToolCaller({ connections, recorder, policy: createPolicy(grant), audit });
    attempt.caller = caller;
    const resultSizes = new ResultSizeMeter(environment.tokenizer);
    attempt.resultSizes = resultSizes;
    const patternContext: PatternContext = {
      model: meter.middleware(recordModel(recorder)(audit.watchModel(model))),
      callTool: resultSizes.watch(caller.callTool),
      sandbox,
      programLimits: scenario.limits ?? {},
      limits: { roundTrips: 100_000, outputTokens: Math.min(trial.model.maxOutput, 64_000) },
      onProgram: (program) => {
        attempt.programs.push(program);
        recorder.record({ event: 'program', ...program });
      },
      signal,
    };
    const task = typeof scenario.task === 'function' ? scenario.task(context) : scenario.task;
    const outcome = await trial.variant
      .run({ text: task, surface }, patternContext)
      .catch((error: unknown): Outcome => {
        if (error instanceof ContextOverflow) return { status: 'context_overflow', ...error.overflow };
        throw error;
      });
    const answer = outcome.status === 'completed' ? outcome.answer : '';
    const states = await connections.states();
    audit.counted(states);
    const truth = await scenario.truth?.(context);
    attempt.grades = await grade(scenario, { ...context, truth, answer, states });
    const overflow = meter.overflow();
    attempt.outcome = overflow
      ? {
          status: 'context_overflow',
          roundTrip: overflow.roundTrip,
          inputTokens: overflow.inputTokens,
          contextWindow: overflow.contextWindow,
        }
      : outcome;
  } finally {
    await model?.close();
    await connections.close();
  }
}

function createMeter(
  trial: Trial,
  environment: TrialEnvironment,
  recorder: Recorder,
  attempt: Attempt,
): Meter {
  return new Meter({
    model: trial.model,
    tokenizer: environment.tokenizer,
    profile: environment.profile,
    toolCategories: trial.variant.toolCategories,
    onOverflow: (overflow) => {
      attempt.atOverflow = usageOf(attempt);
      recorder.record({ event: 'context_overflow', ...overflow });
    },
    onRoundTrip: (bill, roundTrip) => {
      recorder.record({ event: 'billed', roundTrip, bill });
      environment.onRoundTrip?.(roundTrip, bill.input);
    },
  });
}

function createModel(trial: Trial, surface: Surface, sandbox: Sandbox): Model {
  const { scenario, params, dataSeed, variant } = trial;
  const script = {
    modelId: trial.model.id,
    steps: scenario.steps,
    sources: scenario.sources,
    input: { ...params, ...scenario.given?.({ params, seed: dataSeed }) },
    surface,
    cpuMs: scenario.limits?.cpuMs,
  };
  return variant.pattern === 'classic'
    ? createClassicScript(script, sandbox, variant.maxParallelCalls)
    : createCodeScript(script);
}
