import { hostname } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { makeFolder } from '../testing/command-line.ts';
import { createRunDirectory } from './run-directory.ts';

/** The lock of a process that has died: no process has this id, which is above the greatest that Linux gives. */
const deadLock = `${JSON.stringify({ pid: 2 ** 22 + 1, host: hostname(), startTicks: '1' })}\n`;

test.each<[string, Record<string, string>]>([
  ['an empty directory', {}],
  ['one with the lock of a run that was killed at once', { 'run.lock': deadLock }],
  ['one with a lock that was cut off', { 'run.lock': '{"pid"' }],
  ['one with a run.json that was cut off', { 'run.lock': deadLock, 'run.json.tmp': '{' }],
])('%s is taken for a new run', (_, files) => {
  const folder = makeFolder(files);
  const directory = createRunDirectory(folder);
  directory.close();
  // As it is left now, without a lock but with a place for traces, it is taken again.
  createRunDirectory(folder).close();
});

test.each<[string, Record<string, string>]>([
  ['another run', { 'run.json': '{}' }],
  ['traces', { 'run.lock': deadLock, 'trials/ping/classic/1.jsonl': '' }],
  ['files of its owner', { 'notes.txt': '' }],
])('a directory with %s is refused', (_, files) => {
  expect(() => createRunDirectory(makeFolder(files))).toThrow('is not empty');
});

test('a directory that another process is about to write is refused by its name', () => {
  const lock = JSON.stringify({ pid: process.ppid, host: hostname(), startTicks: null });
  const folder = makeFolder({ 'run.lock': lock });
  expect(() => createRunDirectory(folder)).toThrow(`is being written by process ${process.ppid}`);
});

test('a path that cannot be a directory is told with the reason', () => {
  expect(() => createRunDirectory(join(makeFolder({ file: '' }), 'file', 'run'))).toThrow(
    /The run directory .* cannot be made: ENOTDIR/,
  );
});
