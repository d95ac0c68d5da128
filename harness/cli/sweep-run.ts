import { existsSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { exporters } from '../../reports/exporters.ts';
import { describeCosts } from '../../reports/sweep/markdown.ts';
import { placeScenarios, readAxes } from '../analysis/sweep.ts';
import { UsageError } from '../errors.ts';
import { readJson, writeJson } from '../files.ts';
import { journalFileName, readSummary } from '../results/run.ts';
import type { Summary } from '../results/summary.ts';
import { type SweepConfig, sweepConfigFormat, sweepConfigSchema, sweepFormat } from '../results/sweep.ts';
import { executeRun } from '../run/execute-run.ts';
import { type EarlierRun, findChangedOptions, openEarlierRun, readJournal } from '../run/journal.ts';
import { lockRun, type RunLock } from '../run/run-directory.ts';
import { executeSweep, gridSteps, type SweepInput } from '../run/sweep.ts';
import { loadCoreScenarios, loadScenarios } from '../scenario/load.ts';
import { showMessage } from '../visible.ts';
import { type Asked, lastingOptions, newDirectory, type Options, withBegun } from './add-options.ts';
import { untilInterrupted } from './interrupt.ts';
import { type Io, tell } from './io.ts';
import { makeFolder } from './outputs.ts';
import { prepareRun } from './prepare-run.ts';
import { type StatusLine, statusLine } from './progress.ts';
import { absoluteScenario } from './scenarios.ts';
import { openSweepReport } from './show-run.ts';

/** Runs scenarios with these parameters into a directory; undefined once --max-cost is used up. */
type RunAt = (
  wanted: string[],
  param: Record<string, string>,
  out: string,
  signal: AbortSignal,
) => Promise<Summary | undefined>;

/** Whether a range is asked for: `--param contacts=10..5000`. */
export function isSweep({ param }: Pick<Options<'run'>, 'param'>): boolean {
  return Object.values(param).some((value) => value.includes('..'));
}

/** Whether a directory is that of a sweep, to be resumed as one. */
export function isSweepDirectory(path: string): boolean {
  return existsSync(join(path, configFileName));
}

/** Runs a workflow over one or two ranges of its parameters, and finds where the patterns break even. */
export async function sweep(wanted: readonly string[], asked: Asked<'run'>, io: Io): Promise<number> {
  const [name, ...others] = wanted;
  if (others.length > 0) {
    throw new UsageError(
      'A range is tried for one workflow at a time. Name one, or give --param a single value.',
    );
  }
  const { options } = asked;
  const given = name === undefined ? undefined : absoluteScenario(name, io.cwd);
  if (options.resume !== undefined) {
    const { directory, scenario, merged } = reopenSweep(options.resume, given, asked, io);
    try {
      return await execute(directory, await prepareSweep(scenario, merged, io), merged, io);
    } finally {
      directory.lock.release();
    }
  }
  if (given === undefined) throw new UsageError('A range is tried for one workflow. Name it.');
  const prepared = await prepareSweep(given, options, io);
  const directory = beginSweep(newDirectory(options.out, io), given, options);
  return execute(directory, prepared, options, io).finally(() => directory.lock.release());
}

/** Resolves what a sweep was asked for. Throws a `UsageError` for what cannot be, before anything runs. */
async function prepareSweep(name: string, options: Options<'run'>, io: Io) {
  const [scenario] = await loadScenarios([name], io.cwd);
  if (!scenario) throw new UsageError(`There is no scenario ${name}.`);
  const { axes, fixed } = readAxes(scenario, options.param);
  const names = axes.map((axis) => axis.name).sort();
  const ends = (end: 'from' | 'to') => Object.fromEntries(axes.map((axis) => [axis.name, String(axis[end])]));
  const at = (end: 'from' | 'to') =>
    prepareRun(io, [name], { ...options, breakEven: false, param: { ...fixed, ...ends(end) } });
  // Read once for what is the same at every point; wrong values of the ends are refused.
  const run = await at('to');
  await at('from');
  const patterns = new Set(run.trials.map(({ variant }) => variant.pattern));
  if (!patterns.has('classic') || !patterns.has('code')) {
    throw new UsageError('A range compares a variant of classic with one of code; name both.');
  }
  const isLive = run.models?.provider !== undefined;
  // Elsewhere there is no map to put anything on.
  const place = names.join() === 'bytes,calls' ? (options.place ?? (isLive ? 'none' : 'bundled')) : 'none';
  return { name, scenario, axes, fixed, run, place };
}

async function execute(
  directory: SweepDirectory,
  { name, scenario, axes, fixed, run, place }: Awaited<ReturnType<typeof prepareSweep>>,
  options: Options<'run'>,
  io: Io,
): Promise<number> {
  const { path: out, forced } = directory;
  const line = statusLine(io);
  let spentUsd = 0;
  const runAt: RunAt = async (wanted, param, to, signal) => {
    const { maxCost } = options;
    if (maxCost !== undefined && spentUsd >= maxCost) return undefined;
    const rest = maxCost === undefined ? {} : { maxCost: maxCost - spentUsd };
    const earlier = openBegunRun(to, options.force ?? false);
    const own = { ...options, breakEven: false, param, ...rest };
    const prepared = await prepareRun(io, wanted, own, earlier).catch((error: unknown) => {
      earlier?.directory.close();
      throw error;
    });
    // One source of counts for all points: a counter of one's own starts once.
    const { exact } = run;
    const summary = await executeRun({ ...prepared, exact, out: to, signal, onEvent: () => undefined });
    for (const { costUsd, trials, correct, variant, reason } of summary.results) {
      spentUsd += (costUsd?.cached ?? 0) * trials;
      if (correct === null) line.keep(`${variant} was not measured: ${showMessage(reason)}`);
    }
    return summary;
  };
  const { result: swept, interruptedBy } = await untilInterrupted(io, async (signal) => {
    const summary = await findPlaced(place, runAt, join(out, 'placed'), { signal, line });
    const head: SweepInput['head'] = {
      format: sweepFormat,
      scenario: scenario.name,
      fixed,
      axes,
      by: options.by,
      model: run.model.id,
      contextWindow: run.model.contextWindow,
      evidence: run.models?.plannedEvidence ?? 'scripted',
      pricesAsOf: run.model.asOf,
      latencyProfile: run.profile.name,
      seed: run.seed,
      placed: summary ? placeScenarios(summary) : [],
      ...(forced.length > 0 && { forced }),
    };
    return executeSweep({
      head,
      steps: gridSteps(head, options.points ?? (axes.length === 2 ? 6 : 8), options.refine ?? 4),
      out,
      runPoint: (param, to) => runAt([name], param, to, signal),
      signal,
      onPoint: (point, number, of) => {
        const at = axes.map((axis) => `${axis.name}=${point.params[axis.name]}`).join(' ');
        line.show(`[${number}/${of}] ${at}: ${describeCosts(point)}`);
      },
    });
  }).finally(line.end);
  const { charts, html, show } = await openSweepReport(swept);
  if (swept.points.length > 0) {
    for (const { name, svg } of charts) writeFileSync(join(out, `${name}.svg`), svg);
    writeFileSync(join(out, 'sweep.md'), exporters.sweep.md(swept, charts));
    writeFileSync(join(out, 'sweep.html'), html);
  }
  show(options, io);
  tell(io, `Run directory: ${out}`);
  if (swept.status === 'partial') tell(io, `Resume it: patternbench run --resume ${out}`);
  return interruptedBy ?? (swept.status === 'complete' ? 0 : 3);
}

/** The run whose scenarios are put on the map: a finished one, one of the bundled scenarios, or none. */
async function findPlaced(
  place: string,
  runAt: RunAt,
  out: string,
  { signal, line }: { signal: AbortSignal; line: StatusLine },
): Promise<Summary | undefined> {
  if (place === 'none') return undefined;
  if (place !== 'bundled') return readSummary(place);
  line.show('Running the bundled scenarios, to place them on the map …');
  const core = (await loadCoreScenarios()).map(({ name }) => name);
  const placed = core.filter((name) => name !== 'parametric');
  return runAt(placed, {}, out, signal);
}

const configFileName = 'config.json';

/** A sweep's directory, and what has changed since the sweep was begun and was accepted. This process is its only writer. */
type SweepDirectory = { path: string; lock: RunLock; forced: string[] };

/** Makes the directory of a new sweep, and writes down what it was asked for. Throws a `UsageError` where something is there. */
function beginSweep(path: string, scenario: string, options: Options<'run'>): SweepDirectory {
  makeFolder(path);
  if (readdirSync(path).length > 0) {
    throw new UsageError(
      `${path} is not empty; a sweep is never written over another. Choose another --out, or resume it: --resume ${path}.`,
    );
  }
  const lock = lockRun(path);
  const config: SweepConfig = { format: sweepConfigFormat, scenario, options: lastingOptions(options) };
  writeJson(join(path, configFileName), config);
  return { path, lock, forced: [] };
}

/** Resumes a sweep with the options it was started with; options given now come first. */
function reopenSweep(
  path: string,
  given: string | undefined,
  asked: Asked<'run'>,
  io: Io,
): { directory: SweepDirectory; scenario: string; merged: Options<'run'> } {
  const begun = readJson(
    join(path, configFileName),
    sweepConfigSchema,
    'the configuration of a sweep',
    `Is ${path} the directory of a sweep?`,
  );
  const lock = lockRun(path);
  try {
    const before = lock.takenOverFrom;
    if (before !== undefined) {
      tell(io, `Warning: The sweep was taken over from process ${before}, which died without releasing it.`);
    }
    const merged = withBegun(asked, begun.options);
    const scenario = given ?? begun.scenario;
    const changes = findChangedOptions(begun.options, lastingOptions(merged));
    if (scenario !== begun.scenario) changes.unshift(`scenario: ${begun.scenario} is now ${scenario}`);
    if (changes.length > 0 && !asked.options.force) {
      throw new UsageError(
        `${path} cannot be resumed, because its points would not be comparable with new ones:\n${changes.map((change) => `- ${change}`).join('\n')}\nStart a new sweep, or resume it with --force, which is recorded.`,
      );
    }
    return { directory: { path, lock, forced: changes }, scenario, merged };
  } catch (error) {
    lock.release();
    throw error;
  }
}

/** The run of a point that was started earlier, to be resumed; undefined where nothing of it can be used. */
function openBegunRun(path: string, force: boolean): EarlierRun | undefined {
  if (!existsSync(path)) return undefined;
  if (readJournal(join(path, journalFileName))) return openEarlierRun(path, force);
  // It was cut off before its first line was whole: nothing had ended.
  rmSync(path, { recursive: true, force: true });
  return undefined;
}
