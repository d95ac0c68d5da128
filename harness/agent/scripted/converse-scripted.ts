import type { ContentBlock } from '@anthropic-ai/sdk/resources/messages';
import type { JsonObject } from '../../json.ts';
import type { Model } from '../../meter/model.ts';
import type { ModelRequest } from '../../results/messages.ts';
import type { Sandbox } from '../../sandbox/sandbox.ts';
import { type Said, scripted, text, toolUse, toolUseId } from './messages.ts';
import type { ReferencePlan } from './reference-plan.ts';
import { RunningProgram } from './running-program.ts';

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
