import { createHash } from 'node:crypto';
import type { Result } from '../../harness/results/summary.ts';
import {
  type Block,
  type Call,
  callsInside,
  directCalls,
  isProgram,
  type Trace,
  type Trip,
  usesOf,
} from '../page/data.ts';

/** A trial as it is written for readers of other formats. */
export type TracedTrial = {
  /** Folder of the run, and its version of patternbench. */
  run: string;
  version: string;
  /** When the run began, in milliseconds since 1970. */
  startedAt: number;
  repeat: number;
  result: Result;
  trace: Trace;
};

/** Identifies a trial wherever its run goes. */
export function nameTrial({ run, repeat, result }: TracedTrial): string {
  return [run, result.scenario, result.variant, repeat].join('/');
}

/** Kinds of a span, and the status of one that failed, as OTLP numbers them. */
const [internal, client] = [1, 3];
const failed = 2;

type Value = string | number | boolean | readonly string[];
type Attributes = Record<string, Value | undefined>;

type Span = {
  name: string;
  kind: number;
  parent: string | undefined;
  /** In milliseconds from the beginning of the trial. */
  start: number;
  end: number;
  attributes: Attributes;
  error?: string | undefined;
};

/**
 * Trials as OpenTelemetry spans in OTLP/JSON, by the conventions for generative AI and for MCP (semantic-conventions-genai 0.1.0).
 * There are spans for the agent, its requests, its programs and its calls. Calls of a program are children of that program.
 *
 * Calls and programs took the time that was measured. The model's time is modelled, and so are ends and later beginnings. All that
 * one response asks for begins at the same time. Ids follow from names: the same spans for the same run.
 */
export function toOtel(trials: readonly TracedTrial[]): string {
  const resourceSpans = trials.map((trial) => ({
    resource: {
      attributes: attributesOf({ 'service.name': 'patternbench', 'service.version': trial.version }),
    },
    scopeSpans: [{ scope: { name: 'patternbench', version: trial.version }, spans: spansOf(trial) }],
  }));
  return `${JSON.stringify({ resourceSpans })}\n`;
}

function spansOf(trial: TracedTrial): object[] {
  const { result, trace, startedAt } = trial;
  const traceId = idOf(nameTrial(trial), 32);
  const written: object[] = [];
  const add = (span: Span): string => {
    const spanId = idOf(`${traceId}/${written.length}`, 16);
    const { name, kind, parent, start, end, attributes, error } = span;
    written.push({
      traceId,
      spanId,
      ...(parent !== undefined && { parentSpanId: parent }),
      name,
      kind,
      startTimeUnixNano: toNanoseconds(startedAt + start),
      endTimeUnixNano: toNanoseconds(startedAt + end),
      attributes: attributesOf(attributes),
      status: error === undefined ? {} : { code: failed, message: error },
    });
    return spanId;
  };
  const calls = Map.groupBy(trace.calls, ({ trip }) => trip);
  let clock = 0;
  const timed = trace.trips.map((trip, index) => {
    const own = calls.get(index) ?? [];
    const [start, answered] = [clock, clock + trip.seconds * 1000];
    clock = answered + timeOfWork(trip, own);
    return { trip, own, start, answered };
  });
  const conversation = nameTrial(trial);
  const agent = add({
    name: `invoke_agent ${result.variant}`,
    kind: internal,
    parent: undefined,
    start: 0,
    end: clock,
    attributes: {
      'gen_ai.operation.name': 'invoke_agent',
      'gen_ai.agent.name': result.variant,
      'gen_ai.provider.name': 'anthropic',
      'gen_ai.request.model': trace.head.model,
      'gen_ai.conversation.id': conversation,
      'gen_ai.usage.input_tokens': sum(trace.trips, ({ bill }) => bill.input),
      'gen_ai.usage.output_tokens': sum(trace.trips, ({ bill }) => bill.output),
      'patternbench.workflow': result.scenario,
      'patternbench.pattern': result.pattern,
      'patternbench.evidence': result.evidence,
      'patternbench.correct': result.correct === null ? undefined : result.correct === 1,
    },
    error: result.correct === 1 ? undefined : result.reason,
  });
  for (const { trip, own, start, answered } of timed) {
    add({ ...toRequest(trip, trace.head, conversation), parent: agent, start, end: answered });
    addWork(add, trip, own, { agent, at: answered });
  }
  return written;
}

function toRequest(
  { bill, stop, usd, hypothetical, retries }: Trip,
  { model, maxTokens }: Trace['head'],
  conversation: string,
): Pick<Span, 'name' | 'kind' | 'attributes'> {
  return {
    name: `chat ${model}`,
    kind: client,
    attributes: {
      'gen_ai.operation.name': 'chat',
      'gen_ai.provider.name': 'anthropic',
      'gen_ai.request.model': model,
      'gen_ai.request.max_tokens': maxTokens,
      'gen_ai.conversation.id': conversation,
      'gen_ai.response.finish_reasons': stop === null ? undefined : [stop],
      'gen_ai.usage.input_tokens': bill.input,
      'gen_ai.usage.output_tokens': bill.output,
      'gen_ai.usage.cache_read.input_tokens': bill.cacheRead,
      'gen_ai.usage.cache_creation.input_tokens': bill.cacheWrite,
      'patternbench.cost_usd': usd ?? undefined,
      'patternbench.retries': retries.length || undefined,
      'patternbench.hypothetical': hypothetical,
    },
  };
}

/** What followed a response: programs with the calls made inside them, and calls of the model's own. */
function addWork(
  add: (span: Span) => string,
  trip: Trip,
  calls: readonly Call[],
  { agent, at }: { agent: string; at: number },
): void {
  const uses = usesOf(trip);
  const programs = uses.filter(isProgram);
  for (const [index, program] of trip.programs.entries()) {
    const own = callsInside(program, calls);
    const parent = add({
      name: 'execute_tool run_code',
      kind: internal,
      parent: agent,
      start: at,
      end: at + program.ms,
      attributes: {
        'gen_ai.operation.name': 'execute_tool',
        'gen_ai.tool.name': 'run_code',
        'gen_ai.tool.type': 'function',
        'gen_ai.tool.call.id': programs[index]?.id,
        'patternbench.program.sha256': program.sha256,
        'patternbench.program.calls': own.length,
        'error.type': program.status === 'ok' ? undefined : program.status,
      },
      error: program.status === 'ok' ? undefined : (program.error ?? program.status),
    });
    for (const call of own) add(toCall(call, { parent, at }));
  }
  const direct = directCalls(calls);
  const asked = uses.filter((use) => !isProgram(use));
  for (const [index, call] of direct.entries()) {
    // Where some of what was asked for never became a call, which is whose is not known.
    const use: Block | undefined = asked.length === direct.length ? asked[index] : undefined;
    add(toCall(call, { parent: agent, at, id: use?.id }));
  }
}

function toCall(
  { tool, arguments: given, ms = 0, isError, refused, bytes }: Call,
  { parent, at, id }: { parent: string; at: number; id?: string | undefined },
): Span {
  const dot = tool.indexOf('.');
  const [server, name] = [tool.slice(0, dot), tool.slice(dot + 1)];
  const problem = refused ?? (isError ? 'tool_error' : undefined);
  return {
    name: `tools/call ${name}`,
    kind: client,
    parent,
    start: at,
    end: at + ms,
    attributes: {
      'mcp.method.name': 'tools/call',
      'gen_ai.operation.name': 'execute_tool',
      'gen_ai.tool.name': name,
      'gen_ai.tool.call.id': id,
      'gen_ai.tool.call.arguments': JSON.stringify(given),
      'patternbench.server': server,
      'patternbench.result_bytes': bytes,
      'error.type': problem,
    },
    error: problem,
  };
}

/** Milliseconds until all that a response asked for was done: programs and the model's own calls run at once. */
function timeOfWork({ programs }: Trip, calls: readonly Call[]): number {
  return Math.max(0, ...[...programs, ...directCalls(calls)].map(({ ms = 0 }) => ms));
}

function attributesOf(attributes: Attributes): object[] {
  return Object.entries(attributes).flatMap(([key, value]) =>
    value === undefined ? [] : [{ key, value: toValue(value) }],
  );
}

function toValue(value: Value): object {
  if (typeof value === 'string') return { stringValue: value };
  if (typeof value === 'boolean') return { boolValue: value };
  if (typeof value !== 'number') return { arrayValue: { values: value.map(toValue) } };
  return Number.isInteger(value) ? { intValue: String(value) } : { doubleValue: value };
}

/** Nanoseconds as decimal text: they are beyond what a number holds exactly. */
function toNanoseconds(milliseconds: number): string {
  return String(BigInt(Math.round(milliseconds * 1000)) * 1000n);
}

function idOf(name: string, digits: number): string {
  return createHash('sha256').update(name).digest('hex').slice(0, digits);
}

function sum<T>(list: readonly T[], of: (item: T) => number): number {
  return list.reduce((total, item) => total + of(item), 0);
}
