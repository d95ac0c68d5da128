import { renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { InfrastructureError, messageOf } from './errors.ts';
import { makeDirectory } from './make-directory.ts';

/**
 * Writes a file of a run as JSON, whole or not at all: beside, then renamed; its directory is made where it is missing. Throws
 * an `InfrastructureError` that names the file. With `indent` 0 it is one line, as is right for long lists.
 */
export function writeJson(file: string, value: unknown, indent = 2): void {
  try {
    makeDirectory(dirname(file));
    writeFileSync(`${file}.tmp`, `${JSON.stringify(value, null, indent)}\n`);
    renameSync(`${file}.tmp`, file);
  } catch (error) {
    const reason = messageOf(error);
    throw new InfrastructureError(`${file} cannot be written: ${reason}`, { cause: error });
  }
}
