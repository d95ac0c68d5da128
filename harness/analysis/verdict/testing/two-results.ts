import { findModel } from '../../../meter/catalogue.ts';
import { findLatencyProfile } from '../../../meter/latency.ts';
import type { LedgerRow, Result } from '../../../results/summary.ts';
import { makeVerdict } from '../verdict.ts';
import { fivePercentOfRatio, offBy } from './off-by.ts';

export const model = findModel('claude-sonnet-5');
export const profile = findLatencyProfile('default');

/** Prices of claude-sonnet-5 in USD per million tokens. */
const price = { input: 2, write: 2.5, read: 0.2, output: 10 };

/** A row of what a client sends: the first time it is written to the cache, later read from it. */
export const input = (
  category: LedgerRow['category'],
  history: 'new' | 'resent',
  tokens: number,
): LedgerRow => ({
  category,
  direction: 'input',
  history,
  cache: history === 'new' ? 'cache_write' : 'cache_read',
  tokens,
  costUsd: {
    cached: (tokens * (history === 'new' ? price.write : price.read)) / 1e6,
    uncached: (tokens * price.input) / 1e6,
  },
});

/** A row of what a model writes. */
export const output = (category: LedgerRow['category'], tokens: number): LedgerRow => ({
  category,
  direction: 'output',
  tokens,
  costUsd: { cached: (tokens * price.output) / 1e6, uncached: (tokens * price.output) / 1e6 },
});

/** A result of one trial whose figures come from its ledger. */
export function result(
  variant: string,
  pattern: Result['pattern'],
  ledger: LedgerRow[],
  more: Partial<Result> = {},
): Result {
  const sum = (has: (row: LedgerRow) => boolean) =>
    ledger.reduce((total, row) => total + (has(row) ? row.tokens : 0), 0);
  const isCached = (state: string) => (row: LedgerRow) => row.direction === 'input' && row.cache === state;
  const tokens = {
    context: sum((row) => row.direction === 'output' || row.history === 'new'),
    billed: sum(() => true),
    input: sum((row) => row.direction === 'input'),
    output: sum((row) => row.direction === 'output'),
    cacheRead: sum(isCached('cache_read')),
    cacheWrite: sum(isCached('cache_write')),
  };
  const perMillion =
    tokens.cacheWrite * price.write + tokens.cacheRead * price.read + tokens.output * price.output;
  const uncached = tokens.input * price.input + tokens.output * price.output;
  const roundTrips = more.roundTrips ?? 2;
  return {
    scenario: 's',
    params: {},
    variant,
    pattern,
    model: model.id,
    evidence: 'scripted',
    trials: 1,
    status: 'completed',
    reason: '',
    correct: 1,
    roundTrips,
    toolCalls: 10,
    refusals: 0,
    programs: pattern === 'code' ? 1 : 0,
    tokens,
    ledger,
    costUsd: { cached: perMillion / 1e6, uncached: uncached / 1e6 },
    latencyMs: {
      modelled:
        1000 *
        (roundTrips * 0.8 + tokens.cacheWrite / 10_000 + tokens.cacheRead / 90_000 + tokens.output / 75),
      measured: 0,
    },
    tools: 5,
    resultBytes: 40_000,
    prefixTokens: 3000,
    measured: { toolsMs: 0, sandboxMs: 0, serverStartMs: 0, totalMs: 0 },
    ...more,
  };
}

/** Prices: (13,000 · 2.5 + 3,000 · 0.2 + 600 · 10) / 1e6 = 0.0391 USD. */
export const classic = result(
  'classic',
  'classic',
  [
    input('tool_definitions', 'new', 3000),
    input('tool_definitions', 'resent', 3000),
    input('tool_results', 'new', 10_000),
    output('tool_calls', 500),
    output('answer', 100),
  ],
  { costUsd: { cached: 0.0391, uncached: 0.05 } },
);

/** (1,200 · 2.5 + 1,000 · 0.2 + 400 · 10) / 1e6 = 0.0072 USD. */
export const code = result(
  'code',
  'code',
  [
    input('tool_definitions', 'new', 400),
    input('discovery', 'new', 600),
    input('discovery', 'resent', 1000),
    input('program_output', 'new', 200),
    output('code', 300),
    output('answer', 100),
  ],
  { roundTrips: 4, prefixTokens: 500 },
);

/** The verdict between them. Counts are off by as much as leaves a ratio open to 5 %, where the results do not say otherwise. */
export const decideBetween = (given: Result[], more: Partial<Parameters<typeof makeVerdict>[0]> = {}) => {
  const results = given.map((each) =>
    each.counts ? each : offBy(fivePercentOfRatio, each, more.by ?? 'cost'),
  );
  const groups = results.map((each) => ({ result: each, trials: [{ repeat: 1, result: each }] }));
  return makeVerdict({ scenario: 's', params: {}, groups, model, profile, ...more });
};
