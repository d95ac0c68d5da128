import { expect, test } from 'vitest';
import { findModel } from '../meter/catalogue.ts';
import type { ModelRequest } from '../results/messages.ts';
import { plant } from '../tools/poison/canary.ts';
import { gullible } from './exposure.ts';
import { createQuote } from './patterns/quote.ts';
import { scripted, text, toolUse } from './scripted/scripted-model.ts';
import { findVariant } from './variants.ts';

const entry = findModel('claude-sonnet-5');
const never = new AbortController().signal;

/** What a model does that reads a text in the result of its first call. */
async function read(shown: string, own: { variant?: string; heedsQuotes?: boolean } = {}) {
  const { variant = 'classic', heedsQuotes = false } = own;
  const obeyed: string[] = [];
  const sink = { tool: 'save-note', identifier: 'save_note', arguments: { id: 1 }, argument: 'note' };
  let isFirst = true;
  const working = scripted(entry.id, () => {
    if (!isFirst) return [text('The answer.')];
    isFirst = false;
    return [toolUse('toolu_1', variant === 'code' ? 'run_code' : 'own__get_it', {})];
  });
  const about = { server: 'own', sink, heedsQuotes, onObeyed: (place: string) => obeyed.push(place) };
  const model = gullible(entry, findVariant(variant), about)(working);
  const request: ModelRequest = { model: entry.id, max_tokens: 100, tools: [], messages: [] };
  request.messages.push({ role: 'user', content: 'Do it.' });
  const asked = await model.respond(request, never);
  request.messages.push({ role: 'assistant', content: asked.content as never });
  const result = { type: 'tool_result' as const, tool_use_id: 'toolu_1', content: shown };
  request.messages.push({ role: 'user', content: [result] });
  const { content } = await model.respond(request, never);
  return { obeyed, content };
}

test('an order is obeyed by the name that the pattern has for a tool, however odd that of the server is', async () => {
  const { text: order, word } = plant('result-field', 'order');
  const classic = await read(order);
  expect(classic.obeyed).toEqual(['result-field']);
  expect(classic.content).toMatchObject([{ name: 'own__save_note', input: { id: 1, note: word } }]);
  const code = await read(order, { variant: 'code' });
  expect(JSON.stringify(code.content)).toContain('mcp.own.save_note(');
});

test('an order is obeyed where it came whole, and not in a quote that is heeded', async () => {
  const { text: order } = plant('result-field', 'order');
  const answer = [{ type: 'text', text: 'The answer.' }];
  expect((await read(order.slice(0, -10))).content).toMatchObject(answer);
  const quoted = createQuote('seed')(order, 'toolu_1');
  expect((await read(quoted)).obeyed).toEqual(['result-field']);
  expect((await read(quoted, { heedsQuotes: true })).content).toMatchObject(answer);
  // Behind the end of a quote nothing is data.
  expect((await read(`${quoted} ${order}`, { heedsQuotes: true })).obeyed).toEqual(['result-field']);
});
