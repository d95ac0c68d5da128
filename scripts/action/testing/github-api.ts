import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';

type Comment = { id: number; body: string; user: { type: string } };
type Check = {
  name: string;
  head_sha: string;
  conclusion: string;
  output: { title: string; summary: string };
};
/** A run of a workflow, and the artifacts that it left. */
type Run = {
  id: number;
  head_sha: string;
  head_branch: string;
  event: string;
  path: string;
  artifacts: string[];
};

/** What a loopback GitHub has of one repository. `refuses` are beginnings of paths that the token may not write. */
export type FakeGitHub = {
  url: string;
  comments: Comment[];
  checks: Check[];
  runs: Run[];
  refuses: string[];
  close: () => void;
};

/** Starts the few parts of GitHub's API that the action uses, for `owner/shop`. */
export async function openFakeGitHub(): Promise<FakeGitHub> {
  const state: Omit<FakeGitHub, 'url' | 'close'> = { comments: [], checks: [], runs: [], refuses: [] };
  const server = createServer(async (request, response) => {
    const { status, body } = await answer(request, state);
    response.writeHead(status, { 'content-type': 'application/json' });
    response.end(status === 204 ? undefined : JSON.stringify(body));
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const { port } = server.address() as AddressInfo;
  return Object.assign(state, { url: `http://127.0.0.1:${port}`, close: () => void server.close() });
}

async function answer(
  request: IncomingMessage,
  { comments, checks, runs, refuses }: Omit<FakeGitHub, 'url' | 'close'>,
): Promise<{ status: number; body?: unknown }> {
  const { pathname, searchParams } = new URL(request.url ?? '', 'http://localhost');
  const path = pathname.replace('/repos/owner/shop', '');
  const { method = '' } = request;
  const body =
    method === 'GET' || method === 'DELETE' ? {} : ((await json(request)) as Record<string, never>);
  if (request.headers.authorization !== 'Bearer the-token')
    return { status: 401, body: { message: 'Bad credentials' } };
  if (method !== 'GET' && refuses.some((beginning) => path.startsWith(beginning))) {
    return { status: 403, body: { message: 'Resource not accessible by integration' } };
  }
  const id = Number(/\d+/.exec(path)?.[0]);
  const at = comments.findIndex((comment) => comment.id === id);
  switch (`${method} ${path.replace(/\d+/, ':id')}`) {
    case 'GET /issues/:id/comments': {
      const [size, page] = ['per_page', 'page'].map((name) => Number(searchParams.get(name))) as [
        number,
        number,
      ];
      return { status: 200, body: comments.slice(size * (page - 1), size * page) };
    }
    case 'POST /issues/:id/comments':
      comments.push({
        id: 1 + Math.max(0, ...comments.map((each) => each.id)),
        user: { type: 'Bot' },
        body: String(body.body),
      });
      return { status: 201, body: {} };
    case 'PATCH /issues/comments/:id':
      Object.assign(comments[at] ?? {}, body);
      return { status: 200, body: {} };
    case 'DELETE /issues/comments/:id':
      comments.splice(at, 1);
      return { status: 204 };
    case 'POST /check-runs':
      checks.push(body as unknown as Check);
      return { status: 201, body: {} };
    case 'GET /actions/runs': {
      const asked = [...searchParams].filter(([name]) => ['event', 'head_sha', 'branch'].includes(name));
      const found = runs.filter((run) =>
        asked.every(([name, value]) => run[name === 'branch' ? 'head_branch' : (name as 'event')] === value),
      );
      return { status: 200, body: { workflow_runs: found } };
    }
    case 'GET /actions/runs/:id/artifacts': {
      const names = runs.find((run) => run.id === id)?.artifacts ?? [];
      return { status: 200, body: { artifacts: names.map((name) => ({ name, expired: false })) } };
    }
    default:
      return { status: 404, body: { message: `Not Found: ${method} ${path}` } };
  }
}
