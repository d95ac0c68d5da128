import type { JsonObject } from '../../json.ts';
import type { Model } from '../../meter/model.ts';
import type { CallResult, GuestCall, Sandbox, Settlement } from '../../sandbox/sandbox.ts';
import { classicName } from '../../tools/mcp/names.ts';
import { toValue } from '../../tools/mcp/tool-result.ts';
import { argumentsOf } from '../patterns/program-api.ts';
import { type Play, type Prompt, perform, type Stage } from './converse-scripted.ts';
import { resultText, toolResults } from './messages.ts';
import { lookAhead, type Script } from './reference-plan.ts';
import type { Mind } from './running-program.ts';

/** How the model makes direct calls. */
export type DirectCalls = {
  /** How many it makes in one response. */
  maxParallelCalls: number;
};

/**
 * A model that plays the reference program through the classic pattern. Each step runs in the sandbox as its mind: the
 * calls it waits for become tool uses of one response, and it goes on only with the tool results that came back in the
 * conversation. A perfect agent: no wrong turn, no repeated call, no words besides the answer.
 */
export function createClassicScript(script: Script, sandbox: Sandbox, calls: DirectCalls): Model {
  return perform(script, sandbox, (stage, prompt) => playDirectly(stage, prompt, calls));
}

/** All steps, by direct calls. */
export async function* playDirectly(stage: Stage, first: Prompt, calls: DirectCalls): Play<string> {
  let prompt = first;
  let seen: JsonObject = {};
  for (let step = 0; ; step += 1) {
    const mind = await stage.openMind(step, seen, prompt.signal);
    const ended = yield* thinkThrough(stage, mind, prompt, calls);
    prompt = ended.prompt;
    const next = lookAhead(stage.script, step, ended.came);
    if (!next) return { prompt, came: ended.came };
    seen = next;
  }
}

/** One step, by direct calls, to the JSON text that it returns. */
export async function* thinkThrough(
  stage: Stage,
  mind: Mind,
  first: Prompt,
  { maxParallelCalls }: DirectCalls,
): Play<string> {
  let prompt = first;
  let returned = await mind.think([], prompt.signal);
  while (returned === undefined) {
    const asked = new Map<string, GuestCall>();
    const blocks = mind.take(maxParallelCalls).map((call) => {
      const args = argumentsOf(call) as JsonObject;
      const { id, block } = stage.use(classicName(call.server, call.tool), args);
      asked.set(id, call);
      return block;
    });
    prompt = yield { blocks, waiting: mind.pending.length };
    const results = toolResults(prompt.request).map((block): Settlement => {
      const call = asked.get(block.tool_use_id);
      if (call === undefined) throw new Error(`Nothing was asked under ${block.tool_use_id}.`);
      return { id: call.id, result: toCallResult(block.is_error === true, resultText(block)) };
    });
    returned = await mind.think(results, prompt.signal);
  }
  return { prompt, came: returned };
}

function toCallResult(isError: boolean, text: string): CallResult {
  if (isError) return { ok: false, error: { code: 'tool_error', message: text } };
  return { ok: true, valueJson: typeof toValue(text) === 'string' ? JSON.stringify(text) : text };
}
