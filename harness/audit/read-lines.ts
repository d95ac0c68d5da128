import { closeSync, openSync, readSync } from 'node:fs';
import { messageOf, UsageError } from '../errors.ts';

/** One line of a file without its line end; `ended` is false for a last line that has none. */
export type Line = { bytes: Buffer; ended: boolean };

const chunkBytes = 1024 * 1024;

/** The lines of a file of any size, as bytes. Throws a `UsageError` where it cannot be read. */
export function* readLines(file: string): Generator<Line> {
  const descriptor = guard(file, () => openSync(file, 'r'));
  try {
    let kept: Buffer[] = [];
    for (;;) {
      const chunk = Buffer.allocUnsafe(chunkBytes);
      const read = guard(file, () => readSync(descriptor, chunk));
      if (read === 0) break;
      let start = 0;
      for (let end = chunk.indexOf(10); end >= 0 && end < read; end = chunk.indexOf(10, start)) {
        yield { bytes: Buffer.concat([...kept, chunk.subarray(start, end)]), ended: true };
        kept = [];
        start = end + 1;
      }
      if (start < read) kept.push(chunk.subarray(start, read));
    }
    if (kept.length > 0) yield { bytes: Buffer.concat(kept), ended: false };
  } finally {
    closeSync(descriptor);
  }
}

function guard<T>(file: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    const reason = messageOf(error);
    throw new UsageError(`${file} cannot be read: ${reason}`, { cause: error });
  }
}
