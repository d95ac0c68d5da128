import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test, vi } from 'vitest';
import { makeFolder } from '../testing/command-line.ts';
import { openOwnCounter } from './exact-counters.ts';

const { signal } = new AbortController();
const node = JSON.stringify(process.execPath);

/** A command that counts characters, and does not know what has a question mark. */
const lengths = `
import { createInterface } from 'node:readline';
for await (const line of createInterface({ input: process.stdin })) {
  const { model, text } = JSON.parse(line);
  console.log(JSON.stringify({ tokens: text.includes('?') ? null : text.length + model.length }));
}`;

describe('a counter of one’s own', () => {
  test('is a module with a function', async () => {
    const cwd = makeFolder({
      'count.mjs':
        'export default (texts, { model }) => texts.map((text) => (text ? text.length + model.length : undefined));',
    });
    const counter = await openOwnCounter('./count.mjs', 'm', cwd);
    expect(await counter.count(['one', '', 'three'], signal)).toEqual([4, undefined, 6]);
    expect(counter.method).toBe('counted by ./count.mjs');
  });

  test('or a command that answers lines of JSON, started once', async () => {
    const cwd = makeFolder({ 'lengths.mjs': lengths });
    const counter = await openOwnCounter(`${node} lengths.mjs`, 'm', cwd);
    const both = await Promise.all([counter.count(['one', 'two?'], signal), counter.count(['a\nb'], signal)]);
    expect(both).toEqual([[4, undefined], [4]]);
  });

  test.each([
    ['is missing', {}, 'cannot be loaded'],
    ['has no function', { 'count.mjs': 'export const count = 1;' }, 'must export by default a function'],
  ])('is refused where its module %s', async (_, files, message) => {
    await expect(openOwnCounter('count.mjs', 'm', makeFolder(files))).rejects.toThrow(message);
  });

  test.each([
    [
      'throws',
      { 'count.mjs': 'export default () => { throw new Error("no vocabulary"); }' },
      'count.mjs',
      'no vocabulary',
    ],
    [
      'gives too few counts',
      { 'count.mjs': 'export default () => [1];' },
      'count.mjs',
      'must return 2 whole numbers',
    ],
    [
      'gives fractions',
      { 'count.mjs': 'export default () => [1, 2.5];' },
      'count.mjs',
      'must return 2 whole numbers',
    ],
    [
      'ends',
      { 'x.mjs': 'console.error("no vocabulary"); process.exit(4);' },
      `${node} x.mjs`,
      /exit code 4.*no vocabulary/,
    ],
    [
      'answers something else',
      { 'x.mjs': 'console.log("ready"); console.log("{}");' },
      `${node} x.mjs`,
      'it wrote "ready"',
    ],
    ['does not exist', {}, 'no-such-command-here', /exit code 127/],
  ])('that %s is reported', async (_, files, given, message) => {
    const counter = await openOwnCounter(given, 'm', makeFolder(files));
    await expect(counter.count(['one', 'two'], signal)).rejects.toThrow(message);
  });

  test('is ended by an abort, with what its shell started', async () => {
    const cwd = makeFolder({
      'wait.mjs':
        'import { writeFileSync } from "node:fs"; writeFileSync("pid", String(process.pid)); setInterval(() => {}, 1000);',
    });
    const counter = await openOwnCounter(`${node} wait.mjs; echo`, 'm', cwd);
    const stop = new AbortController();
    const counts = counter.count(['one'], stop.signal);
    await vi.waitUntil(
      () => existsSync(join(cwd, 'pid')) && readFileSync(join(cwd, 'pid'), 'utf8') !== '',
      20_000,
    );
    stop.abort(new Error('interrupted'));
    await expect(counts).rejects.toThrow('interrupted');
    const pid = Number(readFileSync(join(cwd, 'pid'), 'utf8'));
    await vi.waitUntil(() => !isAlive(pid), 20_000);
  });
});

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
