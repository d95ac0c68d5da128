import { InfrastructureError } from '../../errors.ts';
import { ModelStopped } from '../../meter/model.ts';
import type { WireAnswer } from './anthropic-exchange.ts';

/** Why one attempt at a round trip failed. */
export type FailureKind =
  | 'invalid_request'
  | 'authentication'
  | 'quota'
  | 'permission'
  | 'not_found'
  | 'too_large'
  | 'redirect'
  | 'rate_limit'
  | 'overloaded'
  | 'server'
  | 'network'
  | 'timeout'
  | 'stalled'
  | 'cut'
  | 'malformed';

/** What is known about one failed attempt. */
export type Failure = {
  kind: FailureKind;
  /** HTTP status; null where no response came or it broke off after a good status. */
  status: number | null;
  /** The provider's `request-id`, for its support. */
  requestId: string | null;
  /** Whether the same request may succeed later. */
  retryable: boolean;
  /** The pause that the response asked for, in milliseconds. */
  retryAfterMs: number | null;
  /** `none` where the provider refused before working; `unknown` where it may have billed an answer that never arrived. */
  usage: 'none' | 'unknown';
};

/** A round trip failed for a reason outside the model. The message says what to do and holds no credential. */
export class ModelRequestError extends InfrastructureError {
  override name = 'ModelRequestError';
  readonly failure: Failure;

  constructor(message: string, failure: Failure) {
    super(message);
    this.failure = failure;
  }
}

/**
 * The provider refused a prompt that does not fit the context window. A result of the trial (`context_overflow`), not a
 * fault of the harness, so it is not an `InfrastructureError`.
 */
export class PromptTooLongError extends ModelStopped {
  override name = 'PromptTooLongError';
  /** What went over the wire, so that a recording can repeat the refusal; null for a replay. */
  answer: WireAnswer | null = null;
}
