import { basename, dirname, resolve } from 'node:path';
import { exporters } from '../../reports/exporters.ts';
import { project } from '../analysis/project.ts';
import { UsageError } from '../errors.ts';
import { tellNearestOrKnown } from '../nearest.ts';
import type { Projection } from '../results/projection.ts';
import { auditFileName, journalFileName, readSummary, runFileName, summaryFileName } from '../results/run.ts';
import type { Summary } from '../results/summary.ts';
import type { Sweep } from '../results/sweep.ts';
import { type Asked, flagOf, type Options } from './add-options.ts';
import { type Io, screenFor, tell } from './io.ts';
import { writeOutputs } from './outputs.ts';
import { readStored, readSweep } from './read-run.ts';
import { showRun, workloadOf } from './show-run.ts';
import { openSweepReport } from './show-sweep.ts';
import { writeRunArticle, writeSweepArticle } from './write-article.ts';
import { writeTraces } from './write-traces.ts';

/** `report`: a finished run again, whole or some of its workflows, in any format. */
export async function report(
  given: string,
  names: string[],
  asked: Asked<'report'>,
  io: Io,
): Promise<number> {
  const { options, isGiven } = asked;
  const directory = resolve(io.cwd, given);
  refuseRunFiles(directory, options);
  const swept = readSweep(directory);
  if (swept) return reportSweep(swept, names, asked, io);
  const { runs, tenants, cacheShare } = options;
  const summary = only(readSummary(directory), names);
  if (isGiven('runs') && runs !== undefined) {
    showProjection(project(summary, { runs, tenants, cacheShare }), options, io);
    if (summary.status === 'partial') tell(io, 'The run is partial: what is missing in it is missing here.');
    return 0;
  }
  if (options.trend !== undefined && options.html === undefined)
    throw new UsageError('--trend is drawn on a page: give --html FILE, too.');
  const stored = options.trend === undefined ? [] : readStored(options.trend, io);
  await showRun(summary, directory, { ...options, stored }, io);
  const { article } = options;
  if (article !== undefined) {
    await writeRunArticle(article, { directory, summary, workload: workloadOf(options) }, io);
  }
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

/** What the variants of a run would cost a month. */
function showProjection(projection: Projection, options: Options<'report'>, io: Io): void {
  const { text, ...writers } = exporters.projection;
  const screen = screenFor(io.stdout, io.env);
  writeOutputs(projection, options, { text: (found) => text(found, screen), writers, io });
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

/** A run directory has one writer: a report may lie in it, but never over what the run itself left. */
function refuseRunFiles(
  directory: string,
  { md, html, csv, junit, badge, history, otel, article }: Options<'report'>,
): void {
  const left = [runFileName, summaryFileName, journalFileName, auditFileName];
  const file = [md, html, csv, junit, badge, history, otel, article].find(
    (each) => each !== undefined && dirname(each) === directory && left.includes(basename(each)),
  );
  if (file === undefined) return;
  throw new UsageError(`${file} is a file of the run itself; choose another name.`);
}
