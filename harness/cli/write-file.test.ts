import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { UsageError } from '../errors.ts';
import { makeFolder } from '../testing/command-line.ts';
import { writeWhole } from './write-file.ts';

test('a file that cannot be written is named, and nothing is left', () => {
  const folder = makeFolder({ 'mine.txt': 'mine' });
  for (const place of ['mine.txt/report.md', 'nowhere/report.md']) {
    const file = join(folder, place);
    expect(() => writeWhole(file, 'text')).toThrow(UsageError);
    expect(() => writeWhole(file, 'text')).toThrow(`${file} cannot be written`);
  }
  expect(readFileSync(join(folder, 'mine.txt'), 'utf8')).toBe('mine');
});
