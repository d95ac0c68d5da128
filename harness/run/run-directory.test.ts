import { spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { UsageError } from '../errors.ts';
import { makeFolder } from '../testing/command-line.ts';
import { serverCommand } from '../testing/server-command.ts';
import { createRunDirectory, lockRun } from './run-directory.ts';

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

/** No process has this id: it is above the greatest that Linux gives. */
const deadPid = 2 ** 22 + 1;

function ownerText(change: Record<string, unknown> = {}): string {
  return `${JSON.stringify({ pid: deadPid, host: hostname(), startTicks: '1', ...change })}\n`;
}

const lockOf = (folder: string) => join(folder, 'run.lock');

test('a directory has one writer until it is released', () => {
  const folder = makeFolder({});
  const lock = lockRun(folder);
  expect(lock.takenOverFrom).toBeUndefined();
  expect(() => lockRun(folder)).toThrow(UsageError);
  lock.release();
  expect(readdirSync(folder)).toEqual([]);
  lockRun(folder).release();
});

test.each([
  ['a dead process', ownerText(), deadPid],
  ['an earlier process with the id of one that lives', ownerText({ pid: process.pid }), process.pid],
  ['a process that died while it wrote the lock', '{"pid":', 0],
])('the lock of %s is taken over', (_, text, from) => {
  const folder = makeFolder({ 'run.lock': text });
  const lock = lockRun(folder);
  expect(lock.takenOverFrom).toBe(from);
  expect(JSON.parse(readFileSync(lockOf(folder), 'utf8'))).toMatchObject({ pid: process.pid });
  expect(readdirSync(folder)).toEqual(['run.lock']);
  lock.release();
});

test('a process on another machine is taken to live', () => {
  const folder = makeFolder({ 'run.lock': ownerText({ host: 'elsewhere' }) });
  expect(() => lockRun(folder)).toThrow(/being written by process \d+ on elsewhere/);
});

test('a lock that another process took over since it was read is left alone', () => {
  const folder = makeFolder({ 'run.lock': ownerText() });
  const others = ownerText({ pid: process.ppid, startTicks: null });
  // The other finishes between the first look at the lock and the claim.
  const takeOver = () => {
    writeFileSync(`${lockOf(folder)}.other`, others);
    renameSync(`${lockOf(folder)}.other`, lockOf(folder));
  };
  expect(() => lockRun(folder, { beforeClaim: takeOver })).toThrow(
    `is being written by process ${process.ppid}`,
  );
  expect(readFileSync(lockOf(folder), 'utf8')).toBe(others);
  expect(readdirSync(folder)).toEqual(['run.lock']);
});

test('a process that died while it took over is taken over from in its turn', () => {
  const claimant = ownerText({ startTicks: '2' });
  const folder = makeFolder({ 'run.lock': ownerText(), [`run.lock.${deadPid}-1`]: claimant });
  const lock = lockRun(folder);
  expect(readdirSync(folder)).toEqual(['run.lock']);
  lock.release();
});

test('a process that lives and is taking over is not disturbed', () => {
  const claimant = ownerText({ pid: process.ppid, startTicks: null });
  const files = { 'run.lock': ownerText(), [`run.lock.${deadPid}-1`]: claimant };
  const folder = makeFolder(files);
  expect(() => lockRun(folder)).toThrow(/Another process is taking .* over/);
  expect(readdirSync(folder).sort()).toEqual(Object.keys(files));
});

test('a lock that was released since it was read is won by one claim only', () => {
  const folder = makeFolder({ 'run.lock': ownerText() });
  expect(() =>
    lockRun(folder, { beforeClaim: () => renameSync(lockOf(folder), join(folder, 'gone')) }),
  ).toThrow(UsageError);
  expect(existsSync(lockOf(folder))).toBe(false);
});

test('of six processes that find the same dead one, one at most becomes the writer', async () => {
  const script = `
    import { lockRun } from ${JSON.stringify(join(import.meta.dirname, 'run-directory.ts'))};
    process.stdin.once('data', () => {
      try { lockRun(process.argv[2]); console.log('writer'); } catch { console.log('refused'); }
      // Holds what it won until all have tried.
      process.stdin.once('end', () => process.exit());
    });
    console.log('ready');`;
  const folder = makeFolder({ 'run.lock': ownerText() });
  const { command, args } = serverCommand(join(makeFolder({ 'racer.mjs': script }), 'racer.mjs'), folder);
  const racers = Array.from({ length: 6 }, () =>
    spawn(command, args, { stdio: ['pipe', 'pipe', 'inherit'] }),
  );
  const said = racers.map(() => '');
  const hear = (word: RegExp) =>
    Promise.all(
      racers.map(
        (racer, index) =>
          new Promise<void>((resolve) => {
            const listen = (chunk: Buffer) => {
              said[index] += chunk.toString();
              if (!word.test(said[index] ?? '')) return;
              racer.stdout.off('data', listen);
              resolve();
            };
            racer.stdout.on('data', listen);
          }),
      ),
    );
  await hear(/ready/);
  const decided = hear(/writer|refused/);
  for (const racer of racers) racer.stdin.write('go\n');
  await decided;
  for (const racer of racers) racer.stdin.end();
  expect(said.filter((text) => text.includes('writer'))).toHaveLength(1);
});
