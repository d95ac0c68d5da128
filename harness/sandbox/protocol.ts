import { parse } from 'acorn';
import { z } from 'zod';
import { type ProgramStatus, programStatuses, type StopCode, stopCodes } from '../results/codes.ts';
import { CALL_BATCH_CHARS, ERROR_CHARS, LOG_FLOOD_FACTOR, VALUE_DEPTH } from './limits.ts';
import type { GuestCall, Program, SandboxLimits } from './sandbox.ts';

/*
 * Frames between parent and child, one request then one reply, never two under way.
 * To the child:   u32 length | u32 ms left | UTF-8 JSON. First a Boot, then a Start, then batches of results.
 * To the parent:  u32 length | u32 CPU µs | UTF-8 JSON.  First a Ready, then one Reply per request.
 */

/** The descriptor that carries frames both ways, in the child. */
export const CHANNEL = 3;

/** Bytes before the text of a frame, either way. */
const HEADER = 8;

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
export type Ready = { ok: true; netDenied: boolean } | { ok: false; error: string };

/** A program and what the child itself has to enforce. */
export type Start = ReturnType<typeof childStart>;

const MIB = 1024 * 1024;

/** The frame that gives a child its program. */
export function childStart({ source, api }: Program, limits: SandboxLimits) {
  const { cpuMs, wallMs, calls, argumentBytes, argumentDepth, logBytes, valueBytes } = limits;
  return {
    ...{ source, api, cpuMs, wallMs, calls, argumentBytes, argumentDepth, logBytes, valueBytes },
    /** Types have to be taken out of the source first. */
    hasTypes: !isPlainJavaScript(source),
    memoryMiB: Math.floor(limits.memoryBytes / MIB),
    logFlood: logBytes * LOG_FLOOD_FACTOR,
    valueDepth: VALUE_DEPTH,
    errorChars: ERROR_CHARS,
    callBatchChars: CALL_BATCH_CHARS,
    ends: endsBy(limits),
  };
}

/** Longer texts are left to the child and its limits: the parser's check for names declared twice takes quadratic time. */
const mostChars = 8 * 1024;

/**
 * Whether a program's text means the same with and without types, so that the type stripper (70 ms of a child's start) is not
 * needed. What is JavaScript but could be TypeScript with type arguments, such as `f<a>(b)`, is not plain.
 */
export function isPlainJavaScript(source: string): boolean {
  // Whether something may stand in angle brackets, as type arguments do; `=>` closes none. Linear in any text.
  const opened = source.indexOf('<');
  if (source.length > mostChars || (opened >= 0 && /[^=]>/.test(source.slice(opened)))) return false;
  try {
    parse(`async function program() {\n${source}\n}`, { ecmaVersion: 'latest', sourceType: 'module' });
    return true;
  } catch {
    // Types, a mistake that the child words, or nested too deeply.
    return false;
  }
}

/** How a program ends that a limit stops, for the child and its parent. */
function endsBy({ cpuMs, wallMs, memoryBytes }: SandboxLimits) {
  const advice = 'Look for a loop that does not end';
  const memory = Math.floor(memoryBytes / MIB);
  return {
    cpu: ended(
      'timeout_cpu',
      'CpuTimeout',
      `The program computed for longer than its ${cpuMs} ms of CPU time. ${advice}.`,
    ),
    /** The clock that stands in for CPU time stopped it before it had all of that. */
    starved: ended(
      'timeout_cpu',
      'CpuTimeout',
      `The program computed for longer than its ${cpuMs} ms of CPU time should take; the machine was busy and gave it less. ${advice}, or compute less between two calls.`,
    ),
    wall: ended('timeout_wall', 'WallTimeout', `The program was still running after ${wallMs} ms.`),
    memory: ended(
      'oom',
      'OutOfMemory',
      `The program used more than ${memory} MiB of memory. Keep less at once.`,
    ),
  };
}

/** An end of a program other than by a value. */
export function ended(status: Exclude<ProgramStatus, 'ok'>, name: string, message: string) {
  return { status, error: { name, message } };
}

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
  const frame = Buffer.allocUnsafe(HEADER + bytes);
  frame.writeUInt32LE(bytes, 0);
  frame.writeUInt32LE(Math.ceil(wallLeftMs), 4);
  frame.write(text, HEADER, 'utf8');
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
  let needed = HEADER;
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
        const end = HEADER + length;
        if (heldBytes < end) {
          needed = end;
          return;
        }
        const text = all.toString('utf8', HEADER, end);
        const cpuMicros = all.readUInt32LE(4);
        held = heldBytes > end ? [all.subarray(end)] : [];
        heldBytes -= end;
        needed = HEADER;
        onFrame(text, cpuMicros);
      }
    },
  };
  return reader;
}

const whole = z.int().nonnegative();

/** The shape of what a child says. It cannot tell that it was killed. */
const replyShape = z.object({
  calls: z.array(z.object({ id: whole, server: z.string(), tool: z.string(), args: z.unknown() })),
  logs: z.string(),
  logBytes: whole,
  stopped: z.partialRecord(z.enum(stopCodes), whole).exactOptional(),
  end: z
    .discriminatedUnion('status', [
      z.object({ status: z.literal('ok'), valueJson: z.string().exactOptional() }),
      z.object({
        status: z.enum(programStatuses).exclude(['ok', 'killed']),
        error: z.object({
          name: z.string(),
          message: z.string(),
          line: whole.exactOptional(),
          column: whole.exactOptional(),
        }),
      }),
    ])
    .exactOptional(),
});

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
  { api, limits, made }: { api: Record<string, string[]>; limits: SandboxLimits; made: number },
): Reply | ChildEnd {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return broken('something that is not JSON');
  }
  const reply = replyShape.safeParse(json).data;
  if (!reply) return broken('a wrong shape');
  if (Buffer.byteLength(reply.logs) > limits.logBytes + 4) return broken('more output than is kept');
  const large = text.length > limits.argumentBytes;
  const calls = reply.calls as GuestCall[];
  for (const [at, { id, server, tool, args }] of calls.entries()) {
    if (id !== made + at + 1) return broken('calls out of order');
    if (id > limits.calls) return broken('more calls than are allowed');
    const isOffered = Object.hasOwn(api, server) && api[server]?.includes(tool);
    if (!isOffered) return broken('a call to a tool that was not offered');
    if (args === undefined) return broken('a call without arguments');
    if (large && Buffer.byteLength(JSON.stringify(args)) > limits.argumentBytes)
      return broken('too large arguments');
    if (deeper(args, limits.argumentDepth)) return broken('too deeply nested arguments');
  }
  const { end } = reply;
  if (end?.status === 'ok') {
    const fault = end.valueJson === undefined ? undefined : faultOfValue(end.valueJson, limits);
    if (fault !== undefined) return broken(fault);
  } else if (end) {
    end.error.name = cut(end.error.name, NAME_CHARS);
    end.error.message = cut(end.error.message, ERROR_CHARS);
  }
  return { ...reply, calls };
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

/** A text that is cut in the isolate has its mark already, and keeps it. */
function cut(text: string, chars: number): string {
  return text.length > chars + 1 ? `${text.slice(0, chars)}…` : text;
}

function faultOfValue(text: string, { valueBytes }: SandboxLimits): string | undefined {
  if (Buffer.byteLength(text) > valueBytes) return 'a too large value';
  try {
    return deeper(JSON.parse(text), VALUE_DEPTH) ? 'a too deeply nested value' : undefined;
  } catch {
    return 'a value that is not JSON';
  }
}

function broken(what: string): ChildEnd {
  return ended('crashed', 'ProtocolError', `The sandbox process sent ${what}.`);
}
