import { UsageError } from '../errors.ts';
import type { Shard } from '../run/plan.ts';

/** Where a system says which of several machines this is. */
type System = {
  name: string;
  /** The variables with this machine's index and with the number of machines. */
  index: string;
  of: string;
  /** The index of the first machine, or the variable that has it. */
  first: number | string;
  /** The variable with the distance between two indices, where that may be more than 1. */
  step?: string;
};

/** Two of them do not say all of themselves: what their file has to set is in docs/ci.md. */
const systems: System[] = [
  { name: 'a GitHub matrix', index: 'STRATEGY_JOB_INDEX', of: 'STRATEGY_JOB_TOTAL', first: 0 },
  { name: 'GitLab', index: 'CI_NODE_INDEX', of: 'CI_NODE_TOTAL', first: 1 },
  { name: 'Buildkite', index: 'BUILDKITE_PARALLEL_JOB', of: 'BUILDKITE_PARALLEL_JOB_COUNT', first: 0 },
  { name: 'CircleCI', index: 'CIRCLE_NODE_INDEX', of: 'CIRCLE_NODE_TOTAL', first: 0 },
  {
    name: 'SLURM',
    index: 'SLURM_ARRAY_TASK_ID',
    of: 'SLURM_ARRAY_TASK_COUNT',
    first: 'SLURM_ARRAY_TASK_MIN',
    step: 'SLURM_ARRAY_TASK_STEP',
  },
  { name: 'Kubernetes', index: 'JOB_COMPLETION_INDEX', of: 'JOB_COMPLETIONS', first: 0 },
];

/**
 * The part of a run that is this machine's, by what the system that starts the machines says in the environment. Throws a
 * `UsageError` where none does, several do, or one says something that is no part.
 */
export function findShard(env: NodeJS.ProcessEnv): Shard {
  const [found, other] = systems.filter(({ index }) => env[index]);
  if (!found) {
    const known = systems.map(({ name, index, of }) => `  ${name}: ${index} and ${of}`).join('\n');
    throw new UsageError(
      `--shard auto: the environment does not say which machine this is. Set the two variables, or give --shard 2/4.\n${known}`,
    );
  }
  if (other) {
    throw new UsageError(
      `--shard auto: both ${found.index} and ${other.index} are set. Say which part this is: --shard 2/4.`,
    );
  }
  const read = (variable: string) => Number(env[variable] || Number.NaN);
  const first = typeof found.first === 'string' ? read(found.first) : found.first;
  const step = found.step !== undefined && env[found.step] ? read(found.step) : 1;
  const index = (read(found.index) - first) / step + 1;
  const of = read(found.of);
  if (Number.isInteger(index) && Number.isInteger(of) && index >= 1 && index <= of) return { index, of };
  const variables = [found.index, found.of, found.first, found.step].filter(
    (each) => typeof each === 'string',
  );
  const said = variables.map((variable) => `${variable}=${env[variable] ?? ''}`).join(', ');
  throw new UsageError(
    `--shard auto: ${found.name} does not say which part this is: ${said}. Say it yourself: --shard 2/4.`,
  );
}
