import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

const folder = new URL('./', import.meta.url);
const sources = readdirSync(folder).filter((name) => name.endsWith('.ts') && !name.endsWith('.test.ts'));

/** The one generator of random numbers, which the mock servers' data come from too. */
const random = '../../../mock-servers/random.ts';

function importedBy(name: string): (string | undefined)[] {
  const text = readFileSync(new URL(name, folder), 'utf8');
  // A type is gone when the code runs.
  const code = text.replace(/^import type .*;$/gm, '');
  return [...code.matchAll(/(?:from|import\(?)\s*'([^']+)'/g)].map((match) => match[1]);
}

test.each(sources)('%s imports nothing from outside this folder but the generator', (name) => {
  const imported = importedBy(name).filter((specifier) => !/^\.\/[a-z-]+\.ts$/.test(specifier ?? ''));
  expect(imported.filter((specifier) => specifier !== random)).toEqual([]);
});

test('the generator imports nothing', () => {
  expect(importedBy(random)).toEqual([]);
});

test.each([...sources, random])('%s reads no clock and no unseeded randomness', (name) => {
  const text = readFileSync(new URL(name, folder), 'utf8');
  expect(text).not.toMatch(/Math\.random|Date\b|performance\.|process\.|crypto/);
});
