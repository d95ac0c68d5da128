import type { JsonObject } from '../json.ts';
import { classicName } from '../mcp/names.ts';
import { argumentsOf } from '../mcp/program-api.ts';
import { toValue } from '../mcp/tool-result.ts';
import type { Model, ToolResultBlockParam } from '../model/model.ts';
import type { CallResult, Sandbox, Settlement } from '../sandbox/sandbox.ts';
import { resultText, scripted, text, toolResults, toolUse, toolUseId } from './messages.ts';
import { Mind } from './mind.ts';
import type { Script } from './script.ts';

/**
 * A model that plays the reference program through the classic pattern. The program runs in the sandbox as its mind: the
 * calls it waits for become tool uses of one response, and it goes on only with the tool results that came back in the
 * conversation. A perfect agent: no wrong turn, no repeated call, no words besides the answer.
 */
export function createClassicScript(script: Script, sandbox: Sandbox, maxParallelCalls: number): Model {
  const mind = new Mind(script, sandbox);
  const waiting = new Map<string, number>();
  let asked = 0;
  return scripted(
    script.modelId,
    () => mind.stop(),
    async (request, signal) => {
      const settlements = toolResults(request).map((block): Settlement => {
        const id = waiting.get(block.tool_use_id);
        if (id === undefined) throw new Error(`Nothing was asked under ${block.tool_use_id}.`);
        waiting.delete(block.tool_use_id);
        return { id, result: toCallResult(block) };
      });
      const answer = await mind.think(settlements, signal);
      if (answer !== undefined) return [text(answer)];
      return mind.take(maxParallelCalls).map((call) => {
        asked += 1;
        const id = toolUseId(asked);
        waiting.set(id, call.id);
        return toolUse(id, classicName(call.server, call.tool), argumentsOf(call) as JsonObject);
      });
    },
  );
}

function toCallResult(block: ToolResultBlockParam): CallResult {
  const shown = resultText(block);
  if (block.is_error) return { ok: false, error: { code: 'tool_error', message: shown } };
  return { ok: true, valueJson: typeof toValue(shown) === 'string' ? JSON.stringify(shown) : shown };
}
