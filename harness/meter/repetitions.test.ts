import { describe, expect, test } from 'vitest';
import type { ToolParam } from '../results/messages.ts';
import { countRepetitions } from './definition-costs.ts';
import { exactly, type TokenCounter } from './token-counter.ts';

const characters: TokenCounter = {
  method: 'characters',
  count: (text) => text.length,
  measure: (text) => exactly(text.length),
};

const page = 'Page of the results, from 1; each has fifty of them.';
const states = ['open', 'closed', 'merged', 'draft', 'blocked', 'archived'];

const tool = (
  name: string,
  properties: Record<string, unknown>,
  description = `Does ${name}.`,
): ToolParam => ({
  name,
  description,
  input_schema: { type: 'object', properties },
});

describe('what a definition repeats', () => {
  test('counts from the second tool that says it', () => {
    const measure = countRepetitions(characters);
    expect(measure(tool('list', { page: { type: 'integer', description: page } }))).toBe(0);
    expect(measure(tool('find', { from: { type: 'number', description: page } }))).toBe(page.length);
    expect(measure(tool('show', { page: { type: 'integer' } }))).toBe(0);
  });

  test('includes lists of allowed values, and single lines of a longer description', () => {
    const measure = countRepetitions(characters);
    expect(measure(tool('list', { state: { enum: states } }, `Lists them.\n${page}`))).toBe(0);
    expect(measure(tool('find', { is: { enum: states } }, `  ${page}\nFinds them.`))).toBe(
      page.length + JSON.stringify(states).length,
    );
  });

  test('includes a schema that stands twice in one tool, whole and once', () => {
    const measure = countRepetitions(characters);
    const address = { type: 'object', properties: { city: { type: 'string', description: page } } };
    expect(measure(tool('move', { from: address, to: address }))).toBe(JSON.stringify(address).length);
    // In another tool it cannot be shared; only its description was said before.
    expect(measure(tool('send', { to: address }))).toBe(page.length);
  });

  test('leaves out what is short', () => {
    const measure = countRepetitions(characters);
    const short = tool('get', { id: { type: 'string', description: 'Identifier.' } }, 'Gets it.');
    expect([measure(short), measure(short)]).toEqual([0, 0]);
  });
});
