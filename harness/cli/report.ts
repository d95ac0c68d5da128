import { basename, dirname, extname, join, resolve } from 'node:path';
import { exporters } from '../../reports/exporters.ts';
import type { Picture } from '../../reports/text/markup.ts';
import { project } from '../analysis/project.ts';
import { UsageError } from '../errors.ts';
import { replaceFile } from '../files.ts';
import { tellNearestOrKnown } from '../nearest.ts';
import { pointFolder } from '../results/point.ts';
import { pointsOf, readSummary } from '../results/run.ts';
import type { Summary } from '../results/summary.ts';
import type { Sweep } from '../results/sweep.ts';
import { type Asked, flagOf, type Options } from './add-options.ts';
import { type Io, screenFor, tell } from './io.ts';
import { makeFolder, refuseRunFiles, writeOutputs } from './outputs.ts';
import { openRunFiles, readStored, readSweep } from './read-run.ts';
import { openSweepReport, showRun, workloadOf } from './show-run.ts';

/** `report`: a finished run again, whole or some of its workflows, in any format. */
export async function report(
  given: string,
  names: string[],
  asked: Asked<'report'>,
  io: Io,
): Promise<number> {
  const { options, isGiven } = asked;
  const directory = resolve(io.cwd, given);
  refuseRunFiles(directory, options, options.otel, options.article);
  const swept = readSweep(directory);
  if (swept) return reportSweep(swept, names, asked, io);
  const { runs, tenants, cacheShare } = options;
  const summary = only(readSummary(directory), names);
  if (isGiven('runs') && runs !== undefined) {
    const { text, ...writers } = exporters.projection;
    const screen = screenFor(io.stdout, io.env);
    const projection = project(summary, { runs, tenants, cacheShare });
    writeOutputs(projection, options, { text: (found) => text(found, screen), writers, io });
    if (summary.status === 'partial') tell(io, 'The run is partial: what is missing in it is missing here.');
    return 0;
  }
  if (options.trend !== undefined && options.html === undefined)
    throw new UsageError('--trend is drawn on a page: give --html FILE, too.');
  const stored = options.trend === undefined ? [] : readStored(options.trend, io);
  await showRun(summary, directory, { ...options, stored }, io);
  if (options.article !== undefined) await writeRunArticle(options.article, directory, summary, options, io);
  if (options.otel !== undefined || options.atif !== undefined)
    await writeTraces(directory, summary, options, io);
  return 0;
}

/** A sweep has a report of its own: no bill of one run, and no traces. */
async function reportSweep(
  swept: Sweep,
  names: readonly string[],
  { options, isGiven }: Asked<'report'>,
  io: Io,
): Promise<number> {
  if (names.length > 0) throw new UsageError('The directory is that of a sweep, which has one workflow.');
  const ofRuns = (['runs', 'trend', 'csv', 'junit', 'badge', 'history', 'otel', 'atif'] as const).find(
    isGiven,
  );
  if (ofRuns !== undefined) {
    throw new UsageError(
      `The directory is that of a sweep: ${flagOf(ofRuns)} is for runs. Use --md, --html, --json or --article.`,
    );
  }
  const { charts, show } = await openSweepReport(swept);
  show(options, io);
  if (options.article !== undefined) writeSweepArticle(options.article, swept, charts, io);
  return 0;
}

/** Of a run what belongs to these workflows; all of it where none is named. */
function only(summary: Summary, names: readonly string[]): Summary {
  if (names.length === 0) return summary;
  const known = [...new Set(summary.results.map(({ scenario }) => scenario))];
  const unknown = names.find((name) => !known.includes(name));
  if (unknown !== undefined) {
    throw new UsageError(`The run has no workflow "${unknown}".${tellNearestOrKnown(unknown, known, 3)}`);
  }
  const isWanted = ({ scenario }: { scenario: string }) => names.includes(scenario);
  const results = summary.results.filter(isWanted);
  return {
    ...summary,
    // What has not been run may be of any workflow.
    planned: trialsOf(results) + summary.planned - trialsOf(summary.results),
    results,
    verdicts: summary.verdicts.filter(isWanted),
    ...(summary.comparisons && { comparisons: summary.comparisons.filter(isWanted) }),
  };
}

const trialsOf = (results: Summary['results']) => results.reduce((sum, { trials }) => sum + trials, 0);

/** Writes a run as Markdown to be published, with its pictures beside it. Throws a `UsageError` where a file cannot be written. */
async function writeRunArticle(
  file: string,
  directory: string,
  summary: Summary,
  options: Options<'report'>,
  io: Io,
): Promise<void> {
  const [{ describePage }, { toArticle }] = await Promise.all([
    import('../../reports/page/page.ts'),
    import('../../reports/page/article.ts'),
  ]);
  const data = describePage(openRunFiles(directory, summary), { workload: workloadOf(options) });
  write(file, toArticle(data, stemOf(file)), io);
}

/** The same for a sweep. */
function writeSweepArticle(file: string, sweep: Sweep, charts: readonly Picture[], io: Io): void {
  const pictures = charts.map((chart) => ({ ...chart, name: `${stemOf(file)}-${chart.name}` }));
  write(file, { text: exporters.sweep.md(sweep, pictures), pictures }, io);
}

function stemOf(file: string): string {
  return basename(file, extname(file));
}

function write(file: string, { text, pictures }: { text: string; pictures: Picture[] }, io: Io): void {
  for (const { name, svg } of pictures) replaceFile(join(dirname(file), `${name}.svg`), svg, UsageError);
  replaceFile(file, text, UsageError);
  tell(io, `Written: ${file}, with ${pictures.length} ${pictures.length === 1 ? 'picture' : 'pictures'}`);
}

/**
 * Writes the trials of a run, or of some of its workflows, for tools that read traces. Throws a `UsageError` where a file cannot
 * be written.
 */
async function writeTraces(
  directory: string,
  summary: Summary,
  { otel, atif }: Options<'report'>,
  io: Io,
): Promise<void> {
  const [{ toTerms, toTrace }, { toOtel }, { toAtif }] = await Promise.all([
    import('../../reports/page/trace.ts'),
    import('../../reports/traces/otel.ts'),
    import('../../reports/traces/atif.ts'),
  ]);
  const { record, name, trials, traceOf } = openRunFiles(directory, summary);
  const terms = toTerms(record);
  const version = record.versions.patternbench ?? '';
  const startedAt = Date.parse(record.measured.startedAt);
  const traced = trials.flatMap(({ repeat, result }) => {
    const events = traceOf(result, repeat);
    if (!events) return [];
    const trace = toTrace(events, result, terms);
    return [{ run: name, version, startedAt, repeat, result, trace }];
  });
  if (otel !== undefined) {
    replaceFile(otel, toOtel(traced), UsageError);
    tell(io, `Written: ${otel}, ${traced.length} trials`);
  }
  if (atif !== undefined) {
    makeFolder(atif);
    for (const trial of traced) {
      const point = pointFolder(trial.result, pointsOf(record)).replace('/', '.');
      const file = join(atif, `${point}.${trial.result.variant}.${trial.repeat}.trajectory.json`);
      replaceFile(file, toAtif(trial), UsageError);
    }
    tell(io, `Written: ${atif}, ${traced.length} trajectories`);
  }
}
