import { expect, test } from 'vitest';
import { UsageError } from '../errors.ts';
import { findShard } from './prepare-run.ts';

test.each([
  ['a GitHub matrix', { STRATEGY_JOB_INDEX: '1', STRATEGY_JOB_TOTAL: '4' }],
  ['GitLab parallel', { CI_NODE_INDEX: '2', CI_NODE_TOTAL: '4' }],
  ['Buildkite', { BUILDKITE_PARALLEL_JOB: '1', BUILDKITE_PARALLEL_JOB_COUNT: '4' }],
  ['CircleCI', { CIRCLE_NODE_INDEX: '1', CIRCLE_NODE_TOTAL: '4' }],
  [
    'a SLURM array 10-16:2',
    {
      SLURM_ARRAY_TASK_ID: '12',
      SLURM_ARRAY_TASK_COUNT: '4',
      SLURM_ARRAY_TASK_MIN: '10',
      SLURM_ARRAY_TASK_STEP: '2',
    },
  ],
  ['an indexed Job of Kubernetes', { JOB_COMPLETION_INDEX: '1', JOB_COMPLETIONS: '4' }],
])('the second of four machines of %s runs part 2/4', (_, env) => {
  // GitLab says this of every job, in parallel or not.
  expect(findShard({ CI_NODE_TOTAL: '1', ...env })).toEqual({ index: 2, of: 4 });
});

test.each([
  ['no system says which machine this is', {}, 'JOB_COMPLETION_INDEX and JOB_COMPLETIONS'],
  ['the number of machines is missing', { JOB_COMPLETION_INDEX: '1' }, 'JOB_COMPLETIONS=.'],
  [
    'the index is beyond the number',
    { CI_NODE_INDEX: '5', CI_NODE_TOTAL: '4' },
    'CI_NODE_INDEX=5, CI_NODE_TOTAL=4',
  ],
  [
    'a SLURM array has gaps',
    { SLURM_ARRAY_TASK_ID: '7', SLURM_ARRAY_TASK_COUNT: '3', SLURM_ARRAY_TASK_MIN: '1' },
    'SLURM_ARRAY_TASK_ID=7',
  ],
  [
    'two systems say it',
    { CI_NODE_INDEX: '1', CI_NODE_TOTAL: '2', JOB_COMPLETION_INDEX: '0', JOB_COMPLETIONS: '2' },
    'both CI_NODE_INDEX and JOB_COMPLETION_INDEX',
  ],
])('where %s, it is wrong usage that names the variables', (_, env, said) => {
  expect(() => findShard(env)).toThrow(UsageError);
  expect(() => findShard(env)).toThrow(said);
});
