import { basename, dirname, resolve } from 'node:path';
import { explainFailure, UsageError } from '../errors.ts';
import { makeDirectory, replaceFile } from '../files.ts';
import { auditFileName, journalFileName, runFileName, summaryFileName } from '../results/run.ts';
import { type Format, formats, type Outputs, onOutput, refuseTwoOutputs } from './add-options.ts';
import { type Io, tell } from './io.ts';

/**
 * Writes findings in every format that was asked for: files, and one format on standard output, which is the text where no other
 * was asked for. Throws a `UsageError` where a file cannot be written.
 */
export function writeOutputs<T>(
  found: T,
  asked: Outputs,
  {
    text,
    writers,
    io,
  }: { text: (found: T) => string; writers: Partial<Record<Format, (found: T) => string>>; io: Io },
): void {
  refuseTwoOutputs(asked);
  const [printed] = onOutput(asked);
  for (const format of formats) {
    const given = asked[format];
    const writer = writers[format];
    if (typeof given !== 'string' || given === '-' || !writer) continue;
    const file = resolve(io.cwd, given);
    replaceFile(file, writer(found), UsageError);
    tell(io, `Written: ${file}`);
  }
  const writer = printed === undefined ? text : writers[printed];
  if (writer) io.stdout.write(writer(found));
}

/** What a run or a sweep leaves in its directory. */
const runFiles = [runFileName, summaryFileName, journalFileName, auditFileName, 'sweep.json', 'config.json'];

/** A run directory has one writer: what is asked for may lie in it, but never over what the run itself left. */
export function refuseRunFiles(directory: string, asked: Outputs, ...further: (string | undefined)[]): void {
  const files = [...formats.map((format) => asked[format]), ...further];
  const file = files.find(
    (each) => typeof each === 'string' && dirname(each) === directory && runFiles.includes(basename(each)),
  );
  if (file === undefined) return;
  throw new UsageError(`${file} is a file of the run itself; choose another name.`);
}

/** Makes a folder that is written into. Throws a `UsageError` where it cannot be made. */
export function makeFolder(path: string): void {
  explainFailure(UsageError, `The directory ${path} cannot be made`, () => makeDirectory(path));
}
