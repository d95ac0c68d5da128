/** Writes reports/published/ladder.md from a run of all variants: `npm run published -- ladder.md` makes both. */
import { writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { listVariants } from '../harness/agent/variants.ts';
import { UsageError } from '../harness/errors.ts';
import { readSummary } from '../harness/results/run.ts';
import { toLadder } from './published/ladder.ts';

const [directory] = process.argv.slice(2);
if (directory === undefined) throw new UsageError('Name the directory of a run of all variants.');
const { verdicts } = readSummary(resolve(directory));
const file = resolve(import.meta.dirname, '../reports/published/ladder.md');
writeFileSync(file, toLadder(verdicts, listVariants()));
