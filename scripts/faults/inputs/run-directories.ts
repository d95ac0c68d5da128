import {
  appendFileSync,
  cpSync,
  mkdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import type { BadInput } from './bad-input.ts';

/** Does one kind of damage to a file. */
type Damage = (file: string) => void;

const replaceBy =
  (content: string | Uint8Array): Damage =>
  (file) =>
    writeFileSync(file, content);

/** Changes the JSON of a document, or of each line of a log. */
const change =
  (edit: (record: Record<string, unknown>) => unknown): Damage =>
  (file) => {
    const text = readFileSync(file, 'utf8');
    const changed = file.endsWith('.jsonl')
      ? text.replace(/^.+$/gm, (line) => JSON.stringify(edit(JSON.parse(line))))
      : JSON.stringify(edit(JSON.parse(text)));
    writeFileSync(file, changed);
  };

/** Kinds of damage, by name. Each is done to the file of a finished run. */
const damages: Record<string, Damage> = {
  missing: (file) => rmSync(file),
  empty: replaceBy(''),
  'cut-in-half': (file) => truncateSync(file, Math.floor(readFileSync(file).length / 2)),
  'cut-at-the-end': (file) => truncateSync(file, readFileSync(file).length - 10),
  'with-more': (file) => appendFileSync(file, '{"more": tr'),
  null: replaceBy('null'),
  array: replaceBy('[]'),
  'other-document': replaceBy('{"format": "other/v1"}'),
  binary: replaceBy(Uint8Array.from({ length: 4_096 }, (_, index) => (index * 31) % 256)),
  'nested-100000': replaceBy(`${'['.repeat(100_000)}${']'.repeat(100_000)}`),
  'newer-format': change((record) =>
    'format' in record ? { ...record, format: `${record.format}9` } : record,
  ),
  'fields-renamed': change((record) =>
    Object.fromEntries(Object.entries(record).map(([key, value]) => [`${key}x`, value])),
  ),
  'fields-null': change((record) => Object.fromEntries(Object.keys(record).map((key) => [key, null]))),
  'fields-ansi': change((record) => ({ ...record, '\x1b]0;owned\x07': '\x1b[2J' })),
  'a-folder'(file) {
    rmSync(file);
    mkdirSync(file);
  },
  'link-loop'(file) {
    rmSync(file);
    symlinkSync(file, file);
  },
  'link-to-nowhere'(file) {
    rmSync(file);
    symlinkSync(`${file}.nowhere`, file);
  },
};

/** The commands that read each file of a run directory, with what they may end with where the damage does not concern them. */
const readers: Record<string, { args: string[]; exits: number[] }[]> = {
  'run.json': [
    { args: ['run', '--resume', 'out'], exits: [0, 1, 2, 3] },
    { args: ['compare', 'out', 'whole'], exits: [0, 2, 3] },
    { args: ['merge', 'out', '--out', 'merged'], exits: [0, 2, 3] },
    { args: ['gate', '--update', '--run', 'out', '--baseline', 'b.json'], exits: [0, 2, 3] },
  ],
  'summary.json': [
    { args: ['report', 'out'], exits: [2, 3] },
    { args: ['compare', 'whole', 'out'], exits: [2, 3] },
    { args: ['gate', '--run', 'out', '--baseline', 'whole.json'], exits: [2, 3] },
    { args: ['report', 'out', '--runs', '100'], exits: [2, 3] },
    { args: ['run', '--resume', 'out'], exits: [0, 1, 2, 3] },
  ],
  'results.jsonl': [
    { args: ['run', '--resume', 'out'], exits: [0, 1, 2, 3] },
    { args: ['merge', 'out', '--out', 'merged'], exits: [0, 2, 3] },
    { args: ['report', 'out'], exits: [0, 2, 3] },
  ],
  'audit.jsonl': [
    { args: ['run', '--resume', 'out'], exits: [0, 1, 2, 3] },
    { args: ['audit', 'verify', 'out'], exits: [0, 1, 2, 3] },
    { args: ['audit', 'show', 'out'], exits: [0, 1, 2, 3] },
  ],
  'trials/work/code/1.jsonl': [
    { args: ['run', '--resume', 'out'], exits: [0, 1, 2, 3] },
    { args: ['report', 'out'], exits: [0, 2, 3] },
  ],
};

/** A finished run to damage copies of: its folder holds the workflow, `out` and `whole.json`, a baseline of it. */
export type FinishedRun = { folder: string };

/** Every kind of damage to every file, met by every command that reads it. */
export function damagedRuns({ folder: finished }: FinishedRun): BadInput[] {
  return Object.entries(readers).flatMap(([file, commands]) =>
    Object.entries(damages).flatMap(([damage, doDamage]) =>
      commands.map(
        ({ args, exits }): BadInput => ({
          name: `damaged-${file.replaceAll('/', '-')}-${damage}-${args.slice(0, 2).join('-').replace('---', '-')}`,
          args,
          exits,
          prepare(folder) {
            cpSync(finished, folder, { recursive: true, verbatimSymlinks: true });
            cpSync(join(finished, 'out'), join(folder, 'whole'), { recursive: true });
            doDamage(join(folder, 'out', file));
          },
        }),
      ),
    ),
  );
}
