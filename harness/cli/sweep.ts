import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { Command, Option } from 'commander';
import { drawSweep } from '../../reports/sweep-charts.ts';
import { sweepHtml } from '../../reports/sweep-html.ts';
import { sweepMarkdown } from '../../reports/sweep-markdown.ts';
import { UsageError } from '../errors.ts';
import { executeRun } from '../run/run.ts';
import { readSummary } from '../run/run-directory.ts';
import type { Summary } from '../run/summary.ts';
import { listScenarios, loadScenarios } from '../scenario/load.ts';
import { readAxes } from '../sweep/axis.ts';
import { placeScenarios } from '../sweep/place.ts';
import { executeSweep } from '../sweep/sweep.ts';
import { type Sweep, sweepFormat } from '../sweep/sweep-schema.ts';
import { untilInterrupted } from './interrupt.ts';
import { wholeNumber } from './options.ts';
import { prepareRun } from './prepare-run.ts';
import { addRunOptions, type RunOptions } from './run-options.ts';

type SweepOptions = RunOptions & { points?: number; refine?: number; place?: string };

/** Runs scenarios with these parameters into a directory; undefined once --max-cost is used up. */
type RunAt = (
  wanted: string[],
  param: Record<string, string>,
  out: string,
  signal: AbortSignal,
) => Promise<Summary | undefined>;

/** Options of `run` that mean nothing to a sweep. */
const meaningless = ['resume', 'force', 'dryRun', 'aa', 'reference'] as const;

/** `sweep`: a scenario at many sizes, and where the two patterns cost the same. */
export function sweepCommand(): Command {
  const command = new Command('sweep')
    .description(
      'run a scenario over one or two parameters (--param contacts=10..5000) and find where the patterns break even',
    )
    .argument('<scenario>', 'name of a bundled scenario, or path of a scenario folder')
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

async function sweep(name: string, options: SweepOptions, command: Command): Promise<void> {
  const isGiven = (option: keyof SweepOptions) => command.getOptionValueSource(option) === 'cli';
  for (const option of meaningless) {
    if (isGiven(option))
      throw new UsageError(`--${option === 'dryRun' ? 'dry-run' : option} has no effect on a sweep.`);
  }
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
  let spentUsd = 0;
  const runAt: RunAt = async (wanted, param, to, signal) => {
    const { maxCost } = options;
    if (maxCost !== undefined && spentUsd >= maxCost) return undefined;
    const rest = maxCost === undefined ? {} : { maxCost: maxCost - spentUsd };
    const run = await prepareRun(wanted, { ...options, param, ...rest }, isGiven);
    const summary = await executeRun({ ...run, out: to, signal, onEvent: () => undefined });
    for (const { costUsd, trials, correct, variant, reason } of summary.results) {
      spentUsd += (costUsd?.cached ?? 0) * trials;
      if (correct === null) console.error(`${variant} was not measured: ${reason}`);
    }
    return summary;
  };
  // Read once for what is the same at every point; wrong values of the ends are refused before anything runs.
  const ends = (end: 'from' | 'to') => Object.fromEntries(axes.map((axis) => [axis.name, String(axis[end])]));
  const prepared = await prepareRun([name], { ...options, param: { ...fixed, ...ends('to') } }, isGiven);
  await prepareRun([name], { ...options, param: { ...fixed, ...ends('from') } }, isGiven);
  const compared = chooseCompared(prepared.trials.map(({ variant }) => variant));
  const isLive = prepared.models?.provider !== undefined;
  const place = options.place ?? (isMap && !isLive ? 'bundled' : 'none');
  const out = makeOut(options.out ?? `sweeps/${new Date().toISOString().replace(/[:.]/g, '-')}`);
  const { result: swept, interruptedBy } = await untilInterrupted(async (signal) => {
    const summary = await findPlaced(place, runAt, join(out, 'placed'), signal);
    const placed = summary ? placeScenarios(summary) : [];
    return executeSweep({
      head: {
        format: sweepFormat,
        scenario: scenario.name,
        fixed,
        axes,
        by: options.by,
        compared,
        model: prepared.model.id,
        contextWindow: prepared.model.contextWindow,
        evidence: prepared.models?.plannedEvidence ?? 'scripted',
        pricesAsOf: prepared.model.asOf,
        latencyProfile: prepared.profile.name,
        seed: prepared.seed,
        placed,
      },
      points: options.points ?? (axes.length === 2 ? 6 : 8),
      refine: options.refine ?? 4,
      out,
      runPoint: (param, to) => runAt([name], param, to, signal),
      signal,
      onPoint: (point, number, of) => {
        const at = axes.map((axis) => `${axis.name}=${point.params[axis.name]}`).join(' ');
        const costs = point.results
          .map(
            ({ variant, costUsd, fits }) =>
              `${variant} ${costUsd ? `$${costUsd.cached.toFixed(4)}` : 'unpriced'}${fits ? '' : ' (does not fit)'}`,
          )
          .join(', ');
        console.error(`[${number}/${of}] ${at}: ${costs}`);
      },
    });
  });
  await writeReports(out, swept);
  process.stdout.write(options.json ? `${JSON.stringify(swept, null, 2)}\n` : sweepMarkdown(swept));
  console.error(`Sweep directory: ${out}`);
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

function chooseCompared(variants: { name: string; pattern: string }[]): Sweep['compared'] {
  const [classic, code] = ['classic', 'code'].map(
    (pattern) => variants.find((each) => each.pattern === pattern)?.name,
  );
  if (!classic || !code)
    throw new UsageError('A sweep compares a variant of classic with one of code; name both.');
  return { classic, code };
}

function makeOut(path: string): string {
  const out = resolve(path);
  try {
    mkdirSync(out, { recursive: true });
    if (readdirSync(out).length > 0) {
      throw new UsageError(
        `${out} is not empty; a sweep is never written over another. Choose another --out.`,
      );
    }
  } catch (error) {
    if (error instanceof UsageError) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    throw new UsageError(`The directory ${out} cannot be made: ${reason}`, { cause: error });
  }
  return out;
}

async function writeReports(out: string, swept: Sweep): Promise<void> {
  if (swept.points.length === 0) return;
  const charts = await drawSweep(swept);
  for (const { name, svg } of charts) writeFileSync(join(out, `${name}.svg`), svg);
  writeFileSync(join(out, 'sweep.md'), sweepMarkdown(swept));
  writeFileSync(join(out, 'sweep.html'), sweepHtml(swept, charts));
}
