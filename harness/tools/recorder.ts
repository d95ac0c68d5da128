import { closeSync, openSync } from 'node:fs';
import { dirname } from 'node:path';
import { InfrastructureError, messageOf } from '../errors.ts';
import { makeDirectory, writeWhole } from '../files.ts';
import { mostTraceBytes, type TraceEvent, traceFormat } from '../results/trace.ts';
import type { Redact } from './mcp/secrets.ts';
import { redactEvent } from './redact-event.ts';

/**
 * Writes the events of one trial to a JSONL file: a format line, then one event a line. A trace that is full leaves out all but
 * how the trial ended; its last line then tells what it left out.
 */
export type Recorder = {
  record(event: TraceEvent): void;
  /** From now on, no secret that this knows is written. */
  hide(redact: Redact | undefined): void;
  close(): void;
};

const bufferedCharacters = 256 * 1024;

/** Small, and what a trace is first read for. */
const alwaysTraced = new Set<TraceEvent['event']>(['context_overflow', 'fault', 'outcome', 'graded']);

/** Opens a trace file, replacing what was there. A write that fails throws an `InfrastructureError` that names the file. */
export function openRecorder(file: string, mostBytes = mostTraceBytes): Recorder {
  const guard = <T>(write: () => T): T => {
    try {
      return write();
    } catch (error) {
      const reason = messageOf(error);
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
  let bytes = 0;
  const leftOut = { events: {} as Record<string, number>, bytes: 0 };
  const append = (line: string) => {
    buffer += line;
    if (buffer.length > bufferedCharacters) flush();
  };
  return {
    record(event) {
      const line = `${JSON.stringify(redactEvent(event, hidden))}\n`;
      const size = Buffer.byteLength(line);
      if (bytes + size > mostBytes && !alwaysTraced.has(event.event)) {
        leftOut.events[event.event] = (leftOut.events[event.event] ?? 0) + 1;
        leftOut.bytes += size;
        return;
      }
      bytes += size;
      append(line);
    },
    hide(redact) {
      hidden = redact;
    },
    close() {
      if (closed) return;
      closed = true;
      try {
        if (leftOut.bytes > 0) append(`${JSON.stringify({ event: 'left_out', ...leftOut })}\n`);
        flush();
      } finally {
        closeSync(descriptor);
      }
    },
  };
}
