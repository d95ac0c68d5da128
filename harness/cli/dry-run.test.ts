import { expect, test } from 'vitest';
import { screenOf } from '../../reports/text/terminal.ts';
import type { PreparedRun } from './prepare-run.ts';
import { showDryRun } from './run-workflows.ts';

const screen = screenOf(80, false);

const dry = {
  trials: 2,
  planned: [],
  atLeast: { requests: 4, costUsd: 0.1 },
  atMost: { requests: null, costUsd: null },
  schedules: { serverStarts: 2, calls: 1_200 },
};

test.each([
  [undefined, 'Besides its trials, the run takes 2 server starts and 1,200 calls'],
  [{ provider: {} }, 'A live model decides that itself.'],
])('a dry run says what finding when to call took and whether the run takes it too', (models, said) => {
  const prepared = { trials: [], models } as unknown as PreparedRun;
  expect(showDryRun(dry, prepared, screen).replace(/\s+/g, ' ')).toContain(said);
  expect(showDryRun({ ...dry, schedules: { serverStarts: 0, calls: 0 } }, prepared, screen)).not.toContain(
    'find when calls can be asked for',
  );
});
