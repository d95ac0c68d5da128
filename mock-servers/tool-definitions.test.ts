import { expect, test } from 'vitest';
import { z } from 'zod';
import { compactSchema } from './tool-definitions.ts';

test('inputs are closed to unknown arguments and leave defaults out of what is required', () => {
  expect(compactSchema(z.strictObject({ a: z.int().max(9).default(3), b: z.string() }), 'input')).toEqual({
    type: 'object',
    properties: { a: { type: 'integer', maximum: 9, default: 3 }, b: { type: 'string' } },
    required: ['b'],
    additionalProperties: false,
  });
});

test('outputs are open and nullable plain values are one schema', () => {
  const schema = z.object({ at: z.iso.datetime().nullable().describe('When') });
  expect(compactSchema(schema, 'output')).toEqual({
    type: 'object',
    properties: { at: { type: ['string', 'null'], format: 'date-time', description: 'When' } },
    required: ['at'],
  });
});

test('a nullable object or enum stays a choice', () => {
  const schema = z.object({ a: z.object({ n: z.int() }).nullable(), b: z.enum(['x']).nullable() });
  const { properties } = compactSchema(schema, 'output') as {
    properties: Record<string, { anyOf?: unknown[] }>;
  };
  expect(properties.a?.anyOf).toEqual([
    { type: 'object', properties: { n: { type: 'integer' } }, required: ['n'] },
    { type: 'null' },
  ]);
  expect(properties.b?.anyOf).toHaveLength(2);
});

test('a property named like a keyword is left alone', () => {
  const schema = z.object({ pattern: z.string(), format: z.string(), minimum: z.int() });
  expect(Object.keys(compactSchema(schema, 'output').properties as object)).toEqual([
    'pattern',
    'format',
    'minimum',
  ]);
});
