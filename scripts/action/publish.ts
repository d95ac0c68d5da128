import { join } from 'node:path';
import { z } from 'zod';
import { messageOf } from '../../harness/errors.ts';
import { annotation } from '../../reports/gate/decision.ts';
import { writeComment } from './comment.ts';
import type { GitHub } from './github.ts';
import { type Job, runAddress } from './job.ts';
import { type Outcome, readOutcome } from './outcome.ts';

const conclusions = { pass: 'success', fail: 'failure', incomplete: 'failure', none: 'neutral' } as const;

/** GitHub takes so many characters for the text of a check. */
const mostCharacters = 65_535;

/**
 * Writes the outcome as the job's comment and as a check. What GitHub refuses is a warning: the outcome stays what it is, and the
 * job ends as it was judged.
 */
export async function publish(job: Job, github: GitHub, log: (text: string) => void): Promise<void> {
  const outcome = readOutcome(join(job.folder, 'report'));
  const tryTo = async (what: string, permission: string, work: () => Promise<string>) => {
    try {
      log(`${await work()}\n`);
    } catch (error) {
      const why = `${messageOf(error)}\n${explain(permission)}`;
      log(`${annotation('warning', `${what} could not be written`, why)}\n`);
    }
  };
  const { pullRequest } = job;
  if (pullRequest) {
    const details = `\n[The run](${runAddress(job)}), with the report in its artifact \`${job.env.NAME}\`.\n`;
    await tryTo('The comment', 'pull-requests', () =>
      writeComment(job, github, pullRequest.number, `${outcome.comment}${details}`),
    );
  }
  await tryTo('The check', 'checks', () => writeCheck(job, github, outcome));
}

function explain(permission: string): string {
  return `It needs "${permission}: write" in the job's permissions; a pull request from a fork has none. The outcome is the same without.`;
}

async function writeCheck(job: Job, github: GitHub, { outcome, title, comment }: Outcome): Promise<string> {
  const { env, pullRequest } = job;
  await github.send('POST', '/check-runs', z.unknown(), {
    name: env.NAME,
    head_sha: pullRequest?.head.sha ?? env.GITHUB_SHA,
    status: 'completed',
    conclusion: conclusions[outcome],
    details_url: runAddress(job),
    output: { title, summary: comment.slice(0, mostCharacters) },
  });
  return `The check says: ${title}`;
}
