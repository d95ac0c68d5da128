import { readFileSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { number, percent } from '../harness/numbers.ts';
import { toMarkdownTable } from '../reports/text/markup.ts';
import { type LiveRun, simulate } from './shards/simulate.ts';

/*
 * Writes how long a live run takes on several machines into docs/ci.md: npm run table:shards. Its provider's limits are an example.
 */

export const guideFile = resolve(import.meta.dirname, '../docs/ci.md');

const liveRun: Omit<LiveRun, 'retries'> = {
  ...{ trials: 100_000, requestsPerTrial: 6, seconds: 4, tokens: 5_000, atOnce: 8 },
  ...{ requestLimit: 4_000, tokenLimit: 2_000_000 },
};

/** Retries by default, and the most that can be set. */
const retries = { few: 6, many: 20 };

/** The row of the table for so many machines. */
export function rowOf(machines: number): string[] {
  const few = simulate({ ...liveRun, retries: retries.few }, machines);
  const many = simulate({ ...liveRun, retries: retries.many }, machines);
  return [
    String(machines),
    `${number(many.hours)} h`,
    percent(many.refused),
    number(few.lost),
    number(many.lost),
  ];
}

function writeTable(): void {
  const table = toMarkdownTable({
    headings: [
      'machines',
      'time',
      'requests refused',
      `trials lost, ${retries.few} retries`,
      `trials lost, ${retries.many} retries`,
    ],
    align: ['r', 'r', 'r', 'r', 'r'],
    rows: [1, 2, 3, 4, 8, 16, 32].map(rowOf),
  });
  const text = readFileSync(guideFile, 'utf8');
  writeFileSync(
    guideFile,
    text.replace(/(?<=<!-- shards -->\n)[\s\S]*?(?=<!-- \/shards -->)/, () => `\n${table}\n\n`),
  );
}

if (import.meta.main) writeTable();
