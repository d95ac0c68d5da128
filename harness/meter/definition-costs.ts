import { isRecord } from '../json.ts';
import type { CountLabel } from '../results/codes.ts';
import type { ToolParam } from '../results/messages.ts';
import type { ModelEntry } from './catalogue.ts';
import field from './field.json' with { type: 'json' };
import { countDefinition, PromptParts, renderJson } from './prompt-parts.ts';
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
  const countRepeated = countRepetitions(counter);
  return tools.map(({ name, definition, outputSchema, declaration }) => {
    const input = measureFields(definition.input_schema, counter);
    const output = outputSchema ? measureFields(outputSchema, counter) : null;
    return {
      server,
      tool: name,
      definition: countDefinition(definition, tokenizer, counter),
      description: counter.count(definition.description ?? ''),
      inputSchema: input.tokens,
      repeated: countRepeated(definition),
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

/** What one property of a schema takes, with everything inside it. All but `tokens`, `path` and `fields` sum to `tokens`. */
export type FieldCost = {
  /** Its place in the schema: `order.total`, `contacts[].notes`, `$defs.Address`. */
  path: string;
  tokens: number;
  name: number;
  description: number;
  /** The values that it may have, from `enum` or `const`. */
  enum: number;
  /** The properties inside it, which `fields` lists. */
  nested: number;
  /** Type, other keywords and brackets: what is left. */
  rest: number;
  fields: FieldCost[];
};

/** What a schema takes: `tokens` = those of its `fields`, dearest first, + `frame`, which is what stands around them. */
export type SchemaCost = { tokens: number; frame: number; fields: FieldCost[] };

/** Levels of properties that are taken apart; what lies deeper counts for the property that holds it. */
const mostLevels = 6;

/**
 * Takes a schema apart at its properties, those of list items and of shared definitions included. Each part is counted for
 * itself, so that `frame` and `rest`, which make the sums exact, also hold what counting in pieces is off by (a few tokens).
 */
export function measureFields(schema: object, counter: TokenCounter): SchemaCost {
  const tokens = counter.count(renderJson(schema));
  const fields = measureMembers(schema, '', mostLevels, counter);
  return { tokens, frame: tokens - total(fields, (field) => field.tokens), fields };
}

/** All fields of a schema, each before those inside it. */
export function flattenFields(fields: readonly FieldCost[]): FieldCost[] {
  return fields.flatMap((field) => [field, ...flattenFields(field.fields)]);
}

function measureMembers(schema: unknown, path: string, levels: number, counter: TokenCounter): FieldCost[] {
  if (!isRecord(schema) || levels === 0) return [];
  const under = (members: unknown, before: string) =>
    Object.entries(isRecord(members) ? members : {}).map(([name, member]) =>
      measureField(name, member, `${before === '' ? '' : `${before}.`}${name}`, levels - 1, counter),
    );
  return [
    ...under(schema.properties, path),
    ...measureMembers(schema.items, `${path}[]`, levels - 1, counter),
    ...['$defs', 'definitions'].flatMap((shared) =>
      under(schema[shared], path === '' ? shared : `${path}.${shared}`),
    ),
  ].sort((a, b) => b.tokens - a.tokens || (a.path < b.path ? -1 : 1));
}

function measureField(
  name: string,
  schema: unknown,
  path: string,
  levels: number,
  counter: TokenCounter,
): FieldCost {
  const member = (key: string, value: unknown) =>
    value === undefined ? 0 : counter.count(`${JSON.stringify(key)}: ${renderJson(value)}`);
  const { description, enum: values, const: value } = isRecord(schema) ? schema : {};
  const fields = measureMembers(schema, path, levels, counter);
  const tokens = member(name, schema);
  const parts = {
    name: counter.count(`${JSON.stringify(name)}: `),
    description: member('description', description),
    enum: member('enum', values) + member('const', value),
    nested: total(fields, (field) => field.tokens),
  };
  const rest = tokens - parts.name - parts.description - parts.enum - parts.nested;
  return { path, tokens, ...parts, rest, fields };
}

/** Shorter texts are not worth a definition of their own: a name, a type, a word. */
const fewestCharacters = 40;

/**
 * Counts in one tool after the other, in the order in which their server lists them, the tokens that repeat what an earlier place
 * has said: whole schemas that stand earlier in the same tool, which `$defs` would share; lists of allowed values; lines of
 * descriptions. What is repeated is counted once, where it is whole; the first tool to say something does not repeat it.
 */
export function countRepetitions(counter: TokenCounter): (definition: ToolParam) => number {
  const said = new Set<string>();
  return ({ description = '', input_schema }) => {
    const repeated = [...repeatedLines(description, said), ...repeatedIn(input_schema, new Set(), said)];
    return repeated.reduce((sum, text) => sum + counter.count(text), 0);
  };
}

function repeatedIn(value: unknown, schemas: Set<string>, said: Set<string>): string[] {
  if (typeof value !== 'object' || value === null) return [];
  if (Array.isArray(value)) return value.flatMap((each) => repeatedIn(each, schemas, said));
  const text = JSON.stringify(value);
  const holdsFields = 'properties' in value || 'items' in value;
  if (holdsFields && isRepeated(text, schemas)) return [text];
  return Object.entries(value).flatMap(([key, member]) => {
    if (key === 'description' && typeof member === 'string') return repeatedLines(member, said);
    if (key !== 'enum' || !Array.isArray(member)) return repeatedIn(member, schemas, said);
    const values = JSON.stringify(member);
    return isRepeated(values, said) ? [values] : [];
  });
}

function repeatedLines(text: string, said: Set<string>): string[] {
  return text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => isRepeated(line, said));
}

/** Whether it was seen before; from now on it was. */
function isRepeated(text: string, seen: Set<string>): boolean {
  if (text.length < fewestCharacters) return false;
  if (seen.has(text)) return true;
  seen.add(text);
  return false;
}
