import { hash } from 'node:crypto';

/**
 * The W3C trace id of a trial: 16 bytes in hex. It follows from the trial's seed, so that what servers are sent is the
 * same in every run of a seed; runs are told apart by their name, not by it.
 */
export function deriveTraceId(seed: number, trial: string): string {
  return notZero(hash('sha256', JSON.stringify(['trace', seed, trial])).slice(0, 32));
}

/** The span id of a call: 8 bytes in hex. */
export function deriveSpanId(traceId: string, call: number): string {
  return notZero(hash('sha256', `${traceId}:${call}`).slice(0, 16));
}

/** The header of W3C Trace Context, version 00, sampled. */
export function toTraceparent(traceId: string, spanId: string): string {
  return `00-${traceId}-${spanId}-01`;
}

/** Ids of nothing but zeros are invalid. */
function notZero(id: string): string {
  return /[^0]/.test(id) ? id : id.replace(/0$/, '1');
}
