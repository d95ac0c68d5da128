/**
 * Makes the tables of reports/published/ and their index: `npm run published`, or `-- FILE…` for some of them. With `-- --check`
 * nothing is written, and the exit code is 1 where a file is not what its command makes. `--clones DIR` is for token-counts.md.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { UsageError } from '../harness/errors.ts';
import { datesOf, indexOf, type PublishedTable, tables } from './published/tables.ts';

const root = resolve(import.meta.dirname, '..');
const folder = join(root, 'reports/published');
const index = join(folder, 'README.md');

const { values, positionals } = parseArgs({
  options: { check: { type: 'boolean', default: false }, clones: { type: 'string' } },
  allowPositionals: true,
});
const unknown = positionals.filter((name) => !tables.some(({ file }) => file === name));
if (unknown.length > 0) {
  throw new UsageError(
    `Not a table: ${unknown.join(', ')}. There are ${tables.map(({ file }) => file).join(', ')}.`,
  );
}

const read = (file: string) => (existsSync(file) ? readFileSync(file, 'utf8') : undefined);

/** Why a table is not made now. */
function reasonAgainst({ unless }: PublishedTable): string | undefined {
  if (unless === 'clones' && values.clones === undefined) return 'needs --clones DIR';
  if (unless === 'network' && positionals.length === 0) return 'needs a network; name it to make it';
  if (unless === 'hours' && positionals.length === 0) return 'takes long; name it to make it';
  if (values.check && (unless === 'network' || unless === 'times' || unless === 'hours'))
    return 'does not come out alike twice';
  return undefined;
}

/** Makes a table and its pictures in place. Returns whether all of them are as they were. */
function make({ file, pictures = [], commands }: PublishedTable): boolean {
  const runs = mkdtempSync(join(tmpdir(), 'patternbench-published-'));
  const before = [file, ...pictures].map((name) => ({
    path: join(folder, name),
    text: read(join(folder, name)),
  }));
  try {
    for (const command of commands) {
      const args = command.map((each) =>
        each.replace('RUNS', runs).replace(/^CLONES$/, String(values.clones)),
      );
      execFileSync(process.execPath, args, { cwd: root, stdio: ['ignore', 'ignore', 'inherit'] });
    }
    return before.every(({ path, text }) => read(path) === text);
  } finally {
    for (const { path, text } of values.check ? before : []) {
      if (text === undefined) rmSync(path, { force: true });
      else writeFileSync(path, text);
    }
    rmSync(runs, { recursive: true, force: true });
  }
}

const today = new Date().toISOString().slice(0, 10);
const dates = datesOf(read(index) ?? '');
for (const table of tables) {
  if (positionals.length > 0 && !positionals.includes(table.file)) continue;
  const reason = reasonAgainst(table);
  if (reason !== undefined) {
    console.log(`${table.file}: left out, ${reason}.`);
    continue;
  }
  const isCurrent = make(table);
  if (!isCurrent) dates.set(table.file, today);
  console.log(`${table.file}: ${isCurrent ? 'current' : values.check ? 'not current' : 'written'}.`);
  if (!isCurrent && values.check) process.exitCode = 1;
}
if (!values.check) writeFileSync(index, indexOf(withNew(dates)));

/** With today's date for files that are there and have none yet: their own scripts wrote them. */
function withNew(known: ReadonlyMap<string, string>): Map<string, string> {
  const there = tables.filter(({ file }) => existsSync(join(folder, file)));
  return new Map(there.map(({ file }) => [file, known.get(file) ?? today]));
}
