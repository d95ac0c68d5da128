import type { Measure } from '../../../harness/results/codes.ts';
import { amount } from '../../text/words.ts';
import type { Advice, PageData } from '../data.ts';

/** For how many runs amounts are shown. */
export const units = { run: 'one run', tenant: 'a tenant’s month', all: 'a month, all tenants' } as const;
export type Unit = keyof typeof units;

export type SortKey = 'name' | 'advice' | 'classic' | 'code' | 'ratio' | 'right';

/** What a reader has chosen on the overview. */
export type State = {
  unit: Unit;
  /** Runs of each workflow in a month, for one tenant. */
  runs: number;
  tenants: number;
  sort?: { key: SortKey; direction: 1 | -1 };
  filter: { text: string; advice?: Advice };
};

/** What is shown first; the workload is the configured one, where there is one. */
export function startState({ workload }: Pick<PageData, 'workload'> = {}): State {
  return { unit: 'run', ...(workload ?? { runs: 1000, tenants: 20 }), filter: { text: '' } };
}

/** How many runs an amount of the unit stands for. */
export function scaleOf({ unit, runs, tenants }: State): number {
  return { run: 1, tenant: runs, all: runs * tenants }[unit];
}

/** An amount of one run, for as many runs as the reader chose. */
export function shown(value: number, by: Measure, state: State): string {
  return amount(value * scaleOf(state), by);
}

/** The address of a workflow within the page. */
export function workflowAddress(id: string): string {
  return `#workflow/${encodeURIComponent(id)}`;
}

/**
 * The address of a workflow's requests. `keys` name two of its trials, `at` one round trip of one of them. `side` and `index` count
 * from 0; in the address both count from 1.
 */
export function traceAddress(
  id: string,
  keys: readonly string[] = [],
  at?: { side: number; index: number },
): string {
  const parts = [id, ...keys].map(encodeURIComponent);
  return `#trace/${[...parts, ...(at ? [at.side + 1, at.index + 1] : [])].join('/')}`;
}
