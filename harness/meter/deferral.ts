import type { ModelEntry } from './catalogue.ts';
import type { Conversation, Piece, Turn } from './conversation.ts';
import { billAgain } from './conversation.ts';
import { costOf } from './ledger.ts';

/** What a prompt with tools is made of, in tokens. */
export type Surroundings = {
  model: ModelEntry;
  /** Of one definition, on average. */
  definition: number;
  /** Of what stands beside the definitions either way: the provider's words on tools and the servers' instructions. */
  prompt: number;
  /** Of the definition of the tool that searches. */
  searchTool: number;
  /** How many definitions one search brings. */
  found: number;
};

/** A workflow that uses some of the tools present, in so many requests where all are declared up front. */
type ToolUse = { present: number; used: number; requests: number };

/** Tools of average size from which on deferring costs less, and what their definitions take. */
type Threshold = { tools: number; tokens: number; ofWindow: number };

export type DeferralCell = {
  used: number;
  requests: number;
  /** What deferring the definitions that are present changes in one run; negative where it saves. */
  change: number;
  /** Null where it does not pay up to `mostTools`. */
  paysFrom: Threshold | null;
};

/** Whether deferring definitions pays for some servers, by how many tools a workflow uses and how long it is. */
export type Deferral = {
  /** Unit of `change`: USD with caching, or billed tokens where the model has no known price. */
  unit: 'USD' | 'tokens';
  tools: number;
  definitions: number;
  ofWindow: number;
  found: number;
  /** Prompts of fewer tokens are not cached. */
  minCachePrefix: number;
  cells: DeferralCell[];
};

const usedTools = [1, 2, 5, 10] as const;
const requestCounts = [2, 5, 10, 30] as const;

/** Thresholds are looked for up to here; the largest published server has some 50 tools. */
const mostTools = 10_000;

/**
 * The same in both ways, so that they cancel but for the cache minimum: a task, one call a request, and its result. A search
 * is a call with a short query. Sizes are those of small calls as the provider writes them.
 */
const sizes = { task: 200, call: 80, result: 300, search: 60 };

/**
 * Weighs deferring against declaring up front for each number of tools used and of requests. Tools used are at most those
 * present. A perfect model is assumed: it asks once for all it needs, one search a tool, and each search brings its tool.
 */
export function weighDeferrals(surroundings: Surroundings, tools: number): Deferral {
  const { model, definition, found } = surroundings;
  const definitions = Math.round(tools * definition);
  return {
    unit: model.prices.length > 0 ? 'USD' : 'tokens',
    tools,
    definitions,
    ofWindow: definitions / model.contextWindow,
    found,
    minCachePrefix: model.minCachePrefix,
    cells: usedTools
      .filter((used) => used <= tools)
      .flatMap((used) =>
        requestCounts.map((requests) => ({
          used,
          requests,
          change: changeByDeferring({ present: tools, used, requests }, surroundings),
          paysFrom: findThreshold({ used, requests }, surroundings),
        })),
      ),
  };
}

/**
 * What one run costs more where definitions are deferred: in USD with caching, or in billed tokens where there is no price.
 * Deferring takes one request more. The definitions that searches bring are then part of the conversation.
 */
export function changeByDeferring(use: ToolUse, surroundings: Surroundings): number {
  return (
    amountOf(deferred(use, surroundings), surroundings) - amountOf(upFront(use, surroundings), surroundings)
  );
}

/**
 * The number of tools from which on deferring costs less, however many more there are. Up to what the searches bring it
 * never does. Beyond, its bill stays the same while the other grows; only below the cache minimum a larger prompt may cost
 * less, so that those numbers are tried one by one.
 */
export function findThreshold(
  { used, requests }: Omit<ToolUse, 'present'>,
  surroundings: Surroundings,
): Threshold | null {
  const { model, definition, found } = surroundings;
  const pays = (present: number) => changeByDeferring({ present, used, requests }, surroundings) < 0;
  const first = used * found + 1;
  let high = Math.max(first, Math.ceil(model.minCachePrefix / Math.max(1, definition)));
  let low = first - 1;
  if (pays(high)) {
    for (; high > first && pays(high - 1); high -= 1);
  } else {
    if (!pays(mostTools)) return null;
    low = high;
    high = mostTools;
    while (high - low > 1) {
      const middle = Math.floor((low + high) / 2);
      if (pays(middle)) high = middle;
      else low = middle;
    }
  }
  const tokens = Math.round(high * definition);
  return { tools: high, tokens, ofWindow: tokens / model.contextWindow };
}

function upFront({ present, requests }: ToolUse, surroundings: Surroundings): Conversation {
  const definitions = Math.round(present * surroundings.definition);
  return conversation(definitions, surroundings.prompt, work(requests));
}

function deferred({ present, used, requests }: ToolUse, surroundings: Surroundings): Conversation {
  const { definition, found, searchTool, prompt } = surroundings;
  const brought = Math.round(Math.min(present, used * found) * definition);
  const [first, ...rest] = work(requests);
  if (!first) return conversation(searchTool, prompt, []);
  const search: Turn = { input: first.input, output: repeat('discovery', sizes.search, used), waiting: null };
  const answered: Turn = { ...first, input: [{ category: 'discovery', tokens: brought }] };
  return conversation(searchTool, prompt, [search, answered, ...rest]);
}

/** Requests that each make a call and get its result, the last of which answers. */
function work(requests: number): Turn[] {
  return Array.from({ length: requests }, (_, index) => ({
    input: [
      index === 0
        ? { category: 'instructions', tokens: sizes.task }
        : { category: 'tool_results', tokens: sizes.result },
    ],
    output: [{ category: index === requests - 1 ? 'answer' : 'tool_calls', tokens: sizes.call }],
    waiting: null,
  }));
}

function conversation(definitions: number, prompt: number, turns: Turn[]): Conversation {
  return {
    prefix: [
      { category: 'tool_definitions', tokens: definitions },
      { category: 'instructions', tokens: prompt },
    ],
    caching: true,
    turns,
  };
}

function repeat(category: Piece['category'], tokens: number, count: number): Piece[] {
  return Array.from({ length: count }, () => ({ category, tokens }));
}

function amountOf(billed: Conversation, { model }: Surroundings): number {
  const bills = billAgain(billed, model);
  const tokens = bills.reduce((sum, { input, output }) => sum + input + output, 0);
  return costOf(model, bills)?.cached ?? tokens;
}
