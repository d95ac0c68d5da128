import { closeSync, fsyncSync, ftruncateSync, openSync } from 'node:fs';
import { readFile, rename } from 'node:fs/promises';
import { dirname } from 'node:path';
import { z } from 'zod';
import { InfrastructureError, messageOf, UsageError } from '../../errors.ts';
import { makeDirectory, writeWhole } from '../../files.ts';
import { parseJson } from '../../json.ts';
import { findSecret, redactSecrets } from './cassette-secrets.ts';

/** The format line of a cassette. A file with another first line is not read. */
export const cassetteFormat = 'patternbench.cassette/v1';

const headerLine = z.strictObject({ format: z.literal(cassetteFormat) });

/**
 * A request as a line holds it: whole, or as what it adds to the request of an earlier line. Histories are re-sent with
 * every round trip; written whole, a trial of n round trips would fill the disk with n² messages.
 */
const storedRequest = z.strictObject({
  /** Key of the earlier request that this one extends; null where it stands alone. */
  base: z.string().nullable(),
  /** Leading messages taken over from `base`. */
  keep: z.int().nonnegative(),
  /** All fields but the messages; null where they are those of `base`. */
  fields: z.record(z.string(), z.unknown()).nullable(),
  /** The messages after the kept ones, without cache breakpoints. */
  messages: z.array(z.unknown()),
  /** Where the request's cache breakpoints were. */
  breakpoints: z.array(z.strictObject({ at: z.string(), value: z.unknown() })),
});

const timedEvent = z.strictObject({
  /** Arrival in milliseconds after the request was sent. Kept for study; a replay does not reproduce it. */
  offsetMs: z.number().nonnegative(),
  data: z.unknown(),
});

const exchangeLine = z.strictObject({
  /** SHA-256 of the canonical request. */
  key: z.string().regex(/^[0-9a-f]{64}$/),
  /** Which repeat of the trial asked. */
  repeat: z.int().nonnegative(),
  /** How often this repeat had asked the same before. */
  ask: z.int().nonnegative(),
  /** When the answer came, ISO 8601. */
  recordedAt: z.string(),
  /** Scheme, host and port that answered. */
  origin: z.string(),
  sdkVersion: z.string(),
  apiVersion: z.string(),
  status: z.int(),
  headers: z.record(z.string(), z.string()),
  /** The provider's counts; null where it did not count. */
  usage: z.record(z.string(), z.unknown()).nullable(),
  request: storedRequest,
  events: z.array(timedEvent).optional(),
  body: z.unknown().optional(),
});

/** Any line of a cassette: the first names the format, each other one is a request with the answer it got. */
export const cassetteRecord = z.union([headerLine, exchangeLine]);

export type ExchangeLine = z.infer<typeof exchangeLine>;

/**
 * Reads a cassette; a file that does not exist is an empty one. A torn last line is left out, any other unreadable line is
 * a `UsageError` that names it. `wholeBytes` are those of the whole lines: a write that was cut off left what follows.
 */
export async function readCassette(file: string): Promise<{ exchanges: ExchangeLine[]; wholeBytes: number }> {
  const bytes = await readFile(file).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return Buffer.alloc(0);
    throw new UsageError(`Cannot read the cassette ${file}: ${error.message}`);
  });
  const wholeBytes = bytes.lastIndexOf('\n') + 1;
  const lines = bytes.toString('utf8', 0, wholeBytes).split('\n').slice(0, -1);
  const [header, ...rest] = lines;
  if (header === undefined) return { exchanges: [], wholeBytes: 0 };
  if (!headerLine.safeParse(parseJson(header)).success) {
    throw new UsageError(
      `${file} is not a cassette that this version reads. Record it again: --cassettes record.`,
    );
  }
  const exchanges = rest.map((line, i) => {
    try {
      return exchangeLine.parse(JSON.parse(line));
    } catch (error) {
      const reason = messageOf(error);
      throw new UsageError(`${file}, line ${i + 2}: not a recorded exchange (${reason.slice(0, 200)}).`);
    }
  });
  return { exchanges, wholeBytes };
}

/**
 * Opens a cassette for appending, after its last whole line. Every line is scanned for credentials first; a line that could
 * not be written whole is cut off again, so that the file always ends in a whole line. Writes are synchronous: a line is
 * small beside the answer that it waited for, and lines of parallel trials can then not mix.
 */
export function openWriter(file: string, wholeBytes: number, secrets: readonly string[]) {
  const attempt = <T>(work: () => T): T => {
    try {
      return work();
    } catch (error) {
      throw new InfrastructureError(
        `Cannot write to the cassette ${file}: ${messageOf(error)}. The lines before are whole.`,
      );
    }
  };
  let size = wholeBytes;
  const descriptor = attempt(() => {
    makeDirectory(dirname(file));
    return openSync(file, size === 0 ? 'w' : 'r+');
  });
  const write = (text: string): void =>
    attempt(() => {
      try {
        size += writeWhole(descriptor, text, size);
      } catch (error) {
        cutAt(descriptor, size);
        throw error;
      }
    });

  try {
    if (size === 0) write(`${JSON.stringify({ format: cassetteFormat })}\n`);
    else attempt(() => ftruncateSync(descriptor, size));
  } catch (error) {
    closeSync(descriptor);
    throw error;
  }
  return {
    append(line: ExchangeLine) {
      const text = `${JSON.stringify(line)}\n`;
      const secret = findSecret(text, secrets);
      if (secret) {
        // The text before it, so that it can be found without being shown.
        const before = redactSecrets(text.slice(0, secret.index), secrets).slice(-40);
        throw new InfrastructureError(
          `Refused to record into ${file}: the exchange holds what looks like ${secret.kind}, after ${JSON.stringify(before)}. Remove it from the scenario's data, or run with --cassettes off.`,
        );
      }
      write(text);
    },
    /** Flushes to the disk and lets go of the file. */
    close() {
      try {
        attempt(() => fsyncSync(descriptor));
      } finally {
        closeSync(descriptor);
      }
    },
  };
}

/** Puts a finished recording in the place of the earlier one, in one step. Throws an `InfrastructureError` where it cannot. */
export async function replaceCassette(recording: string, file: string): Promise<void> {
  await rename(recording, file).catch((error: unknown) => {
    const what = `The recording cannot be put in the place of ${file}: ${messageOf(error)}.`;
    throw new InfrastructureError(`${what} It is whole, in ${recording}.`, { cause: error });
  });
}

function cutAt(descriptor: number, size: number): void {
  try {
    ftruncateSync(descriptor, size);
  } catch {
    // The torn end stays; reading leaves it out.
  }
}
