import { type Model, ModelStopped } from '../../meter/model.ts';
import type { ModelRequest } from '../../results/messages.ts';
import type { Sandbox } from '../../sandbox/sandbox.ts';
import { classicName } from '../../tools/mcp/names.ts';
import type { Tool } from '../../tools/mcp/surface.ts';
import { searchTools } from '../patterns/classic-search.ts';
import { callDirectly } from './classic-model.ts';
import {
  type Conversation,
  type ConversationState,
  converseScripted,
  type Turn,
} from './converse-scripted.ts';
import { type ReferencePlan, usedFunctions } from './reference-plan.ts';

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
