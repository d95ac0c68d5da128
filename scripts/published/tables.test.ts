import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect, test } from 'vitest';
import { datesOf, indexOf, tables } from './tables.ts';

const folder = resolve(import.meta.dirname, '../../reports/published');
const read = (file: string) => readFileSync(join(folder, file), 'utf8');

test('every published file has its command, and stands in the index', () => {
  const all = readdirSync(folder).filter((file) => !['README.md', 'article.md'].includes(file));
  const files = all.filter((file) => file.endsWith('.md'));
  const known = tables.map(({ file }) => file);
  expect(files.filter((file) => !known.includes(file))).toEqual([]);
  const pictures = tables.flatMap((table) => table.pictures ?? []);
  expect(all.filter((file) => file.endsWith('.svg') && !pictures.includes(file))).toEqual([]);
  const shown = all
    .filter((file) => file.endsWith('.md'))
    .flatMap((file) => [...read(file).matchAll(/!\[[^\]]*\]\(([^)]+)\)/g)].map(([, path = '']) => path));
  expect(shown.filter((path) => !all.includes(path))).toEqual([]);
  const index = read('README.md');
  expect([...datesOf(index).keys()].sort()).toEqual(files.sort());
  expect(index).toBe(indexOf(datesOf(index)));
});

test('a date is kept until its file changes', () => {
  const dates = new Map([
    ['suite.md', '2026-01-02'],
    ['map.md', '2026-03-04'],
  ]);
  expect(datesOf(indexOf(dates))).toEqual(dates);
});

/** Links of a text to Markdown files, and the numbers that it says outside of them. */
function linksOf(text: string): string[] {
  return [...text.matchAll(/\]\(([^)]+\.md)\)/g)].map(([, path = '']) => path);
}
function numbersOf(text: string): string[] {
  const said = text.replaceAll(/`[^`]*`/g, '').replaceAll(/\]\([^)]*\)/g, ']');
  return said.match(/\d[\d.,]*\d|\d/g) ?? [];
}

test('each number of the article stands in a file that its section links to', () => {
  const sections = read('article.md').split(/^(?=## )/m);
  const missing = sections.flatMap((section) => {
    const paths = linksOf(section).map((path) => join(folder, path));
    expect(paths.filter((path) => !existsSync(path))).toEqual([]);
    const sources = new Set(paths.flatMap((path) => numbersOf(readFileSync(path, 'utf8'))));
    return numbersOf(section).filter((number) => !sources.has(number));
  });
  expect(missing).toEqual([]);
  expect(sections.flatMap(numbersOf).length).toBeGreaterThan(20);
});
