import { describe, expect, test } from 'vitest';
import { trialResult } from '../../harness/run/testing/trial-result.ts';
import { verdictOf } from '../../harness/run/testing/verdict.ts';
import {
  classicTurns,
  codeTurns,
  makeSummary,
  makeTrial,
  type Turn,
  terms,
} from '../page/testing/run-files.ts';
import { toTrace } from '../page/trace.ts';
import { toBadge } from '../run/formats.ts';
import { toAtif } from './atif.ts';
import { toOtel } from './otel.ts';

function traced(variant: 'classic' | 'code', turns: readonly Turn[]) {
  const { result, events } = makeTrial({ scenario: 'lookup', variant, pattern: variant }, turns);
  const trace = toTrace(events, result, terms);
  return { run: 'a-run', version: '1.0.0', startedAt: 1_790_000_000_000, repeat: 1, result, trace };
}

type Attribute = { key: string; value: Record<string, unknown> };
type Span = {
  traceId: string;
  spanId: string;
  parentSpanId?: string;
  name: string;
  kind: number;
  startTimeUnixNano: string;
  endTimeUnixNano: string;
  attributes: Attribute[];
};

const spansOf = (...trials: ReturnType<typeof traced>[]): Span[] =>
  JSON.parse(toOtel(trials)).resourceSpans.flatMap(
    ({ scopeSpans }: { scopeSpans: { spans: Span[] }[] }) => scopeSpans[0]?.spans ?? [],
  );
const attributeOf = ({ attributes }: Span, key: string) =>
  Object.values(attributes.find((each) => each.key === key)?.value ?? {})[0];

describe('a trial as OpenTelemetry spans', () => {
  const spans = spansOf(traced('code', codeTurns(3)));

  test('is an agent with its requests, its program, and the calls made inside it', () => {
    const byId = new Map(spans.map((span) => [span.spanId, span.name]));
    expect(spans.map(({ name, parentSpanId = '' }) => [name, byId.get(parentSpanId)])).toEqual([
      ['invoke_agent code', undefined],
      ['chat claude-sonnet-5', 'invoke_agent code'],
      ['chat claude-sonnet-5', 'invoke_agent code'],
      ['execute_tool run_code', 'invoke_agent code'],
      ['tools/call get_contact', 'execute_tool run_code'],
      ['tools/call get_contact', 'execute_tool run_code'],
      ['tools/call get_contact', 'execute_tool run_code'],
      ['chat claude-sonnet-5', 'invoke_agent code'],
    ]);
  });

  test('has ids of the right form, no two alike, and no span outside its parent', () => {
    const byId = new Map(spans.map((span) => [span.spanId, span]));
    expect(byId.size).toBe(spans.length);
    for (const span of spans) {
      expect(span.traceId).toMatch(/^[0-9a-f]{32}$/);
      expect(span.spanId).toMatch(/^[0-9a-f]{16}$/);
      const [start, end] = [BigInt(span.startTimeUnixNano), BigInt(span.endTimeUnixNano)];
      expect(end >= start).toBe(true);
      const parent = byId.get(span.parentSpanId ?? '');
      if (!parent) continue;
      expect(start >= BigInt(parent.startTimeUnixNano) && end <= BigInt(parent.endTimeUnixNano)).toBe(true);
    }
  });

  test('names tokens of each request, which sum to what the agent took', () => {
    const [agent, ...others] = spans;
    const chats = others.filter(({ name }) => name.startsWith('chat'));
    const sum = chats.reduce(
      (total, chat) => total + Number(attributeOf(chat, 'gen_ai.usage.input_tokens')),
      0,
    );
    expect(sum).toBe(Number(attributeOf(agent as Span, 'gen_ai.usage.input_tokens')));
    expect(sum).toBe(traced('code', codeTurns(3)).result.tokens.input);
    expect(attributeOf(chats[0] as Span, 'gen_ai.operation.name')).toBe('chat');
  });

  test('says of a call which method, tool and arguments it had', () => {
    const call = spans.find(({ name }) => name.startsWith('tools/call')) as Span;
    const wanted = [
      'mcp.method.name',
      'gen_ai.tool.name',
      'gen_ai.tool.call.arguments',
      'patternbench.server',
    ];
    expect(wanted.map((key) => attributeOf(call, key))).toEqual([
      'tools/call',
      'get_contact',
      '{"id":"con_0"}',
      'crm',
    ]);
  });

  test('lasts as long as the longest of programs that ran at once', () => {
    const trial = traced('code', codeTurns(0));
    const programs = trial.trace.trips[1]?.programs ?? [];
    programs.push({ sha256: 'fedcba9876543210', status: 'ok', ms: 50, valueBytes: 2, logBytes: 0 });
    const [agent] = spansOf(trial) as [Span];
    const took = Number(BigInt(agent.endTimeUnixNano) - BigInt(agent.startTimeUnixNano)) / 1e6;
    const answering = trial.trace.trips.reduce((sum, { seconds }) => sum + seconds * 1000, 0);
    expect(took).toBeCloseTo(answering + 50, 2);
  });

  test('is the same again, and another trial has another trace', () => {
    expect(spansOf(traced('code', codeTurns(3)))).toEqual(spans);
    expect(spansOf(traced('classic', classicTurns(1)))[0]?.traceId).not.toBe(spans[0]?.traceId);
  });
});

describe('a trial as an ATIF trajectory', () => {
  const atif = JSON.parse(toAtif(traced('classic', classicTurns(2))));

  test('has the system prompt, the task and a step for each response, numbered from 1', () => {
    expect(atif.schema_version).toBe('ATIF-v1.7');
    expect(
      atif.steps.map((step: { step_id: number; source: string }) => [step.step_id, step.source]),
    ).toEqual([
      [1, 'system'],
      [2, 'user'],
      [3, 'agent'],
      [4, 'agent'],
      [5, 'agent'],
    ]);
    expect(atif.steps[1].message).toBe('Find the phone number.');
    expect(atif.steps.at(-1).message).toBe('42');
  });

  test('puts the result of a call into the step that asked for it', () => {
    const [call] = atif.steps[2].tool_calls;
    expect(call).toEqual({
      tool_call_id: 'toolu_1',
      function_name: 'crm__get_contact',
      arguments: { id: 'con_1' },
    });
    expect(atif.steps[2].observation.results).toEqual([
      { source_call_id: 'toolu_1', content: '{"contact":{"id":"con_1","phone":"+33 1"}}' },
    ]);
  });

  test('has metrics that sum to its totals, and to the bill', () => {
    const { result } = traced('classic', classicTurns(2));
    const agents = atif.steps.filter(({ source }: { source: string }) => source === 'agent');
    const sum = agents.reduce(
      (total: number, { metrics }: { metrics: { cost_usd: number } }) => total + metrics.cost_usd,
      0,
    );
    expect(sum).toBeCloseTo(atif.final_metrics.total_cost_usd, 10);
    expect(atif.final_metrics.total_cost_usd).toBeCloseTo(result.costUsd?.cached ?? 0, 7);
    expect(atif.final_metrics.total_prompt_tokens).toBe(result.tokens.input);
  });

  test('keeps calls made inside a program beside it, as the model saw none of their results', () => {
    const { steps } = JSON.parse(toAtif(traced('code', codeTurns(3))));
    const step = steps.find(({ extra }: { extra?: object }) => extra);
    expect(step.extra.calls_inside).toHaveLength(3);
    expect(step.tool_calls).toHaveLength(1);
    expect(step.observation.results).toHaveLength(1);
  });
});

test('a badge counts the verdicts, and is grey while any is open', () => {
  const { result } = trialResult(1);
  const badge = (...patterns: Parameters<typeof verdictOf>[0][]) =>
    JSON.parse(
      toBadge(
        makeSummary(
          [result],
          patterns.map((pattern, at) => verdictOf(pattern, { scenario: `s${at}` })),
        ),
      ),
    );
  expect(badge('code', 'classic', 'code')).toEqual({
    schemaVersion: 1,
    label: 'tool calls or code',
    message: 'code 2 · classic 1',
    color: 'blue',
  });
  expect(badge('either', 'insufficient')).toMatchObject({ message: 'either 1 · open 1', color: 'lightgrey' });
});
