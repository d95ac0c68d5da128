import type { JsonObject } from '../../json.ts';
import { type Model, ModelStopped } from '../../meter/model.ts';
import type { ModelRequest } from '../../results/messages.ts';
import type { CallResult, Sandbox } from '../../sandbox/sandbox.ts';
import { classicName } from '../../tools/mcp/names.ts';
import { isContainer, type Tool } from '../../tools/mcp/surface.ts';
import { searchTools } from '../patterns/classic.ts';
import { type Answered, type AskedCall, type PlayOptions, SchedulePlayer, Translation } from './player.ts';
import {
  type Conversation,
  mostParallelCalls,
  type ReferencePlan,
  type RunningProgram,
  resultText,
  type Turn,
  takingSteps,
  toolResults,
  usedFunctions,
} from './scripted-model.ts';

/**
 * A model that follows the reference program through the classic pattern. Each step runs in the sandbox next to the
 * conversation. The calls of the plan's schedule, or those it waits for, become tool uses of one response; it continues only
 * with the tool results that came back in the conversation. A perfect agent: no mistake, no repeated call, no words but the answer.
 */
export function createClassicModel(
  plan: ReferencePlan,
  sandbox: Sandbox,
  maxParallelCalls = mostParallelCalls,
): Model {
  return takingSteps(plan, sandbox, takeStepDirectly(plan, maxParallelCalls));
}

function takeStepDirectly({ schedule, own, onLeave }: ReferencePlan, maxParallelCalls: number) {
  const translation = new Translation(schedule?.directory ?? own.directory, own);
  /** Calls of the steps before. */
  let asked = 0;
  return async function* (turn: Turn, step: number, seen: JsonObject): Conversation<string> {
    const program = await turn.open(step, seen);
    const ended = yield* callStepDirectly(turn, program, maxParallelCalls, {
      levels: schedule?.steps[step],
      translation,
      cut: schedule?.cut,
      onLeave: (left) => onLeave?.({ ...left, calls: asked + left.calls }),
    });
    asked += ended.asked;
    return ended.returned;
  };
}

/** One step, by direct calls, to the JSON text that it returns, and how many calls that took. */
export async function* callStepDirectly(
  turn: Turn,
  program: RunningProgram,
  maxParallelCalls: number,
  play: PlayOptions,
): Conversation<{ returned: string; asked: number }> {
  let asked = 0;
  const player = new SchedulePlayer(program, play);
  let returned = await player.answer([], turn.signal);
  while (returned === undefined) {
    const { calls, waiting } = player.ask(maxParallelCalls);
    asked += calls.length;
    let results = yield* askFor(turn, calls, waiting);
    for (let left = turn.plan.retries ?? 0; left > 0 && results.some(hasFailed); left -= 1) {
      const { fine = [], failed = [] } = Object.groupBy(results, (each) =>
        hasFailed(each) ? 'failed' : 'fine',
      );
      asked += failed.length;
      const again = yield* askFor(
        turn,
        failed.map(({ call }) => call),
      );
      results = [...fine, ...again];
    }
    returned = await player.answer(results, turn.signal);
  }
  return { returned, asked };
}

/** Asks for calls in one response, and gives what they came to. */
async function* askFor(turn: Turn, calls: readonly AskedCall[], waiting = 0): Conversation<Answered[]> {
  const blocks = calls.map(({ own: { server, tool, args } }) => turn.use(classicName(server, tool), args));
  yield { blocks, waiting };
  return toolResults(turn.request).map((block) => {
    const call = calls[blocks.findIndex(({ id }) => id === block.tool_use_id)];
    if (call === undefined) throw new Error(`Nothing was asked under ${block.tool_use_id}.`);
    const text = resultText(block);
    return { call, result: toCallResult(block.is_error === true, text), text };
  });
}

function hasFailed({ result }: Answered): boolean {
  return !result.ok;
}

/** A tool's result as the program gets it. */
export function toCallResult(isError: boolean, text: string): CallResult {
  if (isError) return { ok: false, error: { code: 'tool_error', message: text } };
  return { ok: true, valueJson: isContainer(text) ? text : JSON.stringify(text) };
}

/**
 * The classic model where definitions are found by search. It knows what kind of tools it needs and asks for each in the
 * words of its name, all at once; where that does not bring it, it adds the words of its description.
 */
export function createSearchModel(plan: ReferencePlan, sandbox: Sandbox): Model {
  return takingSteps(plan, sandbox, takeStepDirectly(plan, mostParallelCalls), findTools);
}

async function* findTools(turn: Turn): Conversation<void> {
  const { sources, surface } = turn.plan;
  let missing = usedFunctions(sources, surface);
  const wordings: ((tool: Tool) => string)[] = [
    ({ name }) => name.replaceAll(/[^\p{L}\p{N}]+/gu, ' '),
    ({ name, description }) => `${name.replaceAll(/[^\p{L}\p{N}]+/gu, ' ')} ${description.slice(0, 200)}`,
    ({ name, title }) => `${name} ${title ?? ''}`,
  ];
  for (const wording of wordings) {
    if (missing.length === 0) return;
    yield missing.map((tool) => turn.use(searchTools, { query: wording(tool) }));
    const available = referredTools(turn.request);
    missing = missing.filter((tool) => !available.has(classicName(tool.server, tool.identifier)));
  }
  if (missing.length > 0)
    throw new ModelStopped(`The search does not find ${missing.map(({ name }) => name).join(', ')}.`);
}

/** The tools that searches have made available so far. */
function referredTools({ messages }: ModelRequest): Set<string> {
  const blocks = messages.flatMap(({ content }) => (Array.isArray(content) ? content : []));
  const parts = blocks.flatMap((block) =>
    block.type === 'tool_result' && Array.isArray(block.content) ? block.content : [],
  );
  return new Set(parts.flatMap((part) => (part.type === 'tool_reference' ? [part.tool_name] : [])));
}
