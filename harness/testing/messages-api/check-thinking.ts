import { isDeepStrictEqual } from 'node:util';
import { type Fields, isFields, messagesOf, type RequestBlock, type Violation } from './request.ts';

const isThinking = ({ type }: RequestBlock) => type === 'thinking' || type === 'redacted_thinking';

/** Remembers the thinking that was served, and checks that it comes back as it was. */
type ThinkingCheck = {
  /** Notes the content of an answer that was sent whole. */
  served(content: readonly RequestBlock[]): void;
  check(body: Fields): Violation[];
};

/**
 * Thinking that precedes a tool call must be sent back unchanged with the results of that call, in its place and with its
 * signature; thinking that was never served has no valid signature.
 */
export function createThinkingCheck(): ThinkingCheck {
  const thinkingOfCall = new Map<string, RequestBlock[]>();
  const known: RequestBlock[] = [];

  return {
    served(content) {
      const thinking = content.filter(isThinking).map(bare);
      known.push(...thinking);
      for (const block of content) {
        if (block.type === 'tool_use') thinkingOfCall.set(String(block.id), thinking);
      }
    },
    check(body) {
      // Without thinking the API ignores what is in the history.
      if (isFields(body.thinking) && body.thinking.type === 'disabled') return [];
      return messagesOf(body).flatMap(({ role, blocks, path }): Violation[] => {
        if (role !== 'assistant') return [];
        const sent = blocks.filter(isThinking);
        const forged = sent.some((block) => !known.some((one) => isDeepStrictEqual(one, bare(block))));
        const call = blocks.find(({ type }) => type === 'tool_use');
        const expected = call ? thinkingOfCall.get(String(call.id)) : undefined;
        if (forged) return [{ path, message: modified }];
        if (expected && !isDeepStrictEqual(expected, sent.map(bare))) return [{ path, message: modified }];
        return [];
      });
    },
  };
}

const modified =
  '`thinking` or `redacted_thinking` blocks in the latest assistant message cannot be modified. These blocks must remain as they were in the original response.';

/** A copy, so that a block that is changed in place later is still compared with what was served. */
function bare(block: RequestBlock): RequestBlock {
  return structuredClone(block);
}
