import { join, resolve } from 'node:path';
import { main } from '../../harness/cli/main.ts';
import { InfrastructureError } from '../../harness/errors.ts';
import { type Result, summarySchema } from '../../harness/results/summary.ts';
import { readTrace, type TraceEvent } from '../../harness/results/trace.ts';
import type { Sandbox } from '../../harness/sandbox/sandbox.ts';

const root = resolve(import.meta.dirname, '../..');

/** A trial of one variant: what it came to, and its trace. */
export type Trial = { result: Result; trace: TraceEvent[] };

/** Runs a command of ours in this process. Throws an `InfrastructureError` where it ends otherwise than with 0. */
export async function command(args: readonly string[], sandbox: Sandbox): Promise<string> {
  const printed = { stdout: '', stderr: '' };
  const code = await main([...args], {
    cwd: root,
    env: {},
    sandbox,
    mocksInProcess: true,
    stdout: { write: (text) => (printed.stdout += text) },
    stderr: { write: (text) => (printed.stderr += text) },
  });
  if (code !== 0) throw new InfrastructureError(`${args.join(' ')} ended with ${code}.\n${printed.stderr}`);
  return printed.stdout;
}

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
  const given = Object.entries(params).flatMap(([name, value]) => ['--param', `${name}=${value}`]);
  const args = [
    'run',
    join(import.meta.dirname, workflow),
    ...given,
    '--variants',
    variants.join(','),
    '--out',
    out,
  ];
  const settings = ['--set', 'verdict.sizes=false', '--set', 'limits.concurrency=1', '--json', ...more];
  const { results } = summarySchema.parse(JSON.parse(await command([...args, ...settings], sandbox)));
  return Object.fromEntries(
    results.map((result) => {
      if (result.status !== 'completed' || result.correct !== 1)
        throw new InfrastructureError(`${workflow} in ${result.variant} was not right: ${result.reason}`);
      const trace = readTrace(join(out, 'trials', result.scenario, result.variant, '1.jsonl')) ?? [];
      return [result.variant, { result, trace }];
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
