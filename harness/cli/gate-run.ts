import { livePrefix } from '../agent/model/live-models.ts';
import type { RunContents } from '../analysis/gate/baseline.ts';
import type { Doubt } from '../analysis/gate/gate.ts';
import { InfrastructureError, UsageError } from '../errors.ts';
import { type Baseline, isSampled } from '../results/baseline.ts';
import { executeRun } from '../run/execute-run.ts';
import { lastingOptions, newDirectory, type Options, presetsOf } from './add-options.ts';
import { readValue } from './configuration.ts';
import { untilInterrupted } from './interrupt.ts';
import { type Io, tell } from './io.ts';
import { entries, entryOf, type OptionName } from './options.ts';
import { prepareRun } from './prepare-run.ts';
import { showProgress } from './progress.ts';
import { readRun } from './read-run.ts';

/** How a gate runs what its baseline was made of. */
export type GateRuns = {
  /** The scenarios, each by its name or path. */
  targets: { scenario: string; location: string }[];
  /** Without `maxCost`, USD for all trials, a live model is not asked again. */
  options: Options<'gate'>;
};

/** A run of a gate: its directory, and what it says. */
export type GateRun = { directory: string; contents: RunContents };

/**
 * Runs what a baseline was made of, as it was run then. Throws a `UsageError` for a baseline that cannot be run again from
 * what it says.
 */
export async function runBaseline(baseline: Baseline, runs: GateRuns, io: Io): Promise<GateRun> {
  refuseUnaskedCost(baseline, runs);
  const directory = newDirectory(runs.options.out, io);
  return execute(baseline, runs, { repeats: repeatsOf(baseline), after: 0, directory }, io);
}

/**
 * Runs a fresh sample of the scenarios in doubt beside the first one: repeats that come after those of the baseline, so
 * that their seeds are new. What the first sample cost is taken off the budget.
 */
export async function runFresh(
  baseline: Baseline,
  runs: GateRuns,
  { doubts, first }: { doubts: readonly Doubt[]; first: GateRun },
  io: Io,
): Promise<GateRun> {
  const targets = runs.targets.filter(({ scenario }) => doubts.some((doubt) => doubt.scenario === scenario));
  const repeats = Math.max(...doubts.map(({ trials }) => trials));
  const { maxCost } = runs.options;
  const options = { ...runs.options, ...(maxCost !== undefined && { maxCost: maxCost - costOf(first) }) };
  return execute(
    baseline,
    { targets, options },
    { repeats, after: repeatsOf(baseline), directory: `${first.directory}-fresh` },
    io,
  );
}

/** Repeats `after` + 1 to `after` + `repeats`. */
type Sample = { repeats: number; after: number; directory: string };

async function execute(baseline: Baseline, runs: GateRuns, sample: Sample, io: Io): Promise<GateRun> {
  const { repeats, after, directory } = sample;
  const options = await toOptions(baseline, runs, after + repeats, io);
  const wanted = runs.targets.map(({ location }) => location);
  const prepared = await prepareRun(io, wanted, options);
  const trials = prepared.trials.filter(({ repeat }) => repeat > after);
  const shown = { ...prepared, trials };
  const progress = showProgress(io, shown);
  const { interruptedBy } = await untilInterrupted(io, (signal) =>
    executeRun({ ...shown, out: directory, signal, onEvent: progress.show }),
  ).finally(progress.end);
  tell(io, `Run directory: ${directory}`);
  if (interruptedBy !== undefined) throw new InfrastructureError('Interrupted; there is nothing to judge.');
  return { directory, contents: readRun(directory) };
}

function refuseUnaskedCost(baseline: Baseline, { options: { maxCost } }: GateRuns): void {
  const kinds = new Set(baseline.scenarios.flatMap(({ variants }) => variants.map((each) => each.evidence)));
  if (kinds.has('replayed')) {
    throw new UsageError('The baseline was replayed from recordings. Replay it yourself and give --run DIR.');
  }
  if (kinds.has('live') && maxCost === undefined) {
    throw new UsageError(
      'The baseline asked a real model. To ask it again, say what that may cost: --max-cost USD. To judge a run that you made: --run DIR.',
    );
  }
}

function repeatsOf({ scenarios }: Baseline): number {
  return Math.max(1, ...scenarios.flatMap(({ variants }) => variants.map(({ trials }) => trials)));
}

function costOf({ contents }: GateRun): number {
  return contents.summary.results.reduce(
    (sum, { costUsd, trials }) => sum + (costUsd?.cached ?? 0) * trials,
    0,
  );
}

/** Options that no baseline decides: which part, as which model, what is in no baseline, and what a person must grant. */
const ownOptions = new Set<string>(['shard', 'breakEven', 'model', 'cassettes', 'baseUrl', 'counter']);

/**
 * Of the options of a run, those with which it is run again anywhere: nothing that starts, spends, sends or writes anything, and no
 * places on one machine.
 */
export function repeatedOptions(recorded: Record<string, unknown>): Record<string, unknown> {
  const isRepeated = (name: string, value: unknown) => {
    const entry = entries.find(([each]) => each === name)?.[1];
    if (!entry?.verbs.includes('run') || ownOptions.has(name)) return false;
    // Exact counts are asked for with a user's key.
    if (name === 'count') return value === 'estimate';
    const { path } = entry.value;
    return path === undefined || path.some((word) => word === value);
  };
  return Object.fromEntries(
    Object.entries(lastingOptions(recorded)).filter(([name, value]) => isRepeated(name, value)),
  );
}

/** What a baseline says of how it was run. It is a file that anyone may have written: each value is checked. */
async function readRepeated(
  recorded: Record<string, unknown>,
  file: string,
  io: Io,
): Promise<Partial<Options<'run'>>> {
  const read = Object.entries(repeatedOptions(recorded)).map(async ([name, value]) => {
    const option = name as OptionName;
    // Lengths of time are recorded as milliseconds.
    const given = entryOf[option].value.isTime && typeof value === 'number' ? `${value}ms` : value;
    return [name, await readValue(option, given, `${file}: options.${name}`, io.cwd)];
  });
  return Object.fromEntries(await Promise.all(read));
}

/** The options with which `run` gives what the baseline holds: its own, and over them those of the gate. */
async function toOptions(
  baseline: Baseline,
  runs: GateRuns,
  trials: number,
  io: Io,
): Promise<Options<'run'>> {
  const { baseline: file, mcpConfig, trust, maxCost, baseUrl, count, counter } = runs.options;
  const { scenarios, options: recorded, model } = baseline;
  if (recorded === undefined) {
    throw new UsageError(
      `${file} does not say how it was run. Make it again from a run: patternbench gate --update --run DIR.`,
    );
  }
  const points = new Set(scenarios.map(({ scenario }) => scenario));
  if (recorded.param === undefined || points.size < scenarios.length) {
    throw new UsageError(
      'The baseline is of more than one run, with parameters of their own. Run them yourself and give --run DIR.',
    );
  }
  const isLive = scenarios.some(({ variants }) => variants.some(isSampled));
  return {
    ...presetsOf('run', io),
    ...(await readRepeated(recorded, file, io)),
    model: isLive ? `${livePrefix}${model.id}` : model.id,
    trials,
    // A gate compares what was measured and recommended; at how many items that flips is in no baseline.
    breakEven: false,
    ...(mcpConfig !== undefined && { mcpConfig }),
    ...(trust && { trust }),
    ...(baseUrl !== undefined && { baseUrl }),
    ...(count !== undefined && { count }),
    ...(counter !== undefined && { counter }),
    // New trials are asked for, also in CI, where recordings are replayed unless told otherwise.
    ...(isLive && { cassettes: 'off' as const }),
    ...(isLive && maxCost !== undefined && { maxCost }),
  };
}
