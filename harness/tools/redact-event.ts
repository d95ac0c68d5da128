import type { TraceEvent } from '../results/trace.ts';
import { capText } from '../visible.ts';
import type { Redact } from './mcp/secrets.ts';

/** Characters that are kept of a message, such as the error of a tool that ended a program. */
const mostMessageCharacters = 8 * 1024;

/** Members whose values the Messages API or a format fixes: no text of others, and what readers tell events apart by. */
const fixed = new Set([
  'type',
  'role',
  'name',
  'id',
  'tool_use_id',
  'model',
  'stop_reason',
  'status',
  'grader',
]);

/** Members under which everything is text of others, names included. */
const foreign = new Set(['input', 'input_schema', 'arguments']);

/** A message as files keep it: without secrets, and not longer than 8,192 characters. */
export function toKept(message: string, redact: Redact | undefined): string {
  // What is cut first must not end within a secret.
  const read = message.slice(0, 4 * mostMessageCharacters);
  const kept = redact ? redact(read) : read;
  return capText(kept + message.slice(read.length), mostMessageCharacters);
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
      return redact ? { ...event, outcome: redactWithin(outcome, redact) } : event;
    }
    case 'tool_refused':
    case 'tool_call':
      return redact ? redactBeginning(redactMembers(event, redact), redact) : event;
    case 'request':
    case 'response':
    case 'retry':
    case 'graded':
    case 'fault':
      return redact ? redactMembers(event, redact) : event;
    case 'server_connected':
      return redact ? { ...event, implementation: redactWithin(event.implementation, redact) } : event;
    default:
      return event;
  }
}

/** All but what says which event it is, and of which call. */
function redactMembers<E extends TraceEvent>(event: E, redact: Redact): E {
  const own = new Set(['event', 'server', 'tool', 'caller', 'code', 'kind']);
  return Object.fromEntries(
    Object.entries(event).map(([name, value]) => [
      name,
      own.has(name) || fixed.has(name) ? value : redactValue(value, redact, foreign.has(name)),
    ]),
  ) as E;
}

/** Of arguments that were cut, the beginning may end within a secret; a cut is found by its mark. */
function redactBeginning<E extends Extract<TraceEvent, { event: 'tool_call' | 'tool_refused' }>>(
  event: E,
  redact: Redact,
): E {
  const { argumentsCut } = event;
  if (!argumentsCut) return event;
  const beginning = redact(`${argumentsCut.beginning}…`).slice(0, -1);
  return { ...event, argumentsCut: { ...argumentsCut, beginning } };
}

function redactWithin<T>(value: T, redact: Redact): T {
  return redactValue(value, redact, false) as T;
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
