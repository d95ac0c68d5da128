import { isRecord } from '../json.ts';
import type { Category } from '../results/codes.ts';
import type {
  MessageParam,
  ModelRequest,
  ModelResponse,
  ToolParam,
  ToolResultBlockParam,
} from '../results/messages.ts';
import { type ModelEntry, toolUseSystemTokens } from './catalogue.ts';
import type { Entry } from './ledger.ts';
import { addCounts, type Count, fixed, noTokens, type TokenCounter } from './token-counter.ts';

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
  return counter.count(renderDefinition(tool)) + markups[family].definition;
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
type Markup = {
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

/**
 * The markup in the tokens of each tokenizer family. No recorded count says how the newer models write calls: as the older ones
 * do, it is assumed.
 */
export const markups: Record<ModelEntry['tokenizer'], Markup> = {
  'claude-3': older,
  'claude-4.7': { ...older, calls: 19 },
};

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

/** A part of a prompt or response as the provider writes it, before it is counted. */
export type Part = Omit<Entry, 'tokens'> & {
  text: string;
  /** Tokens of what stands around the text. */
  markup: number;
  /** Ties a call and its result together. */
  call?: string;
  /** Of a call or result: its place in the message, and what more stands around it in each. */
  placed?: { place: Place; markup: Record<Place, number> };
  /** Of a result: the name that is written with it where there are several. */
  name?: string;
  /** Whether the prompt may be cached up to and including this part. */
  isMarked?: boolean;
};

/** The only call or result of its message, the first of several, or a later one. */
export type Place = 'alone' | 'first' | 'later';

export function placeOf(at: number, of: number): Place {
  if (of === 1) return 'alone';
  return at === 0 ? 'first' : 'later';
}

/** Of what category calls of a tool and their results are; tools not named are MCP tools. */
export type ToolCategories = Record<string, { call: Category; result: Category }>;

/**
 * Takes requests and responses apart into what the provider writes of them. What tags cost is in the parts that they stand around.
 * Remembers which tool a result belongs to, and the definitions that stay out of the prompt until a reference brings them in.
 */
export class PromptParts {
  readonly #model: ModelEntry;
  readonly #categories: ToolCategories;
  readonly #markup: Markup;
  readonly #calls = new Map<string, { name: string; result: Category }>();
  readonly #deferred = new Map<string, string>();

  constructor(model: ModelEntry, categories: ToolCategories) {
    this.#model = model;
    this.#categories = categories;
    this.#markup = markups[model.tokenizer];
  }

  /** Tools come first in a prompt, then the system prompt. */
  prefix(request: Pick<ModelRequest, 'tools' | 'system'>): Part[] {
    const parts: Part[] = [];
    for (const tool of (request.tools ?? []) as ToolParam[]) {
      const text = renderDefinition(tool);
      if (tool.defer_loading) this.#deferred.set(tool.name, text);
      else parts.push({ category: 'tool_definitions', text, markup: this.#markup.definition });
    }
    if (request.tools?.length) parts.push(frame(toolUseSystemTokens(this.#model).tokens));
    const system = typeof request.system === 'string' ? [{ text: request.system }] : (request.system ?? []);
    for (const block of system) {
      const isMarked = 'cache_control' in block && Boolean(block.cache_control);
      parts.push({ category: 'instructions', text: block.text, markup: 0, isMarked });
    }
    return parts;
  }

  /** Names of the tools whose definitions stay out of the prompt until a reference brings them in. */
  get deferredNames(): string[] {
    return [...this.#deferred.keys()];
  }

  /** What a message adds. The model's own words entered the prompt when it wrote them. */
  message(message: MessageParam): Part[] {
    if (message.role === 'assistant') return [];
    const blocks =
      typeof message.content === 'string'
        ? [{ type: 'text' as const, text: message.content }]
        : message.content;
    const results = blocks.filter((block) => block.type === 'tool_result');
    const isMarked = isMarkedMessage(message);
    const parts = blocks.map((block, at): Part => {
      const marked = { isMarked: isMarked && at === blocks.length - 1 };
      if (block.type === 'tool_result') return { ...this.#result(block, results), ...marked };
      const text = block.type === 'text' ? block.text : JSON.stringify(block);
      return { category: 'instructions', text, markup: 0, ...marked };
    });
    return [frame(results.length > 0 ? this.#markup.round : this.#model.messageFrameTokens), ...parts];
  }

  /** What the model wrote. */
  response({ content }: ModelResponse): Part[] {
    const calls = content.filter((block) => block.type === 'tool_use');
    const around = { alone: this.#markup.calls, first: this.#markup.calls, later: 0 };
    return content.map((block): Part => {
      if (block.type === 'tool_use') {
        const category = this.#categories[block.name];
        this.#calls.set(block.id, { name: block.name, result: category?.result ?? 'tool_results' });
        return {
          category: category?.call ?? 'tool_calls',
          text: renderCall(block.name, block.input),
          markup: this.#markup.call,
          call: block.id,
          placed: { place: placeOf(calls.indexOf(block), calls.length), markup: around },
        };
      }
      const markup = calls.length > 0 ? this.#markup.words : 0;
      if (block.type === 'text') {
        return { category: calls.length > 0 ? 'reasoning' : 'answer', text: block.text, markup };
      }
      const text = block.type === 'thinking' ? block.thinking : JSON.stringify(block);
      return { category: 'reasoning', text, markup: 0 };
    });
  }

  #result(block: ToolResultBlockParam, all: readonly unknown[]): Part {
    const { name, result } = this.#calls.get(block.tool_use_id) ?? { name: '', result: 'tool_results' };
    const { error, result: alone, results, resultOfSeveral } = this.#markup;
    const markup = {
      alone: block.is_error ? error : alone,
      first: results + resultOfSeveral,
      later: resultOfSeveral,
    };
    return {
      category: result,
      text: this.#textOf(block),
      markup: 0,
      call: block.tool_use_id,
      placed: { place: placeOf(all.indexOf(block), all.length), markup },
      name,
    };
  }

  /** A reference counts as the definition that the API puts in its place. */
  #textOf({ content }: ToolResultBlockParam): string {
    if (!Array.isArray(content)) return content ?? '';
    return content
      .map((part) => {
        if (part.type === 'text') return part.text;
        const definition = part.type === 'tool_reference' ? this.#deferred.get(part.tool_name) : undefined;
        return definition ?? JSON.stringify(part);
      })
      .join('\n');
  }
}

/** Tokens of a part: of its text, its tool's name where that is written, and what stands around them. */
export function countPart({ text, markup, placed, name }: Part, counter: TokenCounter): Count {
  const isNamed = name !== undefined && placed?.place !== 'alone';
  return addCounts([
    counter.measure(text),
    fixed(markup + (placed ? placed.markup[placed.place] : 0)),
    isNamed ? counter.measure(name) : noTokens,
  ]);
}

/** Whether the prompt may be cached up to the end of a message. */
export function isMarkedMessage(message: MessageParam): boolean {
  const last = typeof message.content === 'string' ? undefined : message.content.at(-1);
  return Boolean(last && 'cache_control' in last && last.cache_control);
}

function frame(tokens: number): Part {
  return { category: 'frame', text: '', markup: tokens, framing: true };
}
