import { hash } from 'node:crypto';

/**
 * The W3C trace id of a trial: 16 bytes in hex. It follows from the trial's seed, so that what servers are sent is the
 * same in every run of a seed; runs are told apart by their name, not by it.
 */
export function deriveTraceId(seed: number, trial: string): string {
  const id = hash('sha256', JSON.stringify(['trace', seed, trial])).slice(0, 32);
  // An id of nothing but zeros is invalid.
  return /[^0]/.test(id) ? id : id.replace(/0$/, '1');
}

/** The span id of a call, which counts from 1 within its trial: 4 bytes of the trial's id and 4 of the number, in hex. */
export function deriveSpanId(traceId: string, call: number): string {
  return traceId.slice(0, 8) + call.toString(16).padStart(8, '0');
}

/** The header of W3C Trace Context, version 00, sampled. */
export function toTraceparent(traceId: string, spanId: string): string {
  return `00-${traceId}-${spanId}-01`;
}
