import type {
  Message,
  MessageCreateParamsNonStreaming,
  MessageParam,
  Tool as ToolParam,
  ToolResultBlockParam,
  ToolUseBlock,
  Usage,
} from '@anthropic-ai/sdk/resources/messages';
import type { Evidence } from '../results/codes.ts';

/** A request to the model, exactly as the Messages API takes it. */
export type ModelRequest = MessageCreateParamsNonStreaming;

/** A response as the Messages API gives it; `usage` is null where no provider counted, never zero. */
export type ModelResponse = Omit<Message, 'usage'> & {
  usage: Usage | null;
  /** Of a perfect scripted model: calls that it would have asked for too, had it no limit of calls in one message. */
  waiting?: number;
};

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

export type { MessageParam, ToolParam, ToolResultBlockParam, ToolUseBlock, Usage };
