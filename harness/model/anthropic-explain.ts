import { APIConnectionError, APIConnectionTimeoutError, APIError } from '@anthropic-ai/sdk';
import { CutAnswer, MalformedAnswer } from './anthropic-assemble.ts';
import type { Failure } from './anthropic-errors.ts';
import { type FailureContext, failureOfReply, failureOfTransport, statusOf } from './anthropic-failure.ts';
import { StalledAnswer } from './anthropic-watch.ts';

/** What one attempt had received when it ended. */
export type Seen = { headers: Headers | null };

/** The error of this project for whatever the SDK, the network or the assembler threw during one attempt. */
export function explain(error: unknown, seen: Seen, context: FailureContext): Error {
  const inside = seen.headers !== null;
  const known = knownOf(seen, 'unknown');
  const cause = rootCause(error);
  if (cause instanceof StalledAnswer) return failureOfTransport('stalled', cause.message, known, context);
  if (error instanceof APIConnectionTimeoutError)
    return failureOfTransport('timeout', error.message, known, context);
  if (error instanceof APIConnectionError) {
    const usage = neverConnected(cause) ? 'none' : 'unknown';
    return failureOfTransport('network', describe(cause), knownOf(seen, usage), context);
  }
  if (error instanceof APIError) {
    return failureOfReply(
      {
        status: error.status ?? statusOf(error.type),
        body: error.error ?? error.message,
        headers: error.headers ?? new Headers(),
        usage: inside ? 'unknown' : 'none',
      },
      context,
    );
  }
  if (error instanceof CutAnswer) return failureOfTransport('cut', error.message, known, context);
  if (error instanceof MalformedAnswer || error instanceof SyntaxError) {
    return failureOfTransport('malformed', error.message, known, context);
  }
  return failureOfTransport(inside ? 'cut' : 'network', describe(cause), known, context);
}

/** What a failure can say about an answer that did not arrive whole. */
export function knownOf(seen: Seen, usage: Failure['usage']) {
  return { requestId: seen.headers?.get('request-id') ?? null, usage };
}

function rootCause(error: unknown): unknown {
  let cause = error;
  for (let depth = 0; depth < 5 && cause instanceof Error && cause.cause !== undefined; depth++)
    cause = cause.cause;
  return cause;
}

/** A request that never reached a server cannot have been billed. */
function neverConnected(cause: unknown): boolean {
  const code = cause instanceof Error && 'code' in cause ? cause.code : null;
  return ['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'UND_ERR_CONNECT_TIMEOUT'].includes(String(code));
}

function describe(cause: unknown): string {
  return cause instanceof Error ? cause.message || cause.name : String(cause);
}
