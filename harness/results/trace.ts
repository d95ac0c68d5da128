import { z } from 'zod';
import { programStatuses, refusalCodes, stopCodes } from './codes.ts';
import type { MessageParam, ModelResponse, ToolParam } from './messages.ts';

export const traceFormat = 'patternbench.trace/v1';

const count = z.int().nonnegative();
const milliseconds = z.number().nonnegative();

/** Arguments with more JSON than this many bytes are cut in a trace. */
export const mostTracedArgumentBytes = 16 * 1024;

/**
 * A trace that has this many bytes takes in nothing more but how the trial ended. It is beyond what a window holds and what
 * programs of honest scenarios send; only servers and programs without measure reach it.
 */
export const mostTraceBytes = 64 * 1024 * 1024;

/** What a call was made with: the arguments, or of large ones their true size, hash and beginning. */
const argumentsOfCall = {
  /** Absent where they are too large, or nested too deeply to be written. */
  arguments: z.record(z.string(), z.unknown()).optional(),
  argumentsCut: z.strictObject({ bytes: count, sha256: z.string(), beginning: z.string() }).optional(),
};

/** A value of the Messages API, whose own types say what is in it. */
const ofTheApi = <T extends object>() =>
  z.custom<T>((value) => typeof value === 'object' && value !== null && !Array.isArray(value));

const overflow = { roundTrip: count, inputTokens: count, contextWindow: count };

const outcome = z.discriminatedUnion('status', [
  z.strictObject({ status: z.literal('completed'), answer: z.string() }),
  z.strictObject({ status: z.literal('context_overflow'), ...overflow }),
  z.strictObject({ status: z.literal('limit_reached'), limit: z.string() }),
  z.strictObject({ status: z.literal('model_stopped'), reason: z.string() }),
  z.strictObject({
    status: z.literal('infrastructure_error'),
    error: z.string(),
    /** It was the scenario's own code that threw. */
    scenarioFault: z.literal(true).optional(),
  }),
]);

/** Which call, counted from 1 within the trial, of which tool, asked for by the model or a program. */
const callOf = { call: count, server: z.string(), tool: z.string(), caller: z.string() };

/**
 * One event of a trial. The request of every round trip can be rebuilt exactly: the first carries the system prompt and
 * the tools, each carries the messages that were added since the one before and where the cache breakpoints stand. What was
 * measured is under `measured`; all else of a scripted trial is the same in every run.
 */
const traceEvent = z.discriminatedUnion('event', [
  z.strictObject({
    event: z.literal('trial_started'),
    scenario: z.string(),
    params: z.record(z.string(), z.unknown()),
    variant: z.string(),
    model: z.string(),
    evidence: z.string(),
    repeat: z.int().positive(),
    seed: z.int(),
  }),
  z.strictObject({
    event: z.literal('server_connected'),
    server: z.string(),
    implementation: z.looseObject({ name: z.string(), version: z.string() }),
    tools: count,
  }),
  z.strictObject({
    event: z.literal('request'),
    roundTrip: count,
    model: z.string(),
    maxTokens: count,
    thinking: z.unknown().optional(),
    system: z.unknown().optional(),
    tools: z.array(ofTheApi<ToolParam>()).optional(),
    /** Messages added since the request before, without their cache breakpoints. */
    appended: z.array(ofTheApi<MessageParam>()),
    /** Index of each message whose last block carries a cache breakpoint. */
    cacheBreakpoints: z.array(count),
  }),
  /** A request to a provider failed for a passing reason and is made again; no usage was reported for it. */
  z.strictObject({
    event: z.literal('retry'),
    attempt: count,
    kind: z.string(),
    reason: z.string(),
    measured: z.strictObject({ delayMs: milliseconds }),
  }),
  z.strictObject({
    event: z.literal('response'),
    roundTrip: count,
    response: ofTheApi<ModelResponse>(),
    measured: z.strictObject({ ms: milliseconds }),
  }),
  /** What follows in this trace is hypothetical: what the job would have been with no window. */
  z.strictObject({ event: z.literal('context_overflow'), ...overflow }),
  z.strictObject({
    event: z.literal('billed'),
    roundTrip: count,
    bill: z.strictObject({ input: count, fresh: count, cacheWrite: count, cacheRead: count, output: count }),
  }),
  z.strictObject({
    event: z.literal('tool_call'),
    ...callOf,
    ...argumentsOfCall,
  }),
  /** A call that the policy did not let through; the caller was told the reason. */
  z.strictObject({
    event: z.literal('tool_refused'),
    ...callOf,
    code: z.enum(refusalCodes),
    reason: z.string(),
    ...argumentsOfCall,
  }),
  z.strictObject({
    event: z.literal('tool_result'),
    call: count,
    isError: z.boolean(),
    bytes: count,
    sha256: z.string(),
    measured: z.strictObject({ ms: milliseconds }),
  }),
  /** How a program that the model wrote ended. */
  z.strictObject({
    event: z.literal('program'),
    sha256: z.string(),
    status: z.enum(programStatuses),
    calls: count,
    /** Calls that the sandbox stopped, by why. */
    stoppedCalls: z.partialRecord(z.enum(stopCodes), count),
    logBytes: count,
    valueBytes: count,
    error: z.string().optional(),
    measured: z.strictObject({ startMs: milliseconds, wallMs: milliseconds, cpuMs: milliseconds }),
  }),
  /** Something failed that patternbench has no words for; the outcome that follows says what. */
  z.strictObject({ event: z.literal('fault'), measured: z.strictObject({ stack: z.string() }) }),
  z.strictObject({ event: z.literal('outcome'), outcome }),
  z.strictObject({
    event: z.literal('graded'),
    correct: z.boolean(),
    grades: z.array(z.looseObject({ grader: z.string(), correct: z.boolean(), reason: z.string() })),
  }),
  /** The trace was full: so many events of each kind, with so many bytes in all, are not in it. */
  z.strictObject({ event: z.literal('left_out'), events: z.record(z.string(), count), bytes: count }),
]);

/** Any line of a trace: the first names the format. */
export const traceRecord = z.union([z.strictObject({ format: z.literal(traceFormat) }), traceEvent]);

export type TraceEvent = z.infer<typeof traceEvent>;
