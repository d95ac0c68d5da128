import { closeSync, openSync } from 'node:fs';
import { dirname } from 'node:path';
import { explainFailure, InfrastructureError } from '../errors.ts';
import { makeDirectory, writeWhole } from '../files.ts';
import { answering, type ModelMiddleware } from '../meter/model.ts';
import type { MessageParam } from '../results/messages.ts';
import { mostTraceBytes, type TraceEvent, traceFormat } from '../results/trace.ts';
import { capText } from '../visible.ts';
import { type Redact, redactBeginning } from './mcp/secrets.ts';

const bufferedCharacters = 256 * 1024;

/** Small, and what a trace is first read for. */
const alwaysTraced = new Set<TraceEvent['event']>(['context_overflow', 'fault', 'outcome', 'graded']);

/**
 * Writes the events of one trial to a JSONL file, replacing what was there: a format line, then one event a line. A trace that is
 * full leaves out all but how the trial ended; its last line then tells what it left out. A write that fails throws an
 * `InfrastructureError` that names the file.
 */
export function openRecorder(file: string, mostBytes = mostTraceBytes) {
  const guard = <T>(write: () => T) =>
    explainFailure(InfrastructureError, `The trace ${file} cannot be written`, write);
  const descriptor = guard(() => {
    makeDirectory(dirname(file));
    return openSync(file, 'w');
  });
  let buffer = `${JSON.stringify({ format: traceFormat })}\n`;
  let hidden: Redact | undefined;
  const flush = () => {
    if (buffer === '') return;
    const text = buffer;
    buffer = '';
    guard(() => writeWhole(descriptor, text));
  };
  let bytes = 0;
  const leftOut = { events: {} as Record<string, number>, bytes: 0 };
  const append = (line: string) => {
    buffer += line;
    if (buffer.length > bufferedCharacters) flush();
  };
  return {
    record(event: TraceEvent) {
      const line = `${JSON.stringify(redactEvent(event, hidden))}\n`;
      const size = Buffer.byteLength(line);
      if (bytes + size > mostBytes && !alwaysTraced.has(event.event)) {
        leftOut.events[event.event] = (leftOut.events[event.event] ?? 0) + 1;
        leftOut.bytes += size;
        return;
      }
      bytes += size;
      append(line);
    },
    /** From now on, no secret that this knows is written. */
    hide(redact: Redact | undefined) {
      hidden = redact;
    },
    close() {
      try {
        if (leftOut.bytes > 0) append(`${JSON.stringify({ event: 'left_out', ...leftOut })}\n`);
        flush();
      } finally {
        closeSync(descriptor);
      }
    },
  };
}

export type Recorder = ReturnType<typeof openRecorder>;

/** Records every request and response of a model; of a request only what the one before did not have. */
export function recordModel(recorder: Recorder): ModelMiddleware {
  return (next) => {
    let roundTrip = 0;
    let seen = 0;
    const marked = new Set<number>();
    return answering(next, async (request, signal) => {
      roundTrip += 1;
      for (const index of marked) if (!isMarked(request.messages[index])) marked.delete(index);
      for (let index = seen; index < request.messages.length; index += 1) {
        if (isMarked(request.messages[index])) marked.add(index);
      }
      recorder.record({
        event: 'request',
        roundTrip,
        model: request.model,
        maxTokens: request.max_tokens,
        ...(request.thinking && { thinking: request.thinking }),
        ...(roundTrip === 1 ? { system: request.system, tools: [...(request.tools ?? [])] as never } : {}),
        appended: request.messages.slice(seen).map(withoutBreakpoint),
        cacheBreakpoints: [...marked],
      });
      seen = request.messages.length;
      const started = performance.now();
      const response = await next.respond(request, signal);
      recorder.record({
        event: 'response',
        roundTrip,
        response,
        measured: { ms: Math.round((performance.now() - started) * 1000) / 1000 },
      });
      return response;
    });
  };
}

function isMarked(message: MessageParam | undefined): boolean {
  const block = typeof message?.content === 'string' ? undefined : message?.content.at(-1);
  return Boolean(block && 'cache_control' in block && block.cache_control);
}

function withoutBreakpoint(message: MessageParam): MessageParam {
  if (typeof message.content === 'string' || !isMarked(message)) return message;
  const blocks = message.content.map((block) => {
    if (!('cache_control' in block)) return block;
    const { cache_control: _, ...rest } = block;
    return rest as typeof block;
  });
  return { ...message, content: blocks } as MessageParam;
}

/** Characters that are kept of a message, such as the error of a tool that ended a program. */
const mostMessageCharacters = 8 * 1024;

/** Members whose values the Messages API or a format fixes: no text of others, and what readers tell events apart by. */
const fixed = new Set('type role name id tool_use_id model stop_reason status grader'.split(' '));

/** Members under which everything is text of others, names included. */
const foreign = new Set(['input', 'input_schema', 'arguments']);

/** A message as files keep it: without secrets, and not longer than 8,192 characters. */
export function toKept(message: string, redact: Redact | undefined): string {
  const most = 4 * mostMessageCharacters;
  const kept = redact ? redactBeginning(message, most, redact) : message.slice(0, most);
  // What was not read may hold secrets: it counts for how much was cut, and is never shown.
  return capText(kept + message.slice(most), Math.min(mostMessageCharacters, kept.length));
}

/** An event as a trace keeps it: without secrets, messages capped. What went to the model is kept whole. */
export function redactEvent(event: TraceEvent, redact: Redact | undefined): TraceEvent {
  switch (event.event) {
    case 'program':
      return event.error === undefined ? event : { ...event, error: toKept(event.error, redact) };
    case 'outcome': {
      const { outcome } = event;
      if (outcome.status === 'infrastructure_error')
        return { ...event, outcome: { ...outcome, error: toKept(outcome.error, redact) } };
      if (outcome.status === 'model_stopped')
        return { ...event, outcome: { ...outcome, reason: toKept(outcome.reason, redact) } };
      return redactMembers(event, redact);
    }
    case 'tool_refused':
    case 'tool_call':
      return redactArguments(redactMembers(event, redact), redact);
    case 'request':
    case 'response':
    case 'retry':
    case 'graded':
    case 'fault':
    case 'server_connected':
      return redactMembers(event, redact);
    default:
      return event;
  }
}

/** All but what says which event it is, and of which call. */
function redactMembers<E extends TraceEvent>(event: E, redact: Redact | undefined): E {
  if (!redact) return event;
  const own = new Set(['event', 'server', 'tool', 'caller', 'code', 'kind']);
  return Object.fromEntries(
    Object.entries(event).map(([name, value]) => [
      name,
      own.has(name) || fixed.has(name) ? value : redactValue(value, redact, foreign.has(name)),
    ]),
  ) as E;
}

/** Of arguments that were cut, the beginning may end within a secret; a cut is found by its mark. */
function redactArguments<E extends Extract<TraceEvent, { event: 'tool_call' | 'tool_refused' }>>(
  event: E,
  redact: Redact | undefined,
): E {
  const { argumentsCut } = event;
  if (!argumentsCut || !redact) return event;
  const beginning = redact(`${argumentsCut.beginning}…`).slice(0, -1);
  return { ...event, argumentsCut: { ...argumentsCut, beginning } };
}

/** All strings of a JSON value; where it is foreign, the names of its members and fixed ones, too. */
function redactValue(value: unknown, redact: Redact, isForeign: boolean): unknown {
  if (typeof value === 'string') return redact(value);
  if (Array.isArray(value)) return value.map((each) => redactValue(each, redact, isForeign));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, member]) => {
      if (!isForeign && fixed.has(name)) return [name, member];
      return [isForeign ? redact(name) : name, redactValue(member, redact, isForeign || foreign.has(name))];
    }),
  );
}
