import { resolve } from 'node:path';
import { main } from '../harness/cli/main.ts';
import { InfrastructureError } from '../harness/errors.ts';
import { type Result, type Summary, summarySchema } from '../harness/results/summary.ts';
import type { Sandbox } from '../harness/sandbox/sandbox.ts';

const root = resolve(import.meta.dirname, '..');

/**
 * Runs a command of ours in this process, without variables of the environment, and returns what it printed. Throws an
 * `InfrastructureError` where it ends otherwise than with 0.
 */
export async function command(
  args: readonly string[],
  more: { sandbox?: Sandbox; mocksInProcess?: boolean } = {},
): Promise<string> {
  const printed = { stdout: '', stderr: '' };
  const code = await main([...args], {
    cwd: root,
    env: {},
    ...more,
    stdout: { write: (text) => (printed.stdout += text) },
    stderr: { write: (text) => (printed.stderr += text) },
  });
  if (code !== 0) throw new InfrastructureError(`${args.join(' ')} ended with ${code}.\n${printed.stderr}`);
  return printed.stdout;
}

/** Runs a workflow with these parameters and further arguments in this process, without a search of sizes. */
export async function measure(
  workflow: string,
  params: Record<string, string | number>,
  args: readonly string[],
  more?: Parameters<typeof command>[1],
): Promise<Summary> {
  const given = Object.entries(params).flatMap(([name, value]) => ['--param', `${name}=${value}`]);
  const all = ['run', workflow, ...given, ...args, '--set', 'verdict.sizes=false', '--json'];
  return summarySchema.parse(JSON.parse(await command(all, more)));
}

/** A result that counts only where all its trials were right. Throws an `InfrastructureError` for any other. */
export function assertRight(result: Result): Result {
  if (result.status === 'completed' && result.correct === 1) return result;
  throw new InfrastructureError(`${result.scenario} in ${result.variant} was not right: ${result.reason}`);
}
