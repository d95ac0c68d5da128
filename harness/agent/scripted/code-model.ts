import type { JsonObject } from '../../json.ts';
import { type Model, ModelStopped } from '../../meter/model.ts';
import type { Sandbox } from '../../sandbox/sandbox.ts';
import { placeInFile, writeProgram } from '../../scenario/program-source.ts';
import type { StepSource } from '../../scenario/scenario.ts';
import { findToolUses } from '../../scenario/tool-uses.ts';
import { type Tool, toValue } from '../../tools/mcp/surface.ts';
import { browseTools, runCode } from '../patterns/code.ts';
import { callStepDirectly } from './classic-model.ts';
import {
  type Conversation,
  type ConversationState,
  converseScripted,
  resultText,
  type Turn,
  toolResults,
} from './converse-scripted.ts';
import { lookAhead, type ReferencePlan, type RunningProgram, usedFunctions } from './reference-plan.ts';
import type { ScheduledCall } from './schedule.ts';
import { Translation } from './translation.ts';

/** What the model looks up first: each server's list and the declarations, or nothing where both are in the prompt. */
type Discovery = 'directory' | 'none';

/**
 * A model that follows the reference program through the code pattern. It looks up the functions it will use, writes each
 * step as a program, and answers with what the last one returned. A perfect agent: every program is right at once. No
 * declaration says what a tool without output schema returns, so before a step the model looks at a sample, where the plan has one.
 */
export function createCodeModel(plan: ReferencePlan, sandbox: Sandbox, discovery: Discovery): Model {
  const looked = new Set<string>();
  const translation = new Translation(plan.schedule?.directory ?? plan.own.directory, plan.own);
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
      for (const look of plan.schedule?.looks[step] ?? []) {
        const calls = look.filter(({ server, tool }) => !looked.has(`${server}.${tool}`));
        for (const { server, tool } of calls) looked.add(`${server}.${tool}`);
        if (calls.length === 0) continue;
        const own = calls.map((call) => translation.toOwn(call));
        const { request } = yield [state.use(runCode, { code: sampleProgram(own) }).block];
        for (const [at, sample] of samplesIn(request).entries()) {
          const call = calls[at];
          if (call) translation.learn(call, sample);
        }
      }
      const ended = yield* runStep(state, step, seen);
      const next = lookAhead(plan, step, ended.result);
      if (!next) return ended;
      seen = next;
    }
  });
}

/** Characters of each result that a look brings. */
const sampleCharacters = 2_000;

/** A program that shows the beginning of what these calls return. */
function sampleProgram(calls: readonly ScheduledCall[]): string {
  return [
    `const sample = (value) => (typeof value === 'string' ? value : JSON.stringify(value)).slice(0, ${sampleCharacters});`,
    'const results = await Promise.allSettled([',
    ...calls.map(({ server, tool, args }) => `  mcp.${server}.${tool}(${JSON.stringify(args)}),`),
    ']);',
    'return results.map(({ value, reason }) => sample(value ?? String(reason)));',
  ].join('\n');
}

/** The samples that a look brought. */
function samplesIn(request: Turn['request']): string[] {
  const [output] = toolResults(request);
  const shown = output && !output.is_error ? toValue(resultText(output)) : [];
  return Array.isArray(shown) ? shown.map(String) : [];
}

/** Answers the current turn with one step as a program; the result is what the program returned. */
async function* runStep(state: ConversationState, step: number, seen: JsonObject): Conversation<string> {
  const { sources, input, retries = 0 } = state.plan;
  const source = sources[step];
  if (!source) throw new Error(`The reference program has no step ${step + 1}.`);
  const { code, linesBefore } = withRetries(writeProgram(source, { ...input, ...seen }), retries);
  const turn = yield [state.use(runCode, { code }).block];
  const [output] = toolResults(turn.request);
  const shown = output ? resultText(output) : '';
  if (output?.is_error)
    throw new ModelStopped(`The reference program failed: ${inFile(source, shown, linesBefore)}`);
  return { turn, result: shown.split('\n\nconsole:\n')[0] ?? '' };
}

/** A program that makes each call again that fails, so many times, and how many lines stand before its own first. */
function withRetries(program: string, retries: number): { code: string; linesBefore: number } {
  if (retries === 0) return { code: program, linesBefore: 0 };
  const before = [
    'async function retry(call) {',
    `  for (let left = ${retries}; ; left -= 1) {`,
    '    try { return await call(); } catch (error) { if (left === 0) throw error; }',
    '  }',
    '}',
    'const server = (name) => new Proxy({}, { get: (_, tool) => (args) => retry(() => mcp[name][tool](args)) });',
    'return (async (mcp) => {',
  ];
  const code = [...before, program, '})(new Proxy({}, { get: (_, name) => server(name) }));'].join('\n');
  return { code, linesBefore: before.length };
}

/** What the model is shown of a failed program, with the place in the program's file: a person mends it there. */
function inFile(source: StepSource, shown: string, linesBefore: number): string {
  return shown.replace(/ \(line (\d+)(?:, column \d+)?\)(?=$|\n\nconsole:\n)/, (place, line: string) => {
    const found = placeInFile(source, Number(line) - linesBefore);
    return found === undefined ? place : ` (${found})`;
  });
}

/** Looks at several places of the directory at once. */
function browse(state: ConversationState, paths: string[]) {
  return paths.map((path) => state.use(browseTools, { path }).block);
}

function declarationPaths(tools: Tool[]): string[] {
  return tools.map(({ server, identifier }) => `/${server}/${identifier}`);
}

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
