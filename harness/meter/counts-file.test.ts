import { appendFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { makeFolder } from '../testing/command-line.ts';
import { countsFormat, keepCounts, readCounts } from './exact-counters.ts';
import type { ExactCounter } from './token-counter.ts';

const { signal } = new AbortController();
const newFile = () => join(makeFolder({}), 'token-counts.jsonl');

/** Counts characters, and nothing with a question mark; `asked` has what it was asked. */
function characters() {
  const asked: string[] = [];
  const source: ExactCounter = {
    method: 'characters',
    async count(texts) {
      asked.push(...texts);
      return texts.map((text) => (text.includes('?') ? undefined : text.length));
    },
  };
  return { source, asked };
}

describe('a file of token counts', () => {
  test('keeps what was counted, for runs that ask no provider', async () => {
    const file = newFile();
    const { source } = characters();
    expect(await keepCounts(file, 'm', source).count(['one', 'what?', 'three'], signal)).toEqual([
      3,
      undefined,
      5,
    ]);
    expect(await readCounts(file, 'm').count(['three', 'one', 'what?', 'four'], signal)).toEqual([
      5,
      3,
      undefined,
      undefined,
    ]);
    expect(readFileSync(file, 'utf8')).not.toContain('three');
  });

  test('is asked first, so that each text is counted once by however many runs', async () => {
    const file = newFile();
    await keepCounts(file, 'm', characters().source).count(['one', 'two'], signal);
    const { source, asked } = characters();
    expect(await keepCounts(file, 'm', source).count(['two', 'four', 'one'], signal)).toEqual([3, 4, 3]);
    expect(asked).toEqual(['four']);
  });

  test('holds the counts of several models apart', async () => {
    const file = newFile();
    await keepCounts(file, 'm', characters().source).count(['one'], signal);
    expect(await readCounts(file, 'another').count(['one'], signal)).toEqual([undefined]);
  });

  test('keeps what was counted before the source failed', async () => {
    const file = newFile();
    const texts = Array.from({ length: 100 }, (_, index) => `text ${index}`);
    const { source } = characters();
    const failing: ExactCounter = {
      ...source,
      count: (some, stop) => {
        if (some.includes('text 99')) throw new Error('429');
        return source.count(some, stop);
      },
    };
    await expect(keepCounts(file, 'm', failing).count(texts, signal)).rejects.toThrow('429');
    const kept = await readCounts(file, 'm').count(texts, signal);
    expect(kept.filter((tokens) => tokens !== undefined)).toHaveLength(96);
  });

  test('survives a line that was cut off, and the first line twice', async () => {
    const file = newFile();
    await keepCounts(file, 'm', characters().source).count(['one'], signal);
    appendFileSync(file, `{"format":"${countsFormat}"}\n{"model":"m","sha25`);
    await keepCounts(file, 'm', characters().source).count(['three'], signal);
    expect(await readCounts(file, 'm').count(['one', 'three'], signal)).toEqual([3, 5]);
  });

  test('is refused where it is something else, with the line and what to do', () => {
    const file = newFile();
    expect(() => readCounts(file, 'm')).toThrow(/cannot be read as token counts.*--count provider/);
    writeFileSync(file, '{"tokens":3}\n');
    expect(() => readCounts(file, 'm')).toThrow('does not begin with the line');
    writeFileSync(file, `{"format":"${countsFormat}"}\n{"model":"m","sha256":"x","tokens":3}\n`);
    expect(() => readCounts(file, 'm')).toThrow('line 2');
  });
});
