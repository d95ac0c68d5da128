// Over 400 lines because most of it is one table: a schema for each keyword, with values that fit and values that do not.
import { AjvJsonSchemaValidator } from '@modelcontextprotocol/sdk/validation/ajv';
import { describe, expect, test } from 'vitest';
import { NamedTypes } from './named-types.ts';
import { findDisagreements, type SchemaCase } from './testing/assignments.ts';
import { toTypeScript } from './types.ts';

const typeOf = (schema: unknown) => toTypeScript(schema).type;

const cases: SchemaCase[] = [
  { name: 'true', schema: true, valid: [1, null, {}], invalid: [] },
  { name: 'false', schema: false, valid: [], invalid: [1, null, {}] },
  { name: 'empty', schema: {}, valid: [1, 'a', null], invalid: [] },
  { name: 'string', schema: { type: 'string', minLength: 1 }, valid: ['a'], invalid: [1, null] },
  { name: 'integer', schema: { type: 'integer', minimum: 1 }, valid: [1, 20], invalid: ['1', true] },
  { name: 'boolean', schema: { type: 'boolean' }, valid: [true, false], invalid: [0, 'true'] },
  { name: 'null', schema: { type: 'null' }, valid: [null], invalid: [0, {}] },
  { name: 'list of types', schema: { type: ['string', 'null'] }, valid: ['a', null], invalid: [1, {}] },
  {
    name: 'enum',
    schema: { enum: ['a', 2, null, false] },
    valid: ['a', 2, null, false],
    invalid: ['b', 3, true],
  },
  {
    name: 'enum narrowed by type',
    schema: { type: 'string', enum: ['a', 'b', 1] },
    valid: ['a', 'b'],
    invalid: [1, 'c'],
  },
  {
    name: 'enum of structures',
    schema: { enum: [{ a: [1, 2] }, ['x']] },
    valid: [{ a: [1, 2] }, ['x']],
    invalid: [{ a: [1] }, ['y'], {}],
  },
  { name: 'const', schema: { const: 'on' }, valid: ['on'], invalid: ['off', 1] },
  { name: 'const null', schema: { const: null }, valid: [null], invalid: [0] },
  {
    name: 'enum with quotes, escapes and hidden characters',
    schema: { enum: ['"', '\\', 'a\nb', '\u202e', '\u2028', '*/', '\ud800', '\u0000', '\u{e0041}'] },
    valid: ['"', '\\', 'a\nb', '\u202e', '\u2028', '*/', '\u0000', '\u{e0041}'],
    invalid: ['', 'n'],
  },
  {
    name: 'required and optional',
    schema: { type: 'object', properties: { a: { type: 'string' }, b: { type: 'number' } }, required: ['a'] },
    valid: [{ a: '' }, { a: '', b: 1 }],
    invalid: [{}, { b: 1 }, { a: 1 }, { a: '', b: '' }, { a: '', b: null }, 'a', []],
  },
  {
    name: 'required but not described',
    schema: { type: 'object', required: ['a'] },
    valid: [{ a: 1 }, { a: null }],
    invalid: [{}],
  },
  {
    name: 'no properties allowed',
    schema: { type: 'object', additionalProperties: false },
    valid: [{}],
    invalid: [{ a: 1 }, 1],
  },
  { name: 'any object', schema: { type: 'object' }, valid: [{}, { a: 1 }], invalid: [1, null, 'a'] },
  {
    name: 'closed object',
    schema: { type: 'object', properties: { a: { type: 'string' } }, additionalProperties: false },
    valid: [{}, { a: '' }],
    invalid: [{ b: 1 }],
  },
  {
    name: 'map',
    schema: { type: 'object', additionalProperties: { type: 'number' } },
    valid: [{}, { a: 1 }],
    invalid: [{ a: '' }],
  },
  {
    name: 'properties beside others of another type',
    schema: {
      type: 'object',
      properties: { a: { type: 'string' } },
      required: ['a'],
      additionalProperties: { type: 'number' },
    },
    valid: [{ a: '' }, { a: '', b: 1 }],
    invalid: [{}, { a: 1 }, { a: '', b: true }],
  },
  {
    name: 'open object',
    schema: { type: 'object', properties: { a: { type: 'string' } }, additionalProperties: true },
    valid: [{}, { a: '', b: [] }],
    invalid: [{ a: 1 }],
  },
  {
    name: 'pattern properties',
    schema: { type: 'object', patternProperties: { '^x-': { type: 'string' } }, additionalProperties: false },
    valid: [{}, { 'x-a': '' }],
    invalid: [{ 'x-a': 1 }],
  },
  {
    name: 'forbidden property',
    schema: { type: 'object', properties: { a: false, b: true } },
    valid: [{}, { b: 1 }],
    invalid: [{ a: 1 }],
  },
  {
    name: 'property names that are no identifiers',
    schema: {
      type: 'object',
      properties: {
        'a-b': { type: 'string' },
        '1': { type: 'number' },
        '': {},
        'q"\n*/': {},
        class: {},
        ünï: {},
      },
      required: ['a-b', '1'],
    },
    valid: [{ 'a-b': '', '1': 1, '': 0, 'q"\n*/': 0, class: 0, ünï: 0 }],
    invalid: [{}, { 'a-b': 1, '1': 1 }],
  },
  {
    name: 'array',
    schema: { type: 'array', items: { type: 'string' } },
    valid: [[], ['a']],
    invalid: [[1], 'a'],
  },
  { name: 'array of anything', schema: { type: 'array' }, valid: [[], [1, 'a']], invalid: [{}, 1] },
  {
    name: 'array of a union',
    schema: { type: 'array', items: { type: ['string', 'null'] } },
    valid: [[], ['a', null]],
    invalid: [[1], null],
  },
  { name: 'empty array', schema: { type: 'array', maxItems: 0 }, valid: [[]], invalid: [[1]] },
  {
    name: 'tuple of older drafts',
    schema: {
      type: 'array',
      items: [{ type: 'string' }, { type: 'number' }],
      minItems: 2,
      additionalItems: false,
    },
    valid: [['a', 1]],
    invalid: [['a'], [1, 'a'], ['a', 1, 2]],
  },
  {
    name: 'anyOf',
    schema: { anyOf: [{ type: 'string' }, { type: 'array', items: { type: 'number' } }] },
    valid: ['a', [1]],
    invalid: [1, ['a']],
  },
  {
    name: 'oneOf with a discriminator',
    schema: {
      oneOf: [
        {
          type: 'object',
          properties: { kind: { const: 'a' }, x: { type: 'number' } },
          required: ['kind', 'x'],
        },
        {
          type: 'object',
          properties: { kind: { const: 'b' }, y: { type: 'string' } },
          required: ['kind', 'y'],
        },
      ],
    },
    valid: [
      { kind: 'a', x: 1 },
      { kind: 'b', y: '' },
    ],
    invalid: [{ kind: 'a' }, { kind: 'b', y: 1 }, { kind: 'c' }],
  },
  {
    name: 'at least one of two properties',
    schema: {
      type: 'object',
      properties: { a: { type: 'string' }, b: { type: 'string' } },
      anyOf: [{ required: ['a'] }, { required: ['b'] }],
    },
    valid: [{ a: '' }, { b: '' }, { a: '', b: '' }],
    invalid: [{}, { a: 1 }],
  },
  {
    name: 'nullable object with alternatives',
    schema: {
      type: ['object', 'null'],
      properties: { a: { type: 'string' }, b: { type: 'string' } },
      anyOf: [{ required: ['a'] }, { required: ['b'] }],
    },
    valid: [null, { a: '' }],
    invalid: [{}, 1],
  },
  {
    name: 'allOf',
    schema: {
      allOf: [
        { type: 'object', properties: { a: { type: 'string' } }, required: ['a'] },
        { type: 'object', properties: { b: { type: 'number' } }, required: ['b'] },
      ],
    },
    valid: [{ a: '', b: 1 }],
    invalid: [{ a: '' }, { b: 1 }],
  },
  {
    name: 'allOf that only adds constraints',
    schema: { type: 'string', allOf: [{ minLength: 1 }, { pattern: '^a' }] },
    valid: ['ab'],
    invalid: [1],
  },
  {
    name: 'contradiction',
    schema: { allOf: [{ type: 'string' }, { type: 'number' }] },
    valid: [],
    invalid: [1, 'a', null],
  },
  {
    name: 'enum that its type forbids',
    schema: { type: 'number', enum: ['a'] },
    valid: [],
    invalid: ['a', 1],
  },
  {
    name: 'conditional',
    schema: {
      type: 'object',
      if: { properties: { kind: { const: 'a' } }, required: ['kind'] },
      // biome-ignore lint/suspicious/noThenProperty: a keyword of JSON Schema
      then: { properties: { x: { type: 'number' } }, required: ['x'] },
      else: { properties: { y: { type: 'string' } }, required: ['y'] },
    },
    valid: [{ kind: 'a', x: 1 }, { y: '' }],
    invalid: [{ kind: 'a' }, {}],
  },
  {
    name: 'reference to a definition',
    schema: {
      type: 'object',
      properties: { a: { $ref: '#/$defs/name' }, b: { $ref: '#/definitions/old' } },
      required: ['a'],
      $defs: { name: { type: 'string' } },
      definitions: { old: { type: 'number' } },
    },
    valid: [{ a: '' }, { a: '', b: 1 }],
    invalid: [{}, { a: 1 }, { a: '', b: '' }],
  },
  {
    name: 'reference by pointer with escapes',
    schema: {
      type: 'object',
      properties: { 'a/b~c %': { type: 'string' }, d: { $ref: '#/properties/a~1b~0c%20%25' } },
    },
    valid: [{ d: '' }, { 'a/b~c %': '' }],
    invalid: [{ d: 1 }, { 'a/b~c %': 1 }],
  },
  {
    name: 'recursion',
    schema: {
      type: 'object',
      properties: { value: { type: 'number' }, children: { type: 'array', items: { $ref: '#' } } },
      required: ['value'],
    },
    valid: [{ value: 1 }, { value: 1, children: [{ value: 2, children: [] }] }],
    invalid: [{}, { value: 1, children: [{}] }],
  },
  {
    name: 'mutual recursion',
    schema: {
      $ref: '#/$defs/a',
      $defs: {
        a: { type: 'object', properties: { b: { $ref: '#/$defs/b' } } },
        b: { type: 'array', items: { $ref: '#/$defs/a' } },
      },
    },
    valid: [{}, { b: [] }, { b: [{ b: [{}] }] }],
    invalid: [{ b: {} }, { b: [{ b: 1 }] }],
  },
  {
    name: 'any JSON',
    schema: {
      $ref: '#/$defs/json',
      $defs: {
        json: {
          anyOf: [
            { type: ['string', 'number', 'boolean', 'null'] },
            { type: 'array', items: { $ref: '#/$defs/json' } },
            { type: 'object', additionalProperties: { $ref: '#/$defs/json' } },
          ],
        },
      },
    },
    valid: [1, null, [1, ['a']], { a: { b: [null] } }],
    invalid: [],
  },
];

/** Keywords that the validator at hand, which speaks draft-07, reads differently. */
const newerCases: SchemaCase[] = [
  {
    name: 'tuple',
    schema: {
      type: 'array',
      prefixItems: [{ type: 'string' }, { type: 'number' }],
      minItems: 2,
      items: false,
    },
    valid: [['a', 1]],
    invalid: [['a'], [1, 'a'], ['a', 1, 2]],
  },
  {
    name: 'tuple with optional elements and a rest',
    schema: {
      type: 'array',
      prefixItems: [{ type: 'string' }, { type: ['number', 'null'] }],
      minItems: 1,
      items: { type: 'boolean' },
    },
    valid: [['a'], ['a', 1], ['a', null, true]],
    invalid: [[], ['a', 'b'], ['a', 1, 1]],
  },
  {
    name: 'tuple without limits',
    schema: { type: 'array', prefixItems: [{ type: 'string' }] },
    valid: [[], ['a'], ['a', 1]],
    invalid: [[1]],
  },
  {
    name: 'anchor and dynamic reference',
    schema: {
      $dynamicAnchor: 'node',
      type: 'object',
      properties: { next: { $dynamicRef: '#node' }, name: { $ref: '#name' } },
      $defs: { x: { $anchor: 'name', type: 'string' } },
    },
    valid: [{}, { next: { next: {} } }, { name: 'a' }],
    invalid: [{ next: 1 }, { name: 1 }],
  },
  {
    name: 'OpenAPI nullable',
    schema: { type: 'string', nullable: true },
    valid: ['a', null],
    invalid: [1],
  },
];

describe('the compiler and the schema agree on which values fit', () => {
  test('for every keyword that a type can express', { timeout: 20_000 }, () => {
    expect(findDisagreements([...cases, ...newerCases])).toEqual([]);
  });

  test.each(cases)('and the cases are right about $name, says a validator', ({ schema, valid, invalid }) => {
    const accepts = new AjvJsonSchemaValidator().getValidator(
      typeof schema === 'boolean' ? { allOf: [schema] } : schema,
    );
    expect(valid.filter((value) => !accepts(value).valid)).toEqual([]);
    expect(invalid.filter((value) => accepts(value).valid)).toEqual([]);
  });
});

describe('types are short', () => {
  test.each([
    [{ type: 'array', items: { type: 'string' } }, 'string[]'],
    [{ type: 'object', properties: { a: { type: 'string' } } }, '{ a?: string }'],
    [{ anyOf: [{ type: 'string' }, { type: 'string' }, { type: 'null' }] }, 'string | null'],
    [{ allOf: [{ $ref: '#/$defs/a' }], $defs: { a: { type: 'number' } } }, 'number'],
    [{ type: 'object', allOf: [{ properties: { a: {} } }] }, '{ a?: unknown }'],
    [{ type: 'object', additionalProperties: { type: 'integer' } }, 'Record<string, number>'],
    [{ type: ['array', 'null'], items: { enum: ['a', 'b'] } }, '("a" | "b")[] | null'],
  ])('%j becomes %s', (schema, expected) => {
    expect(typeOf(schema)).toBe(expected);
  });

  test('a definition used once is written where it is used', () => {
    const schema = {
      properties: { a: { $ref: '#/$defs/point' } },
      $defs: { point: { type: 'object', properties: { x: { type: 'number' } } } },
    };
    expect(toTypeScript(schema)).toEqual({ type: '{ a?: { x?: number } }', note: '', declarations: [] });
  });

  test('a definition used twice gets a name, unless it is a plain type', () => {
    const schema = {
      properties: {
        a: { $ref: '#/$defs/point' },
        b: { $ref: '#/$defs/point' },
        c: { $ref: '#/$defs/id' },
        d: { $ref: '#/$defs/id' },
      },
      $defs: { point: { type: 'object', properties: { x: { type: 'number' } } }, id: { type: 'string' } },
    };
    const { type, declarations } = toTypeScript(schema);
    expect(type).toBe('{ a?: Point; b?: Point; c?: string; d?: string }');
    expect(declarations).toEqual(['type Point = { x?: number }']);
  });

  test('names of types avoid those that are taken', () => {
    const schema = {
      $ref: '#/$defs/Record',
      $defs: { Record: { properties: { next: { $ref: '#/$defs/Record' } } } },
    };
    expect(toTypeScript(schema).declarations).toEqual(['type Record_2 = { next?: Record_2 }']);
  });

  test('what several schemas repeat is one type, with notes where they differ', () => {
    const status = { type: 'string', enum: ['open', 'paid', 'shipped', 'returned'] };
    const order = {
      type: 'object',
      properties: {
        id: { type: 'string' },
        total: { type: 'number' },
        status: { ...status, description: 'Now' },
      },
      required: ['id', 'total', 'status'],
    };
    const namedTypes = new NamedTypes([order, { properties: { order } }, { properties: { status } }]);
    const types = [order, { properties: { order } }, { properties: { status } }].map(
      (schema) => toTypeScript(schema, { namedTypes, rootName: 'Order' }).type,
    );
    expect(types).toEqual(['Order', '{ order?: Order }', '{ status?: Status }']);
    expect(namedTypes.takeDeclarations()).toEqual([
      'type Order = {\n id: string\n total: number\n status: Status // Now\n}',
      'type Status = "open" | "paid" | "shipped" | "returned"',
    ]);
  });
});

describe('what no type expresses becomes a comment', () => {
  test('on the line of its property', () => {
    const schema = {
      type: 'object',
      properties: {
        since: { type: 'string', format: 'date-time', description: 'Oldest first' },
        limit: { type: 'integer', minimum: 1, maximum: 100, default: 20 },
        rate: { type: 'number', exclusiveMinimum: 0 },
        tags: {
          type: 'array',
          items: { type: 'string', pattern: '^[a-z]+$' },
          minItems: 1,
          uniqueItems: true,
        },
        code: { type: 'string', minLength: 2, maxLength: 2, examples: ['de', 'at'], deprecated: true },
        plain: { type: 'string' },
      },
      required: ['since'],
    };
    expect(typeOf(schema)).toBe(`{
 since: string // Oldest first (date-time)
 limit?: number // integer, 1..100, default 20
 rate?: number // > 0
 tags?: string[] // 1+ items, unique; each: /^[a-z]+$/
 code?: string // 2 characters, e.g. "de", "at", deprecated
 plain?: string
}`);
  });

  test('before its property, where it has several lines', () => {
    const schema = { properties: { a: { type: 'string', description: 'One.\r\n  Two.' } } };
    expect(typeOf(schema)).toBe('{\n /** One.\n Two. */\n a?: string\n}');
  });

  test('and the limits that generators write for every integer are left out', () => {
    const limits = { minimum: Number.MIN_SAFE_INTEGER, maximum: Number.MAX_SAFE_INTEGER };
    expect(toTypeScript({ type: 'integer', ...limits }).note).toBe('integer');
  });

  test('a note inside a nullable union is about the whole', () => {
    const schema = { properties: { a: { anyOf: [{ type: 'string', format: 'uri' }, { type: 'null' }] } } };
    expect(typeOf(schema)).toBe('{\n a?: string | null // uri\n}');
  });

  test('rules between properties are quoted', () => {
    expect(toTypeScript({ type: 'string', not: { enum: ['a'] } }).note).toBe('not {"enum":["a"]}');
  });
});

describe('references', () => {
  test('to other documents are never followed and say so', () => {
    const { type, note } = toTypeScript({ $ref: 'https://example.com/schema.json' });
    expect(type).toBe('unknown');
    expect(note).toBe('not resolved: https://example.com/schema.json');
  });

  test('to nothing become unknown', () => {
    for (const $ref of ['#/$defs/missing', '#/type', '#missing', '#/%', 5, null, {}]) {
      expect(toTypeScript({ $ref }).type).toBe('unknown');
    }
  });

  test('to inherited properties of the document resolve to nothing', () => {
    expect(typeOf({ $ref: '#/constructor' })).toBe('unknown');
    expect(typeOf({ $ref: '#/__proto__' })).toBe('unknown');
  });
});
