import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { toJson } from '../../reports/exporters.ts';
import { modelsText } from '../../reports/run/terminal.ts';
import { type Screen, terminalTable } from '../../reports/text/terminal.ts';
import { livePrefix } from '../agent/model/live-models.ts';
import { InfrastructureError, UsageError } from '../errors.ts';
import { counted, usd } from '../numbers.ts';
import { parseRecord } from '../results/audit.ts';
import { isMeasured, lostTrials, tallyTrials, tellPatternsWithoutAnswer } from '../results/reading.ts';
import { auditFileName, journalFileName, runFileName } from '../results/run.ts';
import type { Summary } from '../results/summary.ts';
import { executeRun, executeRunAs } from '../run/execute-run.ts';
import { openEarlierRun, readJournal } from '../run/journal.ts';
import type { RunInput } from '../run/open-run.ts';
import { trialName } from '../run/plan.ts';
import { isScheduling } from '../run/trial-schedule.ts';
import { readLines } from '../tools/audit/chain.ts';
import { showMessage } from '../visible.ts';
import { type Asked, newDirectory, type Options, withBegun } from './add-options.ts';
import { untilInterrupted } from './interrupt.ts';
import { type Io, screenFor, tell } from './io.ts';
import { refuseRunFiles } from './outputs.ts';
import { type PreparedRun, prepareRun } from './prepare-run.ts';
import { showProgress } from './progress.ts';
import { findWanted } from './scenarios.ts';
import { fromHere, showRun } from './show-run.ts';
import { isSweep, isSweepDirectory, sweep } from './sweep-run.ts';

/** Runs what was asked for and prints it. Returns the exit code. */
export async function runWorkflows(named: string[], asked: Asked<'run'>, io: Io): Promise<number> {
  const { options, isGiven } = asked;
  const wanted = findWanted(named, options, io);
  const out = options.resume ?? newDirectory(options.out, io);
  refuseRunFiles(out, options);
  if (isSweep(options) || (options.resume !== undefined && isSweepDirectory(options.resume))) {
    if (isGiven('dryRun'))
      throw new UsageError('--dry-run says what one run takes; give --param single values.');
    return sweep(named, asked, io);
  }
  if (options.resume !== undefined) return resumeRun(out, named, asked, io);
  if (options.model.includes(',')) return runModels(out, wanted, asked, io);
  const prepared = await prepareRun(io, wanted, options);
  if (options.dryRun) {
    const { result, interruptedBy } = await untilInterrupted(io, (signal) => dryRun(prepared, signal));
    io.stdout.write(
      options.json ? toJson(result) : showDryRun(result, prepared, screenFor(io.stdout, io.env)),
    );
    const failed = result.planned.some((each) => !isMeasured(each));
    return interruptedBy ?? (failed ? 3 : 0);
  }
  return execute(out, prepared, options, io);
}

/** Runs the same workflows as several scripted models, each into a folder of its name. A conversation is played once for all. */
async function runModels(
  out: string,
  wanted: string[],
  { options, isGiven }: Asked<'run'>,
  io: Io,
): Promise<number> {
  const models = [...new Set(options.model.split(',').map((model) => model.trim()))];
  const live = models.find((model) => model.startsWith(livePrefix));
  if (live !== undefined) throw new UsageError(`${live} is asked in a run of its own: it spends money.`);
  // Formats of the configuration are for the run of one model.
  if ((['dryRun', 'md', 'html', 'csv'] as const).some(isGiven)) {
    throw new UsageError('With several models there is a table or --json; write other formats with report.');
  }
  const inputs = await Promise.all(
    models.map((model) => prepareRun(io, wanted, { ...options, model, breakEven: false })),
  );
  // What ends a trial by its bill ends it elsewhere for each model.
  const isByBill = options.maxTokens !== undefined || options.maxCost !== undefined;
  const progress = inputs.map(() => showProgress(io));
  const { result: summaries, interruptedBy } = await untilInterrupted(io, (signal) => {
    const runs = inputs.map((run, at): RunInput => {
      const onEvent: RunInput['onEvent'] = (event) => progress[at]?.show(event);
      return { ...run, out: join(out, run.model.id), signal, onEvent };
    });
    return isByBill ? executeInTurn(runs) : executeRunAs(runs);
  }).finally(() => {
    for (const { end } of progress) end();
  });
  if (interruptedBy === undefined) {
    const next = `One of them: patternbench report ${fromHere(join(out, models[0] ?? ''), io)}`;
    io.stdout.write(
      options.json ? toJson(summaries) : modelsText(summaries, screenFor(io.stdout, io.env), next),
    );
  }
  tell(io, `Run directory: ${out}`);
  const exitCodes = summaries.map((summary) => tellFailures(summary, io));
  if (interruptedBy !== undefined) {
    const done = summaries.map(tallyTrials).reduce((sum, { planned, notRun }) => sum + planned - notRun, 0);
    const planned = inputs.reduce((sum, { trials }) => sum + trials.length, 0);
    tell(io, `Interrupted: ${done} of ${planned} trials are on disk.`);
  }
  for (const [at, { model }] of inputs.entries()) {
    const summary = summaries[at];
    if (summary === undefined) tell(io, `Not begun: ${model.id}.`);
    else if (isResumable(summary)) tell(io, howToResume(join(out, model.id)));
  }
  return interruptedBy ?? Math.max(...exitCodes);
}

async function executeInTurn(runs: readonly RunInput[]): Promise<Summary[]> {
  const summaries: Summary[] = [];
  for (const run of runs) {
    if (!run.signal.aborted) summaries.push(await executeRun(run));
  }
  return summaries;
}

/** Resumes a run with the options it was started with; options given now come first. */
async function resumeRun(out: string, wanted: string[], asked: Asked<'run'>, io: Io): Promise<number> {
  const { options } = asked;
  const earlier = openEarlierRun(out, options.force ?? false);
  const { scenarios = [], options: recorded = {} } = earlier.record.config ?? {};
  const names = wanted.length > 0 ? wanted : scenarios;
  const prepared = await prepareRun(io, names, withBegun(asked, recorded), earlier).catch(
    (error: unknown) => {
      earlier.directory.close();
      throw error;
    },
  );
  return execute(out, prepared, options, io);
}

async function execute(out: string, prepared: PreparedRun, options: Options<'run'>, io: Io): Promise<number> {
  const progress = showProgress(io, prepared);
  // A directory that is not empty belongs to another run: do not suggest resuming that one.
  const isOther = !prepared.earlier && isBegun(out);
  const { result: summary, interruptedBy } = await untilInterrupted(io, (signal) =>
    executeRun({ ...prepared, out, signal, onEvent: progress.show }),
  )
    .finally(progress.end)
    .catch((error: unknown) => {
      if (!(error instanceof InfrastructureError) || isOther || !isBegun(out)) throw error;
      throw new InfrastructureError(`${error.message}\n${howToResume(out)}`, { cause: error });
    });
  await showRun(summary, out, options, io);
  tell(io, `Run directory: ${out}`);
  const exitCode = tellFailures(summary, io);
  const tally = tallyTrials(summary);
  if (interruptedBy) {
    tell(io, `Interrupted: ${tally.planned - tally.notRun} of ${tally.planned} trials are on disk.`);
  }
  if (isResumable(summary)) tell(io, howToResume(out));
  // Last, and in spite of exit code 0: a wrong answer is a result, and so is a run of nothing else.
  const failed = tellPatternsWithoutAnswer(summary);
  if (failed !== undefined) tell(io, failed);
  return interruptedBy ?? exitCode;
}

/** Whether something is left to do; what infrastructure ended is done again, too. */
function isResumable(summary: Summary): boolean {
  return summary.status === 'partial' || tallyTrials(summary).errored > 0;
}

function howToResume(out: string): string {
  return `Resume it: patternbench run --resume ${out}`;
}

/** Whether a directory holds enough of a run to resume it. */
function isBegun(out: string): boolean {
  return existsSync(join(out, runFileName)) || readJournal(join(out, journalFileName)) !== undefined;
}

/** Tells what could not be measured. The exit code is 3 for that alone: wrong answers and overflows are results. */
function tellFailures(summary: Summary, io: Io): number {
  const { errored, notRun } = tallyTrials(summary);
  const lost = summary.results.flatMap((result) => {
    const { scenario, variant, reason, outcomes, trials, scenarioFault } = result;
    const failed = lostTrials(result);
    if (failed === 0) return [];
    const by = scenarioFault ? "a fault of the scenario's own code" : 'infrastructure';
    const many = outcomes ? `${failed} trials ended by ${by}` : '';
    // Where some were measured, the reason that stands there is theirs.
    const why = failed === trials ? showMessage(reason) : '';
    return [{ scenario, variant, said: [many, why].filter(Boolean).join(': ') }];
  });
  for (const alike of Map.groupBy(lost, ({ scenario, said }) => `${scenario} ${said}`).values()) {
    const [{ scenario, said }] = alike as [(typeof lost)[number]];
    tell(io, `${scenario} / ${alike.map(({ variant }) => variant).join(', ')}: ${said}`);
  }
  return errored > 0 || notRun > 0 ? 3 : 0;
}

/** What a run would be. `atLeast` is for all trials; `atMost` is the most that it may take, where limits say so. */
type DryRun = Awaited<ReturnType<typeof dryRun>>;

/**
 * Works out what a run would take, from one scripted trial of each variant in a temporary folder. A perfect model's bill is
 * a lower bound: a real one takes wrong turns. Nothing is asked of a provider.
 */
async function dryRun(prepared: PreparedRun, signal: AbortSignal) {
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
    const planned = summary.results.map((result) => {
      const trials = prepared.trials.filter(
        (trial) => trial.scenario.name === result.scenario && trial.variant.name === result.variant,
      );
      return {
        scenario: result.scenario,
        variant: result.variant,
        trials: trials.length,
        // What one trial takes a perfect model. The cost is in USD, null where it is unpriced.
        requests: result.roundTrips,
        costUsd: result.costUsd?.cached ?? null,
        status: result.status,
        // The trials of the run could not be measured either.
        ...(!isMeasured(result) && { reason: result.reason }),
      };
    });
    const isPriced = planned.every(({ costUsd }) => costUsd !== null);
    const sum = (pick: (each: (typeof planned)[number]) => number) =>
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

/**
 * What finding when calls can be asked for took, besides the trials, by the audit log of a run. A run of the scripted model takes
 * it again; a live model decides for itself.
 */
function readScheduling(directory: string): { serverStarts: number; calls: number } {
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
