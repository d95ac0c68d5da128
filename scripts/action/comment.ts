import { z } from 'zod';
import type { GitHub } from './github.ts';
import type { Job } from './job.ts';

/** Characters that GitHub takes in a comment. */
const mostCharacters = 65_536;

const comment = z.object({
  id: z.int(),
  body: z.string().nullable(),
  user: z.object({ type: z.string() }).nullable(),
});
type Comment = z.infer<typeof comment>;

/** Whose comment it is: one for each job of a workflow, and each use of the action in it. */
type Owner = { workflow: string; job: string; name: string };
/** Which run of the workflow wrote it, by its number, and at which attempt. */
type Attempt = { run: number; attempt: number };

/** The first line of a comment. It is hidden, and says whose comment it is and how new. */
export function markerOf(owner: Owner, { run, attempt }: Attempt): string {
  return `${beginningOf(owner)} run=${run} attempt=${attempt} -->`;
}

function beginningOf({ workflow, job, name }: Owner): string {
  // Encoded, names neither end the marker nor look like another's.
  return `<!-- patternbench ${[workflow, job, name].map(encodeURIComponent).join(' ')}`;
}

/** What is done with the comments that are there: update one and remove others, write the first, or nothing. */
type Plan = { kind: 'write' } | { kind: 'update'; id: number; doubles: number[] } | { kind: 'leave' };

/**
 * Decides by the comments of a pull request. A newer run, or attempt, keeps its comment. Only comments of bots count: people could
 * copy the marker to keep the true comment away.
 */
export function planComment(comments: readonly Comment[], owner: Owner, now: Attempt): Plan {
  const beginning = `${beginningOf(owner)} run=`;
  const own = comments.flatMap(({ id, body, user }) => {
    if (user?.type !== 'Bot' || !body?.startsWith(beginning)) return [];
    const [, run, attempt] = /^(\d+) attempt=(\d+) -->/.exec(body.slice(beginning.length)) ?? [];
    return [{ id, run: Number(run ?? 0), attempt: Number(attempt ?? 0) }];
  });
  const [first, ...doubles] = own;
  if (!first) return { kind: 'write' };
  const isNewer = (other: Attempt) =>
    other.run > now.run || (other.run === now.run && other.attempt > now.attempt);
  if (own.some(isNewer)) return { kind: 'leave' };
  return { kind: 'update', id: first.id, doubles: doubles.map(({ id }) => id) };
}

/** Writes the job's one comment on its pull request, or updates it. Returns what it did, for the log. */
export async function writeComment(job: Job, github: GitHub, number: number, text: string): Promise<string> {
  const { env, workflow } = job;
  const owner = { workflow, job: env.GITHUB_JOB, name: env.NAME };
  const now = { run: env.GITHUB_RUN_NUMBER, attempt: env.GITHUB_RUN_ATTEMPT };
  const whole = `${markerOf(owner, now)}\n${text}`;
  const body =
    whole.length > mostCharacters ? `${whole.slice(0, mostCharacters - 1).toWellFormed()}…` : whole;
  const plan = planComment(await github.list(`/issues/${number}/comments`, comment), owner, now);
  switch (plan.kind) {
    case 'leave':
      return 'The comment is of a newer run and stays as it is.';
    case 'write':
      await github.send('POST', `/issues/${number}/comments`, z.unknown(), { body });
      return 'The comment is written.';
    case 'update':
      await github.send('PATCH', `/issues/comments/${plan.id}`, z.unknown(), { body });
      // Two runs at a time may both have found none.
      for (const id of plan.doubles) await github.send('DELETE', `/issues/comments/${id}`, z.unknown());
      return 'The comment is updated.';
  }
}
