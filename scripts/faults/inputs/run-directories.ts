import { cpSync } from 'node:fs';
import { join } from 'node:path';
import type { BadInput } from './bad-input.ts';
import { damages } from './damages.ts';

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
