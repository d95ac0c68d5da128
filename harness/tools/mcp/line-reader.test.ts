import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createLineReader } from './stdio-transport.ts';

function read(chunks: Buffer[], longestBytes = 1000): { lines: string[]; accepted: boolean[] } {
  const lines: string[] = [];
  const reader = createLineReader(longestBytes, (line) => lines.push(line));
  return { lines, accepted: chunks.map((chunk) => reader.push(chunk)) };
}

test('lines are the same however the bytes are cut, also inside of a character', () => {
  const line = fc.string({ unit: 'grapheme', maxLength: 30 }).map((text) => text.replaceAll('\n', ''));
  fc.assert(
    fc.property(fc.array(line), fc.array(fc.nat(400)), (given, cuts) => {
      const bytes = Buffer.from(given.map((text) => `${text}\n`).join(''));
      const ends = [...cuts.filter((cut) => cut < bytes.length), bytes.length].sort((a, b) => a - b);
      const chunks = ends.map((end, index) => bytes.subarray(ends[index - 1] ?? 0, end));
      expect(read(chunks).lines).toEqual(given);
    }),
  );
});

test('what follows the last line end is kept for later and not reported yet', () => {
  expect(read([Buffer.from('one\ntw')]).lines).toEqual(['one']);
  expect(read([Buffer.from('one\ntw'), Buffer.from('o\n')]).lines).toEqual(['one', 'two']);
});

test('a line that grows too long is given up, and so is all that follows', () => {
  const { lines, accepted } = read(
    [Buffer.from('ok\n123456'), Buffer.from('78901'), Buffer.from('2\nlater\n')],
    10,
  );
  expect(lines).toEqual(['ok']);
  expect(accepted).toEqual([true, false, false]);
});
