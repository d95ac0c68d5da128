import { join } from 'node:path';
import { UsageError } from '../errors.ts';
import { makeDirectory, replaceFile } from '../files.ts';
import { pointFolder } from '../results/point.ts';
import { pointsOf } from '../results/run.ts';
import type { Summary } from '../results/summary.ts';
import { type Io, tell } from './io.ts';
import { openRunFiles } from './read-run.ts';

/** Where trials are to be written in the formats of other tools; undefined: not at all. */
type TraceOutputs = { otel?: string | undefined; atif?: string | undefined };

/**
 * Writes the trials of a run, or of some of its workflows, for tools that read traces. Throws a `UsageError` where a file cannot
 * be written.
 */
export async function writeTraces(
  directory: string,
  summary: Summary,
  { otel, atif }: TraceOutputs,
  io: Io,
): Promise<void> {
  if (otel === undefined && atif === undefined) return;
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
    makeDirectory(atif);
    for (const trial of traced) {
      const point = pointFolder(trial.result, pointsOf(record)).replace('/', '.');
      const file = join(atif, `${point}.${trial.result.variant}.${trial.repeat}.trajectory.json`);
      replaceFile(file, toAtif(trial), UsageError);
    }
    tell(io, `Written: ${atif}, ${traced.length} trajectories`);
  }
}
