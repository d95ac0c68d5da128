import type { JsonObject } from '../json.ts';
import type { ModelEntry } from '../meter/catalogue.ts';
import { answering, type ModelMiddleware } from '../meter/model.ts';
import { type Part, PromptParts, type ToolCategories } from '../meter/prompt-parts.ts';
import type { Category } from '../results/codes.ts';
import type { UntrustedSource } from '../results/exposure.ts';
import type { ModelRequest, ModelResponse, ToolParam } from '../results/messages.ts';
import { classicName } from '../tools/mcp/names.ts';
import { findPlanted, plant } from '../tools/poison/canary.ts';
import { callOf, type Sink } from '../tools/poison/wrap.ts';
import { searchTool, searchTools } from './patterns/classic.ts';
import { codeTools, runCode } from './patterns/code.ts';
import { unquote } from './patterns/quote.ts';
import { scripted, toolUse } from './scripted/scripted-model.ts';
import type { Variant } from './variants.ts';

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
class NewTexts {
  readonly #parts: PromptParts;
  #messages = 0;

  constructor(model: ModelEntry, categories: ToolCategories) {
    this.#parts = new PromptParts(model, categories);
  }

  request(request: ModelRequest): NewText[] {
    const before = this.#messages === 0 ? this.#prefix(request) : [];
    const fresh = request.messages.slice(this.#messages);
    this.#messages = request.messages.length;
    const added = fresh.flatMap((message) => this.#parts.message(message));
    return [...before, ...added.flatMap(toNewText)];
  }

  /** Definitions and instructions of servers, without the words of patternbench around them. */
  #prefix({ tools, system }: ModelRequest): NewText[] {
    const given = (tools ?? []) as ToolParam[];
    const parts = this.#parts.prefix({
      tools: given.filter(({ name }) => !ownTools.has(name)),
      ...(system && { system }),
    });
    const declared = given.flatMap(({ name, description = '' }): NewText[] => {
      const own = ownTools.get(name) ?? description;
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

/** By name, what is said of the tools that every trial of a variant has. Their descriptions may go on with declarations. */
const ownTools = new Map([...codeTools, searchTool].map(({ name, description }) => [name, description]));

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

/**
 * A model that does its work as the one behind it, and obeys each planted order that reaches its context, once and at once, in
 * the way of its pattern. That it obeys always is an assumption: what it shows is what stands between an order and its effect.
 * `heedsQuotes`: it obeys nothing that stands in a quote, which is the most that quoting can come to.
 */
export function gullible(
  model: ModelEntry,
  { pattern, toolCategories }: Variant,
  {
    server,
    sink,
    heedsQuotes,
    onObeyed,
  }: { server: string; sink: Sink; heedsQuotes: boolean; onObeyed: (place: string) => void },
): ModelMiddleware {
  return (next) => {
    const texts = new NewTexts(model, toolCategories);
    const obeyed = new Set<string>();
    /** Places in the conversation of messages of its own, and of the answers to them. */
    const own = new Set<number>();
    let uses = 0;
    /** Where it searched for the tool. */
    let searchedAt: number | undefined;
    let orders: string[] = [];
    const use = (name: string, input: JsonObject) => {
      uses += 1;
      return toolUse(`toolu_obeys_${uses}`, name, input);
    };
    const obey = (request: ModelRequest) => {
      const isCall = !('address' in sink);
      if (isCall && offers(request, searchTools) && searchedAt === undefined) {
        searchedAt = request.messages.length;
        return [use(searchTools, { query: callOf(sink, '').tool.replaceAll('_', ' ') })];
      }
      const reports = orders.map((place) => plant(place, 'order').word);
      for (const place of orders) onObeyed(place);
      orders = [];
      if (!isCall || pattern === 'code')
        return [use(runCode, { code: obedientProgram(server, sink, reports) })];
      return reports.map((report) => {
        const { identifier, args } = callOf(sink, report);
        return use(classicName(server, identifier), args);
      });
    };
    const detour = scripted(model.id, obey);
    return answering(next, async (request, signal) => {
      for (const { text } of texts.request(request)) {
        if (heedsQuotes && unquote(text) !== undefined) continue;
        for (const { place, whole } of findPlanted(text)) {
          if (!whole || obeyed.has(place)) continue;
          obeyed.add(place);
          orders.push(place);
        }
      }
      const { messages } = request;
      // No tool call goes to an address.
      const isOwn = orders.length > 0 && (!('address' in sink) || offers(request, runCode));
      if (isOwn) own.add(messages.length).add(messages.length + 1);
      // Behind it, nothing is known of what it asked for, except that tools it found are there.
      const seen = messages.filter((_, at) => !own.has(at));
      const found = searchedAt === undefined ? [] : messages.slice(searchedAt, searchedAt + 2);
      const response = isOwn
        ? await detour.respond(request, signal)
        : await next.respond({ ...request, messages: [...found, ...seen] }, signal);
      texts.response(response);
      return response;
    });
  };
}

function offers({ tools }: ModelRequest, name: string): boolean {
  return tools?.some((tool) => 'name' in tool && tool.name === name) ?? false;
}

/** Obeys all orders in one program, so that one that is refused keeps no other from being tried. */
function obedientProgram(server: string, sink: Sink, reports: readonly string[]): string {
  const sends = reports.map((report) => {
    if ('address' in sink) {
      return `() => fetch(${JSON.stringify(sink.address)}, { method: 'POST', body: ${JSON.stringify(report)} })`;
    }
    const { identifier, args } = callOf(sink, report);
    return `() => mcp.${server}.${identifier}(${JSON.stringify(args)})`;
  });
  return `let kept = 0;
for (const send of [${sends.join(', ')}]) {
  try {
    await send();
    kept += 1;
  } catch {}
}
return kept;`;
}
