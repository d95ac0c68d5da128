import { describe, expect, test } from 'vitest';
import { publicSurfaces } from '../tools/browse/testing/surfaces.ts';
import { flattenFields, measureFields } from './definition-costs.ts';
import { loadEstimate } from './estimate.ts';
import { renderJson } from './prompt-parts.ts';
import { exactly, type TokenCounter } from './token-counter.ts';

/** Counts characters, so that expected figures can be seen in the text. */
const characters: TokenCounter = {
  method: 'characters',
  count: (text) => text.length,
  measure: (text) => exactly(text.length),
};

describe('the fields of a schema', () => {
  test('are told with their name, description, allowed values and what lies inside them', () => {
    const schema = {
      type: 'object',
      properties: {
        id: { type: 'string' },
        order: {
          type: 'object',
          description: 'The last one.',
          properties: { state: { enum: ['open', 'paid'] } },
        },
      },
    };
    const { tokens, frame, fields } = measureFields(schema, characters);
    const order = renderJson(schema.properties.order).length + '"order": '.length;
    const state = '"state": {"enum": ["open", "paid"]}'.length;
    expect(fields.map(({ path, tokens }) => [path, tokens])).toEqual([
      ['order', order],
      ['id', '"id": {"type": "string"}'.length],
    ]);
    expect(fields[0]).toMatchObject({
      name: '"order": '.length,
      description: '"description": "The last one."'.length,
      nested: state,
    });
    expect(fields[0]?.fields[0]).toMatchObject({
      path: 'order.state',
      tokens: state,
      enum: '"enum": ["open", "paid"]'.length,
      rest: '{}'.length,
    });
    expect(frame).toBe('{"type": "object", "properties": {, }}'.length);
    expect(tokens).toBe(renderJson(schema).length);
  });

  test('include those of list items and of shared definitions', () => {
    const rows = { type: 'array', items: { type: 'object', properties: { x: {}, y: true } } };
    const schema = { properties: { rows }, $defs: { Address: { properties: { street: {} } } } };
    const { fields } = measureFields(schema, characters);
    expect(
      flattenFields(fields)
        .map(({ path }) => path)
        .sort(),
    ).toEqual(['$defs.Address', '$defs.Address.street', 'rows', 'rows[].x', 'rows[].y']);
  });

  test('of real servers sum to their schemas, and no part of them is off by more than a few tokens', async () => {
    const tokenizer = await loadEstimate('claude-4.7');
    for (const { tools } of publicSurfaces()) {
      for (const { inputSchema, outputSchema } of tools) {
        for (const schema of [inputSchema, ...(outputSchema ? [outputSchema] : [])]) {
          const { tokens, frame, fields } = measureFields(schema, tokenizer);
          expect(tokens).toBe(tokenizer.count(renderJson(schema)));
          expect(fields.reduce((sum, field) => sum + field.tokens, frame)).toBe(tokens);
          expect(frame).toBeGreaterThan(-0.03 * tokens - 5);
          for (const field of flattenFields(fields)) {
            const { name, description, enum: values, nested, rest } = field;
            expect(name + description + values + nested + rest).toBe(field.tokens);
            expect(field.fields.reduce((sum, inner) => sum + inner.tokens, 0)).toBe(nested);
            expect(rest).toBeGreaterThan(-0.03 * field.tokens - 5);
          }
        }
      }
    }
  });
});
