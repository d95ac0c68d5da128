import { listModels, type ModelEntry } from '../../../harness/meter/catalogue.ts';
import { findLatencyProfile, modelledMs } from '../../../harness/meter/latency.ts';
import { costOf, Ledger, priceTierFor } from '../../../harness/meter/ledger.ts';
import type { Category, PatternName } from '../../../harness/results/codes.ts';
import { variantKey } from '../../../harness/results/point.ts';
import { runFormat, runSchema } from '../../../harness/results/run.ts';
import {
  type Result,
  type Summary,
  summaryFormat,
  summarySchema,
  type Verdict,
} from '../../../harness/results/summary.ts';
import type { TraceEvent } from '../../../harness/results/trace.ts';
import { trialResult } from '../../../harness/run/testing/trial-result.ts';
import { sideOf, verdictOf } from '../../../harness/run/testing/verdict.ts';
import type { Block } from '../data.ts';
import type { RunFiles } from '../page.ts';

const model = listModels().find(({ id }) => id === 'claude-sonnet-5') as ModelEntry;
const profile = findLatencyProfile('default');
export const terms = { model, profile };

/** One request of a test's trial: what it adds to the context, the model's response, calls of a program. */
export type Turn = {
  text: string;
  tokens: number;
  category: Category;
  wrote: Block[];
  isError?: boolean;
  nested?: { tool: string; arguments: Record<string, unknown>; attempts?: number }[];
};

/** A trial with a trace that adds up to its bill, which a real ledger has booked. */
export function makeTrial(
  { scenario, variant, pattern }: { scenario: string; variant: string; pattern: PatternName },
  turns: readonly Turn[],
): { result: Result; events: TraceEvent[] } {
  const ledger = new Ledger({ minimumCacheTokens: 1024, priceOf: (tokens) => priceTierFor(model, tokens) });
  const events: unknown[] = [
    {
      event: 'trial_started',
      scenario,
      params: {},
      variant,
      model: model.id,
      evidence: 'scripted',
      repeat: 1,
      seed: 1,
    },
  ];
  let calls = 0;
  let before: Block[] | undefined;
  ledger.append({ category: 'tool_definitions', tokens: 800 });
  for (const [index, { text, tokens, category, wrote, isError, nested = [] }] of turns.entries()) {
    const use = before?.find(({ type }) => type === 'tool_use');
    const content: Block[] = use
      ? [
          {
            type: 'tool_result',
            tool_use_id: use.id ?? '',
            content: [{ type: 'text', text }],
            ...(isError && { is_error: true }),
          },
        ]
      : [{ type: 'text', text }];
    const position = ledger.append({ category, tokens }, true);
    const bill = ledger.bookRoundTrip([position], [{ category: 'tool_calls', tokens: 40 }]);
    events.push(
      {
        event: 'request',
        roundTrip: index + 1,
        model: model.id,
        maxTokens: 64_000,
        ...(index === 0 && {
          system: [{ type: 'text', text: 'You complete tasks.', cache_control: { type: 'ephemeral' } }],
          tools: [
            {
              name: 'crm__get_contact',
              description: 'Returns one contact.',
              input_schema: { type: 'object' },
            },
          ],
        }),
        appended: [...(before ? [{ role: 'assistant', content: before }] : []), { role: 'user', content }],
        cacheBreakpoints: [2 * index],
      },
      {
        event: 'response',
        roundTrip: index + 1,
        response: {
          content: wrote,
          stop_reason: wrote.some(({ type }) => type === 'tool_use') ? 'tool_use' : 'end_turn',
        },
        measured: { ms: 1 },
      },
      { event: 'billed', roundTrip: index + 1, bill, prompt: ledger.prompt },
    );
    for (const { tool, arguments: given, ...attempts } of nested) {
      calls += 1;
      events.push(
        {
          event: 'tool_call',
          call: calls,
          server: 'crm',
          tool,
          caller: 'program 0123456789ab',
          arguments: given,
        },
        {
          event: 'tool_result',
          call: calls,
          isError: false,
          ...attempts,
          bytes: 500,
          sha256: 'x',
          measured: { ms: 1 },
        },
      );
    }
    if (wrote.some(({ name }) => name === 'run_code')) {
      events.push({
        event: 'program',
        sha256: '0123456789abcdef',
        status: 'ok',
        calls: nested.length,
        stoppedCalls: {},
        logBytes: 0,
        valueBytes: 84,
        measured: { startMs: 0, wallMs: 30, cpuMs: 3 },
      });
    }
    before = wrote;
  }
  events.push(
    { event: 'outcome', outcome: { status: 'completed', answer: '42' } },
    {
      event: 'graded',
      correct: true,
      grades: [{ grader: 'answer', correct: true, reason: 'The answer equals the ground truth.' }],
    },
  );
  const { bills } = ledger;
  const sum = (of: (bill: (typeof bills)[number]) => number) =>
    bills.reduce((total, bill) => total + of(bill), 0);
  const [input, output] = [sum((bill) => bill.input), sum((bill) => bill.output)];
  const { result } = trialResult(1, {
    scenario,
    variant,
    pattern,
    evidence: 'scripted',
    roundTrips: turns.length,
    toolCalls: calls,
    ledger: ledger.rows(),
    costUsd: costOf(model, bills),
    latencyMs: { modelled: Math.round(sum((bill) => modelledMs(profile, bill))), measured: 1 },
  });
  const tokens = {
    context: ledger.context,
    billed: input + output,
    input,
    output,
    cacheRead: sum((bill) => bill.cacheRead),
    cacheWrite: sum((bill) => bill.cacheWrite),
  };
  return { result: { ...result, tokens }, events: events as TraceEvent[] };
}

/** Classic: a call in each of so many round trips, then the answer. */
export function classicTurns(
  calls: number,
  {
    task = 'Find the phone number.',
    text = (at: number) => `{"contact":{"id":"con_${at}","phone":"+33 ${at}"}}`,
  } = {},
): Turn[] {
  const ask = (at: number): Block => ({
    type: 'tool_use',
    id: `toolu_${at}`,
    name: 'crm__get_contact',
    input: { id: `con_${at}` },
  });
  return Array.from(
    { length: calls + 1 },
    (_, at): Turn => ({
      text: at === 0 ? task : text(at),
      tokens: at === 0 ? 300 : 200,
      category: at === 0 ? 'instructions' : 'tool_results',
      wrote: at < calls ? [ask(at + 1)] : [{ type: 'text', text: '42' }],
    }),
  );
}

/** Code: a look at a tool, a program that makes so many calls, the answer. The first call is sent twice. */
export function codeTurns(
  calls: number,
  {
    task = 'Find the phone number.',
    code = 'const { contact } = await mcp.crm.get_contact({ id: "con_1" });\nreturn contact.phone;',
  } = {},
): Turn[] {
  return [
    {
      text: task,
      tokens: 300,
      category: 'instructions',
      wrote: [{ type: 'tool_use', id: 'toolu_1', name: 'browse_tools', input: { path: '/crm/get_contact' } }],
    },
    {
      text: 'function get_contact(args: { id: string }): Promise<unknown>',
      tokens: 150,
      category: 'discovery',
      wrote: [{ type: 'tool_use', id: 'toolu_2', name: 'run_code', input: { code } }],
      nested: Array.from({ length: calls }, (_, at) => ({
        tool: 'get_contact',
        arguments: { id: `con_${at}` },
        ...(at === 0 && { attempts: 2 }),
      })),
    },
    { text: '"+33 1"', tokens: 20, category: 'program_output', wrote: [{ type: 'text', text: '42' }] },
  ];
}

/** A run with these trials; the verdict of each workflow compares its first trials of both patterns. */
export function makeRun(
  trials: readonly { result: Result; events: TraceEvent[] }[],
  verdictMore: Partial<Verdict> = {},
): RunFiles {
  const results = trials.map(({ result }) => result);
  const verdicts = [...Map.groupBy(results, ({ scenario }) => scenario)].map(([scenario, own]) => {
    const [classic, code] = (['classic', 'code'] as const).map((pattern) =>
      own.find((each) => each.pattern === pattern),
    );
    const ratio = (code?.costUsd?.cached ?? 1) / (classic?.costUsd?.cached ?? 1);
    const pattern = ratio < 1 / 1.1 ? 'code' : ratio > 1.1 ? 'classic' : 'either';
    return verdictOf(pattern, {
      scenario,
      reason: `Use ${pattern}: the other costs more. Both were right.`,
      sides: { classic: sideOf(classic?.variant ?? 'classic'), code: sideOf(code?.variant ?? 'code') },
      ratio: { value: ratio, low: ratio * 0.95, high: ratio * 1.05 },
      ...verdictMore,
    });
  });
  return runFilesOf(makeSummary(results, verdicts, { evidence: 'scripted' }), trials);
}

/** A run directory in memory, with no sizes of its own. */
export function runFilesOf(
  summary: Summary,
  trials: readonly { result: Result; events: TraceEvent[] }[] = [],
): RunFiles {
  return {
    name: 'a-run',
    summary,
    record: runSchema.parse({
      format: runFormat,
      status: 'complete',
      versions: {},
      seed: 1,
      model,
      evidence: summary.evidence,
      latencyProfile: profile,
      variants: [],
      isolation: 'L1',
      scenarios: [],
      measured: { startedAt: '2026-11-27T12:00:00.000Z' },
    }),
    trials: trials.map(({ result }) => ({ repeat: 1, result })),
    traceOf: (of) => trials.find(({ result }) => variantKey(result) === variantKey(of))?.events,
    sweepOf: () => undefined,
  };
}

/** A summary as it is read from disk, so that no page is made of what no run can leave. */
export function makeSummary(
  results: readonly Result[],
  verdicts: readonly Verdict[],
  more: Partial<Summary> = {},
): Summary {
  return summarySchema.parse({
    format: summaryFormat,
    status: 'complete',
    evidence: 'live',
    model: 'claude-sonnet-5',
    latencyProfile: 'default',
    seed: 7,
    tokenCounts: {
      method: 'some vocabulary',
      label: 'estimated',
      assumed: [],
      toolUseSystemTokens: { tokens: 300, documented: true },
    },
    prices: { asOf: '2026-09-24', currency: 'USD' },
    planned: results.reduce((sum, { trials }) => sum + trials, 0),
    results,
    verdicts,
    ...more,
  });
}
