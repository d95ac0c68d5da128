import type { TrialResult } from '../../analysis/aggregate.ts';
import type { Result } from '../../results/summary.ts';

/** What a trial of a test came to: `tokens` of input that is written to the cache, a tenth of it again as output. */
export function trialResult(
  repeat: number,
  { tokens = 1000, ...more }: Partial<Omit<Result, 'tokens'>> & { tokens?: number } = {},
): TrialResult {
  const output = Math.round(tokens / 10);
  const result: Result = {
    scenario: 'scene',
    params: {},
    variant: 'classic',
    pattern: 'classic',
    model: 'claude-sonnet-5',
    evidence: 'live',
    trials: 1,
    status: 'completed',
    reason: 'The answer equals the ground truth.',
    correct: 1,
    roundTrips: 2,
    toolCalls: 3,
    refusals: 0,
    programs: 0,
    tokens: {
      context: tokens + output,
      billed: tokens + output,
      input: tokens,
      output,
      cacheRead: 0,
      cacheWrite: tokens,
    },
    ledger: [
      { category: 'tool_results', direction: 'input', history: 'new', cache: 'cache_write', tokens },
      { category: 'answer', direction: 'output', tokens: output },
    ],
    costUsd: { cached: tokens / 1e5, uncached: tokens / 1e5 },
    latencyMs: { modelled: 1000, measured: 10 },
    tools: 4,
    measured: { toolsMs: 1, sandboxMs: 0, serverStartMs: 5, totalMs: 20 },
    ...more,
  };
  return { repeat, result };
}
