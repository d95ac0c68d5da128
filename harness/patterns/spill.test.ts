import { expect, test } from 'vitest';
import { longestShown, readNotice, SpillFiles } from './spill.ts';

test('the notice tells where a result went and how long it is', () => {
  const files = new SpillFiles();
  const notice = files.save(JSON.stringify({ text: 'x'.repeat(200_000) }), true);
  expect(readNotice(notice)).toEqual({ path: 'result-1.json', characters: 200_011 });
  expect(notice.length).toBeLessThan(1_000);
  expect(readNotice('{"an":"ordinary result"}')).toBeUndefined();
});

test('parts put together are the result, and no character is cut in two', () => {
  const files = new SpillFiles();
  const result = `a${'😀'.repeat(80_000)}`;
  const { path, characters } = readNotice(files.save(result, false)) ?? { path: '', characters: 0 };
  const parts = [];
  for (let offset = 0; offset < characters; offset += longestShown) {
    parts.push(files.read({ path, offset, limit: longestShown }).text);
  }
  expect(parts.join('')).toBe(result);
  expect(parts.every((part) => part.isWellFormed())).toBe(true);
});

test('finds text with what stands around it, and says what is wrong with a request', () => {
  const files = new SpillFiles();
  files.save(`${'-'.repeat(500)}Needle${'+'.repeat(500)}`, false);
  expect(files.search({ path: 'result-1.txt', query: 'needle' }).text).toMatch(/^500: -{200}Needle\+{200}$/);
  expect(files.search({ path: 'result-1.txt', query: 'pin' }).text).toBe('Not found.');
  expect(files.read({ path: 'result-2.txt', offset: 0, limit: 1 })).toMatchObject({ isError: true });
  expect(files.read({ path: 'result-1.txt', offset: 0, limit: longestShown + 1 }).isError).toBe(true);
});
