import { type ProgramStatus, programStatuses, type StopCode, stopCodes } from '../results/codes.ts';
import { ERROR_CHARS, VALUE_DEPTH } from './limits.ts';
import type { GuestCall, SandboxLimits } from './sandbox.ts';

/*
 * Frames between parent and child, one request then one reply, never two under way.
 * To the child:   u32 length | u32 ms left | UTF-8 JSON. First a Boot, then a Start, then batches of results.
 * To the parent:  u32 length | u32 CPU µs | UTF-8 JSON.  First a Ready, then one Reply per request.
 */

/** The descriptor that carries frames both ways, in the child. */
export const CHANNEL = 3;

/** Bytes before the text of a frame to the child. */
const REQUEST_HEADER = 8;
/** Bytes before the text of a frame to the parent. */
const REPLY_HEADER = 8;

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
  /** Types have to be taken out of the source first. */
  hasTypes: boolean;
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

/**
 * A frame to the child, with what is left of the program's wall time: the clock is the parent's, which stops it while somebody
 * is asked.
 */
export function encodeRequest(text: string, wallLeftMs: number): Buffer {
  const bytes = Buffer.byteLength(text);
  const frame = Buffer.allocUnsafe(REQUEST_HEADER + bytes);
  frame.writeUInt32LE(bytes, 0);
  frame.writeUInt32LE(Math.ceil(wallLeftMs), 4);
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

/** A child cannot tell that it was killed. */
const STATUSES: readonly ProgramStatus[] = programStatuses.filter((status) => status !== 'killed');

/** Characters of an error's name that are kept. */
const NAME_CHARS = 200;

/**
 * Parses what a child says and believes none of it: the guest may have taken the child over. Calls must be the next ones in
 * order, to tools that were offered, within the limits; sizes and types must hold. What is returned has the fields that are
 * named here and no others.
 * @returns the reply, or the end that a child earns by breaking the rules.
 */
export function checkReply(
  text: string,
  expected: { api: Record<string, string[]>; limits: SandboxLimits; made: number },
): Reply | ChildEnd {
  const { limits } = expected;
  let raw: Partial<Reply>;
  try {
    raw = JSON.parse(text) as Partial<Reply>;
  } catch {
    return broken('something that is not JSON');
  }
  if (typeof raw !== 'object' || raw === null) return broken('no object');
  const { calls: made, logs, logBytes, stopped } = raw;
  if (!Array.isArray(made) || typeof logs !== 'string' || !isWhole(logBytes)) return broken('a wrong shape');
  if (stopped !== undefined && !isCount(stopped)) return broken('a wrong count of stopped calls');
  if (Buffer.byteLength(logs) > limits.logBytes + 4) return broken('more output than is kept');
  const large = text.length > limits.argumentBytes;
  const calls: GuestCall[] = [];
  let next = expected.made;
  for (const call of made as GuestCall[]) {
    next += 1;
    if (typeof call !== 'object' || call === null || call.id !== next) return broken('calls out of order');
    if (next > limits.calls) return broken('more calls than are allowed');
    const { server, tool, args } = call;
    if (!offers(expected.api, call)) return broken('a call to a tool that was not offered');
    if (args === undefined) return broken('a call without arguments');
    if (large && Buffer.byteLength(JSON.stringify(args)) > limits.argumentBytes)
      return broken('too large arguments');
    if (deeper(args, limits.argumentDepth)) return broken('too deeply nested arguments');
    calls.push({ id: next, server, tool, args });
  }
  const end = raw.end === undefined ? undefined : checkEnd(raw.end, limits);
  if (typeof end === 'string') return broken(end);
  return { calls, logs, logBytes, ...(stopped && { stopped }), ...(end && { end }) };
}

function isWhole(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

function isCount(stopped: unknown): boolean {
  if (typeof stopped !== 'object' || stopped === null || Array.isArray(stopped)) return false;
  return Object.entries(stopped).every(
    ([code, count]) => (stopCodes as readonly string[]).includes(code) && isWhole(count),
  );
}

function offers(api: Record<string, string[]>, { server, tool }: GuestCall): boolean {
  if (typeof server !== 'string' || typeof tool !== 'string') return false;
  return Object.hasOwn(api, server) && (api[server] as string[]).includes(tool);
}

/** Walks without recursion: what is nested deeply enough would overflow the host's stack. */
function deeper(value: unknown, depth: number): boolean {
  if (typeof value !== 'object' || value === null) return false;
  let level: object[] = [value];
  for (let at = 0; level.length > 0; at++) {
    if (at >= depth) return true;
    const next: object[] = [];
    for (const held of level) {
      for (const item of Array.isArray(held) ? held : Object.values(held)) {
        if (typeof item === 'object' && item !== null) next.push(item);
      }
    }
    level = next;
  }
  return false;
}

/** The end with what it may say, or what is wrong with it. */
function checkEnd(end: ChildEnd, limits: SandboxLimits): ChildEnd | string {
  if (typeof end !== 'object' || end === null || !STATUSES.includes(end.status)) return 'an unknown end';
  if (end.status === 'ok') {
    const { status, valueJson } = end;
    if (valueJson === undefined) return { status };
    if (typeof valueJson !== 'string') return 'a value that is not text';
    if (Buffer.byteLength(valueJson) > limits.valueBytes) return 'a too large value';
    return faultOfJson(valueJson) ?? { status, valueJson };
  }
  const { status, error } = end;
  if (typeof error !== 'object' || error === null) return 'an end without an error';
  const { name, message, line, column } = error;
  if (typeof name !== 'string' || typeof message !== 'string') return 'an error without text';
  for (const place of [line, column]) {
    if (place !== undefined && !isWhole(place)) return 'a place that is not a number';
  }
  return {
    status,
    error: {
      name: cut(name, NAME_CHARS),
      message: cut(message, ERROR_CHARS),
      ...(line !== undefined && { line }),
      ...(column !== undefined && { column }),
    },
  };
}

/** A text that is cut in the isolate has its mark already, and keeps it. */
function cut(text: string, chars: number): string {
  return text.length > chars + 1 ? `${text.slice(0, chars)}…` : text;
}

function faultOfJson(text: string): string | undefined {
  try {
    return deeper(JSON.parse(text), VALUE_DEPTH) ? 'a too deeply nested value' : undefined;
  } catch {
    return 'a value that is not JSON';
  }
}

function broken(what: string): ChildEnd {
  return {
    status: 'crashed',
    error: { name: 'ProtocolError', message: `The sandbox process sent ${what}.` },
  };
}
