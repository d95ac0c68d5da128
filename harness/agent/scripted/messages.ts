import type { ContentBlock } from '@anthropic-ai/sdk/resources/messages';
import type { JsonObject } from '../../json.ts';
import type { Model } from '../../meter/model.ts';
import type { ModelRequest, ModelResponse, ToolResultBlockParam } from '../../results/messages.ts';

/** A response: its blocks, and how many more calls were ready to be asked for, where there were any. */
export type Said = ContentBlock[] | { blocks: ContentBlock[]; waiting: number };

/** A model that answers by a program; no API counted its tokens, so its usage is null. */
export function scripted(
  id: string,
  close: () => Promise<void>,
  next: (request: ModelRequest, signal: AbortSignal) => Promise<Said>,
): Model {
  let responses = 0;
  return {
    id,
    evidence: 'scripted',
    close,
    async respond(request, signal): Promise<ModelResponse> {
      const said = await next(request, signal);
      const { blocks: content, waiting } = Array.isArray(said) ? { blocks: said, waiting: 0 } : said;
      responses += 1;
      const callsTools = content.some((block) => block.type === 'tool_use');
      return {
        id: `msg_scripted_${responses}`,
        type: 'message',
        role: 'assistant',
        model: id,
        container: null,
        content,
        diagnostics: null,
        stop_details: null,
        stop_reason: callsTools ? 'tool_use' : 'end_turn',
        stop_sequence: null,
        usage: null,
        waiting,
      };
    },
  };
}

/** The tool results that the last message of a request brings. */
export function toolResults(request: ModelRequest): ToolResultBlockParam[] {
  const content = request.messages.at(-1)?.content;
  if (!Array.isArray(content)) return [];
  return content.flatMap((block) => (block.type === 'tool_result' ? [block] : []));
}

export function resultText(block: ToolResultBlockParam): string {
  if (!Array.isArray(block.content)) return block.content ?? '';
  return block.content.map((part) => (part.type === 'text' ? part.text : '')).join('\n');
}

export function text(value: string): ContentBlock {
  return { type: 'text', text: value, citations: null };
}

export function toolUse(id: string, name: string, input: JsonObject): ContentBlock {
  return { type: 'tool_use', id, name, input, caller: { type: 'direct' } } as ContentBlock;
}

export function toolUseId(number: number): string {
  return `toolu_${String(number).padStart(8, '0')}`;
}
