import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { findVariant } from '../agent/variants.ts';
import { findLeads, mostProbes, nextProbe, searchRange, toItemFlip } from '../analysis/sweep.ts';
import { wholeJob } from '../analysis/verdict/measure.ts';
import { InfrastructureError, messageOf } from '../errors.ts';
import { canonicalJson } from '../json.ts';
import { isMeasured } from '../results/reading.ts';
import { breakEvenFolderName, readSummary, summaryFileName } from '../results/run.ts';
import type { Summary } from '../results/summary.ts';
import { type SweepPoint, sweepFormat } from '../results/sweep.ts';
import { comparedBy, type ItemFlip } from '../results/verdict.ts';
import { isNumeric, type Params, type Scenario } from '../scenario/scenario.ts';
import { type OpenRun, openRun, type RunInput } from './open-run.ts';
import { plan, type Trial } from './plan.ts';
import { createTurns, runTrials, runWorkers, sharedServers } from './run-trials.ts';
import { contenders } from './summarise.ts';
import { executeSweep } from './sweep.ts';

/**
 * Executes a plan and writes the run directory as it goes: a trial that has ended is on disk before the next one of its
 * worker starts. An abort, a used-up budget or a provider that refuses everything ends it with what was finished, marked
 * `partial`. A resumed run repeats only the trials that did not end or that infrastructure ended.
 */
export async function executeRun(input: RunInput): Promise<Summary> {
  await using run = await openRun(input);
  const { trials, earlier, signal, onEvent } = input;
  if (earlier) onEvent({ type: 'resumed', ended: run.ended.size, of: trials.length });
  const endReason = await runTrials(run);
  if (trials.every(run.hasEnded) && !signal.aborted) await searchItems(run);
  if (endReason !== undefined) onEvent({ type: 'ended_early', reason: endReason });
  return run.saved.now();
}

/**
 * Executes a scripted plan once and bills it as several models, each into a run directory of its own, with the first one's calls in
 * the first one's audit log. Trials whose requests do not fit one of the windows are played for each model. `inputs` are the same
 * but for model, counter and `out`.
 */
export async function executeRunAs(inputs: readonly RunInput[]): Promise<Summary[]> {
  const [first, ...others] = inputs;
  if (!first) return [];
  await using run = await openRun(first);
  await using opened = new AsyncDisposableStack();
  const further: OpenRun[] = [];
  for (const other of others) {
    // What happens in the trials is told by the run that plays them.
    const onEvent: RunInput['onEvent'] = (event) => event.type === 'warning' && other.onEvent(event);
    const shared = { sandbox: run.sandbox, playedAs: first.model.id, onEvent };
    further.push(opened.use(await openRun({ ...other, ...shared })));
  }
  const endReason = await runTrials(run, further);
  if (endReason !== undefined) first.onEvent({ type: 'ended_early', reason: endReason });
  return [run, ...further].map(({ saved }) => saved.now());
}

/**
 * Looks for the number of items at which each verdict changes, scenario by scenario, unless that is known from before. A search
 * that fails is warned of and leaves the run as it is. Ends early on an abort.
 */
export async function searchItems(run: OpenRun, execute = executeRun): Promise<void> {
  const { searches, warn } = run;
  const { findItems, by = 'cost', concurrency = 1, signal, onEvent } = run.input;
  if (!findItems) return;
  const directory = run.directory.path;
  const summary = run.summarise();
  const scenarios = new Map(run.input.trials.map((trial) => [trial.scenario, trial]));
  const searched = [...scenarios.values()].filter(({ scenario }) => scenario.items !== undefined);
  const rows = Math.max(1, Math.min(searched.length, concurrency));
  // So that no more trials go side by side than in the run itself.
  const trialsAtOnce = Math.floor(concurrency / rows);
  const search = async ({ scenario, params }: Trial): Promise<void> => {
    const { name, items: param } = scenario;
    const verdict = summary.verdicts.find((each) => each.scenario === name);
    const compared = verdict && comparedBy(verdict);
    if (param === undefined || !verdict || !compared || verdict.ratio === null) return;
    const variants = contenders(summary.results, verdict);
    const wanted = { scenario: name, params, by, variants };
    const { items: _, ...earlier } = searches.found.get(name) ?? { items: null };
    if (canonicalJson(earlier) === canonicalJson(wanted)) return;
    searches.found.delete(name);
    const results = summary.results.filter(
      (result) => result.scenario === name && variants.includes(result.variant),
    );
    const out = join(directory, breakEvenFolderName, name);
    let items: ItemFlip | undefined;
    try {
      // Files have changed since the run began: what an earlier search left is of no use.
      if (run.forced.length > 0) rmSync(out, { recursive: true, force: true });
      items = await findFlip(run, execute, {
        trialsAtOnce,
        scenario,
        params,
        variants,
        known: { summary: { ...summary, results, verdicts: [verdict] }, directory },
        out,
        onPoint: (point) => onEvent({ type: 'size_tried', scenario: name, param, point }),
      });
    } catch (error) {
      if (signal.aborted) return;
      warn(
        `Could not find at how many ${param} the verdict on ${name} changes: ${messageOf(error)}\nIts trials are kept. Search again with run --resume ${directory}, or skip it with --set verdict.sizes=false.`,
      );
      return;
    }
    const found = { ...wanted, items: items ?? null };
    searches.found.set(name, found);
    run.journal.foundItems(found);
    run.saved.soon();
  };
  const turns = createTurns();
  // Each is a row of runs that wait for one another; those over the same server may have to wait for another row.
  await runWorkers({
    items: searched,
    concurrency: rows,
    signal,
    async work(trial) {
      const done = await turns(await sharedServers(trial));
      await search(trial).finally(done);
    },
  });
  if (signal.aborted) return;
  searches.isOver = true;
}

/** One verdict whose flip is looked for. */
type Search = {
  scenario: Scenario;
  params: Params;
  /** Variants of both patterns that may represent them. */
  variants: string[];
  /** The run's own summary of this scenario in these variants, and the run's directory: a point that is known. */
  known: { summary: Summary; directory: string };
  /** Where the further runs are written. An interrupted search continues there. */
  out: string;
  trialsAtOnce: number;
  onPoint: (point: SweepPoint) => void;
};

/**
 * Sweeps the scenario's number of items; each point is an ordinary run of the variants. Undefined where nothing can be
 * compared. Throws where a run could not be made, and the signal's reason on an abort.
 */
async function findFlip(
  run: OpenRun,
  execute: typeof executeRun,
  search: Search,
): Promise<ItemFlip | undefined> {
  const { by = 'cost', model, profile, seed, signal } = run.input;
  const { scenario, params, known, out, onPoint } = search;
  const { items: name = '', params: specs } = scenario;
  const spec = specs[name];
  const now = Number(params[name]);
  const calls = Math.max(...known.summary.results.map((result) => wholeJob(result).toolCalls));
  const axis = isNumeric(spec) ? searchRange(name, spec, now, calls) : undefined;
  if (!axis) return undefined;
  const { [name]: _, ...others } = params;
  const swept = await executeSweep({
    head: {
      format: sweepFormat,
      scenario: scenario.name,
      fixed: Object.fromEntries(Object.entries(others).map(([name, value]) => [name, String(value)])),
      axes: [axis],
      by,
      model: model.id,
      contextWindow: model.contextWindow,
      evidence: 'scripted',
      pricesAsOf: model.asOf,
      latencyProfile: profile.name,
      seed,
      placed: [],
    },
    known: [known],
    steps: {
      most: mostProbes,
      next(points) {
        const leads = findLeads(points, axis);
        // Without a price for the known point there is none for any.
        const size = leads.length > 0 ? nextProbe(leads, axis, now) : undefined;
        return size === undefined ? undefined : { [name]: size };
      },
    },
    out,
    runPoint: (given, to) => runPoint(run, execute, search, given, to),
    signal,
    onPoint,
  });
  signal.throwIfAborted();
  return toItemFlip(findLeads(swept.points, axis), axis, now);
}

/** The variants at one number of items. A point that an interrupted search had finished is read; any other starts again. */
async function runPoint(
  { input, sandbox }: OpenRun,
  execute: typeof executeRun,
  { scenario, variants, trialsAtOnce }: Search,
  givenParams: Record<string, string>,
  out: string,
): Promise<Summary> {
  if (existsSync(join(out, summaryFileName))) {
    const before = readSummary(out);
    if (before.status === 'complete' && before.results.every(isMeasured)) return before;
  }
  rmSync(out, { recursive: true, force: true });
  const { model, seed, places, conditions, profile, timeouts, auditFsync, lock, trust } = input;
  const { models, exact, authorization, approvals, by, margin, sayVerdict, signal } = input;
  const world = { model, seed, places, conditions };
  const trials = plan({ ...world, scenarios: [scenario], givenParams, variants: variants.map(findVariant) });
  const summary = await execute({
    ...{ ...world, trials, out, profile, timeouts, auditFsync, lock, trust },
    ...{ models, exact, authorization, approvals, by, margin, sayVerdict, signal },
    // In a search the model is scripted, so each program is of the workflow's author, and nothing that is measured of them is read.
    sandbox: {
      ...sandbox,
      run: (program, options) => sandbox.run(program, { ...options, trusted: true }),
    },
    concurrency: Math.min(trials.length, trialsAtOnce),
    mocksInProcess: true,
    onEvent: () => {},
  });
  const lost = summary.results.find((result) => !isMeasured(result));
  if (lost) throw new InfrastructureError(`${out}: ${lost.variant} was not measured: ${lost.reason}`);
  return summary;
}
