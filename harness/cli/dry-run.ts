import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Screen, terminalTable } from '../../reports/text/terminal.ts';
import { usd } from '../numbers.ts';
import { isMeasured } from '../results/reading.ts';
import type { Result } from '../results/summary.ts';
import { executeRun } from '../run/execute-run.ts';
import { trialName } from '../run/plan.ts';
import type { PreparedRun } from './prepare-run.ts';

/** What one variant of one scenario would take at least: what it takes a perfect model. Costs in USD, null where unpriced. */
type PlannedVariant = {
  scenario: string;
  variant: string;
  trials: number;
  /** Of one trial of a perfect model. */
  requests: number;
  costUsd: number | null;
  status: Result['status'];
  /** Why the one trial could not be measured, where that is so: the trials of the run could not be either. */
  reason?: string;
};

/** What a run would be. `atLeast` is for all trials. */
type DryRun = {
  trials: number;
  planned: PlannedVariant[];
  atLeast: { requests: number; costUsd: number | null };
  /** The most that it may take, where limits say so. */
  atMost: { requests: number | null; costUsd: number | null };
};

/**
 * Works out what a run would take, from one scripted trial of each variant in a temporary folder. A perfect model's bill is
 * a lower bound: a real one takes wrong turns. Nothing is asked of a provider.
 */
export async function dryRun(prepared: PreparedRun, signal: AbortSignal): Promise<DryRun> {
  const folder = mkdtempSync(join(tmpdir(), 'patternbench-dry-run-'));
  const { caching = true, limits = {} } = prepared.models ?? {};
  try {
    const summary = await executeRun({
      ...prepared,
      trials: prepared.trials.filter(({ repeat }) => repeat === 1),
      models: { caching },
      maxCostUsd: undefined,
      aa: false,
      earlier: undefined,
      out: join(folder, 'run'),
      signal,
      onEvent: () => {},
    });
    const planned = summary.results.map((result): PlannedVariant => {
      const trials = prepared.trials.filter(
        (trial) => trial.scenario.name === result.scenario && trial.variant.name === result.variant,
      );
      return {
        scenario: result.scenario,
        variant: result.variant,
        trials: trials.length,
        requests: result.roundTrips,
        costUsd: result.costUsd?.cached ?? null,
        status: result.status,
        ...(!isMeasured(result) && { reason: result.reason }),
      };
    });
    const isPriced = planned.every(({ costUsd }) => costUsd !== null);
    const sum = (pick: (each: PlannedVariant) => number) =>
      planned.reduce((total, each) => total + each.trials * pick(each), 0);
    const { roundTrips } = limits;
    return {
      trials: prepared.trials.length,
      planned,
      atLeast: {
        requests: sum(({ requests }) => requests),
        costUsd: isPriced ? sum(({ costUsd }) => costUsd ?? 0) : null,
      },
      atMost: {
        requests: roundTrips === undefined ? null : roundTrips * prepared.trials.length,
        costUsd: prepared.maxCostUsd ?? null,
      },
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The plan as text: what would run in which order, and what it takes. */
export function showDryRun(dry: DryRun, prepared: PreparedRun, screen: Screen): string {
  const price = (amount: number | null) => (amount === null ? 'unpriced' : usd(amount));
  const rows = dry.planned.map((each) => [
    each.scenario,
    each.variant,
    `${each.trials}`,
    `${each.requests}${each.status === 'completed' ? '' : ` (${each.status.replaceAll('_', ' ')})`}`,
    price(each.costUsd),
    price(each.costUsd === null ? null : each.costUsd * each.trials),
  ]);
  const most = [
    dry.atMost.requests === null ? '' : `${dry.atMost.requests} requests (limits.roundTrips)`,
    dry.atMost.costUsd === null ? '' : `${price(dry.atMost.costUsd)} (--max-cost)`,
  ].filter(Boolean);
  const failures = dry.planned.flatMap(({ scenario, variant, reason }) =>
    reason === undefined ? [] : [`- ${scenario} / ${variant}: ${reason}`],
  );
  const order = prepared.trials.slice(0, 12).map((trial) => `- ${trialName(trial)}`);
  const more = prepared.trials.length - order.length;
  return `${[
    terminalTable(
      {
        headings: ['workflow', 'variant', 'trials', 'requests a trial', 'cost a trial', 'cost'],
        align: ['l', 'l', 'r', 'r', 'r', 'r'],
        rows,
      },
      screen,
    ),
    ...(failures.length > 0 ? [`Could not be measured, and would not be:\n${failures.join('\n')}`] : []),
    `${dry.trials} trials, at least ${dry.atLeast.requests} requests and ${price(dry.atLeast.costUsd)}: what a perfect model takes, with ${prepared.models?.caching === false ? 'no ' : ''}caching. A real model takes wrong turns and costs more.`,
    most.length > 0
      ? `At most ${most.join(' and ')}.`
      : 'Nothing limits it from above; --max-cost and --set limits.roundTrips=N would.',
    `In this order:\n${order.join('\n')}${more > 0 ? `\n- and ${more} more` : ''}`,
    'Nothing was asked of any model.',
  ].join('\n\n')}\n`;
}
