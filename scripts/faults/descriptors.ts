import { findProblems, toFinding } from './judge.ts';
import type { FaultCase, Part } from './part.ts';
import { prepareSmallRun } from './reference-run.ts';

/** Node itself needs some twenty to start. */
const limits = [200, 64, 40, 36, 30, 28, 24];

/** Runs that may open few files at a time: they end as others do, or say that they may not. */
export const descriptors: Part = {
  name: 'descriptors',
  describes: 'runs that may open few files at a time',
  cases: async ({ timeFactor }) =>
    limits.map(
      (limit): FaultCase => ({
        name: `descriptors-${limit}`,
        async run(folder) {
          const run = prepareSmallRun(folder, timeFactor);
          const ended = await run.begin({ before: `ulimit -n ${limit}` });
          return toFinding([ended], findProblems(ended, { exits: [0, 2, 3] }));
        },
      }),
    ),
};
