import type { JsonObject } from '../../json.ts';
import { type Model, ModelStopped } from '../../meter/model.ts';
import type { Sandbox } from '../../sandbox/sandbox.ts';
import { placeInFile } from '../../scenario/program-source.ts';
import type { StepSource } from '../../scenario/scenario.ts';
import { findToolUses } from '../../scenario/tool-uses.ts';
import { type Tool, toValue } from '../../tools/mcp/surface.ts';
import { browseTools, runCode } from '../patterns/code.ts';
import { callStepDirectly } from './classic-model.ts';
import { Translation } from './player.ts';
import type { ScheduledCall } from './schedule.ts';
import {
  type Conversation,
  mostParallelCalls,
  type ReferencePlan,
  type RunningProgram,
  resultText,
  sourceOf,
  type Turn,
  takingSteps,
  toolResults,
  usedFunctions,
  writeStep,
} from './scripted-model.ts';

/**
 * A model that follows the reference program through the code pattern. It looks up the functions it will use (`browses`; else
 * they are in the prompt), writes each step as a program, and answers with what the last one returned. A perfect agent: every
 * program is right at once. No declaration says what a tool without output schema returns, so before a step the model looks at a
 * sample, where the plan has one.
 */
export function createCodeModel(plan: ReferencePlan, sandbox: Sandbox, browses: boolean): Model {
  const looked = new Set<string>();
  const translation = new Translation(plan.schedule?.directory ?? plan.own.directory, plan.own);
  async function* takeStep(turn: Turn, step: number, seen: JsonObject): Conversation<string> {
    for (const look of plan.schedule?.looks[step] ?? []) {
      const calls = look.filter(({ server, tool }) => !looked.has(`${server}.${tool}`));
      for (const { server, tool } of calls) looked.add(`${server}.${tool}`);
      if (calls.length === 0) continue;
      const own = calls.map((call) => translation.toOwn(call));
      yield [turn.use(runCode, { code: sampleProgram(own) })];
      for (const [at, sample] of samplesIn(turn.request).entries()) {
        const call = calls[at];
        if (call) translation.learn(call, sample);
      }
    }
    return yield* runStep(turn, step, seen);
  }
  return takingSteps(plan, sandbox, takeStep, browses ? browseUsed : undefined);
}

async function* browseUsed(turn: Turn): Conversation<void> {
  const used = usedFunctions(turn.plan.sources, turn.plan.surface);
  // A response that looks at nothing would be an answer.
  if (used.length === 0) return;
  yield browse(turn, [...new Set(used.map(({ server }) => `/${server}`))]);
  yield browse(turn, declarationPaths(used));
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

/** One step as a program; gives what the program returned. */
async function* runStep(turn: Turn, step: number, seen: JsonObject): Conversation<string> {
  const { plan } = turn;
  const { code, linesBefore } = withRetries(writeStep(plan, step, seen), plan.retries ?? 0);
  yield [turn.use(runCode, { code })];
  const [output] = toolResults(turn.request);
  const shown = output ? resultText(output) : '';
  if (output?.is_error)
    throw new ModelStopped(
      `The reference program failed: ${inFile(sourceOf(plan, step), shown, linesBefore)}`,
    );
  return shown.split('\n\nconsole:\n')[0] ?? '';
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
function browse(turn: Turn, paths: string[]) {
  return paths.map((path) => turn.use(browseTools, { path }));
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
export function createHybridModel(plan: ReferencePlan, sandbox: Sandbox): Model {
  const declared = new Set<string>();
  const translation = new Translation(plan.own.directory, plan.own);
  async function* takeStep(turn: Turn, step: number, seen: JsonObject): Conversation<string> {
    const source = sourceOf(plan, step);
    const program = await turn.open(step, seen);
    const early = await program.resume([], turn.signal);
    if (early !== undefined) return early;
    if (fitsOneResponse(source, program)) {
      const { returned } = yield* callStepDirectly(turn, program, mostParallelCalls, { translation });
      return returned;
    }
    await program.stop();
    const used = usedFunctions([source], plan.surface);
    const paths = declarationPaths(used).filter((path) => !declared.has(path));
    for (const path of paths) declared.add(path);
    if (paths.length > 0) yield browse(turn, paths);
    return yield* runStep(turn, step, seen);
  }
  return takingSteps(plan, sandbox, takeStep);
}

/** Whether the calls that wait now are all that the step's text can make, and few enough. */
function fitsOneResponse(source: StepSource, { pending }: RunningProgram): boolean {
  const { uses, open } = findToolUses(source.body);
  const waiting = new Set(pending.map(({ server, tool }) => `${server}.${tool}`));
  return (
    pending.length <= mostParallelCalls &&
    uses.length > 0 &&
    open.length === 0 &&
    uses.every(({ server, tool, inLoop }) => !inLoop && waiting.has(`${server}.${tool}`)) &&
    uses.length <= pending.length
  );
}
