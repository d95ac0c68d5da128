import type { JsonObject } from '../../json.ts';
import type { ModelEntry } from '../../meter/catalogue.ts';
import { answering, type ModelMiddleware } from '../../meter/model.ts';
import type { ModelRequest } from '../../results/messages.ts';
import { classicName } from '../../tools/mcp/names.ts';
import { findPlanted, plant } from '../../tools/poison/canary.ts';
import { callOf, type Sink } from '../../tools/poison/wrap.ts';
import { searchTools } from '../patterns/classic.ts';
import { runCode } from '../patterns/code.ts';
import { unquote } from '../patterns/quote.ts';
import { scripted, toolUse } from '../scripted/converse-scripted.ts';
import type { Variant } from '../variants.ts';
import { NewTexts } from './watch.ts';

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
    /** Messages of its own: where they begin in the conversation, each with its answer. */
    const own: number[] = [];
    let uses = 0;
    /** Where it searched for the tool. */
    let searchedAt = Number.NaN;
    let orders: string[] = [];
    const use = (name: string, input: JsonObject) => {
      uses += 1;
      return toolUse(`toolu_obeys_${uses}`, name, input);
    };
    const obey = (request: ModelRequest) => {
      const isCall = !('address' in sink);
      if (isCall && offers(request, searchTools) && Number.isNaN(searchedAt)) {
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
    const detour = scripted(
      model.id,
      async () => {},
      async (request) => obey(request),
    );
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
      if (isOwn) own.push(messages.length);
      const hidden = new Set(own.flatMap((start) => [start, start + 1]));
      // Behind it, nothing is known of what it asked for, except that tools it found are there.
      const seen = messages.filter((_, at) => !hidden.has(at));
      const found = messages.filter((_, at) => at === searchedAt || at === searchedAt + 1);
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
