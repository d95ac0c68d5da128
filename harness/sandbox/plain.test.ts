import { stripTypeScriptTypes } from 'node:module';
import { describe, expect, test } from 'vitest';
import { isPlainJavaScript } from './protocol.ts';

const plain = [
  'return 1',
  'for (let i = 0; i < 9; i += 1) await mcp.s.call({ i });',
  'return (await mcp.s.list({})).filter((each) => each.n < 3)',
  'return a ? (b) : c => d',
  'type\nFoo = 5; abstract\nclass A {}',
  'return /[<]a+$/.test(x)',
];
const typed = [
  'const n: number = 1; return n',
  'return new Map<string, number>()',
  'return f<a>(b)',
  'return f < a > (b)',
  'return f<a>`b`',
  'return x as string',
  'return x!',
  'interface A { b: string } return 1',
  'enum A { b } return A.b',
];

describe('a program without types', () => {
  test.each(plain)('is plain, and taking types out leaves it as it is: %s', (source) => {
    expect(isPlainJavaScript(source)).toBe(true);
    const wrapped = `async function program() {\n${source}\n}`;
    expect(stripTypeScriptTypes(wrapped)).toBe(wrapped);
  });
});

describe('a program with types, or with what might be types', () => {
  test.each(typed)('is not plain: %s', (source) => expect(isPlainJavaScript(source)).toBe(false));
});

test.each([
  ['a mistake', 'return ('],
  ['nested too deeply', '('.repeat(30_000)],
  ['too long', `return "${'x'.repeat(70_000)}"`],
])('what is %s is left to the child', (_, source) => expect(isPlainJavaScript(source)).toBe(false));
