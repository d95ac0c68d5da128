import { closeSync, openSync } from 'node:fs';
import { dirname } from 'node:path';
import { InfrastructureError } from '../errors.ts';
import { makeDirectory } from '../make-directory.ts';
import type { Redact } from '../mcp/secrets.ts';
import { writeWhole } from '../write-whole.ts';
import { type TraceEvent, traceFormat } from './events.ts';
import { redactEvent } from './redact-event.ts';

/** Writes the events of one trial to a JSONL file: a format line, then one event a line. */
export type Recorder = {
  record(event: TraceEvent): void;
  /** From now on, no secret that this knows is written. */
  hide(redact: Redact | undefined): void;
  close(): void;
};

const bufferedCharacters = 256 * 1024;

/** Opens a trace file, replacing what was there. A write that fails throws an `InfrastructureError` that names the file. */
export function openRecorder(file: string): Recorder {
  const guard = <T>(write: () => T): T => {
    try {
      return write();
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      throw new InfrastructureError(`The trace ${file} cannot be written: ${reason}`, { cause: error });
    }
  };
  const descriptor = guard(() => {
    makeDirectory(dirname(file));
    return openSync(file, 'w');
  });
  let buffer = `${JSON.stringify({ format: traceFormat })}\n`;
  let closed = false;
  let hidden: Redact | undefined;
  const flush = () => {
    if (buffer === '') return;
    const text = buffer;
    buffer = '';
    guard(() => writeWhole(descriptor, text));
  };
  return {
    record(event) {
      buffer += `${JSON.stringify(redactEvent(event, hidden))}\n`;
      if (buffer.length > bufferedCharacters) flush();
    },
    hide(redact) {
      hidden = redact;
    },
    close() {
      if (closed) return;
      closed = true;
      try {
        flush();
      } finally {
        closeSync(descriptor);
      }
    },
  };
}
