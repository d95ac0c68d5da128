import { writeSync } from 'node:fs';
import { beforeEach, expect, test, vi } from 'vitest';
import { writeWhole } from './files.ts';

vi.mock('node:fs', async (original) => ({ ...(await original<object>()), writeSync: vi.fn() }));

/** A disk that takes at most so many bytes at once, and what it holds. */
let atOnce = 3;
let disk = '';

beforeEach(() => {
  disk = '';
  vi.mocked(writeSync).mockImplementation(((
    _: number,
    bytes: Buffer,
    from: number,
    length: number,
    position: number | null,
  ) => {
    const taken = Math.min(atOnce, length);
    const text = bytes.toString('latin1', from, from + taken);
    disk = position === null ? disk + text : disk.slice(0, position).padEnd(position) + text;
    return taken;
  }) as typeof writeSync);
});

test('what the system takes in parts is written whole', () => {
  atOnce = 3;
  expect(writeWhole(1, 'ten bytes.')).toBe(10);
  expect(disk).toBe('ten bytes.');
});

test('the parts follow each other from the position on', () => {
  atOnce = 4;
  disk = 'kept|torn';
  writeWhole(1, Buffer.from('ten bytes.'), 5);
  expect(disk).toBe('kept|ten bytes.');
});

test('a system that takes nothing more is an error, not a loop and not a file that is cut', () => {
  atOnce = 0;
  expect(() => writeWhole(1, 'ten bytes.')).toThrow('only 0 of 10 bytes could be written');
});
