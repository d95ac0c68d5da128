import type { CountLabel } from '../results/codes.ts';
import type { ToolParam } from '../results/messages.ts';
import type { ModelEntry } from './catalogue.ts';
import field from './field.json' with { type: 'json' };
import { measureFields, type SchemaCost } from './field-costs.ts';
import { PromptParts } from './prompt-parts.ts';
import { countDefinition } from './rendering.ts';
import { createRepetitions } from './repetitions.ts';
import {
  addCounts,
  type Count,
  fixed,
  labelOf,
  type TokenCounter,
  type TokenRange,
  toRange,
} from './token-counter.ts';

/** A tool as the patterns show it: its definition in classic, and its declaration and output schema in code. */
type ShownTool = { name: string; definition: ToolParam; outputSchema?: object; declaration: string };

/** A server as the patterns show it; `listing` is what code reads to find its functions. */
export type ShownServer = { server: string; instructions: string; listing: string; tools: ShownTool[] };

/** What a tool costs, in tokens. */
export type ToolCost = {
  server: string;
  tool: string;
  /** Its definition, which classic declares up front. */
  definition: number;
  description: number;
  inputSchema: number;
  /** Of the definition, what an earlier tool or field of the server has said already. */
  repeated: number;
  /** Only code shows output schemas; null where the tool has none. */
  outputSchema: number | null;
  /** Its TypeScript declaration, which code looks up when it needs it. */
  declaration: number;
  fields: { input: SchemaCost; output: SchemaCost | null };
};

/** What a server costs, in tokens. */
export type ServerCost = {
  server: string;
  tools: number;
  /** Definitions of all its tools, which classic declares up front. */
  definitions: number;
  /** The same as a share of the model's context window. */
  ofWindow: number;
  /** Share of real servers whose definitions take less. */
  lighterServers: number;
  repeated: number;
  instructions: number;
  /** What one search brings into the prompt of classic-search: five definitions of average size. */
  search: number;
  /** What code reads of it first: the list of its functions and one declaration of average size. */
  look: number;
  withoutOutputSchema: number;
};

/** What the definitions of some servers cost before a model does any work. */
export type DefinitionCosts = {
  model: string;
  contextWindow: number;
  method: string;
  /** Whether definitions were counted or estimated; their parts are always estimated where no counter of one's own counts them. */
  label: CountLabel;
  /** Tokens up front by variant, the provider's own prompt on tools included. */
  upFront: Record<string, TokenRange>;
  /** Heaviest first. */
  servers: ServerCost[];
  /** Dearest first. */
  tools: ToolCost[];
};

/** Measures definitions; `upFront` has the tools that each variant declares. Rejects with what the counter cannot count for. */
export async function measureDefinitions(
  shown: readonly ShownServer[],
  upFront: Readonly<Record<string, readonly ToolParam[]>>,
  {
    model,
    counter,
    found,
    signal,
  }: { model: ModelEntry; counter: TokenCounter; found: number; signal: AbortSignal },
): Promise<DefinitionCosts> {
  const prompts = Object.entries(upFront).map(([variant, tools]) => ({
    variant,
    parts: new PromptParts(model, {}).prefix({ tools: [...tools] }),
  }));
  const shownTexts = shown.flatMap(({ instructions, listing, tools }) => [
    instructions,
    listing,
    ...tools.map(({ declaration }) => declaration),
  ]);
  const texts = prompts.flatMap(({ parts }) => parts.map(({ text }) => text));
  await counter.prepare?.([...texts, ...shownTexts], signal);
  const count = (parts: readonly { text: string; markup: number }[]): Count =>
    addCounts(parts.flatMap(({ text, markup }) => [counter.measure(text), fixed(markup)]));
  const costs = shown.map((server) => ({ server, tools: measureTools(server, model, counter) }));
  const servers = costs.map(({ server, tools }): ServerCost => {
    const taken = total(tools, ({ definition }) => definition);
    const mean = (sum: number) => (tools.length > 0 ? sum / tools.length : 0);
    return {
      server: server.server,
      tools: tools.length,
      definitions: taken,
      ofWindow: taken / model.contextWindow,
      lighterServers: lighterServers(taken, model.tokenizer),
      repeated: total(tools, ({ repeated }) => repeated),
      instructions: counter.count(server.instructions),
      search: Math.round(mean(taken) * Math.min(found, tools.length)),
      look: counter.count(server.listing) + Math.round(mean(total(tools, (tool) => tool.declaration))),
      withoutOutputSchema: tools.filter(({ outputSchema }) => outputSchema === null).length,
    };
  });
  return {
    model: model.id,
    contextWindow: model.contextWindow,
    method: counter.method,
    label: labelOf(count(prompts.flatMap(({ parts }) => parts))),
    upFront: Object.fromEntries(prompts.map(({ variant, parts }) => [variant, toRange(count(parts))])),
    servers: servers.sort((a, b) => b.definitions - a.definitions),
    tools: costs.flatMap(({ tools }) => tools).sort((a, b) => b.definition - a.definition),
  };
}

function measureTools(
  { server, tools }: ShownServer,
  { tokenizer }: ModelEntry,
  counter: TokenCounter,
): ToolCost[] {
  const repetitions = createRepetitions(counter);
  return tools.map(({ name, definition, outputSchema, declaration }) => {
    const input = measureFields(definition.input_schema, counter);
    const output = outputSchema ? measureFields(outputSchema, counter) : null;
    return {
      server,
      tool: name,
      definition: countDefinition(definition, tokenizer, counter),
      description: counter.count(definition.description ?? ''),
      inputSchema: input.tokens,
      repeated: repetitions.measure(definition),
      outputSchema: output?.tokens ?? null,
      declaration: counter.count(declaration),
      fields: { input, output },
    };
  });
}

function total<Each>(all: readonly Each[], pick: (each: Each) => number): number {
  return all.reduce((sum, each) => sum + pick(each), 0);
}

/** How many real servers the distribution is of, and where they are named. */
export const fieldSource = { servers: field.servers, source: field.source };

/**
 * Share of real servers (0 to 1) whose tool definitions take fewer tokens than this, counted by the same estimate.
 * `npm run census` makes the distribution from the tools of servers that it installs.
 */
export function lighterServers(tokens: number, family: ModelEntry['tokenizer']): number {
  const sizes = field.tokensPerServer[family];
  return sizes.filter((size) => size < tokens).length / sizes.length;
}
