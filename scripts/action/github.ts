import { z } from 'zod';
import { InfrastructureError, messageOf } from '../../harness/errors.ts';
import type { Job } from './job.ts';

/** An answer later than this, in milliseconds, is none. */
const timeoutMs = 30_000;
const perPage = 100;
/** Pages that are read of one list, at most. */
const mostPages = 30;

const refusal = z.object({ message: z.string() });

/** Calls GitHub's API for one repository. Each throws an `InfrastructureError` that says what was refused and why. */
export type GitHub = {
  send<T>(
    method: 'GET' | 'POST' | 'PATCH' | 'DELETE',
    path: string,
    schema: z.ZodType<T>,
    body?: object,
  ): Promise<T>;
  /** All items of a list of items, page after page. */
  list<T>(path: string, item: z.ZodType<T>): Promise<T[]>;
};

/** The API of the job's repository; paths begin below `/repos/owner/repository`. */
export function openGitHub({ env }: Job): GitHub {
  const root = `${env.GITHUB_API_URL}/repos/${env.GITHUB_REPOSITORY}`;
  const github: GitHub = {
    async send(method, path, schema, body) {
      const failed = (why: string, cause?: unknown) =>
        new InfrastructureError(`GitHub: ${method} ${path}: ${why}`, { cause });
      try {
        const response = await fetch(`${root}${path}`, {
          method,
          headers: {
            accept: 'application/vnd.github+json',
            authorization: `Bearer ${env.TOKEN}`,
            'content-type': 'application/json',
            'user-agent': 'patternbench',
            'x-github-api-version': '2022-11-28',
          },
          signal: AbortSignal.timeout(timeoutMs),
          ...(body && { body: JSON.stringify(body) }),
        });
        const answer: unknown = response.status === 204 ? null : await response.json();
        if (response.ok) return schema.parse(answer);
        const said = refusal.safeParse(answer).data?.message ?? 'no reason given';
        throw failed(`${response.status}, ${said}`);
      } catch (error) {
        throw error instanceof InfrastructureError ? error : failed(messageOf(error), error);
      }
    },
    async list(path, item) {
      const all = [];
      for (let page = 1; page <= mostPages; page += 1) {
        const query = `${path.includes('?') ? '&' : '?'}per_page=${perPage}&page=${page}`;
        const items = await github.send('GET', `${path}${query}`, z.array(item));
        all.push(...items);
        if (items.length < perPage) break;
      }
      return all;
    },
  };
  return github;
}
