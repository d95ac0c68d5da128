import { randomUUID } from 'node:crypto';
import { appendFileSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { UsageError } from '../../harness/errors.ts';

const number = z.coerce.number().int().nonnegative();

/** What GitHub tells a step of its job, and what `action.yml` hands on of its inputs. */
const environment = z.object({
  GITHUB_API_URL: z.url(),
  GITHUB_SERVER_URL: z.url(),
  GITHUB_REPOSITORY: z.string(),
  GITHUB_SHA: z.string(),
  GITHUB_RUN_ID: number,
  GITHUB_RUN_NUMBER: number,
  GITHUB_RUN_ATTEMPT: number,
  GITHUB_WORKFLOW_REF: z.string(),
  GITHUB_JOB: z.string(),
  GITHUB_EVENT_PATH: z.string(),
  GITHUB_OUTPUT: z.string(),
  GITHUB_STEP_SUMMARY: z.string(),
  RUNNER_TEMP: z.string(),
  NAME: z.string().regex(/^[\w.-]+$/, 'It has letters, digits, dots, dashes and underscores.'),
  TOKEN: z.string().default(''),
  WORKFLOWS: z.string().default(''),
  BASELINE: z.string().default(''),
  SHARD: z.string().default(''),
  RUNS: z.string().default(''),
  STRATEGY_JOB_INDEX: z.string().default('0'),
});

const commit = z.object({ sha: z.string(), ref: z.string() });

const event = z.object({
  pull_request: z.object({ number: z.int(), head: commit, base: commit }).optional(),
});

/** The job that a step of the action is part of. */
export type Job = {
  env: z.infer<typeof environment>;
  /** Absent where the job is not about a pull request. */
  pullRequest: z.infer<typeof event>['pull_request'];
  /** The workflow's file, as `owner/repository/path`. */
  workflow: string;
  /** Where this use of the action keeps its files. */
  folder: string;
};

/** Reads what GitHub set. Throws a `UsageError` that names what is missing. */
export function readJob(env: NodeJS.ProcessEnv): Job {
  const read = environment.safeParse(env);
  if (!read.success) {
    throw new UsageError(`The action was not started as GitHub starts it.\n${z.prettifyError(read.error)}`);
  }
  const { data } = read;
  const { pull_request: pullRequest } = event.parse(JSON.parse(readFileSync(data.GITHUB_EVENT_PATH, 'utf8')));
  return {
    env: data,
    pullRequest,
    workflow: data.GITHUB_WORKFLOW_REF.split('@')[0] ?? '',
    folder: join(data.RUNNER_TEMP, `patternbench-${data.NAME}`),
  };
}

/** Sets an output of the step, which later steps read. */
export function setOutput({ env }: Job, name: string, value: string): void {
  // A line of its own ends the value, which others had a say in.
  const end = randomUUID();
  appendFileSync(env.GITHUB_OUTPUT, `${name}<<${end}\n${value}\n${end}\n`);
}

/** The page of the run that this job belongs to. */
export function runAddress({ env }: Job): string {
  return `${env.GITHUB_SERVER_URL}/${env.GITHUB_REPOSITORY}/actions/runs/${env.GITHUB_RUN_ID}/attempts/${env.GITHUB_RUN_ATTEMPT}`;
}
