import { describe, expect, test } from 'vitest';
import type { MessageParam, ModelRequest, ModelResponse } from '../results/messages.ts';
import { findModel } from './catalogue.ts';
import { countPart, type Part, PromptParts, renderCall, renderDefinition } from './prompt-parts.ts';
import { exactly, type TokenCounter } from './token-counter.ts';

/** Counts characters, so that what is beyond the texts is markup. */
const characters: TokenCounter = {
  method: 'characters',
  count: ({ length }) => length,
  measure: ({ length }) => exactly(length),
};
const tag = (name: string) => `${['ant', 'ml'].join('')}:${name}`;
const tokensOf = (parts: readonly Part[]) => parts.map((part) => countPart(part, characters).tokens);
const call = (id: string, name = 'get') => ({ type: 'tool_use', id, name, input: { id } });
const respond = (parts: PromptParts, ...content: object[]) =>
  parts.response({ content } as unknown as ModelResponse);
const result = (id: string, content = 'ok', is_error = false) =>
  ({ type: 'tool_result', tool_use_id: id, content, is_error }) as const;
const answer = (...content: object[]) => ({ role: 'user', content }) as MessageParam;

describe('what the provider writes', () => {
  test('of a tool is a line of JSON with sorted keys and spaces, and no escapes', () => {
    const input_schema = { type: 'object', required: ['b'], properties: { b: { type: 'string' }, a: {} } };
    expect(renderDefinition({ name: 'get', input_schema })).toBe(
      '<function>{"description": "", "name": "get", "parameters": {"properties": {"a": {}, "b": {"type": "string"}}, "required": ["b"], "type": "object"}}</function>',
    );
    expect(renderDefinition({ name: 'x', description: 'été 漢', input_schema: {} })).toContain('"été 漢"');
  });

  test('of a call is a parameter a line, strings bare and other values as JSON', () => {
    expect(renderCall('get', { q: 'a "b"', list: [1, { x: null }] })).toBe(
      `<${tag('invoke')} name="get">\n<${tag('parameter')} name="q">a "b"</${tag('parameter')}>\n<${tag('parameter')} name="list">[1, {"x": null}]</${tag('parameter')}>\n</${tag('invoke')}>`,
    );
  });
});

describe('a conversation taken apart', () => {
  const model = findModel('claude-sonnet-4-6');
  const text = renderCall('get', { id: 'a' }).length;

  test('begins with definitions, the tool prompt and the system prompt; deferred ones stay out until they are named', () => {
    const parts = new PromptParts(model, {});
    const tools = [
      { name: 'now', input_schema: {} },
      { name: 'later', input_schema: {}, defer_loading: true },
    ];
    const request = { tools, system: 'Be brief.', messages: [] } as unknown as ModelRequest;
    expect(parts.prefix(request).map(({ category }) => category)).toEqual([
      'tool_definitions',
      'frame',
      'instructions',
    ]);
    const reference = { type: 'tool_reference', tool_name: 'later' };
    const [, found] = parts.message(answer({ ...result('s'), content: [reference] }));
    expect(found?.text).toBe(renderDefinition({ name: 'later', input_schema: {} }));
  });

  test('has what recorded prompts have around one call and its result', () => {
    const parts = new PromptParts(model, {});
    // 17 around all calls and 1 after each; 1 after words; 2 for the round; 10 around a result.
    expect(tokensOf(respond(parts, { type: 'text', text: 'Wait.' }, call('a')))).toEqual([5 + 1, text + 18]);
    expect(tokensOf(parts.message(answer(result('a'))))).toEqual([2, 2 + 10]);
  });

  test('has more around an error', () => {
    const parts = new PromptParts(model, {});
    respond(parts, call('a'));
    expect(tokensOf(parts.message(answer(result('a', 'no', true))))).toEqual([2, 2 + 18]);
  });

  test('names the tool of each result where there are several', () => {
    const parts = new PromptParts(model, {});
    expect(tokensOf(respond(parts, call('a'), call('b')))).toEqual([text + 18, text + 1]);
    // 11 around them together, 22 and the name around each.
    expect(tokensOf(parts.message(answer(result('a'), result('b'))))).toEqual([
      2,
      2 + 11 + 22 + 3,
      2 + 22 + 3,
    ]);
  });

  test('frames a message without results as the provider frames a user message', () => {
    const parts = new PromptParts(model, {});
    expect(tokensOf(parts.message({ role: 'user', content: 'Hi' }))).toEqual([model.messageFrameTokens, 2]);
    expect(parts.message({ role: 'assistant', content: 'Hello' })).toEqual([]);
  });
});
