import type { ContentBlock } from '@anthropic-ai/sdk/resources/messages';
import type { JsonObject } from '../../json.ts';
import type { Model } from '../../meter/model.ts';
import type { ModelRequest, ModelResponse, ToolResultBlockParam } from '../../results/messages.ts';
import type { Sandbox } from '../../sandbox/sandbox.ts';
import type { ReferencePlan } from './reference-plan.ts';
import { RunningProgram } from './reference-plan.ts';

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

/** The scripted model's turn: the request to answer, and the signal that cancels the work on it. */
export type Turn = { request: ModelRequest; signal: AbortSignal };

/**
 * How a scripted model conducts a conversation, or a part of one. Each `yield` is a response and gives the next turn. A part
 * starts with an unanswered turn, and returns its result with the next unanswered turn.
 */
export type Conversation<Result> = AsyncGenerator<Said, { turn: Turn; result: Result }, Turn>;

/** What the parts of one conversation share. */
export class ConversationState {
  readonly plan: ReferencePlan;
  readonly #sandbox: Sandbox;
  #toolUses = 0;
  #program: RunningProgram | undefined;

  constructor(plan: ReferencePlan, sandbox: Sandbox) {
    this.plan = plan;
    this.#sandbox = sandbox;
  }

  /** A use of a tool, under an id of its own. */
  use(name: string, input: JsonObject): { id: string; block: ContentBlock } {
    this.#toolUses += 1;
    const id = toolUseId(this.#toolUses);
    return { id, block: toolUse(id, name, input) };
  }

  /** Opens the program of a step; `close` stops the one opened last. */
  async openProgram(step: number, seen: JsonObject, signal: AbortSignal): Promise<RunningProgram> {
    this.#program = await RunningProgram.open(this.plan, this.#sandbox, step, seen, signal);
    return this.#program;
  }

  async close(): Promise<void> {
    await this.#program?.stop();
  }
}

/** A model that responds with what the conversation yields, and then answers with its result. */
export function converseScripted(
  plan: ReferencePlan,
  sandbox: Sandbox,
  conduct: (state: ConversationState, first: Turn) => Conversation<string>,
): Model {
  const state = new ConversationState(plan, sandbox);
  let conversation: Conversation<string> | undefined;
  return scripted(
    plan.modelId,
    () => state.close(),
    async (request, signal) => {
      const turn = { request, signal };
      // A generator drops what its first `next` is given, so the first turn is an argument.
      conversation ??= conduct(state, turn);
      const next = await conversation.next(turn);
      return next.done ? [text(next.value.result)] : next.value;
    },
  );
}
