import { z } from 'zod';
import type { GitHub } from './github.ts';
import type { Job } from './job.ts';

const runs = z.object({
  workflow_runs: z.array(z.object({ id: z.int(), head_sha: z.string(), path: z.string() })),
});
const artifacts = z.object({ artifacts: z.array(z.object({ name: z.string(), expired: z.boolean() })) });

/** Runs that are looked through for an artifact, at most. */
const mostRuns = 20;

/** A run that left a baseline, and the commit that it measured. */
type BaseRun = { id: number; sha: string };

/**
 * Finds the run whose artifact holds the baseline of a pull request: of its base commit, else the newest of the base branch. Runs
 * of pushes alone count, since anyone may open a pull request. Undefined where there is none.
 */
export async function findBaseRun(job: Job, github: GitHub): Promise<BaseRun | undefined> {
  const { pullRequest, env, workflow } = job;
  if (!pullRequest) return undefined;
  const { sha, ref } = pullRequest.base;
  const file = workflow.slice(`${env.GITHUB_REPOSITORY}/`.length);
  for (const by of [`head_sha=${sha}`, `branch=${encodeURIComponent(ref)}`]) {
    const query = `/actions/runs?event=push&status=completed&per_page=${mostRuns}&${by}`;
    const found = await github.send('GET', query, runs);
    for (const run of found.workflow_runs.filter(({ path }) => path.split('@')[0] === file)) {
      const left = await github.send('GET', `/actions/runs/${run.id}/artifacts?name=${env.NAME}`, artifacts);
      if (left.artifacts.some(({ name, expired }) => name === env.NAME && !expired)) {
        return { id: run.id, sha: run.head_sha };
      }
    }
  }
  return undefined;
}
