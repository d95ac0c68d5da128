import { renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { InfrastructureError } from './errors.ts';
import { makeDirectory } from './make-directory.ts';

/**
 * Writes a file of a run as JSON, whole or not at all: beside, then renamed; its directory is made where it is missing. Throws
 * an `InfrastructureError` that names the file.
 */
export function writeJson(file: string, value: unknown): void {
  try {
    makeDirectory(dirname(file));
    writeFileSync(`${file}.tmp`, `${JSON.stringify(value, null, 2)}\n`);
    renameSync(`${file}.tmp`, file);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new InfrastructureError(`${file} cannot be written: ${reason}`, { cause: error });
  }
}
