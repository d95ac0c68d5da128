import type { JsonObject } from '../../json.ts';
import type { Model } from '../../meter/model.ts';
import type { Sandbox } from '../../sandbox/sandbox.ts';
import { findToolUses } from '../../scenario/called-tools.ts';
import type { StepSource } from '../../scenario/scenario.ts';
import { callStepDirectly } from './classic-model.ts';
import { browse, declarationPaths, runStep } from './code-model.ts';
import { type Conversation, converseScripted } from './converse-scripted.ts';
import { lookAhead, type ReferencePlan, usedFunctions } from './reference-plan.ts';
import type { RunningProgram } from './running-program.ts';

/**
 * A model that has both kinds of tools and takes each step the way it expects to be cheaper. It calls directly where one
 * response can hold all calls of the step, and they can be named before any result is known; otherwise it writes a program.
 * The size of results is not known beforehand, so the choice does not depend on it. The definitions give the names of
 * functions; before a program first uses a function, its declaration is looked up for the type of what it returns.
 */
export function createHybridModel(plan: ReferencePlan, sandbox: Sandbox, maxParallelCalls: number): Model {
  return converseScripted(plan, sandbox, async function* (state, first): Conversation<string> {
    let turn = first;
    let seen: JsonObject = {};
    const declared = new Set<string>();
    for (let step = 0; ; step += 1) {
      const source = plan.sources[step];
      if (!source) throw new Error(`The reference program has no step ${step + 1}.`);
      const program = await state.openProgram(step, seen, turn.signal);
      const early = await program.resume([], turn.signal);
      let ended: { turn: typeof turn; result: string };
      if (early !== undefined) {
        ended = { turn, result: early };
      } else if (fitsOneResponse(source, program, maxParallelCalls)) {
        ended = yield* callStepDirectly(state, program, turn, { maxParallelCalls });
      } else {
        await program.stop();
        const used = usedFunctions([source], plan.surface);
        const paths = declarationPaths(used).filter((path) => !declared.has(path));
        for (const path of paths) declared.add(path);
        if (paths.length > 0) yield browse(state, paths);
        ended = yield* runStep(state, step, seen);
      }
      turn = ended.turn;
      const next = lookAhead(plan, step, ended.result);
      if (!next) return ended;
      seen = next;
    }
  });
}

/** Whether the calls that wait now are all that the step's text can make, and few enough. */
function fitsOneResponse(source: StepSource, program: RunningProgram, maxParallelCalls: number): boolean {
  const { uses, open } = findToolUses(source.body);
  const waiting = new Set(program.pending.map(({ server, tool }) => `${server}.${tool}`));
  return (
    program.pending.length <= maxParallelCalls &&
    uses.length > 0 &&
    open.length === 0 &&
    uses.every(({ server, tool, inLoop }) => !inLoop && waiting.has(`${server}.${tool}`)) &&
    uses.length <= program.pending.length
  );
}
