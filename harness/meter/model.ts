import type { Evidence } from '../results/codes.ts';
import type { ModelRequest, ModelResponse } from '../results/messages.ts';

/** Answers requests. Scripted, replayed and live models are interchangeable behind it. */
export type Model = {
  /** The model id that requests carry and prices are looked up by. */
  readonly id: string;
  readonly evidence: Evidence;
  /** One round trip. Rejects with a `ModelStopped` where the model gives up, with other errors for infrastructure. */
  respond(request: ModelRequest, signal: AbortSignal): Promise<ModelResponse>;
  /** Releases what the model holds (a child process, a connection). */
  close(): Promise<void>;
};

/** Wraps a model, such as to record, limit or retry. */
export type ModelMiddleware = (next: Model) => Model;

/** The model ended the trial without an answer; `message` says why. A result of the trial, not a fault of the harness. */
export class ModelStopped extends Error {
  override name = 'ModelStopped';
}

/** The model with another way to answer; all else stays its own. */
export function answering(next: Model, respond: Model['respond']): Model {
  return {
    id: next.id,
    // Read late: of a recording, only the end shows whether every answer was live.
    get evidence() {
      return next.evidence;
    },
    close: () => next.close(),
    respond,
  };
}
