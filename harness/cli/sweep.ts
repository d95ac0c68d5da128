import { writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { Command, Option } from 'commander';
import { sweepExporters as exporters } from '../../reports/exporters.ts';
import { describeCosts } from '../../reports/sweep/markdown.ts';
import { readAxes } from '../analysis/sweep/axis.ts';
import { placeScenarios } from '../analysis/sweep/break-even.ts';
import { UsageError } from '../errors.ts';
import { readSummary } from '../results/run.ts';
import type { Summary } from '../results/summary.ts';
import { type Sweep, sweepFormat } from '../results/sweep.ts';
import { executeRun } from '../run/execute-run.ts';
import { executeSweep, gridSteps, type SweepInput } from '../run/sweep.ts';
import { listScenarios, loadScenarios } from '../scenario/load.ts';
import { showMessage } from '../visible.ts';
import { untilInterrupted } from './interrupt.ts';
import { type Act, type Io, tell } from './io.ts';
import { wholeNumber } from './parsers.ts';
import { prepareRun } from './prepare-run.ts';
import { absoluteScenario, addRunOptions } from './run-options.ts';
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

/** What a sweep was asked for, and where. */
type Asked = { options: SweepOptions; isGiven: (option: keyof SweepOptions) => boolean; io: Io };

/** Options of `run` that mean nothing to a sweep, and their flags. */
const meaningless = {
  dryRun: '--dry-run',
  aa: '--aa',
  reference: '--reference',
} as const;

/** `sweep`: a scenario at many sizes, and where the two patterns cost the same. */
export function sweepCommand(io: Io, act: Act): Command {
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
      (text: string) => (text === 'bundled' || text === 'none' ? text : resolve(io.cwd, text)),
    );
  return addRunOptions(command, io).action(
    act((given: string | undefined, options: SweepOptions) => sweep(given, options, command, io)),
  );
}

async function sweep(
  name: string | undefined,
  options: SweepOptions,
  command: Command,
  io: Io,
): Promise<number> {
  const given = name === undefined ? undefined : absoluteScenario(name, io.cwd);
  const isGiven = (option: keyof SweepOptions) => command.getOptionValueSource(option) === 'cli';
  for (const [option, flag] of Object.entries(meaningless)) {
    if (isGiven(option as keyof SweepOptions)) throw new UsageError(`${flag} has no effect on a sweep.`);
  }
  if (options.resume === undefined) {
    if (given === undefined) {
      throw new UsageError('Which scenario? Give its name, or --resume with the directory of a sweep.');
    }
    const prepared = await prepareSweep(given, { options, isGiven, io });
    const out = options.out ?? resolve(io.cwd, `sweeps/${new Date().toISOString().replace(/[:.]/g, '-')}`);
    const directory = beginSweep(out, given, options);
    return execute(directory, prepared, { options, isGiven, io }).finally(() => directory.close());
  }
  if (isGiven('out')) throw new UsageError('A resumed sweep stays in its directory; leave --out away.');
  const resumed = reopenSweep(options.resume, given, options, { isGiven, io });
  try {
    const asked = { options: resumed.options, isGiven, io };
    const prepared = await prepareSweep(resumed.scenario, asked);
    return await execute(resumed.directory, prepared, asked);
  } finally {
    resumed.directory.close();
  }
}

/** Resolves what a sweep was asked for. Throws a `UsageError` for what cannot be, before anything runs. */
async function prepareSweep(name: string, { options, isGiven, io }: Asked) {
  const [scenario] = await loadScenarios([name], io.cwd);
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
    prepareRun(io, [name], { ...options, breakEven: false, param: { ...fixed, ...ends(end) } }, isGiven);
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
  { options, isGiven, io }: Asked,
): Promise<number> {
  const { path: out, forced } = directory;
  let spentUsd = 0;
  const runAt: RunAt = async (wanted, param, to, signal) => {
    const { maxCost } = options;
    if (maxCost !== undefined && spentUsd >= maxCost) return undefined;
    const rest = maxCost === undefined ? {} : { maxCost: maxCost - spentUsd };
    const earlier = openBegunRun(to, options.force ?? false);
    const prepared = await prepareRun(
      io,
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
      if (correct === null) tell(io, `${variant} was not measured: ${showMessage(reason)}`);
    }
    return summary;
  };
  const { result: swept, interruptedBy } = await untilInterrupted(io, async (signal) => {
    const summary = await findPlaced(place, runAt, join(out, 'placed'), { signal, io });
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
        tell(io, `[${number}/${of}] ${at}: ${describeCosts(point)}`);
      },
    });
  });
  await writeReports(out, swept);
  io.stdout.write(exporters[options.json ? 'json' : 'markdown'](swept));
  tell(io, `Sweep directory: ${out}`);
  if (swept.status === 'partial') tell(io, `Resume it: patternbench sweep --resume ${out}`);
  return interruptedBy ?? (swept.status === 'complete' ? 0 : 3);
}

/** The run whose scenarios are put on the map: a finished one, one of the bundled scenarios, or none. */
async function findPlaced(
  place: string,
  runAt: RunAt,
  out: string,
  { signal, io }: { signal: AbortSignal; io: Io },
): Promise<Summary | undefined> {
  if (place === 'none') return undefined;
  if (place !== 'bundled') return readSummary(place);
  tell(io, 'Running the bundled scenarios, to place them on the map …');
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
  const { drawSweep, sweepHtml } = await import('../../reports/sweep/page.ts');
  const charts = drawSweep(swept);
  for (const { name, svg } of charts) writeFileSync(join(out, `${name}.svg`), svg);
  writeFileSync(join(out, 'sweep.md'), exporters.markdown(swept));
  writeFileSync(join(out, 'sweep.html'), sweepHtml(swept, charts));
}
