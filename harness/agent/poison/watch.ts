import type { ModelEntry } from '../../meter/catalogue.ts';
import { answering, type ModelMiddleware } from '../../meter/model.ts';
import { type Part, PromptParts, type ToolCategories } from '../../meter/prompt-parts.ts';
import type { Category } from '../../results/codes.ts';
import type { UntrustedSource } from '../../results/exposure.ts';
import type { ModelRequest, ModelResponse, ToolParam } from '../../results/messages.ts';
import { searchTool } from '../patterns/classic.ts';
import { codeTools } from '../patterns/code.ts';

/** A text that a request brings into the prompt for the first time. */
type NewText = { source: UntrustedSource; text: string };

const sources: Partial<Record<Category, UntrustedSource>> = {
  tool_definitions: 'definitions',
  discovery: 'discovery',
  tool_results: 'results',
  program_output: 'program',
};

/**
 * Follows a conversation and gives the texts of others that each request adds to the prompt: definitions that are deferred only
 * when a reference brings them in, and never what the model wrote itself, which may repeat what it read.
 */
export class NewTexts {
  readonly #parts: PromptParts;
  #messages = 0;

  constructor(model: ModelEntry, categories: ToolCategories) {
    this.#parts = new PromptParts(model, categories);
  }

  request(request: ModelRequest): NewText[] {
    const isFirst = this.#messages === 0;
    const fresh = request.messages.slice(this.#messages);
    this.#messages = request.messages.length;
    const added = fresh.flatMap((message) => this.#parts.message(message));
    return [...(isFirst ? this.#prefix(request) : []), ...added.flatMap(toNewText)];
  }

  /** Definitions and instructions of servers, without the words of patternbench around them. */
  #prefix({ tools, system }: ModelRequest): NewText[] {
    const given = (tools ?? []) as ToolParam[];
    const parts = this.#parts.prefix({
      tools: given.filter(({ name }) => !isOwn(name)),
      ...(system && { system }),
    });
    const declared = given.flatMap(({ name, description = '' }): NewText[] => {
      const own = ownTools.find((tool) => tool.name === name)?.description ?? description;
      return description === own ? [] : [{ source: 'definitions', text: description.slice(own.length) }];
    });
    const instructions = parts.filter(({ category }) => category === 'instructions');
    return [
      ...parts.flatMap(toNewText),
      ...declared,
      ...instructions.map(({ text }): NewText => {
        const start = text.indexOf('\n## ');
        return { source: 'instructions', text: start < 0 ? text : text.slice(start) };
      }),
    ];
  }

  response(response: ModelResponse): void {
    this.#parts.response(response);
  }
}

/** Tools that every trial of a variant has, with any servers. Their descriptions may go on with declarations. */
const ownTools = [...codeTools, searchTool];

function isOwn(name: string): boolean {
  return ownTools.some((tool) => tool.name === name);
}

function toNewText({ category, text }: Part): NewText[] {
  const source = sources[category];
  return source === undefined || text === '' ? [] : [{ source, text }];
}

/** Shows a watcher each new text of a conversation, with the number of its round trip, and each response. */
export function watchTexts(
  model: ModelEntry,
  categories: ToolCategories,
  watcher: {
    onRequest(roundTrip: number, texts: NewText[]): void;
    onResponse?(response: ModelResponse): void;
  },
): ModelMiddleware {
  return (next) => {
    const texts = new NewTexts(model, categories);
    let roundTrip = 0;
    return answering(next, async (request, signal) => {
      roundTrip += 1;
      watcher.onRequest(roundTrip, texts.request(request));
      const response = await next.respond(request, signal);
      texts.response(response);
      watcher.onResponse?.(response);
      return response;
    });
  };
}
