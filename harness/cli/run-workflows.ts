import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { toJson } from '../../reports/exporters.ts';
import { modelsText } from '../../reports/run/terminal.ts';
import { livePrefix } from '../agent/model/live-models.ts';
import { InfrastructureError, UsageError } from '../errors.ts';
import { isMeasured, lostTrials, tallyTrials, tellPatternsWithoutAnswer } from '../results/reading.ts';
import { journalFileName, runFileName } from '../results/run.ts';
import type { Summary } from '../results/summary.ts';
import { executeRun, executeRunAs } from '../run/execute-run.ts';
import { openEarlierRun, readJournal } from '../run/journal.ts';
import type { RunInput } from '../run/open-run.ts';
import { showMessage } from '../visible.ts';
import { type Asked, newDirectory, type Options, withBegun } from './add-options.ts';
import { dryRun, showDryRun } from './dry-run.ts';
import { untilInterrupted } from './interrupt.ts';
import { type Io, screenFor, tell } from './io.ts';
import { refuseTwoOutputs } from './outputs.ts';
import { type PreparedRun, prepareRun } from './prepare-run.ts';
import { showProgress } from './progress.ts';
import { findWanted } from './scenarios.ts';
import { fromHere, showRun } from './show-run.ts';
import { isSweep, isSweepDirectory, sweep } from './sweep-run.ts';

/** Runs what was asked for and prints it. Returns the exit code. */
export async function runWorkflows(named: string[], asked: Asked<'run'>, io: Io): Promise<number> {
  const { options, isGiven } = asked;
  refuseTwoOutputs(options);
  const wanted = findWanted(named, options, io);
  if (isSweep(options) || (options.resume !== undefined && isSweepDirectory(options.resume))) {
    if (isGiven('dryRun'))
      throw new UsageError('--dry-run says what one run takes; give --param single values.');
    return sweep(named, asked, io);
  }
  if (options.resume !== undefined) return resumeRun(options.resume, named, asked, io);
  if (options.model.includes(',')) return runModels(wanted, asked, io);
  const prepared = await prepareRun(io, wanted, options);
  if (options.dryRun) {
    const { result, interruptedBy } = await untilInterrupted(io, (signal) => dryRun(prepared, signal));
    io.stdout.write(
      options.json ? toJson(result) : showDryRun(result, prepared, screenFor(io.stdout, io.env)),
    );
    const failed = result.planned.some((each) => !isMeasured(each));
    return interruptedBy ?? (failed ? 3 : 0);
  }
  return execute(newDirectory(options.out, io), prepared, options, io);
}

/** Runs the same workflows as several scripted models, each into a folder of its name. A conversation is played once for all. */
async function runModels(wanted: string[], { options, isGiven }: Asked<'run'>, io: Io): Promise<number> {
  const models = [...new Set(options.model.split(',').map((model) => model.trim()))];
  const live = models.find((model) => model.startsWith(livePrefix));
  if (live !== undefined) throw new UsageError(`${live} is asked in a run of its own: it spends money.`);
  // Formats of the configuration are for the run of one model.
  if ((['dryRun', 'md', 'html', 'csv'] as const).some(isGiven)) {
    throw new UsageError('With several models there is a table or --json; write other formats with report.');
  }
  const out = newDirectory(options.out, io);
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
