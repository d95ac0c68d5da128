import type { JsonObject } from '../../json.ts';
import type { Model } from '../../meter/model.ts';
import type { CallResult, Sandbox } from '../../sandbox/sandbox.ts';
import { classicName } from '../../tools/mcp/names.ts';
import { toValue } from '../../tools/mcp/tool-result.ts';
import {
  type Conversation,
  type ConversationState,
  converseScripted,
  type Turn,
} from './converse-scripted.ts';
import { resultText, toolResults } from './messages.ts';
import { type Answered, SchedulePlayer } from './player.ts';
import { lookAhead, type ReferencePlan } from './reference-plan.ts';
import type { RunningProgram } from './running-program.ts';
import type { ScheduledCall } from './schedule.ts';

/** How the model makes direct calls. */
export type DirectCalls = {
  /** How many it makes in one response. */
  maxParallelCalls: number;
};

/**
 * A model that follows the reference program through the classic pattern. Each step runs in the sandbox next to the
 * conversation. The calls it waits for become tool uses of one response; it continues only with the tool results that came
 * back in the conversation. A perfect agent: no mistake, no repeated call, no words but the answer.
 */
export function createClassicModel(plan: ReferencePlan, sandbox: Sandbox, calls: DirectCalls): Model {
  return converseScripted(plan, sandbox, (state, turn) => callDirectly(state, turn, calls));
}

/** All steps, by direct calls. */
export async function* callDirectly(
  state: ConversationState,
  first: Turn,
  calls: DirectCalls,
): Conversation<string> {
  let turn = first;
  let seen: JsonObject = {};
  for (let step = 0; ; step += 1) {
    const program = await state.openProgram(step, seen, turn.signal);
    const ended = yield* callStepDirectly(state, program, turn, calls);
    turn = ended.turn;
    const next = lookAhead(state.plan, step, ended.result);
    if (!next) return { turn, result: ended.result };
    seen = next;
  }
}

/** One step, by direct calls, to the JSON text that it returns; `levels` are the schedule where there is one. */
export async function* callStepDirectly(
  state: ConversationState,
  program: RunningProgram,
  first: Turn,
  { maxParallelCalls }: DirectCalls,
  levels?: readonly (readonly ScheduledCall[])[],
): Conversation<string> {
  let turn = first;
  const player = new SchedulePlayer(program, levels);
  let returned = await player.start(turn.signal);
  while (returned === undefined) {
    const { calls, waiting } = player.ask(maxParallelCalls);
    const asked = new Map<string, ScheduledCall>();
    const blocks = calls.map((call) => {
      const { id, block } = state.use(classicName(call.server, call.tool), call.args);
      asked.set(id, call);
      return block;
    });
    turn = yield { blocks, waiting };
    const results = toolResults(turn.request).map((block): Answered => {
      const call = asked.get(block.tool_use_id);
      if (call === undefined) throw new Error(`Nothing was asked under ${block.tool_use_id}.`);
      return { call, result: toCallResult(block.is_error === true, resultText(block)) };
    });
    returned = await player.answer(results, turn.signal);
  }
  return { turn, result: returned };
}

function toCallResult(isError: boolean, text: string): CallResult {
  if (isError) return { ok: false, error: { code: 'tool_error', message: text } };
  return { ok: true, valueJson: typeof toValue(text) === 'string' ? JSON.stringify(text) : text };
}
