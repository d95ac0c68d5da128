import type { JsonObject } from '../../json.ts';
import { type Model, ModelStopped } from '../../meter/model.ts';
import type { ModelRequest } from '../../results/messages.ts';
import type { CallResult, Sandbox } from '../../sandbox/sandbox.ts';
import { classicName } from '../../tools/mcp/names.ts';
import type { Tool } from '../../tools/mcp/surface.ts';
import { isContainer } from '../../tools/mcp/surface.ts';
import { searchTools } from '../patterns/classic.ts';
import {
  type Conversation,
  type ConversationState,
  converseScripted,
  resultText,
  type Said,
  type Turn,
  toolResults,
} from './converse-scripted.ts';
import { type Answered, type AskedCall, type PlayOptions, SchedulePlayer } from './player.ts';
import { lookAhead, type ReferencePlan, type RunningProgram, usedFunctions } from './reference-plan.ts';
import { Translation } from './translation.ts';

/** How the model makes direct calls. */
type DirectCalls = {
  /** How many it makes in one response. */
  maxParallelCalls: number;
};

/**
 * A model that follows the reference program through the classic pattern. Each step runs in the sandbox next to the
 * conversation. The calls of the plan's schedule, or those it waits for, become tool uses of one response; it continues only
 * with the tool results that came back in the conversation. A perfect agent: no mistake, no repeated call, no words but the answer.
 */
export function createClassicModel(plan: ReferencePlan, sandbox: Sandbox, calls: DirectCalls): Model {
  return converseScripted(plan, sandbox, (state, turn) => callDirectly(state, turn, calls));
}

/** All steps, by direct calls. */
async function* callDirectly(
  state: ConversationState,
  first: Turn,
  calls: DirectCalls,
): Conversation<string> {
  let turn = first;
  let seen: JsonObject = {};
  const { schedule, own, onLeave } = state.plan;
  const translation = new Translation(schedule?.directory ?? own.directory, own);
  let asked = 0;
  for (let step = 0; ; step += 1) {
    const program = await state.openProgram(step, seen, turn.signal);
    const ended = yield* callStepDirectly(state, program, turn, calls, {
      levels: schedule?.steps[step],
      translation,
      cut: schedule?.cut,
      onLeave: (left) => onLeave?.({ ...left, calls: asked + left.calls }),
    });
    asked += ended.asked;
    turn = ended.turn;
    const next = lookAhead(state.plan, step, ended.result);
    if (!next) return { turn, result: ended.result };
    seen = next;
  }
}

/** One step, by direct calls, to the JSON text that it returns, and how many calls that took. */
export async function* callStepDirectly(
  state: ConversationState,
  program: RunningProgram,
  first: Turn,
  { maxParallelCalls }: DirectCalls,
  play: PlayOptions = { translation: new Translation(state.plan.own.directory, state.plan.own) },
): AsyncGenerator<Said, { turn: Turn; result: string; asked: number }, Turn> {
  let turn = first;
  let all = 0;
  const player = new SchedulePlayer(program, play);
  let returned = await player.start(turn.signal);
  while (returned === undefined) {
    const { calls, waiting } = player.ask(maxParallelCalls);
    all += calls.length;
    const asked = new Map<string, AskedCall>();
    const blocks = calls.map((call) => {
      const { id, block } = askFor(state, call);
      asked.set(id, call);
      return block;
    });
    turn = yield { blocks, waiting };
    let results = readAnswers(turn, asked);
    for (let left = state.plan.retries ?? 0; left > 0 && results.some(hasFailed); left -= 1) {
      const again = new Map<string, AskedCall>();
      const failed = results.filter(hasFailed).map(({ call }) => {
        const { id, block } = askFor(state, call);
        again.set(id, call);
        return block;
      });
      all += failed.length;
      turn = yield failed;
      results = [...results.filter((each) => !hasFailed(each)), ...readAnswers(turn, again)];
    }
    returned = await player.answer(results, turn.signal);
  }
  return { turn, result: returned, asked: all };
}

function askFor(state: ConversationState, { own: { server, tool, args } }: AskedCall) {
  return state.use(classicName(server, tool), args);
}

function hasFailed({ result }: Answered): boolean {
  return !result.ok;
}

/** What the calls that were asked for by these ids came to. */
function readAnswers({ request }: Turn, asked: ReadonlyMap<string, AskedCall>): Answered[] {
  return toolResults(request).map((block) => {
    const call = asked.get(block.tool_use_id);
    if (call === undefined) throw new Error(`Nothing was asked under ${block.tool_use_id}.`);
    const text = resultText(block);
    return { call, result: toCallResult(block.is_error === true, text), text };
  });
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
export function createSearchModel(plan: ReferencePlan, sandbox: Sandbox, maxParallelCalls: number): Model {
  return converseScripted(plan, sandbox, async function* (state, first): Conversation<string> {
    const found = yield* findTools(state, first);
    return yield* callDirectly(state, found.turn, { maxParallelCalls });
  });
}

async function* findTools(state: ConversationState, first: Turn): Conversation<void> {
  const { sources, surface } = state.plan;
  let turn = first;
  let missing = usedFunctions(sources, surface);
  const wordings: ((tool: Tool) => string)[] = [
    ({ name }) => name.replaceAll(/[^\p{L}\p{N}]+/gu, ' '),
    ({ name, description }) => `${name.replaceAll(/[^\p{L}\p{N}]+/gu, ' ')} ${description.slice(0, 200)}`,
    ({ name, title }) => `${name} ${title ?? ''}`,
  ];
  for (const wording of wordings) {
    if (missing.length === 0) return { turn, result: undefined };
    turn = yield missing.map((tool) => state.use(searchTools, { query: wording(tool) }).block);
    const available = referredTools(turn.request);
    missing = missing.filter((tool) => !available.has(classicName(tool.server, tool.identifier)));
  }
  if (missing.length === 0) return { turn, result: undefined };
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
