import { InfrastructureError } from '../errors.ts';
import { type Grades, grade } from '../grade/grade.ts';
import { connectAll } from '../mcp/connections.ts';
import { nearest } from '../mcp/nearest.ts';
import type { Surface } from '../mcp/surface.ts';
import type { LatencyProfile } from '../meter/latency.ts';
import { ContextOverflow, Meter, type Reading } from '../meter/meter.ts';
import type { Tokenizer } from '../meter/tokenizer.ts';
import type { Model } from '../model/model.ts';
import type { Outcome, PatternContext, ProgramReport } from '../patterns/pattern.ts';
import type { Trial } from '../plan/plan.ts';
import type { Sandbox } from '../sandbox/sandbox.ts';
import type { Scenario } from '../scenario/scenario.ts';
import { createClassicScript } from '../scripted/classic-script.ts';
import { createCodeScript } from '../scripted/code-script.ts';
import { recordModel } from '../trace/model-recorder.ts';
import { openRecorder, type Recorder } from '../trace/recorder.ts';
import { resolveServers } from './servers.ts';
import type { Result } from './summary.ts';
import { createToolCaller, type ToolCaller } from './tool-caller.ts';

/** What all trials of a run share. */
export type TrialEnvironment = {
  tokenizer: Tokenizer;
  profile: LatencyProfile;
  sandbox: Sandbox;
  mcpConfigFile: string | undefined;
  timeouts: { connectMs: number; callMs: number };
  signal: AbortSignal;
  onRoundTrip?: (roundTrip: number, inputTokens: number) => void;
};

const milliseconds = (value: number) => Math.round(value * 10) / 10;

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
  const meter = createMeter(trial, environment, recorder);
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
  return toResult(trial, attempt, meter, performance.now() - started);
}

/** What is known of a trial so far; kept when it fails half-way. */
type Attempt = {
  outcome: Outcome | undefined;
  grades: Grades | undefined;
  surface: Surface;
  serverStartMs: number;
  programs: ProgramReport[];
  caller?: ToolCaller;
};

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
    refuseMissingTools(trial, surface);
    model = createModel(trial, surface, sandbox);
    const caller = createToolCaller(connections, recorder);
    attempt.caller = caller;
    const patternContext: PatternContext = {
      model: meter.middleware(recordModel(recorder)(model)),
      callTool: caller.callTool,
      sandbox,
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

function createMeter(trial: Trial, environment: TrialEnvironment, recorder: Recorder): Meter {
  return new Meter({
    model: trial.model,
    tokenizer: environment.tokenizer,
    profile: environment.profile,
    toolCategories: trial.variant.toolCategories,
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
  };
  return variant.pattern === 'classic'
    ? createClassicScript(script, sandbox, variant.maxParallelCalls)
    : createCodeScript(script);
}

/** What the scenario may use of its servers; all of it where it says nothing. */
function allowedSurface(scenario: Scenario, surface: Surface): Surface {
  const { tools: allowed, name } = scenario;
  if (!allowed) return surface;
  for (const [server, names] of Object.entries(allowed)) {
    const listed = surface.find((each) => each.server === server)?.tools.map((tool) => tool.name);
    const missing = names.find((tool) => !listed?.includes(tool));
    if (missing === undefined) continue;
    throw new InfrastructureError(
      `${name} may use ${server}.${missing}, which ${listed ? `that server does not have. Nearest: ${nearest(missing, listed, 3).join(', ')}.` : 'is on no server of it.'}`,
    );
  }
  return surface.map((server) => ({
    ...server,
    tools: server.tools.filter((tool) => allowed[server.server]?.includes(tool.name)),
  }));
}

/** A reference program that names a tool which its server lacks cannot run in either pattern. */
function refuseMissingTools(trial: Trial, surface: Surface): void {
  const known = new Map(surface.map(({ server, tools }) => [server, tools.map((tool) => tool.identifier)]));
  for (const { body } of trial.scenario.sources) {
    for (const [, server = '', tool = ''] of body.matchAll(/\bmcp\s*\.\s*([\w$]+)\s*\.\s*([\w$]+)/g)) {
      const tools = known.get(server);
      if (tools?.includes(tool)) continue;
      const problem = tools
        ? `which server "${server}" does not have. Nearest: ${nearest(tool, tools, 3).join(', ')}.`
        : `but there is no server "${server}". Servers: ${[...known.keys()].join(', ')}.`;
      throw new InfrastructureError(
        `The program of ${trial.scenario.name} calls mcp.${server}.${tool}, ${problem}`,
      );
    }
  }
}

function toResult(trial: Trial, attempt: Attempt, meter: Meter, totalMs: number): Result {
  const outcome = attempt.outcome ?? { status: 'infrastructure_error', error: 'The trial did not end.' };
  const reading = meter.reading();
  const overflow = meter.overflow();
  const toolsMs = attempt.caller?.busyMs() ?? 0;
  const programsMs = attempt.programs.reduce(
    (sum, { measured }) => sum + measured.startMs + measured.wallMs,
    0,
  );
  const sandboxMs = trial.variant.pattern === 'code' ? Math.max(0, programsMs - toolsMs) : 0;
  const graded = attempt.grades;
  const correct = graded ? (outcome.status === 'completed' && graded.correct ? 1 : 0) : null;
  const toolCalls = attempt.caller?.calls() ?? 0;
  return {
    scenario: trial.scenario.name,
    params: trial.params,
    variant: trial.variant.name,
    pattern: trial.variant.pattern,
    model: trial.model.id,
    evidence: 'scripted',
    trials: 1,
    status: outcome.status,
    reason: explain(outcome, graded),
    correct,
    ...bill(reading),
    toolCalls,
    programs: attempt.programs.length,
    latencyMs: { modelled: reading.modelledMs, measured: milliseconds(toolsMs + sandboxMs) },
    ...(overflow && {
      overflow: {
        roundTrip: overflow.roundTrip,
        inputTokens: overflow.inputTokens,
        contextWindow: overflow.contextWindow,
      },
      hypothetical: {
        ...bill(overflow.hypothetical),
        toolCalls,
        latencyMs: { modelled: overflow.hypothetical.modelledMs },
        correct: graded?.correct ? 1 : 0,
      },
    }),
    tools: attempt.surface.reduce((sum, server) => sum + server.tools.length, 0),
    measured: {
      toolsMs: milliseconds(toolsMs),
      sandboxMs: milliseconds(sandboxMs),
      serverStartMs: milliseconds(attempt.serverStartMs),
      totalMs: milliseconds(totalMs),
    },
  };
}

function bill(reading: Reading) {
  const { roundTrips, tokens, ledger, costUsd } = reading;
  return { roundTrips, tokens, ledger, costUsd, ...(costUsd ? {} : { unpriced: true as const }) };
}

function explain(outcome: Outcome, graded: Grades | undefined): string {
  switch (outcome.status) {
    case 'completed':
      return (
        (graded?.grades.find((each) => !each.correct) ?? graded?.grades[0])?.reason ?? 'It was not graded.'
      );
    case 'context_overflow':
      return `Request ${outcome.roundTrip} has ${outcome.inputTokens} tokens; the context window holds ${outcome.contextWindow}.`;
    case 'limit_reached':
      return `A limit was reached: ${outcome.limit}.`;
    case 'model_stopped':
      return outcome.reason;
    case 'infrastructure_error':
      return outcome.error;
  }
}
