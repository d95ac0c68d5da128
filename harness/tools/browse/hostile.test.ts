import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { declarations } from './declaration.ts';
import { createDirectory } from './directory.ts';
import { compileTypeScript } from './testing/compile.ts';
import { toSurface } from './testing/surfaces.ts';
import { toTypeScript } from './types.ts';

type Schema = Record<string, unknown>;

const hiddenCharacters =
  /[^\P{Cc}\n\t]|[\u00ad\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]|[\u{e0000}-\u{e007f}]/u;

const nest = (levels: number, wrap: (inner: Schema) => Schema): Schema => {
  let schema: Schema = { type: 'string' };
  for (let level = 0; level < levels; level++) schema = wrap(schema);
  return schema;
};

const many = <T>(count: number, make: (index: number) => T): T[] =>
  Array.from({ length: count }, (_, i) => make(i));

const properties = (count: number, make: (index: number) => unknown): Schema =>
  Object.fromEntries(many(count, (index) => [`p${index}`, make(index)]));

/** Each definition uses the next twice: written out, 2^40 times the last. */
const doubling: Schema = {
  $ref: '#/$defs/d0',
  $defs: Object.fromEntries(
    many(40, (i) => [
      `d${i}`,
      { properties: { a: { $ref: `#/$defs/d${i + 1}` }, b: { $ref: `#/$defs/d${i + 1}` } } },
    ]),
  ),
};

const hostile: Record<string, Schema> = {
  '200 objects inside each other': nest(200, (inner) => ({ type: 'object', properties: { a: inner } })),
  '200 arrays inside each other': nest(200, (inner) => ({ type: 'array', items: inner })),
  '20,000 levels of anyOf': nest(20_000, (inner) => ({ anyOf: [inner, { type: 'null' }] })),
  '20,000 levels of objects': nest(20_000, (inner) => ({ properties: { a: inner } })),
  'a 5,000-way anyOf': { anyOf: many(5_000, (i) => ({ const: `alternative ${i}` })) },
  'a 5,000-way anyOf of objects': {
    anyOf: many(5_000, (i) => ({ type: 'object', properties: { kind: { const: i } }, required: ['kind'] })),
  },
  'an enum of 50,000': { enum: many(50_000, (i) => `value ${i}`) },
  'a tuple of 50,000': { type: 'array', prefixItems: many(50_000, () => ({ type: 'string' })) },
  '20,000 properties': { type: 'object', properties: properties(20_000, () => ({ type: 'string' })) },
  '20,000 required names': { type: 'object', required: many(20_000, (i) => `r${i}`) },
  '2,000 parts of allOf': { allOf: many(2_000, (i) => ({ properties: { [`p${i}`]: { type: 'string' } } })) },
  'a megabyte of description': {
    type: 'object',
    description: 'x'.repeat(1e6),
    properties: { a: { title: 'a' } },
  },
  'descriptions of a megabyte in all': {
    properties: properties(500, () => ({ type: 'string', description: 'y'.repeat(2_000) })),
  },
  'a megabyte of one enum value': { enum: ['z'.repeat(1e6)] },
  'an enum value of 100,000 levels': { enum: [nest(100_000, (inner) => ({ a: inner }))] },
  'a default of 100,000 levels': { default: nest(100_000, (inner) => ({ a: inner })) },
  'a megabyte of default': { type: 'string', default: many(1e5, () => 1e9) },
  'a megabyte of property name': { properties: { ['n'.repeat(1e6)]: { type: 'string' } } },
  'a megabyte of pattern': { patternProperties: { ['n'.repeat(1e6)]: { type: 'string' } } },
  'a reference to itself': { $ref: '#' },
  'references in a circle': {
    $ref: '#/$defs/a',
    $defs: { a: { $ref: '#/$defs/b' }, b: { $ref: '#/$defs/a' } },
  },
  'alternatives in a circle': {
    properties: { x: { $ref: '#/$defs/a' }, y: { $ref: '#/$defs/a' } },
    $defs: {
      a: { anyOf: [{ $ref: '#/$defs/b' }, { type: 'string' }] },
      b: { oneOf: [{ $ref: '#/$defs/a' }] },
    },
  },
  'references that double forty times': doubling,
  'a map of itself': { additionalProperties: { $ref: '#' } },
  'a comment that ends early': {
    description: '*/ evil() /*',
    properties: {
      a: { type: 'string', description: '*/ evil() /*', format: '*/', pattern: 'a*', default: '*/' },
    },
    patternProperties: { '*/ evil() /*': { type: 'string' } },
  },
  'a line comment that ends early': {
    properties: {
      a: { type: 'string', description: 'a\rb\u2028c\u2029d\ne', pattern: 'a\nb', format: 'f\ng' },
    },
  },
  'orders in characters that do not show': {
    properties: { a: { type: 'string', description: 'a\u202eb\u200bc\u{e0041}d\ufeffe\u001b[31mf' } },
  },
  'names that every object inherits': JSON.parse(
    '{"properties":{"__proto__":{"type":"string"},"constructor":{"type":"string"}},"required":["__proto__","toString"]}',
  ),
  'keywords of the wrong kind': {
    type: 5,
    properties: [1],
    required: 'a',
    enum: {},
    anyOf: {},
    allOf: 'x',
    items: 3,
    $ref: 7,
    minItems: 'x',
    prefixItems: {},
    description: 5,
    patternProperties: 1,
    $defs: 2,
  },
  'definitions under unusable names': {
    properties: properties(6, (i) => ({
      $ref: `#/$defs/${['any', 'Record', 'Promise', '1%2F-', 'class', 'Ä'][i % 6]}`,
    })),
    items: properties(6, (i) => ({
      $ref: `#/$defs/${['any', 'Record', 'Promise', '1%2F-', 'class', 'Ä'][i % 6]}`,
    })),
    $defs: Object.fromEntries(
      ['any', 'Record', 'Promise', '1/-', 'class', 'Ä'].map((name) => [name, { properties: { [name]: {} } }]),
    ),
  },
};

describe('hostile schemas', () => {
  test.each(Object.entries(hostile))('%s: short text, in short time', (_name, schema) => {
    const start = performance.now();
    const { type, note, declarations: types } = toTypeScript(schema);
    expect(performance.now() - start).toBeLessThan(30_000);
    const text = [type, note, ...types].join('\n');
    expect(text.length).toBeLessThan(45_000);
    expect(text).not.toMatch(hiddenCharacters);
  });

  test('all become declarations that compile', { timeout: 30_000 }, () => {
    // By turns as what goes in and what comes out; both are tried of any schema below.
    const tools = Object.entries(hostile).map(([description, schema], index) => ({
      name: `tool${index}`,
      description,
      inputSchema: index % 2 === 0 ? schema : { type: 'object' },
      ...(index % 2 === 1 && { outputSchema: schema }),
    }));
    expect(compileTypeScript({ hostile: declarations([toSurface('hostile', tools)]) })).toEqual([]);
  });

  test.each([
    ['200 objects inside each other', /deeper than 50 levels/],
    ['a 5,000-way anyOf', /… [\d,]+ more alternatives cut/],
    ['an enum of 50,000', /… [\d,]+ more values cut/],
    ['20,000 properties', /… [\d,]+ more properties cut/],
    ['a tuple of 50,000', /… [\d,]+ more elements cut/],
    ['a megabyte of description', /more characters cut/],
    ['2,000 parts of allOf', /… [\d,]+ more parts cut/],
  ])('%s: the cut is marked', (name, marker) => {
    const { type, note, declarations: types } = toTypeScript(hostile[name]);
    expect([type, note, ...types].join('\n')).toMatch(marker);
  });
});

/** Schemas that use keywords as they are meant, mixed with arbitrary JSON in their place. */
const schemas = fc.letrec<{ schema: unknown }>((tie) => {
  const name = fc.oneof(
    fc.constantFrom('a', 'b', 'c-d', '__proto__', '*/', '1', '', 'ü\u202e'),
    fc.string({ maxLength: 5 }),
  );
  const map = fc.dictionary(name, tie('schema'), { maxKeys: 4 });
  const list = fc.array(tie('schema'), { maxLength: 4 });
  const typeName = fc.constantFrom(
    'string',
    'number',
    'integer',
    'boolean',
    'null',
    'array',
    'object',
    'date',
  );
  const pointer = fc.constantFrom(
    '#',
    '#/$defs/a',
    '#/$defs/b',
    '#/properties/a',
    '#/anyOf/0',
    '#/items',
    'x.json',
    '#a',
  );
  const small = fc.integer({ min: 0, max: 4 });
  const keywords = {
    type: fc.oneof(typeName, fc.array(typeName, { maxLength: 3 })),
    enum: fc.array(fc.jsonValue({ maxDepth: 2 }), { maxLength: 4 }),
    const: fc.jsonValue({ maxDepth: 2 }),
    properties: map,
    required: fc.array(name, { maxLength: 3 }),
    additionalProperties: tie('schema'),
    patternProperties: map,
    items: fc.oneof(tie('schema'), list),
    prefixItems: list,
    additionalItems: tie('schema'),
    minItems: small,
    maxItems: small,
    anyOf: list,
    oneOf: list,
    allOf: list,
    not: tie('schema'),
    if: tie('schema'),
    // biome-ignore lint/suspicious/noThenProperty: a keyword of JSON Schema
    then: tie('schema'),
    else: tie('schema'),
    $ref: pointer,
    $defs: fc.record({ a: tie('schema'), b: tie('schema') }),
    $anchor: fc.constant('a'),
    nullable: fc.boolean(),
    description: fc.oneof(fc.string({ unit: 'binary' }), fc.constantFrom('a\nb', '*/', '// x\r\n')),
    default: fc.jsonValue(),
    format: fc.string(),
    pattern: fc.string(),
    minimum: fc.double(),
  };
  const one = Object.entries(keywords).map(([keyword, value]) => fc.tuple(fc.constant(keyword), value));
  const some = fc
    .array(fc.oneof(...one), { minLength: 1, maxLength: 5 })
    .map((entries) => Object.fromEntries(entries));
  return {
    schema: fc.oneof(
      { maxDepth: 4 },
      { weight: 1, arbitrary: fc.boolean() },
      { weight: 1, arbitrary: fc.record({ type: typeName }) },
      { weight: 1, arbitrary: fc.jsonValue({ maxDepth: 2 }) },
      { weight: 12, arbitrary: some },
    ),
  };
}).schema;

describe('any schema at all', () => {
  test('becomes a short type that compiles', { timeout: 30_000 }, () => {
    const sample = fc.sample(schemas, { numRuns: 300, seed: 20260101 });
    const tools = sample.map((schema, index) => ({
      name: `tool${index}`,
      inputSchema: { type: 'object', allOf: [schema], $defs: (schema as Schema | null)?.$defs },
      outputSchema: { properties: { value: schema, again: schema } },
    }));
    for (const tool of tools) {
      const { type, note, declarations: types } = toTypeScript(tool.inputSchema);
      const text = [type, note, ...types].join('\n');
      expect(text.length).toBeLessThan(45_000);
      expect(text).not.toMatch(hiddenCharacters);
    }
    const sources = Object.fromEntries(
      tools.map((tool) => [tool.name, declarations([toSurface('s', [tool])])]),
    );
    const problems = compileTypeScript(sources);
    expect(problems.map(({ file, message }) => ({ message, source: sources[file] })).slice(0, 3)).toEqual([]);
  });

  test('is bounded by the limit it is given', () => {
    fc.assert(
      fc.property(schemas, fc.integer({ min: 100, max: 2_000 }), (schema, maxCharacters) => {
        const { type, declarations: types } = toTypeScript(schema, { maxCharacters });
        expect(type.length + types.join('').length).toBeLessThan(maxCharacters * 2 + 6_000);
      }),
      { numRuns: 300 },
    );
  });

  test('leaves a directory that answers every path', () => {
    fc.assert(
      fc.property(schemas, fc.string({ unit: 'binary', maxLength: 50 }), (schema, text) => {
        const tool = {
          name: text,
          description: text,
          inputSchema: { properties: { a: schema }, required: [schema] },
        };
        const directory = createDirectory([toSurface('s', [tool], { instructions: text })]);
        for (const path of ['/', '/s', '/s/_', `/s/${text}`, text, `/search?q=${text}`]) {
          const answer = directory.browse(path);
          expect(answer).not.toBe('');
          expect(answer).not.toMatch(hiddenCharacters);
        }
      }),
      { numRuns: 300 },
    );
  });
});
