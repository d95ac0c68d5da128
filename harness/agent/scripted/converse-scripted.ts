import type { ContentBlock } from '@anthropic-ai/sdk/resources/messages';
import type { JsonObject } from '../../json.ts';
import type { Model } from '../../meter/model.ts';
import type { ModelRequest } from '../../results/messages.ts';
import type { Sandbox } from '../../sandbox/sandbox.ts';
import { type Said, scripted, text, toolUse, toolUseId } from './messages.ts';
import type { Script } from './reference-plan.ts';
import { Mind } from './running-program.ts';

/** A request to the scripted model, and what ends its work. */
export type Prompt = { request: ModelRequest; signal: AbortSignal };

/**
 * How a perfect model conducts a conversation, or a part of one: each `yield` is a response and gives the next prompt. A part
 * begins with a prompt that is not answered yet and returns the next such prompt with what it came to.
 */
export type Play<Came> = AsyncGenerator<Said, { prompt: Prompt; came: Came }, Prompt>;

/** What the parts of one play share. */
export class Stage {
  readonly script: Script;
  readonly #sandbox: Sandbox;
  #asked = 0;
  #mind: Mind | undefined;

  constructor(script: Script, sandbox: Sandbox) {
    this.script = script;
    this.#sandbox = sandbox;
  }

  /** A use of a tool, under an id of its own. */
  use(name: string, input: JsonObject): { id: string; block: ContentBlock } {
    this.#asked += 1;
    const id = toolUseId(this.#asked);
    return { id, block: toolUse(id, name, input) };
  }

  async openMind(step: number, seen: JsonObject, signal: AbortSignal): Promise<Mind> {
    this.#mind = await Mind.open(this.script, this.#sandbox, step, seen, signal);
    return this.#mind;
  }

  async close(): Promise<void> {
    await this.#mind?.stop();
  }
}

/** A model that plays: its responses are what the play yields, then the answer that it comes to. */
export function perform(
  script: Script,
  sandbox: Sandbox,
  play: (stage: Stage, first: Prompt) => Play<string>,
): Model {
  const stage = new Stage(script, sandbox);
  let playing: Play<string> | undefined;
  return scripted(
    script.modelId,
    () => stage.close(),
    async (request, signal) => {
      const prompt = { request, signal };
      // A generator drops what its first `next` is given, so the first prompt is an argument.
      playing ??= play(stage, prompt);
      const turn = await playing.next(prompt);
      return turn.done ? [text(turn.value.came)] : turn.value;
    },
  );
}
