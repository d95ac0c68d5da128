import { messageOf } from '../../errors.ts';
import type { Json, JsonObject } from '../../json.ts';
import { ModelStopped } from '../../meter/model.ts';
import { findToolUses } from '../../scenario/called-tools.ts';
import type { Step, StepSource } from '../../scenario/scenario.ts';
import type { Surface, Tool } from '../../tools/mcp/surface.ts';

/** What a scripted model follows: the steps of a scenario's reference program over these servers. */
export type ReferencePlan = {
  modelId: string;
  steps: Step[];
  sources: StepSource[];
  /** Input of every program: the parameters, and what the task gives. */
  input: JsonObject;
  surface: Surface;
  /** CPU milliseconds that the program may take, in either pattern. */
  cpuMs: number | undefined;
};

/** The model reads what it was shown and decides what the next step works with. */
function look(step: Step, seen: Json, input: JsonObject): JsonObject {
  try {
    return step.look?.(seen, input) ?? {};
  } catch (error) {
    const reason = messageOf(error);
    throw new ModelStopped(`Looking at the result of a step failed: ${reason}`);
  }
}

/**
 * What the model takes into the next step from what this one (counted from 0) returned; undefined where it was the last.
 */
export function lookAhead(
  { steps, input }: ReferencePlan,
  step: number,
  returned: string,
): JsonObject | undefined {
  const next = steps[step + 1];
  return next && look(next, parseReturned(returned), input);
}

/**
 * The functions that the programs use, in the order of the surface. Of a server that a program reaches by other means than
 * names, such as `mcp.crm[name]`, those whose names it has as a property or in quotes.
 */
export function usedFunctions(sources: readonly StepSource[], surface: Surface): Tool[] {
  const found = sources.map(({ body }) => findToolUses(body));
  const isUsed = (server: string, tool: string) =>
    found.some(
      ({ uses, open, words }) =>
        uses.some((use) => use.server === server && use.tool === tool) ||
        ((open.includes(server) || open.includes(null)) && words.has(tool)),
    );
  return surface.flatMap(({ server, tools }) => tools.filter(({ identifier }) => isUsed(server, identifier)));
}

/** What a program returned, from the JSON text that the model was shown. */
export function parseReturned(returned: string): Json {
  try {
    return JSON.parse(returned) as Json;
  } catch {
    return returned;
  }
}
