import { isRecord } from '../json.ts';
import type { ModelEntry } from './catalogue.ts';
import type { TokenCounter } from './token-counter.ts';

/**
 * How the provider writes tools, calls and results into a prompt, found by fitting public recorded counts. Definitions: to the
 * token on all 20 servers that athakur3/mcp-context-cost had counted (claude-opus-5, 2026-08-19). Calls and results: to the token
 * on 81 % of 1,915 messages with one call and on most with several in the sessions of kunchenguid/axi (claude-sonnet-4-6, 2026-03);
 * the others carry what that client adds.
 */

/** Tags of calls carry this namespace. */
const namespace = ['ant', 'ml'].join('');

/** A tool as it stands in a prompt: a line of JSON with its keys sorted at every depth. */
export function renderDefinition(tool: {
  name: string;
  description?: string | undefined;
  input_schema: unknown;
}): string {
  const { name, description = '', input_schema: parameters } = tool;
  return `<function>${renderJson({ description, name, parameters })}</function>`;
}

/** Tokens of a definition with what follows it in a prompt. */
export function countDefinition(
  tool: Parameters<typeof renderDefinition>[0],
  family: ModelEntry['tokenizer'],
  counter: Pick<TokenCounter, 'count'>,
): number {
  return counter.count(renderDefinition(tool)) + markupOf(family).definition;
}

/** A call as it stands in a prompt: strings are bare, other arguments JSON. */
export function renderCall(name: string, input: unknown): string {
  const parameter = ([key, value]: [string, unknown]) => {
    const text = typeof value === 'string' ? value : spaced(value);
    return `<${namespace}:parameter name="${key}">${text}</${namespace}:parameter>\n`;
  };
  const parameters = Object.entries(isRecord(input) ? input : {}).map(parameter);
  return `<${namespace}:invoke name="${name}">\n${parameters.join('')}</${namespace}:invoke>`;
}

/** Tokens that stand between and around what is rendered: tags and line breaks, which are the same in every prompt. */
export type Markup = {
  /** After each definition. */
  definition: number;
  /** After the words that come before calls. */
  words: number;
  /** Around the calls of a message, and after each of them. */
  calls: number;
  call: number;
  /** Around the only result of a message, and around the only one that is an error. */
  result: number;
  error: number;
  /** Around the results of a message with several, and around each of them, whose tool's name is also written. */
  results: number;
  resultOfSeveral: number;
  /** For a message with calls and the one with their results. */
  round: number;
};

/**
 * Counted with sanderland/ctok, which gives the provider's counts on documents it never saw: `function_calls` around calls,
 * `function_results` around results, in it `error`, or `result` with `name` and `output`. `round` is what recorded prompts have
 * besides.
 */
const older: Markup = {
  definition: 1,
  words: 1,
  calls: 17,
  call: 1,
  result: 10,
  error: 18,
  results: 11,
  resultOfSeveral: 22,
  round: 2,
};

/** No recorded count says how the newer models write calls: as the older ones do, it is assumed. */
const markups: Record<ModelEntry['tokenizer'], Markup> = {
  'claude-3': older,
  'claude-4.7': { ...older, calls: 19 },
};

/** The markup in the tokens of a tokenizer family. */
export function markupOf(family: ModelEntry['tokenizer']): Markup {
  return markups[family];
}

/** What of the rendering is assumed for a family, since no recorded count shows it; for reports. */
export function assumedOf(family: ModelEntry['tokenizer']): readonly string[] {
  return family === 'claude-3' ? [] : ['calls and results are written as the models before wrote them'];
}

/** A value of a definition as it stands in a prompt. */
export function renderJson(value: unknown): string {
  return spaced(sorted(value));
}

/** The value with the keys of all its objects in the order of their code units. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (!isRecord(value)) return value;
  const members = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(members.map(([key, member]) => [key, sorted(member)]));
}

/** JSON with a space after each comma and colon. */
function spaced(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(spaced).join(', ')}]`;
  if (!isRecord(value)) return JSON.stringify(value) ?? 'null';
  const members = Object.entries(value).filter(([, member]) => member !== undefined);
  return `{${members.map(([key, member]) => `${JSON.stringify(key)}: ${spaced(member)}`).join(', ')}}`;
}
