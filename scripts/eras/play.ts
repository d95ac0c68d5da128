import { join } from 'node:path';
import type { Result } from '../../harness/results/summary.ts';
import { readTrace, type TraceEvent } from '../../harness/results/trace.ts';
import type { Sandbox } from '../../harness/sandbox/sandbox.ts';
import { assertRight, measure } from '../in-process.ts';

/** A trial of one variant: what it came to, and its trace. */
export type Trial = { result: Result; trace: TraceEvent[] };

/** Plays a workflow of this folder, one trial of each variant. Throws where an answer was not right. */
export async function play(
  workflow: string,
  {
    params = {},
    variants = ['classic', 'code'],
    more = [],
    out,
    sandbox,
  }: {
    params?: Record<string, string | number>;
    variants?: readonly string[];
    more?: readonly string[];
    out: string;
    sandbox: Sandbox;
  },
): Promise<Record<string, Trial>> {
  const args = ['--variants', variants.join(','), '--out', out, '--set', 'limits.concurrency=1', ...more];
  const inside = { sandbox, mocksInProcess: true };
  const { results } = await measure(join(import.meta.dirname, workflow), params, args, inside);
  return Object.fromEntries(
    results.map((result) => {
      const trace = readTrace(join(out, 'trials', result.scenario, result.variant, '1.jsonl')) ?? [];
      return [result.variant, { result: assertRight(result), trace }];
    }),
  );
}

/** How often the calls of a trial were sent. */
export function attemptsOf({ trace }: Trial): number {
  return trace.reduce((sum, event) => sum + (event.event === 'tool_result' ? (event.attempts ?? 1) : 0), 0);
}

/** The names of the tools in the first request of a trial, in their order. */
export function toolsOf({ trace }: Trial): string[] {
  const first = trace.find((event) => event.event === 'request');
  return (first?.tools ?? []).map((tool) => tool.name);
}
