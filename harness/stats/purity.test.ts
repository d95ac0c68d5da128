import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

const folder = new URL('./', import.meta.url);
const sources = readdirSync(folder).filter((name) => name.endsWith('.ts') && !name.endsWith('.test.ts'));

test.each(sources)('%s imports nothing from outside this folder', (name) => {
  const text = readFileSync(new URL(name, folder), 'utf8');
  const imported = [...text.matchAll(/(?:from|import\(?)\s*'([^']+)'/g)].map((match) => match[1]);
  expect(imported.filter((specifier) => !/^\.\/[a-z-]+\.ts$/.test(specifier ?? ''))).toEqual([]);
});

test.each(sources)('%s reads no clock and no unseeded randomness', (name) => {
  const text = readFileSync(new URL(name, folder), 'utf8');
  expect(text).not.toMatch(/Math\.random|Date\b|performance\.|process\.|crypto/);
});
