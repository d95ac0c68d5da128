import { wholeJob } from '../../harness/analysis/verdict/measure.ts';
import { number, seconds, usd } from '../../harness/numbers.ts';
import type { ApprovalGrain } from '../../harness/results/codes.ts';
import type { Result } from '../../harness/results/summary.ts';
import type { Table } from '../text/markup.ts';

const grains: Record<ApprovalGrain, string> = {
  call: 'each call',
  arguments: 'calls alike',
  program: 'a program',
  granted: 'all',
};

/** What asking for approvals came to in each variant, with what the run costs and takes; nothing where none were needed. */
export function approvalsTable(results: readonly Result[]): Table | undefined {
  const rows = results.flatMap((result) => {
    const { approvals } = result;
    if (!approvals) return [];
    const { per, by, asked, refused, calls } = approvals;
    const { costUsd, latencyMs } = wholeJob(result);
    const waitMs = by === 'script' ? approvals.waitMs : approvals.measured.waitMs;
    return [
      [
        result.variant,
        grains[per],
        `${number(asked)}${refused > 0 ? ` (${number(refused)} refused)` : ''}`,
        asked > refused ? number(calls / (asked - refused)) : '',
        `${seconds(waitMs)} ${by === 'script' ? 'assumed' : 'measured'}`,
        costUsd ? usd(costUsd.cached) : 'unpriced',
        seconds(latencyMs.modelled + latencyMs.measured + waitMs),
      ],
    ];
  });
  if (rows.length === 0) return undefined;
  return {
    headings: [
      'variant',
      'each covers',
      'approvals',
      'calls by each',
      'waiting',
      'cost, cached',
      'whole time',
    ],
    align: ['l', 'l', 'r', 'r', 'r', 'r', 'r'],
    rows,
  };
}
