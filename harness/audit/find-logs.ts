import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { UsageError } from '../errors.ts';
import {
  auditFileName,
  breakEvenFolderName,
  partsFolderName,
  readSummary,
  runSchema,
} from '../results/run.ts';

/** Where the logs of a run are; folders are relative to its directory. */
export type Logs = {
  /** Whether the run has, or should have, a log of its own. */
  hasOwn: boolean;
  parts: string[];
  further: string[];
};

/**
 * Finds the logs that a run's directory must hold: its own, or those of the parts that it was merged from, and those of the
 * further runs inside it. A log that should be there and is not is listed too. Throws a `UsageError` where it is no run.
 */
export function findLogs(directory: string): Logs {
  const hasLog = existsSync(join(directory, auditFileName));
  const hasSummary = existsSync(join(directory, 'summary.json'));
  if (!hasLog && !hasSummary) {
    throw new UsageError(`${directory} has no ${auditFileName}. Is it the directory of a run?`);
  }
  const parts = findParts(directory, '');
  // A merged run that was resumed has a log of its own besides.
  const hasOwn = hasLog || parts.length === 0 || readSummary(directory).measured?.audit !== undefined;
  return { hasOwn, parts, further: findFurther(directory) };
}

/** The parts that the record of a run says it was merged from, and of each that was itself merged, its own parts. */
function findParts(directory: string, folder: string): string[] {
  return Array.from({ length: countParts(join(directory, folder)) }, (_, index) => {
    const part = [folder, partsFolderName, String(index + 1)].filter(Boolean).join('/');
    const inner = findParts(directory, part);
    const hasLog = existsSync(join(directory, part, auditFileName));
    return inner.length === 0 || hasLog ? [part, ...inner] : inner;
  }).flat();
}

function countParts(directory: string): number {
  try {
    const record = runSchema.parse(JSON.parse(readFileSync(join(directory, 'run.json'), 'utf8')));
    return Array.isArray(record.measured.merged) ? record.measured.merged.length : 0;
  } catch {
    // A run whose record was lost or torn is checked as one that was not merged.
    return 0;
  }
}

/** Every folder of a further run, known by any file that such a run leaves. */
function findFurther(directory: string): string[] {
  const root = join(directory, breakEvenFolderName);
  if (!existsSync(root)) return [];
  const folders = readdirSync(root, { recursive: true, withFileTypes: true })
    .filter(({ name }) => name === 'run.json' || name === auditFileName)
    .map(({ parentPath }) => relative(directory, parentPath).split(sep).join('/'));
  return [...new Set(folders)].sort();
}
