import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { classicName, toIdentifier, toIdentifiers, toServerNames } from './names.ts';

describe('an identifier for one name', () => {
  test.each([
    ['get_last_order', 'get_last_order'],
    ['getLastOrder', 'getLastOrder'],
    ['$x', '$x'],
    ['get-last-order', 'get_last_order'],
    ['a.b/c d', 'a_b_c_d'],
    ['2fa', '_2fa'],
    ['', '_'],
    ['delete', 'delete_'],
    ['await', 'await_'],
    ['arguments', 'arguments_'],
    ['__proto__', '__proto___'],
    ['constructor', 'constructor_'],
    ['then', 'then_'],
    ['toString', 'toString_'],
    ['get_ordеr', 'get_ord_r'],
    ['größe', 'gr__e'],
    ['💥', '_'],
  ])('%j becomes %j', (name, identifier) => {
    expect(toIdentifier(name)).toBe(identifier);
  });

  test('is cut at 128 characters', () => {
    expect(toIdentifier('x'.repeat(10_000))).toHaveLength(128);
  });
});

describe('identifiers for many names', () => {
  test('number those that collide by the order of their names, not of the list', () => {
    expect(toIdentifiers(['a.b', 'a-b', 'a b'])).toEqual(['a_b_3', 'a_b_2', 'a_b']);
    expect(toIdentifiers(['a b', 'a.b', 'a-b'])).toEqual(['a_b', 'a_b_3', 'a_b_2']);
  });

  test('leave a name that already is an identifier as it is', () => {
    expect(toIdentifiers(['a-b', 'a_b', 'a_b_2', 'a.b'])).toEqual(['a_b_3', 'a_b', 'a_b_2', 'a_b_4']);
  });

  test('tell equal names apart', () => {
    expect(toIdentifiers(['a', 'a', 'a'])).toEqual(['a', 'a_2', 'a_3']);
  });

  test('stay fast when 10,000 names collide', () => {
    const start = performance.now();
    const identifiers = toIdentifiers(Array.from({ length: 10_000 }, (_, i) => (i % 2 ? 'a-b' : 'a.b')));
    expect(new Set(identifiers).size).toBe(10_000);
    expect(performance.now() - start).toBeLessThan(10_000);
  });

  test('are unique, declarable and independent of the order of the list', () => {
    const name = fc.oneof(
      fc.string(),
      fc.constantFrom('a-b', 'a.b', 'a_b', 'a_b_2', 'class', 'класс', '__proto__', 'then'),
    );
    fc.assert(
      fc.property(fc.uniqueArray(name), fc.infiniteStream(fc.nat()), (names, order) => {
        const identifiers = toIdentifiers(names);
        expect(new Set(identifiers).size).toBe(names.length);
        for (const identifier of identifiers) {
          expect(identifier).toMatch(/^[a-zA-Z_$][a-zA-Z0-9_$]*$/);
          expect(identifier in {}).toBe(false);
          expect(() => new Function(`'use strict'; const ${identifier} = 1`)).not.toThrow();
        }
        const shuffled = names
          .map((text) => ({ text, key: order.next().value ?? 0 }))
          .sort((a, b) => a.key - b.key)
          .map(({ text }) => text);
        const again = toIdentifiers(shuffled);
        for (const [index, text] of names.entries())
          expect(again[shuffled.indexOf(text)]).toBe(identifiers[index]);
      }),
    );
  });
});

describe('the name of a tool in the classic pattern', () => {
  test('is server and identifier where the Messages API takes that', () => {
    expect(classicName('crm', 'get_last_order')).toBe('crm__get_last_order');
  });

  test('ends in a hash where it had to be changed or cut', () => {
    expect(classicName('crm', '$x')).toMatch(/^crm___x_[0-9a-f]{8}$/);
    const long = classicName('crm', 'x'.repeat(128));
    expect(long).toHaveLength(128);
    expect(long).not.toBe(classicName('crm', `${'x'.repeat(127)}y`));
  });

  test('is never the name of another server’s tool', () => {
    expect(classicName('a__b', 'c')).not.toBe(classicName('a', 'b__c'));
    expect(classicName('a_', 'b')).not.toBe(classicName('a', '_b'));
  });

  test('is accepted and unique for any names', () => {
    const identifier = fc
      .string({ unit: fc.constantFrom('a', 'b', '_', '$', '1'), maxLength: 140 })
      .map(toIdentifier);
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.tuple(identifier, identifier), { selector: (pair) => pair.join(' ') }),
        (pairs) => {
          const names = pairs.map(([server, tool]) => classicName(server, tool));
          for (const name of names) expect(name).toMatch(/^[a-zA-Z0-9_-]{1,128}$/);
          expect(new Set(names).size).toBe(names.length);
        },
      ),
    );
  });
});

test('names of servers become those that a scenario may give them, each its own', () => {
  const names = ['sequential-thinking', 'a__b', 'a_b', '$x', 'github', '__'];
  const servers = toServerNames(names);
  expect(servers).toEqual(['sequential_thinking', 'a_b', 'a_b_2', '_x', 'github', '_']);
  for (const name of servers) expect(name).toMatch(/^[A-Za-z_][A-Za-z0-9_]*$/);
});
