import { randomBytes } from 'node:crypto';
import {
  closeSync,
  constants,
  fstatSync,
  fsyncSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
} from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { messageOf, UsageError } from '../../../errors.ts';
import { writeWhole } from '../../../files.ts';

/** Where the key is that seals logins: in the store of the system, or in a file beside them. */
export const keyPlaces = ['system', 'file'] as const;
export type KeyPlace = (typeof keyPlaces)[number];

/** The system's store of secrets. Rejects where there is none, or it is locked. */
export type SystemStore = {
  read(): Promise<string | undefined>;
  write(secret: string): Promise<void>;
};

const keyBytes = 32;

/** How long the system's store may take, in milliseconds: it may ask a person to unlock it. */
const longestMs = 60_000;

/** The key that opens what was sealed before. Throws a `UsageError` where it is gone. */
export async function findKey(folder: string, place: KeyPlace, system: SystemStore): Promise<Buffer> {
  const lost = (why: string) =>
    new UsageError(`The logins in ${folder} were sealed with a key ${why}. Log in again: patternbench login`);
  if (place === 'file') {
    const text = readPrivate(keyFile(folder));
    return toKey(text) ?? Promise.reject(lost(`in ${keyFile(folder)}, which is gone or no key`));
  }
  const text = await system.read().catch((error: unknown) => {
    throw lost(`in the system's store, which cannot be opened now: ${messageOf(error)}`);
  });
  return toKey(text) ?? Promise.reject(lost("in the system's store, which has it no more"));
}

/** The key to seal with: one of the system's store where there is such a store, else of a file; made where missing. */
export async function findOrMakeKey(
  folder: string,
  system: SystemStore,
): Promise<{ place: KeyPlace; key: Buffer }> {
  const fresh = randomBytes(keyBytes);
  try {
    const known = toKey(await system.read());
    if (!known) await system.write(fresh.toString('base64'));
    return { place: 'system', key: known ?? fresh };
  } catch {
    const known = toKey(readPrivate(keyFile(folder)));
    if (!known) writePrivate(keyFile(folder), fresh.toString('base64'));
    return { place: 'file', key: known ?? fresh };
  }
}

function keyFile(folder: string): string {
  return join(folder, 'key');
}

function toKey(text: string | undefined): Buffer | undefined {
  const key = Buffer.from(text ?? '', 'base64');
  return key.length === keyBytes ? key : undefined;
}

const keyring = z.object({
  AsyncEntry: z.custom<
    new (
      service: string,
      user: string,
      options?: { linux: { store: string } },
    ) => {
      getPassword(signal: AbortSignal): Promise<string | null>;
      setPassword(password: string, signal: AbortSignal): Promise<void>;
    }
  >((value) => typeof value === 'function'),
});

/** An optional dependency: where npm could not install it, there is no store. */
const keyringModule: string = '@napi-rs/keyring';

/**
 * The system's store by @napi-rs/keyring: Keychain, Credential Manager or Secret Service. Of Linux's stores only the last:
 * the kernel's keyring forgets at a reboot.
 */
export function openSystemStore(): SystemStore {
  const open = async () => {
    const { AsyncEntry } = keyring.parse(await import(keyringModule));
    return new AsyncEntry('patternbench', 'logins', { linux: { store: 'secret-service' } });
  };
  return {
    read: async () => (await (await open()).getPassword(AbortSignal.timeout(longestMs))) ?? undefined,
    write: async (secret) => (await open()).setPassword(secret, AbortSignal.timeout(longestMs)),
  };
}

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
      writeWhole(descriptor, text);
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
