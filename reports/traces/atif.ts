import { type Block, type Message, resultsOf, type Trip, usesOf } from '../page/data.ts';
import { nameTrial, type TracedTrial } from './otel.ts';

/**
 * A trial as a trajectory of the Agent Trajectory Interchange Format, ATIF-v1.7, which Harbor and others read. Its steps are the
 * system prompt, the task, and each response with its calls, their results, tokens and cost. Calls made inside a program stand in
 * `extra`: the model saw none of their results.
 */
export function toAtif(trial: TracedTrial): string {
  const { trace, result, version } = trial;
  const { head, trips } = trace;
  const system = textOf(head.system as string | Block[] | undefined);
  const steps = [
    ...(system === '' ? [] : [{ source: 'system', message: system }]),
    ...trips.flatMap((trip, index) => [
      ...saidBefore(trip).map((message) => ({ source: 'user', message })),
      toStep(trial, trip, index),
    ]),
  ];
  const sum = (of: (trip: Trip) => number) => trips.reduce((total, trip) => total + of(trip), 0);
  return `${JSON.stringify(
    {
      schema_version: 'ATIF-v1.7',
      session_id: nameTrial(trial),
      agent: {
        name: 'patternbench',
        version,
        model_name: head.model,
        tool_definitions: head.tools,
        extra: { variant: result.variant, pattern: result.pattern, evidence: result.evidence },
      },
      steps: steps.map((step, index) => ({ step_id: index + 1, ...step })),
      notes: trace.overflow && 'A request did not fit the context window; what follows it is hypothetical.',
      final_metrics: {
        total_prompt_tokens: sum(({ bill }) => bill.input),
        total_completion_tokens: sum(({ bill }) => bill.output),
        total_cached_tokens: sum(({ bill }) => bill.cacheRead),
        total_cost_usd: trips.every(({ usd }) => usd !== null) ? sum(({ usd }) => usd ?? 0) : undefined,
        total_steps: steps.length,
        extra: { correct: result.correct, workflow: result.scenario, params: result.params },
      },
    },
    null,
    2,
  )}\n`;
}

function toStep({ trace }: TracedTrial, trip: Trip, index: number): object {
  const { wrote, bill, usd, programs, hypothetical } = trip;
  const uses = usesOf(trip);
  const reasoning = wrote.flatMap(({ type, thinking }) => (type === 'thinking' ? [thinking ?? ''] : []));
  const results = resultsOf(trace.trips[index + 1]?.added ?? []);
  const nested = trace.calls.filter(({ trip: at, program }) => at === index && program !== undefined);
  const extra = {
    ...(programs.length > 0 && { programs, calls_inside: nested.map(({ trip: _, ...call }) => call) }),
    ...(hypothetical && { hypothetical }),
  };
  return {
    source: 'agent',
    model_name: trace.head.model,
    message: textOf(wrote.filter(({ type }) => type === 'text')),
    reasoning_content: reasoning.length > 0 ? reasoning.join('\n') : undefined,
    tool_calls: uses.length > 0 ? uses.map(toCall) : undefined,
    observation: results.length > 0 ? { results: results.map(toObserved) } : undefined,
    metrics: {
      prompt_tokens: bill.input,
      completion_tokens: bill.output,
      cached_tokens: bill.cacheRead,
      cost_usd: usd ?? undefined,
      extra: { cache_creation_input_tokens: bill.cacheWrite },
    },
    ...(Object.keys(extra).length > 0 && { extra }),
  };
}

const toCall = ({ id, name, input }: Block) => ({
  tool_call_id: id,
  function_name: name,
  arguments: input ?? {},
});
const toObserved = ({ tool_use_id: id, content }: Block) => ({
  source_call_id: id,
  content: textOf(content),
});

/** What was said to the model before it answered. Results are left out: they belong to the step that asked for them. */
function saidBefore({ added }: Trip): string[] {
  return added.flatMap(({ content }: Message) => {
    const text = textOf(
      typeof content === 'string' ? content : content.filter(({ type }) => type !== 'tool_result'),
    );
    return text === '' ? [] : [text];
  });
}

function textOf(content: string | readonly Block[] | undefined): string {
  if (typeof content === 'string') return content;
  return (content ?? []).map((block) => block.text ?? JSON.stringify(block)).join('\n');
}
