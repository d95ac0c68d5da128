import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { classicTurns, makeRun, makeTrial } from '../../reports/page/testing/run-files.ts';
import { journalFileName, runFileName } from '../results/run.ts';
import { openJournal } from '../run/journal.ts';
import { makeFolder } from '../testing/command-line.ts';
import { openRunFiles } from './read-run.ts';

test('the trials of a run are those of the summary at hand, in its order, however they ended', () => {
  const made = ['first', 'second', 'third'].map((scenario) =>
    makeTrial({ scenario, variant: 'classic', pattern: 'classic' }, classicTurns(1)),
  );
  const { summary, record } = makeRun(made);
  const directory = makeFolder({});
  writeFileSync(join(directory, runFileName), JSON.stringify(record));
  const journal = openJournal(join(directory, journalFileName), record, undefined);
  for (const repeat of [2, 1]) {
    for (const { result } of made.toReversed()) journal.ended(repeat, result);
  }
  journal.close();
  const [first, , third] = summary.results;
  if (!first || !third) throw new Error('There are no results.');
  const { trials } = openRunFiles(directory, { ...summary, results: [first, third] });
  expect(trials.map(({ repeat, result }) => `${result.scenario} ${repeat}`)).toEqual([
    'first 1',
    'first 2',
    'third 1',
    'third 2',
  ]);
});
