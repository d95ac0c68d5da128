import type { JsonObject } from '../../json.ts';
import { type Model, ModelStopped } from '../../meter/model.ts';
import type { Sandbox } from '../../sandbox/sandbox.ts';
import { writeProgram } from '../../scenario/program-source.ts';
import type { Tool } from '../../tools/mcp/surface.ts';
import { browseTools, runCode } from '../patterns/code-tools.ts';
import { type Play, perform, type Stage } from './converse-scripted.ts';
import { resultText, toolResults } from './messages.ts';
import { lookAhead, type Script, usedFunctions } from './reference-plan.ts';

/** What the model looks up first: each server's list and the declarations, or nothing where both are in the prompt. */
export type Discovery = 'directory' | 'none';

/**
 * A model that plays the reference program through the code pattern: it looks up the functions it is going to use, writes
 * each step as a program, and answers with what the last one returned. A perfect agent: every program is right at once.
 */
export function createCodeScript(script: Script, sandbox: Sandbox, discovery: Discovery): Model {
  return perform(script, sandbox, async function* (stage): Play<string> {
    if (discovery === 'directory') {
      const used = usedFunctions(script.sources, script.surface);
      // A response that looks at nothing would be an answer.
      if (used.length > 0) {
        yield browse(stage, [...new Set(used.map(({ server }) => `/${server}`))]);
        yield browse(stage, declarationPaths(used));
      }
    }
    let seen: JsonObject = {};
    for (let step = 0; ; step += 1) {
      const ended = yield* runStep(stage, step, seen);
      const next = lookAhead(script, step, ended.came);
      if (!next) return ended;
      seen = next;
    }
  });
}

/** Answers the prompt at hand with one step as a program, to what it returned. */
export async function* runStep(stage: Stage, step: number, seen: JsonObject): Play<string> {
  const { sources, input } = stage.script;
  const source = sources[step];
  if (!source) throw new Error(`The reference program has no step ${step + 1}.`);
  const code = writeProgram(source, { ...input, ...seen });
  const prompt = yield [stage.use(runCode, { code }).block];
  const [output] = toolResults(prompt.request);
  const shown = output ? resultText(output) : '';
  if (output?.is_error) throw new ModelStopped(`The reference program failed: ${shown}`);
  return { prompt, came: shown.split('\n\nconsole:\n')[0] ?? '' };
}

/** Looks at several places of the directory at once. */
export function browse(stage: Stage, paths: string[]) {
  return paths.map((path) => stage.use(browseTools, { path }).block);
}

export function declarationPaths(tools: Tool[]): string[] {
  return tools.map(({ server, identifier }) => `/${server}/${identifier}`);
}
