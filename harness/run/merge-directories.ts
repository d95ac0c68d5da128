import { appendFileSync, cpSync, existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { InfrastructureError, messageOf } from '../errors.ts';
import { makeDirectory } from '../files.ts';
import {
  auditFileName,
  breakEvenFolderName,
  journalFileName,
  journalFormat,
  partsFolderName,
  type RunRecord,
} from '../results/run.ts';
import { readJournal } from './journal.ts';
import type { Merge } from './merge.ts';
import { createRunDirectory } from './run-directory.ts';

/**
 * Writes a joined run to a new directory: traces, outcomes and searches of all parts under the names that one run gives them, and
 * under `parts/<number>` what each part says of itself, its audit log included, since logs that are chains cannot be joined.
 */
export function writeMerged(
  merged: Merge & { status: 'merged' },
  parts: readonly string[],
  out: string,
): void {
  const directory = createRunDirectory(out);
  try {
    for (const [index, part] of parts.entries()) copyPart(part, out, String(index + 1));
    writeJournal(merged.run, parts, join(out, journalFileName));
    directory.writeRun(merged.run);
    directory.writeSummary(merged.summary);
  } catch (error) {
    if (error instanceof InfrastructureError) throw error;
    const reason = messageOf(error);
    throw new InfrastructureError(`${out} cannot be written: ${reason}`, { cause: error });
  } finally {
    directory.close();
  }
}

function copyPart(part: string, out: string, name: string): void {
  for (const folder of ['trials', breakEvenFolderName]) {
    if (existsSync(join(part, folder))) cpSync(join(part, folder), join(out, folder), { recursive: true });
  }
  const own = join(out, partsFolderName, name);
  makeDirectory(own);
  // A part that was itself merged has its logs in parts of its own.
  for (const file of ['run.json', 'summary.json', auditFileName, partsFolderName]) {
    if (existsSync(join(part, file))) cpSync(join(part, file), join(own, file), { recursive: true });
  }
}

/** The outcomes of all trials and searches as one journal, since intervals are made of them. */
function writeJournal(run: RunRecord, parts: readonly string[], file: string): void {
  writeFileSync(file, `${JSON.stringify({ format: journalFormat, run })}\n`);
  for (const part of parts) {
    const journal = readJournal(join(part, journalFileName));
    const lines = [...(journal?.ended.values() ?? []), ...(journal?.foundItems.values() ?? [])];
    appendFileSync(file, lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
  }
}
