import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { InfrastructureError } from '../../errors.ts';
import { openFilesAt } from '../../testing/open-files.ts';
import type { ExchangeLine } from './cassette-file.ts';
import { openWriter, readCassette } from './cassette-file.ts';

let folder = '';
let file = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'cassette-'));
  file = join(folder, 'deep', 'classic.jsonl');
});
afterEach(() => rm(folder, { recursive: true }));

const line = (ask: number, words = `Ünïcode answer ${ask}`): ExchangeLine => ({
  key: 'ab'.repeat(32),
  repeat: 0,
  ask,
  recordedAt: '2026-11-22T12:00:00.000Z',
  origin: 'http://127.0.0.1:9',
  sdkVersion: '1.12.0',
  apiVersion: '2026-10-21',
  status: 200,
  headers: {},
  usage: null,
  request: { base: null, keep: 0, fields: {}, messages: [], breakpoints: [] },
  body: { words },
});

async function write(...lines: ExchangeLine[]): Promise<void> {
  const { wholeBytes } = await readCassette(file);
  const writer = openWriter(file, wholeBytes, ['gateway-key-17']);
  try {
    for (const one of lines) writer.append(one);
  } finally {
    writer.close();
  }
}

test('what was written is read again, with a format line first', async () => {
  await write(line(0), line(1));
  await write(line(2));
  expect((await readCassette(file)).exchanges).toEqual([line(0), line(1), line(2)]);
  expect(await readFile(file, 'utf8')).toMatch(/^\{"format":"patternbench.cassette\/v1"\}\n/);
});

test('a file that does not exist is an empty cassette', async () => {
  expect(await readCassette(file)).toEqual({ exchanges: [], wholeBytes: 0 });
});

test('a file cut off at any byte of its last line keeps the lines before, and can be written on', async () => {
  await write(line(0), line(1));
  const whole = await readFile(file);
  const { wholeBytes } = await readCassette(file);
  expect(wholeBytes).toBe(whole.length);
  const lastLine = whole.lastIndexOf(0x0a, whole.length - 2) + 1;
  for (let cut = lastLine; cut < whole.length; cut++) {
    await writeFile(file, whole.subarray(0, cut));
    expect((await readCassette(file)).exchanges).toEqual([line(0)]);
  }
  await write(line(7));
  expect((await readCassette(file)).exchanges).toEqual([line(0), line(7)]);
});

test('an unreadable line before the last is an error that names it', async () => {
  await write(line(0), line(1));
  const lines = (await readFile(file, 'utf8')).split('\n');
  await writeFile(file, [lines[0], '{"key":', lines[2], ''].join('\n'));
  await expect(readCassette(file)).rejects.toThrow('classic.jsonl, line 2: not a recorded exchange');
});

test('a file of another format is not read', async () => {
  await write(line(0));
  await writeFile(file, '{"format":"patternbench.cassette/v9"}\n');
  await expect(readCassette(file)).rejects.toThrow('is not a cassette that this version reads');
});

test('a line with a credential is refused, and the file stays as it was', async () => {
  await write(line(0));
  const before = await readFile(file, 'utf8');
  const shaped = ['ghp', 'a1B2c3'.repeat(6)].join('_');
  const error = await write(line(1, `token: ${shaped}`)).catch((caught: unknown) => caught);
  expect(error).toBeInstanceOf(InfrastructureError);
  expect(String(error)).toContain('a GitHub token, after');
  expect(String(error)).toContain('token: ');
  expect(String(error)).not.toContain(shaped);
  await expect(write(line(1, 'gateway-key-17'))).rejects.toThrow('the API key of this run');
  expect(await readFile(file, 'utf8')).toBe(before);
});

test('a full disk and an impossible path are infrastructure errors, and leave no open file', () => {
  // Other files of this process may have it open.
  const before = openFilesAt('/dev/full');
  expect(() => openWriter('/dev/full', 0, [])).toThrow(InfrastructureError);
  expect(() => openWriter('/dev/full', 0, [])).toThrow('Cannot write to the cassette /dev/full: ENOSPC');
  expect(() => openWriter('/dev/null/x.jsonl', 0, [])).toThrow(InfrastructureError);
  expect(openFilesAt('/dev/full')).toEqual(before);
});
