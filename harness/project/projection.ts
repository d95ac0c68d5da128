export const projectionFormat = 'patternbench.projection/v1';

/** USD with bounds. */
export type Amount = { usd: number; low: number; high: number };

/** One variant of one scenario at a workload. Without a cost where there is none to give; never 0 in its place. */
export type ProjectionRow = {
  scenario: string;
  params: Record<string, string | number | boolean>;
  variant: string;
  /** Share of trials that were right. */
  correct: number | null;
} & (
  | {
      status: 'projected';
      /** A run that finds no prefix in the cache, and one that does. */
      coldUsd: number;
      warmUsd: number;
      perRun: Amount;
      /** A month of one tenant. */
      perTenant: Amount;
      /** A month of all tenants. */
      perMonth: Amount;
      /** What a run costs over the share that is right; null where none was. */
      perCorrectRunUsd: number | null;
    }
  | { status: 'does_not_fit' | 'not_measured' | 'unpriced' }
);

/** What the variants of a run would cost at a workload. */
export type Projection = {
  format: typeof projectionFormat;
  model: string;
  evidence: string;
  pricesAsOf: string;
  runs: number;
  tenants: number;
  cacheShare: { value: number; basis: 'given' | 'computed' };
  rows: ProjectionRow[];
};
