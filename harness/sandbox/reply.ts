import type { ChildEnd, Reply } from './protocol.ts';
import {
  type GuestCall,
  type ProgramStatus,
  programStatuses,
  type SandboxLimits,
  stopCodes,
} from './sandbox.ts';

/** A child cannot tell that it was killed. */
const STATUSES: readonly ProgramStatus[] = programStatuses.filter((status) => status !== 'killed');

/**
 * Parses what a child says and believes none of it: the guest may have taken the child over. Calls must be the next ones in
 * order, to tools that were offered, within the limits; sizes and types must hold.
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
  const { calls, logs, logBytes, stopped } = raw;
  if (!Array.isArray(calls) || typeof logs !== 'string' || !Number.isSafeInteger(logBytes))
    return broken('a wrong shape');
  if (stopped !== undefined && !isCount(stopped)) return broken('a wrong count of stopped calls');
  if (Buffer.byteLength(logs) > limits.logBytes + 4) return broken('more output than is kept');
  const large = text.length > limits.argumentBytes;
  let next = expected.made;
  for (const call of calls as GuestCall[]) {
    next += 1;
    if (typeof call !== 'object' || call === null || call.id !== next) return broken('calls out of order');
    if (next > limits.calls) return broken('more calls than are allowed');
    if (!offers(expected.api, call)) return broken('a call to a tool that was not offered');
    if (!('args' in call)) return broken('a call without arguments');
    if (large && Buffer.byteLength(JSON.stringify(call.args)) > limits.argumentBytes)
      return broken('too large arguments');
    if (deeper(call.args, limits.argumentDepth)) return broken('too deeply nested arguments');
  }
  if (raw.end !== undefined) {
    const fault = checkEnd(raw.end, limits);
    if (fault !== undefined) return broken(fault);
  }
  return raw as Reply;
}

function isCount(stopped: unknown): boolean {
  if (typeof stopped !== 'object' || stopped === null || Array.isArray(stopped)) return false;
  return Object.entries(stopped).every(
    ([code, count]) =>
      (stopCodes as readonly string[]).includes(code) &&
      Number.isSafeInteger(count) &&
      (count as number) >= 0,
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

function checkEnd(end: ChildEnd, limits: SandboxLimits): string | undefined {
  if (typeof end !== 'object' || end === null || !STATUSES.includes(end.status)) return 'an unknown end';
  if (end.status === 'ok') {
    const { valueJson } = end;
    if (valueJson === undefined) return undefined;
    if (typeof valueJson !== 'string') return 'a value that is not text';
    if (Buffer.byteLength(valueJson) > limits.valueBytes) return 'a too large value';
    return isJson(valueJson) ? undefined : 'a value that is not JSON';
  }
  const { error } = end;
  if (typeof error !== 'object' || error === null) return 'an end without an error';
  if (typeof error.name !== 'string' || typeof error.message !== 'string') return 'an error without text';
  return undefined;
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

function broken(what: string): ChildEnd {
  return {
    status: 'crashed',
    error: { name: 'ProtocolError', message: `The sandbox process sent ${what}.` },
  };
}
