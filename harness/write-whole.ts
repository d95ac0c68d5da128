import { writeSync } from 'node:fs';

/**
 * Writes all of a text or of bytes, at the file's end or at a position in bytes. The system may take only the beginning, as a
 * disk does that fills up: the rest is written until it is done or refused. Throws the system's error. Returns the bytes.
 */
export function writeWhole(descriptor: number, content: string | Buffer, position?: number): number {
  const bytes = typeof content === 'string' ? Buffer.from(content) : content;
  for (let done = 0; done < bytes.length; ) {
    const at = position === undefined ? null : position + done;
    const written = writeSync(descriptor, bytes, done, bytes.length - done, at);
    if (written === 0) throw new Error(`only ${done} of ${bytes.length} bytes could be written`);
    done += written;
  }
  return bytes.length;
}
