import { existsSync, readFileSync } from 'node:fs';
import { z } from 'zod';
import { UsageError } from '../errors.ts';
import { readJson, writeJson } from '../files.ts';
import { isRecord, parseJson } from '../json.ts';
import {
  approvalGrains,
  approverKinds,
  categories,
  faultKinds,
  programStatuses,
  refusalCodes,
  stopCodes,
} from './codes.ts';
import type { MessageParam, ModelResponse, ToolParam } from './messages.ts';
import { paramsSchema } from './point.ts';

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
  arguments: z
    .record(z.string(), z.unknown())
    .optional()
    .describe('Absent where they are too large, or nested too deeply to be written.'),
  argumentsCut: z.object({ bytes: count, sha256: z.string(), beginning: z.string() }).optional(),
};

/** A value of the Messages API, whose own types say what is in it. */
const ofTheApi = <T extends object>() => z.custom<T>(isRecord);

/** Which request did not fit the context window, and by how much. */
export const overflow = { roundTrip: count, inputTokens: count, contextWindow: count };

const outcome = z.discriminatedUnion('status', [
  z.object({ status: z.literal('completed'), answer: z.string() }),
  z.object({ status: z.literal('context_overflow'), ...overflow }),
  z.object({ status: z.literal('limit_reached'), limit: z.string() }),
  z.object({ status: z.literal('model_stopped'), reason: z.string() }),
  z.object({
    status: z.literal('infrastructure_error'),
    error: z.string(),
    scenarioFault: z.literal(true).optional().describe("It was the scenario's own code that threw."),
  }),
]);

export const scheduleSchema = z.object({
  played: z.enum(['ahead', 'pinned', 'written']),
  reason: z.string().optional(),
  left: z
    .object({ calls: count, because: z.string() })
    .optional()
    .describe('After how many calls they went as the program is written all the same, and why.'),
});

/** Which call, counted from 1 within the trial, of which tool, asked for by the model or a program. */
const callOf = { call: count, server: z.string(), tool: z.string(), caller: z.string() };

function eventOf<Event extends string, Fields extends z.ZodRawShape>(event: Event, fields: Fields) {
  return z.object({ event: z.literal(event), ...fields });
}

/**
 * One event of a trial. The request of every round trip can be rebuilt exactly: the first carries the system prompt and
 * the tools, each carries the messages that were added since the one before and where the cache breakpoints stand. What was
 * measured is under `measured`; all else of a scripted trial is the same in every run.
 */
const traceEvent = z.discriminatedUnion('event', [
  eventOf('trial_started', {
    scenario: z.string(),
    params: z.record(z.string(), z.unknown()),
    variant: z.string(),
    model: z.string(),
    evidence: z.string(),
    repeat: z.int().positive(),
    seed: z.int(),
  }),
  eventOf('server_connected', {
    server: z.string(),
    implementation: z.looseObject({ name: z.string(), version: z.string() }),
    protocolVersion: z.string().optional().describe('The revision of MCP that was spoken.'),
    tools: count,
  }),
  /** How the direct calls of a scripted model were asked for. */
  scheduleSchema.extend({ event: z.literal('schedule') }),
  eventOf('request', {
    roundTrip: count,
    model: z.string(),
    maxTokens: count,
    thinking: z.unknown().optional(),
    system: z.unknown().optional(),
    tools: z.array(ofTheApi<ToolParam>()).optional(),
    appended: z
      .array(ofTheApi<MessageParam>())
      .describe('Messages added since the request before, without their cache breakpoints.'),
    cacheBreakpoints: z
      .array(count)
      .describe('Index of each message whose last block carries a cache breakpoint.'),
  }),
  eventOf('retry', {
    attempt: count,
    kind: z.string(),
    reason: z.string(),
    measured: z.object({ delayMs: milliseconds }),
  }).describe(
    'A request to a provider failed for a passing reason and is made again; no usage was reported for it.',
  ),
  eventOf('response', {
    roundTrip: count,
    response: ofTheApi<ModelResponse>(),
    measured: z.object({ ms: milliseconds }),
  }),
  eventOf('context_overflow', overflow).describe(
    'What follows in this trace is hypothetical: what the job would have been with no window.',
  ),
  eventOf('billed', {
    roundTrip: count,
    bill: z.object({ input: count, fresh: count, cacheWrite: count, cacheRead: count, output: count }),
    prompt: z
      .partialRecord(z.enum(categories), count)
      .describe(
        'Estimated tokens of the request by category; they sum to `input` where no provider counted.',
      ),
  }),
  eventOf('approval', {
    approval: count,
    per: z.enum(approvalGrains),
    tools: z.array(z.string()),
    call: count.optional(),
    by: z.enum(approverKinds),
    approved: z.boolean(),
    measured: z.object({ ms: milliseconds }),
  }).describe('An answer of whoever must approve calls, and the call that waited for it.'),
  eventOf('tool_call', { ...callOf, ...argumentsOfCall }),
  eventOf('tool_refused', {
    ...callOf,
    code: z.enum(refusalCodes),
    reason: z.string(),
    ...argumentsOfCall,
  }).describe('A call that the policy did not let through; the caller was told the reason.'),
  eventOf('tool_result', {
    call: count,
    isError: z.boolean(),
    fault: z
      .enum(faultKinds)
      .optional()
      .describe('What went wrong with the call because the run asked for it.'),
    attempts: count
      .optional()
      .describe('How often the call was sent, where the server asked for input in between.'),
    bytes: count,
    sha256: z.string(),
    measured: z.object({ ms: milliseconds }),
  }),
  eventOf('program', {
    sha256: z.string(),
    status: z.enum(programStatuses),
    calls: count,
    stoppedCalls: z
      .partialRecord(z.enum(stopCodes), count)
      .describe('Calls that the sandbox stopped, by why.'),
    logBytes: count,
    valueBytes: count,
    error: z.string().optional(),
    measured: z.object({ startMs: milliseconds, wallMs: milliseconds, cpuMs: milliseconds }),
  }).describe('How a program that the model wrote ended.'),
  eventOf('fault', { measured: z.object({ stack: z.string() }) }).describe(
    'Something failed that patternbench has no words for; the outcome that follows says what.',
  ),
  eventOf('outcome', { outcome }),
  eventOf('graded', {
    correct: z.boolean(),
    grades: z.array(z.looseObject({ grader: z.string(), correct: z.boolean(), reason: z.string() })),
  }),
  eventOf('left_out', { events: z.record(z.string(), count), bytes: count }).describe(
    'The trace was full: so many events of each kind, with so many bytes in all, are not in it.',
  ),
]);

/** Any line of a trace: the first names the format. */
export const traceRecord = z.union([z.object({ format: z.literal(traceFormat) }), traceEvent]);

export type TraceEvent = z.infer<typeof traceEvent>;

/** Reads the trace of a trial; undefined where it has none. Throws a `UsageError` that names the line that is not of the format. */
export function readTrace(file: string): TraceEvent[] | undefined {
  if (!existsSync(file)) return undefined;
  const lines = readFileSync(file, 'utf8').split('\n');
  return lines.flatMap((line, index) => {
    if (line === '') return [];
    const record = traceRecord.safeParse(parseJson(line));
    if (!record.success) {
      throw new UsageError(
        `Line ${index + 1} of ${file} is not one of a trace (${traceFormat}): ${z.prettifyError(record.error)}`,
      );
    }
    return 'event' in record.data ? [record.data] : [];
  });
}

export const toolRecordFormat = 'patternbench.tools/v1';

/** One part of a definition: its tokens, and enough of a hash to see that it changed. */
const partSchema = z.object({ tokens: count, hash: z.string() });

/** What one tool's definition takes. `declaredTokens` is what classic sends up front, `declarationTokens` what code looks up. */
const definitionSizesSchema = z.object({
  server: z.string(),
  tool: z.string(),
  hash: z.string(),
  declaredTokens: count,
  declarationTokens: count,
  parts: z.record(z.string(), partSchema),
});

/** What the results of one tool took in a trial: `bytes` of all of them, `tokens` of those that went to the model itself. */
const resultSizesSchema = z.object({
  server: z.string(),
  tool: z.string(),
  calls: count,
  errors: count,
  bytes: count,
  tokens: count,
  error: z
    .string()
    .optional()
    .describe('Text of the error that came most often, cut off; absent where there was none.'),
  fields: z
    .record(z.string(), count)
    .describe('Bytes of values by field, two names deep: `order.total`, `contacts[].notes`.'),
});

/**
 * `<repeat>.tools.json`, beside the trace of a trial: sizes of the definitions that its servers listed and of the results
 * they gave, from which a change of the bill is attributed. Of contents it holds one error text a tool, and nothing measured.
 */
export const toolRecordSchema = z.object({
  format: z.literal(toolRecordFormat),
  scenario: z.string(),
  params: paramsSchema,
  variant: z.string(),
  model: z.string(),
  repeat: z.int().positive(),
  instructions: z.record(z.string(), partSchema),
  definitions: z.array(definitionSizesSchema),
  results: z.array(resultSizesSchema),
});

export type Part = z.infer<typeof partSchema>;
export type DefinitionSizes = z.infer<typeof definitionSizesSchema>;
export type ResultSizes = z.infer<typeof resultSizesSchema>;
export type ToolRecord = z.infer<typeof toolRecordSchema>;

export const workRecordFormat = 'patternbench.work/v1';

const digest = z.string().regex(/^[0-9a-f]{16}$/);

/** One call that a server answered: which tool, its arguments, its result, and whether the trial had written before. */
const callSchema = z.tuple([z.int().nonnegative(), digest, digest, z.int().nonnegative(), z.boolean()]);

/**
 * `<repeat>.work.json`, beside the trace of a trial: what was asked of the servers and what they answered, by digest, so that
 * trials can be held against each other. `calls` are in the order in which they were made: the index of the tool, the digests
 * of arguments and result, the result's bytes, and whether an earlier call of the trial may have written. The beginnings of the
 * first results and arguments are kept, to show where they differ.
 */
export const workRecordSchema = z.object({
  format: z.literal(workRecordFormat),
  tools: z.array(z.object({ server: z.string(), tool: z.string(), readOnly: z.boolean() })),
  calls: z.array(callSchema),
  left: z.int().nonnegative().describe('Calls beyond those that are kept.'),
  texts: z.record(digest, z.string()),
});

export type WorkRecord = z.infer<typeof workRecordSchema>;

/** The file of a trial's record, next to its trace. */
function fileOf(traceFile: string): string {
  return traceFile.replace(/\.jsonl$/, '.work.json');
}

/** Writes the record of a trial beside its trace. Throws an `InfrastructureError` where the disk refuses. */
export function writeWorkRecord(traceFile: string, record: WorkRecord): void {
  writeJson(fileOf(traceFile), record, 0);
}

/** Reads the record of a trial; undefined where it has none. Throws a `UsageError` where it is not one. */
export function readWorkRecord(traceFile: string): WorkRecord | undefined {
  const file = fileOf(traceFile);
  if (!existsSync(file)) return undefined;
  return readJson(
    file,
    workRecordSchema,
    'the work record of a trial',
    'It was changed since the run wrote it.',
  );
}

/** What to do where trials do not find the same state. */
export const sameState = `Each trial must start from the same state: keep it in \${PATTERNBENCH_TRIAL_DIR}, prepare it in setup, or reset the server. Fields that may differ go into volatile.`;
