import type {
  Message,
  MessageCreateParamsNonStreaming,
  MessageParam,
  Tool as ToolParam,
  ToolResultBlockParam,
  ToolUseBlock,
  Usage,
} from '@anthropic-ai/sdk/resources/messages';

/** A request to the model, exactly as the Messages API takes it. */
export type ModelRequest = MessageCreateParamsNonStreaming;

/** A response as the Messages API gives it; `usage` is null where no provider counted, never zero. */
export type ModelResponse = Omit<Message, 'usage'> & {
  usage: Usage | null;
  /** Of a perfect scripted model: calls that it would have asked for too, had it no limit of calls in one message. */
  waiting?: number;
};

export type { MessageParam, ToolParam, ToolResultBlockParam, ToolUseBlock, Usage };
