import { closeSync, fsyncSync, ftruncateSync, openSync } from 'node:fs';
import { readFile, rename } from 'node:fs/promises';
import { dirname } from 'node:path';
import { InfrastructureError, messageOf, UsageError } from '../../errors.ts';
import { makeDirectory, writeWhole } from '../../files.ts';
import { type ExchangeLine, headerText, isHeaderLine, parseExchangeLine } from './cassette-format.ts';
import { findSecret, redactSecrets } from './cassette-secrets.ts';

/** What a cassette file holds. */
export type CassetteContent = {
  exchanges: ExchangeLine[];
  /** Bytes of the whole lines; what follows is the torn end of a write that was cut off. */
  wholeBytes: number;
};

const lineFeed = 0x0a;

/**
 * Reads a cassette; a file that does not exist is an empty one. A torn last line is left out, any other unreadable line is
 * a `UsageError` that names it.
 */
export async function readCassette(file: string): Promise<CassetteContent> {
  const bytes = await readFile(file).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return Buffer.alloc(0);
    throw new UsageError(`Cannot read the cassette ${file}: ${error.message}`);
  });
  const wholeBytes = bytes.lastIndexOf(lineFeed) + 1;
  const lines = bytes.toString('utf8', 0, wholeBytes).split('\n').slice(0, -1);
  const [header, ...rest] = lines;
  if (header === undefined) return { exchanges: [], wholeBytes: 0 };
  if (!isHeaderLine(header)) {
    throw new UsageError(
      `${file} is not a cassette that this version reads. Record it again: --cassettes record.`,
    );
  }
  const exchanges = rest.map((line, i) => {
    try {
      return parseExchangeLine(line);
    } catch (error) {
      const reason = messageOf(error);
      throw new UsageError(`${file}, line ${i + 2}: not a recorded exchange (${reason.slice(0, 200)}).`);
    }
  });
  return { exchanges, wholeBytes };
}

/** Appends whole lines to a cassette. */
export type CassetteWriter = {
  append(line: ExchangeLine): void;
  /** Flushes to the disk and lets go of the file. */
  close(): void;
};

/**
 * Opens a cassette for appending, after its last whole line. Every line is scanned for credentials first; a line that could
 * not be written whole is cut off again, so that the file always ends in a whole line. Writes are synchronous: a line is
 * small beside the answer that it waited for, and lines of parallel trials can then not mix.
 */
export function openWriter(file: string, wholeBytes: number, secrets: readonly string[]): CassetteWriter {
  const failed = (error: unknown) =>
    new InfrastructureError(
      `Cannot write to the cassette ${file}: ${messageOf(error)}. The lines before are whole.`,
    );
  const descriptor = openAt(file, wholeBytes === 0 ? 'w' : 'r+', failed);
  let size = wholeBytes;

  function write(text: string): void {
    try {
      size += writeWhole(descriptor, text, size);
    } catch (error) {
      cutAt(descriptor, size);
      throw failed(error);
    }
  }

  try {
    if (size === 0) write(headerText);
    else ftruncateSync(descriptor, size);
  } catch (error) {
    closeSync(descriptor);
    throw error instanceof InfrastructureError ? error : failed(error);
  }
  return {
    append(line) {
      const text = `${JSON.stringify(line)}\n`;
      const secret = findSecret(text, secrets);
      if (secret) {
        throw new InfrastructureError(
          `Refused to record into ${file}: the exchange holds what looks like ${secret.kind}, after ${shownBefore(text, secret.index, secrets)}. Remove it from the scenario's data, or run with --cassettes off.`,
        );
      }
      write(text);
    },
    close() {
      try {
        fsyncSync(descriptor);
      } catch (error) {
        throw failed(error);
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

function openAt(file: string, flags: 'w' | 'r+', failed: (error: unknown) => Error): number {
  try {
    makeDirectory(dirname(file));
    return openSync(file, flags);
  } catch (error) {
    throw failed(error);
  }
}

function cutAt(descriptor: number, size: number): void {
  try {
    ftruncateSync(descriptor, size);
  } catch {
    // The torn end stays; reading leaves it out.
  }
}

/** The text before a secret, so that it can be found without being shown. */
function shownBefore(text: string, index: number, secrets: readonly string[]): string {
  return JSON.stringify(redactSecrets(text.slice(0, index), secrets).slice(-40));
}
