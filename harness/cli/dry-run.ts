import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Screen, terminalTable } from '../../reports/text/terminal.ts';
import { counted, usd } from '../numbers.ts';
import { parseRecord } from '../results/audit.ts';
import { isMeasured } from '../results/reading.ts';
import { auditFileName } from '../results/run.ts';
import type { Result } from '../results/summary.ts';
import { executeRun } from '../run/execute-run.ts';
import { trialName } from '../run/plan.ts';
import { isScheduling } from '../run/trial-schedule.ts';
import { readLines } from '../tools/audit/chain.ts';
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
  /**
   * What finding when calls can be asked for took here, besides the trials. A run of the scripted model takes it again; a live
   * model decides for itself.
   */
  schedules: { serverStarts: number; calls: number };
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
      // Nothing of other sizes is shown.
      findItems: false,
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
      schedules: readScheduling(join(folder, 'run')),
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** What the audit log of a run says was started and called to find schedules. */
function readScheduling(directory: string): DryRun['schedules'] {
  const taken = { serverStarts: 0, calls: 0 };
  for (const { bytes } of readLines(join(directory, auditFileName))) {
    const record = parseRecord(bytes);
    if (!record || !('trial' in record) || !isScheduling(record.trial)) continue;
    if (record.event === 'server_granted') taken.serverStarts += 1;
    if (record.event === 'call' && record.decision === 'allowed') taken.calls += 1;
  }
  return taken;
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
    ...saySchedules(dry.schedules, prepared.models?.provider !== undefined),
    most.length > 0
      ? `At most ${most.join(' and ')}.`
      : 'Nothing limits it from above; --max-cost and --set limits.roundTrips=N would.',
    `In this order:\n${order.join('\n')}${more > 0 ? `\n- and ${more} more` : ''}`,
    'Nothing was asked of any model.',
  ].join('\n\n')}\n`;
}

/** What besides the trials is started and called; nothing where nothing is. */
function saySchedules({ serverStarts, calls }: DryRun['schedules'], isLive: boolean): string[] {
  if (serverStarts === 0) return [];
  const taken = `${counted(serverStarts, 'server start')} and ${counted(calls, 'call')}`;
  return [
    isLive
      ? `This dry run made one scripted trial of each variant on your servers. It took ${taken} more, to find when calls can be asked for. A live model decides that itself.`
      : `Besides its trials, the run takes ${taken}, to find when calls can be asked for. So did this dry run.`,
  ];
}
