import { expect, test, vi } from 'vitest';
import { rememberLong } from './remember.ts';

const long = 'x'.repeat(1024 * 1024);

test('an answer for a long text is found once, and again for another one', () => {
  const find = vi.fn((text: string, more: string) => `${text.length} ${more}`);
  const remembered = rememberLong(find);
  expect([remembered(long), remembered(`x${long.slice(1)}`)]).toEqual(['1048576 ', '1048576 ']);
  expect(find).toHaveBeenCalledTimes(1);
  expect(remembered(`${long}x`)).toBe('1048577 ');
  expect(remembered(`${long}x`, 'more')).toBe('1048577 more');
  expect(remembered(long, 'more')).toBe('1048576 more');
  expect(find).toHaveBeenCalledTimes(4);
});

test('an answer for a short text is found each time', () => {
  const find = vi.fn((text: string) => text.length);
  const remembered = rememberLong(find);
  expect([remembered('abc'), remembered('abc')]).toEqual([3, 3]);
  expect(find).toHaveBeenCalledTimes(2);
});
