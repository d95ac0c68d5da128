import { counted, number } from '../../../harness/numbers.ts';
import { type Call, isProgram, type Message, resultsOf, type Trace, type Trip, usesOf } from '../data.ts';

/** A round trip with what a reader needs next to it: its beginning, its growth, and what happened in words. */
export type Scene = Story['scenes'][number];
export type Story = ReturnType<typeof tell>;

/** Tells a trace as a reader follows it. */
export function tell(trace: Trace) {
  const calls = Map.groupBy(trace.calls, ({ trip }) => trip);
  let seconds = 0;
  const scenes = trace.trips.map((trip, index) => {
    const before = trace.trips[index - 1];
    const own = calls.get(index) ?? [];
    /** Seconds from the beginning, modelled. */
    const start = seconds;
    seconds += trip.seconds;
    return {
      index,
      trip,
      start,
      /** Tokens by which the request is larger than the one before. */
      grown: trip.bill.input - (before?.bill.input ?? 0),
      calls: own,
      came: describeInput(trace, trip, before),
      went: describeOutput(trip, own),
    };
  });
  const largest = Math.max(1, ...trace.trips.map(({ bill }) => bill.input), trace.overflow?.inputTokens ?? 0);
  return { trace, scenes, seconds, largest };
}

const isLookUp = (name = '') => name === 'browse_tools' || name === 'search_tools';

/** A tool's name without that of its server. */
export function shortName(name: string): string {
  return name.replace(/^[^_]+__/, '').replace(/^[^.]+\./, '');
}

function describeInput(trace: Trace, trip: Trip, before: Trip | undefined): string {
  if (!before) return `Task and ${counted(trace.head.tools.length, 'tool definition')}`;
  const asked = usesOf(before);
  const results = resultsOf(trip.added);
  const errors = results.filter(({ is_error: isError }) => isError).length;
  const mark = errors > 0 ? `, ${counted(errors, 'error')}` : '';
  if (asked.some(isProgram)) return `What the program returned${mark}`;
  if (asked.length > 0 && asked.every(({ name }) => isLookUp(name))) {
    return `Description of ${asked.map(({ input }) => String(input?.path ?? input?.query ?? 'tools')).join(', ')}${mark}`;
  }
  if (results.length === 0) return 'A message';
  return results.length === 1
    ? `Result of ${shortName(asked[0]?.name ?? 'a call')}${mark}`
    : `${number(results.length)} results${mark}`;
}

function describeOutput(trip: Trip, calls: readonly Call[]): string {
  const uses = usesOf(trip);
  const program = uses.find(isProgram);
  if (program) {
    const lines = String(program.input?.code ?? '').split('\n').length;
    const failed = trip.programs.find(({ status }) => status !== 'ok');
    const ended = failed ? ` (${failed.status.replaceAll('_', ' ')})` : '';
    return `wrote a program of ${counted(lines, 'line')}: ${counted(calls.filter((call) => call.program).length, 'call')} inside${ended}`;
  }
  if (uses.length === 0) return trip.wrote.length > 0 ? 'answered' : 'gave no response';
  if (uses.every(({ name }) => isLookUp(name))) {
    return `looked up ${uses.map(({ input }) => String(input?.path ?? input?.query ?? '')).join(', ')}`;
  }
  const names = Map.groupBy(uses, ({ name = '' }) => shortName(name));
  return `asked for ${[...names].map(([name, own]) => (own.length > 1 ? `${name} ×${number(own.length)}` : name)).join(', ')}`;
}

/** The request of a round trip as it was sent: everything from the beginning on. */
export function requestOf({ head, trips }: Trace, index: number): object {
  const messages: Message[] = [];
  for (const [at, trip] of trips.slice(0, index + 1).entries()) {
    const before = trips[at - 1];
    if (trip.echoes && before) messages.push({ role: 'assistant', content: before.wrote });
    messages.push(...trip.added);
  }
  const marks = new Set(trips[index]?.marks);
  const { model, maxTokens, system, tools, thinking } = head;
  return {
    model,
    max_tokens: maxTokens,
    thinking,
    system,
    tools,
    messages: messages.map((message, at) => (marks.has(at) ? withBreakpoint(message) : message)),
  };
}

function withBreakpoint(message: Message): Message {
  if (typeof message.content === 'string') return message;
  const last = message.content.length - 1;
  const content = message.content.map((block, at) =>
    at === last ? { ...block, cache_control: { type: 'ephemeral' } } : block,
  );
  return { ...message, content };
}
