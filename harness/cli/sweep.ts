import { writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { Command, Option } from 'commander';
import { sweepMarkdown } from '../../reports/sweep/markdown.ts';
import { sweepHtml } from '../../reports/sweep/page.ts';
import { showMessage } from '../directory/visible.ts';
import { UsageError } from '../errors.ts';
import { readSummary } from '../results/run.ts';
import { executeRun } from '../run/run.ts';
import type { Summary } from '../run/summary.ts';
import { listScenarios, loadScenarios } from '../scenario/load.ts';
import { readAxes } from '../sweep/axis.ts';
import { describeCosts } from '../sweep/describe-point.ts';
import { placeScenarios } from '../sweep/place.ts';
import { executeSweep, gridSteps, type SweepInput } from '../sweep/sweep.ts';
import { type Sweep, sweepFormat } from '../sweep/sweep-schema.ts';
import { untilInterrupted } from './interrupt.ts';
import { wholeNumber } from './options.ts';
import { prepareRun } from './prepare-run.ts';
import { addRunOptions } from './run-options.ts';
import {
  beginSweep,
  openBegunRun,
  reopenSweep,
  type SweepDirectory,
  type SweepOptions,
} from './sweep-directory.ts';

/** Runs scenarios with these parameters into a directory; undefined once --max-cost is used up. */
type RunAt = (
  wanted: string[],
  param: Record<string, string>,
  out: string,
  signal: AbortSignal,
) => Promise<Summary | undefined>;

/** Options of `run` that mean nothing to a sweep, and their flags. */
const meaningless = {
  dryRun: '--dry-run',
  aa: '--aa',
  reference: '--reference',
} as const;

/** `sweep`: a scenario at many sizes, and where the two patterns cost the same. */
export function sweepCommand(): Command {
  const command = new Command('sweep')
    .description(
      'run a scenario over one or two parameters (--param contacts=10..5000) and find where the patterns break even',
    )
    .argument(
      '[scenario]',
      'name of a bundled scenario, or path of a scenario folder; known where a sweep is resumed',
    )
    .addOption(
      new Option(
        '--points <n>',
        'points on each axis, in equal steps of the logarithm (default: 8; 6 on two axes)',
      ).argParser(wholeNumber(2, 100)),
    )
    .addOption(
      new Option(
        '--refine <n>',
        'further points, on one axis, that close in on break-evens (default: 4)',
      ).argParser(wholeNumber(0, 100)),
    )
    .option(
      '--place <dir|bundled|none>',
      'put the scenarios of this run on a map of calls by bytes; bundled runs those that come along; none (default: bundled, for a live model none)',
    );
  return addRunOptions(command).action(sweep);
}

async function sweep(given: string | undefined, options: SweepOptions, command: Command): Promise<void> {
  const isGiven = (option: keyof SweepOptions) => command.getOptionValueSource(option) === 'cli';
  for (const [option, flag] of Object.entries(meaningless)) {
    if (isGiven(option as keyof SweepOptions)) throw new UsageError(`${flag} has no effect on a sweep.`);
  }
  if (options.resume === undefined) {
    if (given === undefined) {
      throw new UsageError('Which scenario? Give its name, or --resume with the directory of a sweep.');
    }
    const prepared = await prepareSweep(given, options, isGiven);
    const out = options.out ?? `sweeps/${new Date().toISOString().replace(/[:.]/g, '-')}`;
    const directory = beginSweep(resolve(out), given, options);
    return execute(directory, prepared, options, isGiven).finally(() => directory.close());
  }
  if (isGiven('out')) throw new UsageError('A resumed sweep stays in its directory; leave --out away.');
  const resumed = reopenSweep(resolve(options.resume), given, options, isGiven);
  try {
    const prepared = await prepareSweep(resumed.scenario, resumed.options, isGiven);
    await execute(resumed.directory, prepared, resumed.options, isGiven);
  } finally {
    resumed.directory.close();
  }
}

/** Resolves what a sweep was asked for. Throws a `UsageError` for what cannot be, before anything runs. */
async function prepareSweep(
  name: string,
  options: SweepOptions,
  isGiven: (option: keyof SweepOptions) => boolean,
) {
  const [scenario] = await loadScenarios([name]);
  if (!scenario) throw new UsageError(`There is no scenario ${name}.`);
  const { axes, fixed } = readAxes(scenario, options.param);
  if (axes.length === 2 && isGiven('refine')) throw new UsageError('--refine has no effect on two axes.');
  const isMap =
    axes
      .map((axis) => axis.name)
      .sort()
      .join() === 'bytes,calls';
  if (isGiven('place') && !isMap) {
    throw new UsageError(
      '--place has no effect but on a sweep over calls and bytes, as of the scenario parametric.',
    );
  }
  const ends = (end: 'from' | 'to') => Object.fromEntries(axes.map((axis) => [axis.name, String(axis[end])]));
  const at = (end: 'from' | 'to') =>
    prepareRun([name], { ...options, breakEven: false, param: { ...fixed, ...ends(end) } }, isGiven);
  // Read once for what is the same at every point; wrong values of the ends are refused.
  const run = await at('to');
  await at('from');
  refuseOneSide(run.trials.map(({ variant }) => variant));
  const isLive = run.models?.provider !== undefined;
  const place = options.place ?? (isMap && !isLive ? 'bundled' : 'none');
  return { name, scenario, axes, fixed, run, place };
}

async function execute(
  directory: SweepDirectory,
  { name, scenario, axes, fixed, run, place }: Awaited<ReturnType<typeof prepareSweep>>,
  options: SweepOptions,
  isGiven: (option: keyof SweepOptions) => boolean,
): Promise<void> {
  const { path: out, forced } = directory;
  let spentUsd = 0;
  const runAt: RunAt = async (wanted, param, to, signal) => {
    const { maxCost } = options;
    if (maxCost !== undefined && spentUsd >= maxCost) return undefined;
    const rest = maxCost === undefined ? {} : { maxCost: maxCost - spentUsd };
    const earlier = openBegunRun(to, options.force ?? false);
    const prepared = await prepareRun(
      wanted,
      { ...options, breakEven: false, param, ...rest },
      isGiven,
      earlier,
    ).catch((error: unknown) => {
      earlier?.directory.close();
      throw error;
    });
    const summary = await executeRun({ ...prepared, out: to, signal, onEvent: () => undefined });
    for (const { costUsd, trials, correct, variant, reason } of summary.results) {
      spentUsd += (costUsd?.cached ?? 0) * trials;
      if (correct === null) console.error(`${variant} was not measured: ${showMessage(reason)}`);
    }
    return summary;
  };
  const { result: swept, interruptedBy } = await untilInterrupted(async (signal) => {
    const summary = await findPlaced(place, runAt, join(out, 'placed'), signal);
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
        console.error(`[${number}/${of}] ${at}: ${describeCosts(point)}`);
      },
    });
  });
  await writeReports(out, swept);
  process.stdout.write(options.json ? `${JSON.stringify(swept, null, 2)}\n` : sweepMarkdown(swept));
  console.error(`Sweep directory: ${out}`);
  if (swept.status === 'partial') console.error(`Go on with it: patternbench sweep --resume ${out}`);
  process.exitCode = interruptedBy ?? (swept.status === 'complete' ? 0 : 3);
}

/** The run whose scenarios are put on the map: a finished one, one of the bundled scenarios, or none. */
async function findPlaced(
  place: string,
  runAt: RunAt,
  out: string,
  signal: AbortSignal,
): Promise<Summary | undefined> {
  if (place === 'none') return undefined;
  if (place !== 'bundled') return readSummary(resolve(place));
  console.error('Running the bundled scenarios, to place them on the map …');
  const others = listScenarios().filter((scenario) => scenario !== 'parametric');
  return runAt(others, {}, out, signal);
}

function refuseOneSide(variants: { pattern: string }[]): void {
  if (['classic', 'code'].every((side) => variants.some(({ pattern }) => pattern === side))) return;
  throw new UsageError('A sweep compares a variant of classic with one of code; name both.');
}

async function writeReports(out: string, swept: Sweep): Promise<void> {
  if (swept.points.length === 0) return;
  // Loaded here alone: what draws takes a tenth of a second to load, and most commands draw nothing.
  const { drawSweep } = await import('../../reports/sweep/charts.ts');
  const charts = drawSweep(swept);
  for (const { name, svg } of charts) writeFileSync(join(out, `${name}.svg`), svg);
  writeFileSync(join(out, 'sweep.md'), sweepMarkdown(swept));
  writeFileSync(join(out, 'sweep.html'), sweepHtml(swept, charts));
}
