import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it, vi } from 'vitest';
import { compileCheck } from './schema-check.ts';

function check(schema: object, value: unknown, checkMs = 200): string | undefined {
  return compileCheck(schema as never, 'arguments', checkMs)(value, JSON.stringify(value).length);
}

/** Runs it and says how long it took. */
function timed<T>(work: () => T): { result: T; ms: number } {
  const started = performance.now();
  return { result: work(), ms: performance.now() - started };
}

describe('a schema check', () => {
  it('says what is wrong in terms of what it checks', () => {
    const schema = { type: 'object', properties: { id: { type: 'string' } }, required: ['id'] };
    expect(check(schema, { id: 'a' })).toBeUndefined();
    expect(check(schema, { id: 1 })).toBe('arguments/id must be string');
    expect(check(schema, {})).toBe("arguments must have required property 'id'");
  });

  it('takes no property for given that every object has', () => {
    const properties = { constructor: { type: 'string' }, toString: { type: 'string' } };
    expect(check({ properties, additionalProperties: false }, {})).toBeUndefined();
    expect(check({ properties }, { constructor: 1 })).toBe('arguments/constructor must be string');
    expect(check({ properties, required: ['toString'] }, {})).toContain("required property 'toString'");
  });

  it('reads a tuple of draft 2020-12 as one', () => {
    const schema = { properties: { pair: { prefixItems: [{ type: 'string' }], items: false } } };
    expect(check(schema, { pair: ['a'] })).toBeUndefined();
    expect(check(schema, { pair: ['a', 'b'] })).toContain('must NOT have more than 1 items');
    expect(check(schema, { pair: [1] })).toContain('must be string');
  });

  it('does not refuse arguments for keywords that are not as they should be', () => {
    const schema = {
      required: true,
      properties: {
        a: { nullable: true, enum: [], minimum: '3' },
        b: { pattern: '[\\w-.]+', type: 'text' },
        c: { format: 'no such format' },
      },
    };
    expect(check(schema, { a: 1, b: '..', c: '?' })).toBeUndefined();
  });

  it('leaves checking to the server where the schema is malformed as a whole', () => {
    for (const malformed of [{ required: 'a' }, { type: 'text' }, { pattern: '[' }, { enum: [] }]) {
      expect(check({ properties: { a: malformed }, required: ['b'] }, { a: 1 })).toBeUndefined();
    }
  });

  it('reads what other drafts write', () => {
    const schema = {
      $schema: 'http://json-schema.org/draft-07/schema#',
      definitions: { name: { type: 'string', nullable: true } },
      properties: { a: { $ref: '#/definitions/name' } },
      required: ['a', 'a'],
    };
    expect(check(schema, { a: null })).toBeUndefined();
    expect(check(schema, { a: 1 })).toContain('arguments/a must be string');
    expect(check(schema, {})).toContain("'a'");
  });

  it('stops at the first of many complaints, so that a hostile schema cannot fill the memory with them', () => {
    const items = { allOf: Array.from({ length: 900 }, () => ({ type: 'string' })) };
    const numbers = Array.from({ length: 100_000 }, () => 1);
    expect(check({ properties: { a: { items } } }, { a: numbers }, 60_000)).toBe(
      'arguments/a/0 must be string',
    );
  });

  it('stops alternatives that are tried for each of many values', () => {
    const items = { anyOf: [...Array.from({ length: 900 }, (_, i) => ({ const: -i })), { type: 'integer' }] };
    const numbers = Array.from({ length: 500_000 }, () => 1);
    expect(check({ properties: { a: { items } } }, { a: numbers }, 20)).toContain('took longer than 20 ms');
  });

  it('prints nothing about what a schema says', () => {
    const print = vi.spyOn(console, 'warn').mockImplementation(() => {});
    check({ properties: { a: { format: '\u001b[2J', type: ['string', 'null'] } } }, { a: 'x' });
    expect(print).not.toHaveBeenCalled();
  });

  it('stops a pattern that backtracks for ever, and says so', () => {
    const { result, ms } = timed(() =>
      check({ properties: { a: { pattern: '^(a+)+$' } } }, { a: `${'a'.repeat(40)}!` }),
    );
    expect(result).toBe('checking it against its schema took longer than 0.20 s');
    expect(ms).toBeLessThan(2_000);
  });

  it('stops references that double at every step', () => {
    const $defs: Record<string, object> = { d40: { type: 'object' } };
    for (let i = 0; i < 40; i += 1) {
      const next = { $ref: `#/$defs/d${i + 1}` };
      $defs[`d${i}`] = { allOf: [next, next] };
    }
    expect(check({ $defs, $ref: '#/$defs/d0' }, {})).toContain('took longer than');
  });

  it.each([
    ['a schema that refers to itself', { $ref: '#' }],
    ['more than 10,000 objects', { prefixItems: Array.from({ length: 10_001 }, () => ({})) }],
    ['as many levels as overflow the stack', nest(4_000)],
    ['a reference to nowhere', { $ref: '#/$defs/none' }],
    ['an array for a schema', { properties: { a: { $ref: 7 } }, $ref: 'x:y' }],
  ])('finds every value wrong where it cannot apply %s, without hanging', (_, schema) => {
    const { result, ms } = timed(() => check(schema, { a: 1 }));
    expect(result).toContain('its schema cannot be applied');
    expect(ms).toBeLessThan(5_000);
  });

  it('never fetches what a schema refers to', async () => {
    let requests = 0;
    const server = createServer((_, response) => {
      requests += 1;
      response.end('{}');
    });
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/schema.json`;
    expect(check({ properties: { a: { $ref: url } } }, { a: 1 })).toContain("can't resolve reference");
    await new Promise((done) => setTimeout(done, 50));
    server.close();
    expect(requests).toBe(0);
  });

  it('of a schema that was compiled before names its own value and keeps its own time', () => {
    const schema = { properties: { a: { pattern: '^(a+)+$' } } };
    expect(compileCheck(schema, 'arguments', 5_000)({ a: 'b' }, 9)).toBe(
      'arguments/a must match pattern "^(a+)+$"',
    );
    const again = compileCheck(schema, 'result', 400);
    expect(again({ a: 'b' }, 9)).toBe('result/a must match pattern "^(a+)+$"');
    expect(again({ a: `${'a'.repeat(40)}!` }, 50)).toContain('longer than 0.40 s');
  });

  it('keeps schemas of one id apart', () => {
    const id = 'https://example.org/arguments';
    expect(check({ $id: id, required: ['a'] }, {})).toContain("'a'");
    expect(check({ $id: id, required: ['b'] }, {})).toContain("'b'");
    expect(check({ $id: 'http://json-schema.org/draft-07/schema', required: ['c'] }, {})).toContain("'c'");
  });
});

function nest(levels: number): object {
  let schema: object = { type: 'string' };
  for (let level = 0; level < levels; level += 1) schema = { type: 'object', properties: { a: schema } };
  return schema;
}
