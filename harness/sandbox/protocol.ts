import type { ProgramStatus, StopCode } from '../results/codes.ts';
import type { GuestCall } from './sandbox.ts';

/*
 * Frames between parent and child, one request then one reply, never two under way.
 * To the child:   u32 length | UTF-8.                    First a Boot, then a Start, then batches of results.
 * To the parent:  u32 length | u32 CPU µs | UTF-8 JSON.  First a Ready, then one Reply per request.
 */

/** The descriptor that carries frames both ways, in the child. */
export const CHANNEL = 3;

/** Bytes before the text of a frame to the child. */
export const REQUEST_HEADER = 4;
/** Bytes before the text of a frame to the parent. */
export const REPLY_HEADER = 8;

/** What a child needs to prepare an isolate before it has a program. */
export type Boot = {
  /** Directory of isolated-vm, and the compiled addon inside it. */
  ivmDir: string;
  ivmBinding: string;
  /** JavaScript that evaluates to the bridge's three functions. */
  bootstrap: string;
  memoryMiB: number;
  /** A program to run beforehand, for the engine to warm up; it makes one call after another and returns. */
  warmUp?: Start;
};

/** The child's first frame: it has an isolate, or it says why it will not start. */
export type Ready =
  | { ok: true; ivm: string; node: string; netDenied: boolean }
  | { ok: false; error: string };

/** A program and what the child itself has to enforce. */
export type Start = {
  source: string;
  api: Record<string, string[]>;
  memoryMiB: number;
  cpuMs: number;
  wallMs: number;
  calls: number;
  argumentBytes: number;
  argumentDepth: number;
  logBytes: number;
  logFlood: number;
  valueBytes: number;
  valueDepth: number;
  errorChars: number;
  callBatchChars: number;
};

/** How a program ended, as far as the child can tell. */
export type ChildEnd =
  | { status: 'ok'; valueJson?: string }
  | {
      status: Exclude<ProgramStatus, 'ok'>;
      error: { name: string; message: string; line?: number; column?: number };
    };

/** One quiescent state of the isolate. `stopped` counts since the program began, and is absent while there is nothing to count. */
export type Reply = {
  calls: GuestCall[];
  logs: string;
  logBytes: number;
  stopped?: Partial<Record<StopCode, number>>;
  end?: ChildEnd;
};

/** A frame to the child. */
export function encodeRequest(text: string): Buffer {
  const bytes = Buffer.byteLength(text);
  const frame = Buffer.allocUnsafe(REQUEST_HEADER + bytes);
  frame.writeUInt32LE(bytes, 0);
  frame.write(text, REQUEST_HEADER, 'utf8');
  return frame;
}

/**
 * Cuts a stream of bytes into reply frames. Text is decoded only when a frame is whole, so a character split between two
 * chunks survives. `limit` bounds what a hostile child can make its parent hold.
 */
export function createReplyReader(
  onFrame: (text: string, cpuMicros: number) => void,
  onTooLong: (bytes: number) => void,
): { push(chunk: Buffer): void; limit: number } {
  let held: Buffer[] = [];
  let heldBytes = 0;
  let needed = REPLY_HEADER;
  const reader = {
    limit: 64 * 1024 * 1024,
    push(chunk: Buffer): void {
      held.push(chunk);
      heldBytes += chunk.length;
      while (heldBytes >= needed) {
        const all = held.length === 1 ? (held[0] as Buffer) : Buffer.concat(held, heldBytes);
        held = [all];
        const length = all.readUInt32LE(0);
        if (length > reader.limit) {
          held = [];
          heldBytes = 0;
          needed = Number.POSITIVE_INFINITY;
          onTooLong(length);
          return;
        }
        const end = REPLY_HEADER + length;
        if (heldBytes < end) {
          needed = end;
          return;
        }
        const text = all.toString('utf8', REPLY_HEADER, end);
        const cpuMicros = all.readUInt32LE(4);
        held = heldBytes > end ? [all.subarray(end)] : [];
        heldBytes -= end;
        needed = REPLY_HEADER;
        onFrame(text, cpuMicros);
      }
    },
  };
  return reader;
}
