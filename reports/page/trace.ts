import { isDeepStrictEqual } from 'node:util';
import { leavesCachingOut, wholeJob } from '../../harness/analysis/verdict/measure.ts';
import { InfrastructureError } from '../../harness/errors.ts';
import type { ModelEntry } from '../../harness/meter/catalogue.ts';
import { type LatencyProfile, modelledMs } from '../../harness/meter/latency.ts';
import { costOf } from '../../harness/meter/ledger.ts';
import type { Category } from '../../harness/results/codes.ts';
import { isMeasured } from '../../harness/results/reading.ts';
import type { RunRecord } from '../../harness/results/run.ts';
import type { Result } from '../../harness/results/summary.ts';
import type { TraceEvent } from '../../harness/results/trace.ts';
import {
  type Block,
  type Call,
  type Message,
  type Part,
  partOf,
  parts,
  type Trace,
  type Trip,
} from './data.ts';

/** How requests are priced and timed. */
type Terms = { model: ModelEntry; profile: LatencyProfile };

/** The model with its prices and the latency profile, as the run recorded them. */
export function toTerms({ model, latencyProfile }: RunRecord): Terms {
  return { model: model as unknown as ModelEntry, profile: latencyProfile as unknown as LatencyProfile };
}

type EventOf<Name extends TraceEvent['event']> = Extract<TraceEvent, { event: Name }>;

/**
 * A trial's trace as the page shows it: each round trip with what happened, its bill and its time. `result` is what the trial
 * itself came to.
 *
 * Throws an `InfrastructureError` where the requests do not add up to its bill. A trace that says it is not whole may differ.
 */
export function toTrace(events: readonly TraceEvent[], result: Result, terms: Terms): Trace {
  const kind = leavesCachingOut(wholeJob(result)) ? 'uncached' : 'cached';
  const trace: Trace = { head: { model: '', maxTokens: 0, tools: [] }, trips: [], calls: [], grades: [] };
  const calls = new Map<number, Call>();
  let trip: Trip | undefined;
  const addCall = (event: EventOf<'tool_call'> | EventOf<'tool_refused'>) => {
    const { server, tool, caller } = event;
    const call: Call = {
      trip: trace.trips.length - 1,
      tool: `${server}.${tool}`,
      arguments: event.arguments ?? event.argumentsCut,
      ...(caller.startsWith('program ') && { program: caller.slice('program '.length) }),
      ...(event.event === 'tool_refused' && { refused: event.code }),
    };
    trace.calls.push(call);
    calls.set(event.call, call);
  };
  for (const event of events) {
    switch (event.event) {
      case 'request': {
        if (event.roundTrip === 1) {
          const { model, maxTokens, system, tools = [], thinking } = event;
          trace.head = { model, maxTokens, tools, system, thinking };
        }
        trip = beginTrip(event, trip);
        if (trace.overflow) trip.hypothetical = true;
        trace.trips.push(trip);
        break;
      }
      case 'retry':
        trip?.retries.push(`${event.kind.replaceAll('_', ' ')}: ${event.reason}`);
        break;
      case 'response':
        if (!trip) break;
        trip.wrote = event.response.content as unknown as Block[];
        trip.stop = event.response.stop_reason;
        break;
      case 'context_overflow': {
        const { roundTrip, inputTokens, contextWindow } = event;
        trace.overflow = { roundTrip, inputTokens, contextWindow };
        if (trip && trace.trips.length >= roundTrip) trip.hypothetical = true;
        break;
      }
      case 'billed':
        if (trip) billTrip(trip, event, kind, terms);
        break;
      case 'tool_call':
      case 'tool_refused':
        addCall(event);
        break;
      case 'tool_result': {
        const call = calls.get(event.call);
        if (!call) break;
        call.bytes = event.bytes;
        call.ms = Math.round(event.measured.ms * 10) / 10;
        if (event.isError) call.isError = true;
        if (event.attempts !== undefined) call.attempts = event.attempts;
        break;
      }
      case 'program': {
        const { sha256, status, measured, valueBytes, logBytes, error } = event;
        const ms = Math.round(measured.wallMs);
        trip?.programs.push({ sha256, status, ms, valueBytes, logBytes, error });
        break;
      }
      case 'outcome':
        if (event.outcome.status !== 'completed') trace.ending = describeEnd(event.outcome);
        break;
      case 'graded':
        trace.grades = event.grades.map(({ grader, correct, reason }) => ({ grader, correct, reason }));
        break;
      case 'left_out':
        trace.leftOut = Object.values(event.events).reduce((sum, count) => sum + count, 0);
        break;
    }
  }
  if (trace.leftOut === undefined && isMeasured(result)) assertSum(trace, result, kind);
  return trace;
}

function beginTrip({ appended, cacheBreakpoints }: EventOf<'request'>, before: Trip | undefined): Trip {
  const added = appended as unknown as Message[];
  const echoes =
    before !== undefined && isDeepStrictEqual(added[0], { role: 'assistant', content: before.wrote });
  return {
    echoes,
    added: echoes ? added.slice(1) : added,
    marks: cacheBreakpoints,
    wrote: [],
    stop: null,
    bill: { input: 0, fresh: 0, cacheWrite: 0, cacheRead: 0, output: 0 },
    prompt: parts.map(() => 0),
    usd: null,
    seconds: 0,
    programs: [],
    retries: [],
  };
}

function billTrip(
  trip: Trip,
  { bill, prompt }: EventOf<'billed'>,
  kind: 'cached' | 'uncached',
  { model, profile }: Terms,
): void {
  const sums = new Map<Part, number>();
  for (const [category, tokens] of Object.entries(prompt) as [Category, number][]) {
    sums.set(partOf[category], (sums.get(partOf[category]) ?? 0) + tokens);
  }
  const explained = [...sums.values()].reduce((sum, tokens) => sum + tokens, 0);
  // Where the estimate is above what a provider counted, there is nothing left to draw.
  sums.set('rest', Math.max(0, bill.input - explained));
  trip.bill = bill;
  trip.prompt = parts.map((part) => sums.get(part) ?? 0);
  trip.usd = costOf(model, [bill])?.[kind] ?? null;
  trip.seconds = modelledMs(profile, bill) / 1000;
}

function describeEnd(outcome: Exclude<EventOf<'outcome'>['outcome'], { status: 'completed' }>): string {
  switch (outcome.status) {
    case 'context_overflow':
      return 'A request did not fit the context window.';
    case 'limit_reached':
      return `A limit was reached: ${outcome.limit}.`;
    case 'model_stopped':
      return `The model stopped: ${outcome.reason}.`;
    case 'infrastructure_error':
      return `Infrastructure ended it: ${outcome.error}`;
  }
}

function assertSum(trace: Trace, result: Result, kind: 'cached' | 'uncached'): void {
  const { costUsd, tokens, hypothetical } = wholeJob(result);
  const sum = (of: (trip: Trip) => number) => trace.trips.reduce((total, trip) => total + of(trip), 0);
  const where = `${result.scenario}, ${result.variant}`;
  const wrong = (what: string, found: number, billed: number) =>
    new InfrastructureError(
      `The requests in the trace of ${where} sum to ${found} ${what} and its bill to ${billed}. No page is made of figures that do not add up. Was a trace changed?`,
    );
  const billed = sum(({ bill }) => bill.input + bill.output);
  // What did not fit and has no hypothetical part was never answered.
  if (billed !== tokens.billed) throw wrong('tokens', billed, tokens.billed);
  if (!costUsd || (trace.overflow && !hypothetical)) return;
  const paid = sum(({ usd }) => usd ?? 0);
  if (Math.abs(paid - costUsd[kind]) > 1e-8 * (trace.trips.length + 1))
    throw wrong('USD', paid, costUsd[kind]);
}
