import { renameSync, rmSync, writeFileSync } from 'node:fs';
import { messageOf, UsageError } from '../errors.ts';

/** Writes a file that the user named, whole or not at all, so that an interrupt cannot tear one that is committed. */
export function writeWhole(file: string, text: string): void {
  try {
    writeFileSync(`${file}.tmp`, text);
    renameSync(`${file}.tmp`, file);
  } catch (error) {
    removeQuietly(`${file}.tmp`);
    const reason = messageOf(error);
    throw new UsageError(`${file} cannot be written: ${reason}`, { cause: error });
  }
}

/** What could not be written may not be there to be removed either; the first error is the one to tell. */
function removeQuietly(file: string): void {
  try {
    rmSync(file, { force: true });
  } catch {
    // The folder is a file, or may not be written.
  }
}
