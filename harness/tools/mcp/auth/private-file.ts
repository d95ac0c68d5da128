import {
  closeSync,
  constants,
  fstatSync,
  fsyncSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { messageOf, UsageError } from '../../../errors.ts';

/** Windows has no such modes, and follows no links of this kind. */
const hasModes = process.platform !== 'win32';
const noLink = hasModes ? constants.O_NOFOLLOW : 0;

/**
 * Reads a file that only its owner may read; undefined where there is none. Throws a `UsageError` for a link, for what is no
 * file, and for one that others may read.
 */
export function readPrivate(file: string): string | undefined {
  let descriptor: number;
  try {
    descriptor = openSync(file, constants.O_RDONLY | noLink);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return undefined;
    const why = code === 'ELOOP' ? 'it is a link' : messageOf(error);
    throw new UsageError(`${file} cannot be read: ${why}. Remove it.`, { cause: error });
  }
  try {
    const { mode, uid } = fstatSync(descriptor);
    if (!hasModes) return readFileSync(descriptor, 'utf8');
    if ((mode & constants.S_IFMT) !== constants.S_IFREG)
      throw new UsageError(`${file} is no file. Remove it.`);
    if ((mode & 0o077) !== 0)
      throw new UsageError(
        `${file} may be read by others. Remove it and log in again, or: chmod 600 ${file}`,
      );
    if (uid !== process.getuid?.()) throw new UsageError(`${file} belongs to another user. Remove it.`);
    return readFileSync(descriptor, 'utf8');
  } finally {
    closeSync(descriptor);
  }
}

/** Writes a file that only its owner may read, in one step, and to the disk. Throws a `UsageError` that names it. */
export function writePrivate(file: string, text: string): void {
  const beside = `${file}.${process.pid}.tmp`;
  try {
    rmSync(beside, { force: true });
    const descriptor = openSync(
      beside,
      constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | noLink,
      0o600,
    );
    try {
      writeSync(descriptor, text);
      fsyncSync(descriptor);
    } finally {
      closeSync(descriptor);
    }
    renameSync(beside, file);
  } catch (error) {
    rmSync(beside, { force: true });
    throw new UsageError(`${file} cannot be written: ${messageOf(error)}`, { cause: error });
  }
}
