import { expect } from 'vitest';
import { UsageError } from '../errors.ts';
import { readResult } from '../results/reading.ts';
import type { Result, Verdict } from '../results/summary.ts';
import type { VerdictPattern } from '../results/verdict.ts';
import { type RunOptions, run } from './api.ts';

// What `import … from 'patternbench/vitest'` gives: a workflow as it runs within a team's own tests, and two matchers for it.

/** What a run of a workflow may take at most, each for one trial. */
export type Budget = {
  /** Tokens of all requests, re-sent history included. */
  billed?: number;
  /** Tokens in the context window, each counted once. */
  context?: number;
  /** USD, with the prompt cache as it is billed. */
  costUsd?: number;
  roundTrips?: number;
  toolCalls?: number;
};

/** One workflow after its run: what each variant took, and which pattern to use. */
export type WorkflowRun = {
  verdict: Verdict;
  results: readonly Result[];
  /** What one variant took. Throws a `UsageError` that names those that were run. */
  result: (variant: string) => Result;
};

/**
 * Runs one workflow, as `patternbench run` does: starts its servers, plays it in each variant and checks the answers. `place`
 * is its folder, or the name of a bundled one. Throws a `UsageError` for wrong usage, and an `InfrastructureError` where a
 * trial could not be measured.
 */
export async function workflow(place: string, options: RunOptions = {}): Promise<WorkflowRun> {
  const { verdicts, results } = await run([place], options);
  const [verdict] = verdicts;
  if (!verdict) throw new UsageError(`${place} has no verdict: run at least one variant of each pattern.`);
  return {
    verdict,
    results,
    result(variant) {
      const found = results.find((each) => each.variant === variant);
      if (found) return found;
      const names = results.map((each) => each.variant).join(', ');
      throw new UsageError(`${place} was not run as ${variant}. Its variants are ${names}.`);
    },
  };
}

interface WorkflowMatchers<R> {
  /**
   * The variant that the verdict recommends takes no more than the budget, and gave right answers. `variant` names another one.
   * Without a recommendation, the best of each pattern must hold.
   */
  toStayUnder: (budget: Budget, variant?: string) => R;
  /** The verdict recommends this pattern, or finds both equal: `either`. */
  toPrefer: (pattern: VerdictPattern) => R;
}

declare module 'vitest' {
  // With the parameters that vitest gives it.
  interface Matchers<R extends void | Promise<void> = void | Promise<void>, T = unknown>
    extends WorkflowMatchers<R> {}
}

const read: Record<keyof Budget, (result: Result) => number | null> = {
  billed: ({ tokens }) => tokens.billed,
  context: ({ tokens }) => tokens.context,
  costUsd: ({ costUsd }) => costUsd?.cached ?? null,
  roundTrips: ({ roundTrips }) => roundTrips,
  toolCalls: ({ toolCalls }) => toolCalls,
};

const figures = Object.keys(read) as (keyof Budget)[];

/** The variants that a budget is for. */
function chooseVariants({ verdict: { pattern, sides } }: WorkflowRun): string[] {
  const chosen = pattern === 'classic' || pattern === 'code' ? [sides[pattern]] : [sides.classic, sides.code];
  return chosen.flatMap((side) => (side ? [side.name] : []));
}

/** What is over a budget, in words. What gave no right answer is under none: it may have ended early. */
function findOver(result: Result, budget: Budget): string[] {
  const { scenario, variant, reason } = result;
  const name = `${scenario} / ${variant}`;
  const reading = readResult(result);
  if (reading.status !== 'measured' || reading.right === 0)
    return [`${name} gave no right answer: ${reason}`];
  return figures.flatMap((figure) => {
    const [most, value] = [budget[figure], read[figure](result)];
    if (most === undefined) return [];
    if (value === null) return [`${name}: ${figure} is unknown`];
    return value <= most ? [] : [`${name}: ${figure} is ${value}, over the budget of ${most}`];
  });
}

expect.extend({
  toStayUnder(run: WorkflowRun, budget: Budget, variant?: string) {
    if (!figures.some((figure) => budget[figure] !== undefined)) {
      throw new UsageError(`The budget is empty. It may have ${figures.join(', ')}.`);
    }
    const variants = variant === undefined ? chooseVariants(run) : [variant];
    const over = variants.flatMap((name) => findOver(run.result(name), budget));
    return {
      pass: over.length === 0,
      message: () =>
        over.length > 0 ? over.join('\n') : `${variants.join(' and ')} stayed under the budget`,
    };
  },
  toPrefer(run: WorkflowRun, pattern: VerdictPattern) {
    return { pass: run.verdict.pattern === pattern, message: () => run.verdict.reason };
  },
});
