import { describe, expect, test } from 'vitest';
import { checkRequest } from './check-request.ts';
import type { Fields } from './request.ts';

const tool = (name: string): Fields => ({ name, input_schema: { type: 'object' } });
const use = (id: string): Fields => ({ type: 'tool_use', id, name: 'list', input: {} });
const result = (id: string): Fields => ({ type: 'tool_result', tool_use_id: id, content: 'ok' });
const user = (...content: Fields[]): Fields => ({ role: 'user', content });
const assistant = (...content: Fields[]): Fields => ({ role: 'assistant', content });
const say = (words: string): Fields => ({ type: 'text', text: words });
const mark = { cache_control: { type: 'ephemeral' } };

const valid = (change: Fields = {}): Fields => ({
  model: 'claude-opus-5-5',
  max_tokens: 1000,
  tools: [tool('list')],
  messages: [user(say('Go.'))],
  ...change,
});
const withMessages = (...messages: Fields[]) => valid({ messages });
const found = (body: Fields) => checkRequest(body).map(({ path, message }) => `${path}: ${message}`);

test('a whole conversation with parallel calls is valid', () => {
  const body = withMessages(
    user(say('Go.')),
    assistant(say('Looking.'), use('a'), use('b')),
    user(result('b'), result('a'), say('Hurry.')),
  );
  expect(found(body)).toEqual([]);
});

test('consecutive messages of one role count as one turn', () => {
  const body = withMessages(user(say('Go.')), user(say('Now.')), assistant(use('a')), user(result('a')));
  expect(found(body)).toEqual([]);
});

describe('what the API rejects', () => {
  const cases: [string, Fields, string][] = [
    ['a missing max_tokens', valid({ max_tokens: undefined }), 'max_tokens: Field required'],
    ['more output than the model has', valid({ max_tokens: 128_001 }), '128001 > 128000'],
    ['an unknown field', valid({ temperatur: 1 }), 'temperatur: Extra inputs are not permitted'],
    ['no messages', valid({ messages: [] }), 'at least one message'],
    [
      'an answer first',
      withMessages(assistant(say('Hi.')), user(say('Go.'))),
      'first message must use the "user" role',
    ],
    [
      'a prefilled answer',
      withMessages(user(say('Go.')), assistant(say('Sure'))),
      'must end with a user message',
    ],
    ['an empty text block', withMessages(user(say(''))), 'text content blocks must be non-empty'],
    ['a blank text block', withMessages(user(say(' \n'))), 'non-whitespace'],
    ['an empty message', withMessages({ role: 'user', content: [] }), 'must have non-empty content'],
    ['an unknown role', withMessages({ role: 'tool', content: 'x' }), "Input should be 'user'"],
    [
      'a call without a result',
      withMessages(user(say('Go.')), assistant(use('a')), user(say('?'))),
      'without `tool_result` blocks immediately after: a',
    ],
    [
      'text before a result',
      withMessages(user(say('Go.')), assistant(use('a')), user(say('So:'), result('a'))),
      'without `tool_result` blocks immediately after: a',
    ],
    [
      'one of two calls answered',
      withMessages(user(say('Go.')), assistant(use('a'), use('b')), user(result('a'))),
      'immediately after: b',
    ],
    [
      'a result without a call',
      withMessages(user(result('x'))),
      'unexpected `tool_use_id` found in `tool_result` blocks: x',
    ],
    [
      'two results for one call',
      withMessages(user(say('Go.')), assistant(use('a')), user(result('a'), result('a'))),
      'must have a single result',
    ],
    [
      'a call id used twice',
      withMessages(
        user(say('Go.')),
        assistant(use('a')),
        user(result('a')),
        assistant(use('a')),
        user(result('a')),
      ),
      'ids must be unique',
    ],
    [
      'a tool input that is text',
      withMessages(user(say('Go.')), assistant({ ...use('a'), input: '{"x' }), user(result('a'))),
      'valid dictionary',
    ],
    ['a tool name with a dot', valid({ tools: [tool('crm.list')] }), 'should match pattern'],
    ['a tool name twice', valid({ tools: [tool('list'), tool('list')] }), 'Tool names must be unique'],
    [
      'a schema that is no object',
      valid({ tools: [{ name: 'list', input_schema: { type: 'array' } }] }),
      "should be 'object'",
    ],
    ['a tool without schema', valid({ tools: [{ name: 'list' }] }), 'input_schema: Field required'],
    [
      'results without tools',
      { ...withMessages(user(say('Go.')), assistant(use('a')), user(result('a'))), tools: undefined },
      'must define tools',
    ],
    [
      'a forced tool on this model',
      valid({ tool_choice: { type: 'any' } }),
      'not supported for claude-opus-5-5',
    ],
    [
      'a forced tool that is not there',
      valid({ model: 'claude-sonnet-5', tool_choice: { type: 'tool', name: 'x' } }),
      "Tool 'x' not found",
    ],
    [
      'five cache breakpoints',
      withMessages(user(...Array.from({ length: 5 }, () => ({ ...say('x'), ...mark })))),
      'Found 5',
    ],
    [
      'a breakpoint on thinking',
      withMessages(
        user(say('Go.')),
        assistant({ type: 'thinking', thinking: '', signature: 's', ...mark }, use('a')),
        user(result('a')),
      ),
      'cache_control: Extra inputs',
    ],
  ];
  test.each(cases)('%s', (_name, body, expected) => {
    expect(found(body).join('\n')).toContain(expected);
  });
});
