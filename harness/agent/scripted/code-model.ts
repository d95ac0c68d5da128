import type { JsonObject } from '../../json.ts';
import { type Model, ModelStopped } from '../../meter/model.ts';
import type { Sandbox } from '../../sandbox/sandbox.ts';
import { writeProgram } from '../../scenario/program-source.ts';
import type { Tool } from '../../tools/mcp/surface.ts';
import { browseTools, runCode } from '../patterns/code-tools.ts';
import { type Conversation, type ConversationState, converseScripted } from './converse-scripted.ts';
import { resultText, toolResults } from './messages.ts';
import { lookAhead, type ReferencePlan, usedFunctions } from './reference-plan.ts';

/** What the model looks up first: each server's list and the declarations, or nothing where both are in the prompt. */
export type Discovery = 'directory' | 'none';

/**
 * A model that follows the reference program through the code pattern. It looks up the functions it will use, writes each
 * step as a program, and answers with what the last one returned. A perfect agent: every program is right at once.
 */
export function createCodeModel(plan: ReferencePlan, sandbox: Sandbox, discovery: Discovery): Model {
  return converseScripted(plan, sandbox, async function* (state): Conversation<string> {
    if (discovery === 'directory') {
      const used = usedFunctions(plan.sources, plan.surface);
      // A response that looks at nothing would be an answer.
      if (used.length > 0) {
        yield browse(state, [...new Set(used.map(({ server }) => `/${server}`))]);
        yield browse(state, declarationPaths(used));
      }
    }
    let seen: JsonObject = {};
    for (let step = 0; ; step += 1) {
      const ended = yield* runStep(state, step, seen);
      const next = lookAhead(plan, step, ended.result);
      if (!next) return ended;
      seen = next;
    }
  });
}

/** Answers the current turn with one step as a program; the result is what the program returned. */
export async function* runStep(
  state: ConversationState,
  step: number,
  seen: JsonObject,
): Conversation<string> {
  const { sources, input } = state.plan;
  const source = sources[step];
  if (!source) throw new Error(`The reference program has no step ${step + 1}.`);
  const code = writeProgram(source, { ...input, ...seen });
  const turn = yield [state.use(runCode, { code }).block];
  const [output] = toolResults(turn.request);
  const shown = output ? resultText(output) : '';
  if (output?.is_error) throw new ModelStopped(`The reference program failed: ${shown}`);
  return { turn, result: shown.split('\n\nconsole:\n')[0] ?? '' };
}

/** Looks at several places of the directory at once. */
export function browse(state: ConversationState, paths: string[]) {
  return paths.map((path) => state.use(browseTools, { path }).block);
}

export function declarationPaths(tools: Tool[]): string[] {
  return tools.map(({ server, identifier }) => `/${server}/${identifier}`);
}
