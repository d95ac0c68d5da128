import type { JsonObject } from '../../json.ts';
import type { Model } from '../../meter/model.ts';
import type { Sandbox } from '../../sandbox/sandbox.ts';
import { findToolUses } from '../../scenario/called-tools.ts';
import type { StepSource } from '../../scenario/scenario.ts';
import { thinkThrough } from './classic-model.ts';
import { browse, declarationPaths, runStep } from './code-model.ts';
import { type Play, perform } from './converse-scripted.ts';
import { lookAhead, type Script, usedFunctions } from './reference-plan.ts';
import type { Mind } from './running-program.ts';

/**
 * A model that has both kinds of tools and takes each step the way it expects to be cheaper: directly where one response can
 * hold all calls of the step and they can be named before any result is known, by a program otherwise. The size of results is
 * not known beforehand, so the choice does not depend on it. Names of functions stand in the definitions; before its first
 * use in a program a function's declaration is looked up for the type of what it returns.
 */
export function createHybridScript(script: Script, sandbox: Sandbox, maxParallelCalls: number): Model {
  return perform(script, sandbox, async function* (stage, first): Play<string> {
    let prompt = first;
    let seen: JsonObject = {};
    const declared = new Set<string>();
    for (let step = 0; ; step += 1) {
      const source = script.sources[step];
      if (!source) throw new Error(`The reference program has no step ${step + 1}.`);
      const mind = await stage.openMind(step, seen, prompt.signal);
      const early = await mind.think([], prompt.signal);
      let ended: { prompt: typeof prompt; came: string };
      if (early !== undefined) {
        ended = { prompt, came: early };
      } else if (fitsOneResponse(source, mind, maxParallelCalls)) {
        ended = yield* thinkThrough(stage, mind, prompt, { maxParallelCalls });
      } else {
        await mind.stop();
        const used = usedFunctions([source], script.surface);
        const paths = declarationPaths(used).filter((path) => !declared.has(path));
        for (const path of paths) declared.add(path);
        if (paths.length > 0) yield browse(stage, paths);
        ended = yield* runStep(stage, step, seen);
      }
      prompt = ended.prompt;
      const next = lookAhead(script, step, ended.came);
      if (!next) return ended;
      seen = next;
    }
  });
}

/** Whether the calls that wait now are all that the step's text can make, and few enough. */
function fitsOneResponse(source: StepSource, mind: Mind, maxParallelCalls: number): boolean {
  const { uses, open } = findToolUses(source.body);
  const waiting = new Set(mind.pending.map(({ server, tool }) => `${server}.${tool}`));
  return (
    mind.pending.length <= maxParallelCalls &&
    uses.length > 0 &&
    open.length === 0 &&
    uses.every(({ server, tool, inLoop }) => !inLoop && waiting.has(`${server}.${tool}`)) &&
    uses.length <= mind.pending.length
  );
}
