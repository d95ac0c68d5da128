import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { findVariant } from '../agent/variants.ts';
import {
  type Axis,
  findLeads,
  mostProbes,
  nextProbe,
  searchRange,
  toItemFlip,
} from '../analysis/sweep/axis.ts';
import { wholeJob } from '../analysis/verdict/measure.ts';
import { InfrastructureError, messageOf } from '../errors.ts';
import { canonicalJson } from '../json.ts';
import { isMeasured } from '../results/reading.ts';
import { breakEvenFolderName, type FoundItems, readSummary, summaryFileName } from '../results/run.ts';
import type { Summary } from '../results/summary.ts';
import { type SweepPoint, sweepFormat } from '../results/sweep.ts';
import { comparedBy, type ItemFlip } from '../results/verdict.ts';
import type { Sandbox } from '../sandbox/sandbox.ts';
import { isNumeric, type Params, type Scenario } from '../scenario/scenario.ts';
import type { OpenRun, RunInput } from './open-run.ts';
import { plan, type Trial } from './plan.ts';
import { createTurns, runWorkers, sharedServers } from './run-trials.ts';
import { contenders } from './summarise.ts';
import { executeSweep } from './sweep.ts';

/** Executes a further run: `executeRun`, which searches at its own end. */
type Execute = (input: RunInput) => Promise<Summary>;

/**
 * Looks for the number of items at which each verdict changes, scenario by scenario, unless that is known from before. A search
 * that fails is warned of and leaves the run as it is. Ends early on an abort.
 */
export async function searchItems(run: OpenRun, execute: Execute): Promise<void> {
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
    const earlier = searches.found.get(name);
    if (earlier && isSameSearch(earlier, wanted)) return;
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

function isSameSearch(earlier: FoundItems, wanted: Omit<FoundItems, 'items'>): boolean {
  const keyOf = ({ scenario, params, by, variants }: Omit<FoundItems, 'items'>) =>
    canonicalJson({ scenario, params, by, variants });
  return keyOf(earlier) === keyOf(wanted);
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
async function findFlip(run: OpenRun, execute: Execute, search: Search): Promise<ItemFlip | undefined> {
  const { by = 'cost', model, profile, seed, signal } = run.input;
  const { scenario, params, known, out, onPoint } = search;
  const axis = axisOf(search);
  if (!axis) return undefined;
  const now = Number(params[axis.name]);
  const { [axis.name]: _, ...others } = params;
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
        return size === undefined ? undefined : { [axis.name]: size };
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

function axisOf({ scenario, params, known }: Search): Axis | undefined {
  const { items = '' } = scenario;
  const spec = scenario.params[items];
  const calls = Math.max(...known.summary.results.map((result) => wholeJob(result).toolCalls));
  return isNumeric(spec) ? searchRange(items, spec, Number(params[items]), calls) : undefined;
}

/** The variants at one number of items. A point that an interrupted search had finished is read; any other starts again. */
async function runPoint(
  { input, sandbox }: OpenRun,
  execute: Execute,
  { scenario, variants, trialsAtOnce }: Search,
  givenParams: Record<string, string>,
  out: string,
): Promise<Summary> {
  const before = readFinished(out);
  if (before) return before;
  rmSync(out, { recursive: true, force: true });
  const { model, seed, places, profile, timeouts, auditFsync, lock, trust, models, sayVerdict, signal } =
    input;
  const { conditions } = input;
  const trials = plan({
    scenarios: [scenario],
    givenParams,
    variants: variants.map(findVariant),
    model,
    seed,
    places,
    conditions,
  });
  const summary = await execute({
    ...{ trials, model, profile, seed, places, timeouts, auditFsync, lock, trust, sayVerdict, signal, out },
    ...(models && { models }),
    ...(input.exact && { exact: input.exact }),
    authorization: input.authorization,
    approvals: input.approvals,
    conditions,
    ...(input.by && { by: input.by }),
    ...(input.margin !== undefined && { margin: input.margin }),
    sandbox: sharing(sandbox),
    concurrency: Math.min(trials.length, trialsAtOnce),
    mocksInProcess: true,
    onEvent: () => {},
  });
  const lost = summary.results.find((result) => !isMeasured(result));
  if (lost) throw new InfrastructureError(`${out}: ${lost.variant} was not measured: ${lost.reason}`);
  return summary;
}

/**
 * A sandbox whose programs share processes. In a search the model is scripted, so each is of the workflow's author; and nothing
 * that is measured of them is read.
 */
function sharing(sandbox: Sandbox): Sandbox {
  return { ...sandbox, run: (program, options) => sandbox.run(program, { ...options, trusted: true }) };
}

/** The summary of a run that was finished; undefined where there is none, or none that is whole. */
function readFinished(directory: string): Summary | undefined {
  if (!existsSync(join(directory, summaryFileName))) return undefined;
  const summary = readSummary(directory);
  const isWhole = summary.status === 'complete' && summary.results.every(isMeasured);
  return isWhole ? summary : undefined;
}
