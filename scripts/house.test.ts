import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { mapFile, readHouse, withDiagram } from './house.ts';

const text = readFileSync(mapFile, 'utf8');

test('the diagram shows the imports as they are (npm run house)', () => {
  expect(text).toBe(withDiagram(text));
});

test('no room imports one that imports it, directly or through others', () => {
  const house = readHouse();
  const walk = (room: string, path: string[]): void => {
    expect(path).not.toContain(room);
    for (const next of house.get(room) ?? []) walk(next, [...path, room]);
  };
  for (const room of house.keys()) walk(room, []);
  expect(house.get('results')).toEqual(new Set());
});

test.each(['README.md', 'ARCHITECTURE.md', 'CONTRIBUTING.md'])('every link of %s leads somewhere', (name) => {
  const root = dirname(mapFile);
  const links = [...readFileSync(join(root, name), 'utf8').matchAll(/\]\((?!https?:|#)([^)#]+)/g)];
  expect(links.length).toBeGreaterThan(1);
  expect(links.map(([, path = '']) => path).filter((path) => !existsSync(join(root, path)))).toEqual([]);
});
