import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { makeFolder, patternbench } from '../../harness/testing/command-line.ts';
import { serverCommand } from '../../harness/testing/server-command.ts';
import { shopFiles } from '../../harness/testing/shop-files.ts';
import { runStep } from './main.ts';
import { type FakeGitHub, openFakeGitHub } from './testing/github-api.ts';
import {
  action,
  environmentOf,
  makeRepository,
  namesIn,
  type Ran,
  readWorkflow,
  root,
  runJob,
} from './testing/runner.ts';

/** The files of a repository with two workflows over one server, named bare in `.mcp.json`; `drift` is what its owner changed. */
function repositoryFiles(drift: string): Record<string, string> {
  const { command, args } = serverCommand('drifting-server.ts');
  const workflows = Object.entries(shopFiles(drift)).flatMap(([path, content]) =>
    path.startsWith('shop-total')
      ? ['one', 'two'].map((name) => [path.replace('shop-total', `workflows/${name}`), content])
      : [],
  );
  return {
    ...Object.fromEntries(workflows),
    'patternbench.config.json':
      '{ "workflows": ["workflows/*"], "variants": ["classic", "code"], "verdict.sizes": false }',
    '.mcp.json': JSON.stringify({ mcpServers: { shop: { command: 'shop-server', args: [drift] } } }),
    'node_modules/.bin/shop-server': `#!/bin/sh\nexec ${[command, ...args].join(' ')} "$@"\n`,
  };
}

const simple = readWorkflow('github-actions.yml');
const sharded = readWorkflow('github-actions-shards.yml');
const pullRequest = {
  pull_request: {
    number: 5,
    head: { sha: 'the-head', ref: 'change' },
    base: { sha: 'the-base', ref: 'main' },
  },
};

let github: FakeGitHub;
let baseline = '';
beforeAll(async () => {
  github = await openFakeGitHub();
  // As the head of the file says.
  const cwd = makeRepository(repositoryFiles('none'));
  const head = readFileSync(join(root, 'scripts/examples/github-actions.yml'), 'utf8');
  const commands = [...head.matchAll(/patternbench ((?:run|gate --update) --.*)$/gm)].map(
    ([, command = '']) => command,
  );
  expect(commands).toHaveLength(2);
  for (const command of commands) expect((await patternbench(command.split(' '), { cwd })).code).toBe(0);
  baseline = readFileSync(join(cwd, 'patternbench.baseline.json'), 'utf8');
});
afterAll(() => github.close());

/** The job of the example for one machine, on a pull request after which the server drifted. */
async function runSimple(drift: string, run: number): Promise<Ran & { artifacts: string }> {
  const { patternbench: job } = simple.jobs;
  if (!job) throw new Error('The example has no such job.');
  const artifacts = makeFolder({});
  const files = { ...repositoryFiles(drift), 'patternbench.baseline.json': baseline };
  return {
    ...(await runJob('patternbench', job, { files, artifacts, api: github.url, event: pullRequest, run })),
    artifacts,
  };
}

test('a pull request that changes nothing passes, with a comment, a check, a summary and the report as an artifact', async () => {
  const { passed, log, summary, outputs, artifacts } = await runSimple('none', 1);
  expect(log).toContain('::notice title=Gate passed::');
  expect([passed, outputs.outcome, outputs.title]).toEqual([true, 'pass', 'Gate passed']);
  expect(summary).toMatch(/^# Gate passed[\s\S]*## one[\s\S]*\*\*Verdict:[\s\S]*## two/);
  expect(namesIn(join(artifacts, 'patternbench'))).toEqual([
    'gate.comment.md',
    'gate.md',
    'gate.xml',
    'outcome.json',
    'patternbench.baseline.json',
    'report.html',
    'report.md',
  ]);
  expect(readFileSync(join(artifacts, 'patternbench/patternbench.baseline.json'), 'utf8')).toBe(baseline);
  expect(github.comments.map(({ body }) => body)).toEqual([expect.stringContaining('### Gate passed')]);
  expect(github.checks.at(-1)).toMatchObject({
    ...{ name: 'patternbench', head_sha: 'the-head', conclusion: 'success' },
    output: { title: 'Gate passed' },
  });
});

test('one with a fatter result fails: annotation, check and the same comment name the tool and the field', async () => {
  const { passed, log, outputs, artifacts } = await runSimple('fatter result', 2);
  expect([passed, outputs.outcome]).toEqual([false, 'fail']);
  // One cause is one annotation.
  expect(log.match(/^::error/gm)).toHaveLength(1);
  expect(log).toMatch(
    /^::error title=one%2C two%3A billed tokens.* rose in classic.*::.*results of shop\.get_item: .*field item\.marketing is new/m,
  );
  expect(github.comments).toHaveLength(1);
  expect(github.comments[0]?.body).toMatch(
    /^<!-- patternbench .* run=2 attempt=1 -->\n### Gate failed: one, two: billed tokens/,
  );
  expect(github.checks.at(-1)).toMatchObject({ conclusion: 'failure', output: { title: outputs.title } });
  // The baseline to commit where the change is wanted.
  expect(readFileSync(join(artifacts, 'patternbench/patternbench.baseline.json'), 'utf8')).toContain(
    'marketing',
  );
});

test('on two machines, a push leaves the baseline that a pull request is held against; what a machine lacks makes it incomplete', async () => {
  const { measure, judge } = sharded.jobs;
  if (!measure || !judge) throw new Error('The example has no such jobs.');
  const shared = { files: repositoryFiles('none'), api: github.url };
  const of = measure.strategy?.matrix.machine?.length ?? 0;
  const artifacts = makeFolder({});
  const shards: boolean[] = [];
  for (let index = 0; index < of; index += 1) {
    const ran = await runJob('measure', measure, { ...shared, artifacts, machine: { index, of } });
    shards.push(ran.passed);
  }
  expect([shards, namesIn(artifacts)]).toEqual([
    [true, true],
    ['patternbench-shard-0', 'patternbench-shard-1'],
  ]);
  expect([judge.needs, judge.if]).toEqual(['measure', `$\{{ !cancelled() }}`]);

  const early = await runJob('judge', judge, { ...shared, artifacts, event: pullRequest });
  expect([early.passed, early.outputs.title]).toEqual([false, 'There is no baseline: exit code 3']);

  const pushed = await runJob('judge', judge, { ...shared, artifacts });
  expect([pushed.passed, pushed.outputs.outcome]).toEqual([true, 'none']);
  expect(github.checks.at(-1)).toMatchObject({ conclusion: 'neutral', head_sha: 'the-merge' });
  cpSync(join(artifacts, 'patternbench'), join(artifacts, '42/patternbench'), { recursive: true });
  const path = '.github/workflows/patternbench.yml';
  const run = {
    id: 42,
    head_sha: 'the-base',
    head_branch: 'main',
    event: 'push',
    path,
    artifacts: ['patternbench'],
  };
  github.runs.push({ ...run, id: 41, event: 'pull_request' }, run);
  const judged = await runJob('judge', judge, { ...shared, artifacts, event: pullRequest });
  expect(judged.log).toContain('The baseline is that of commit the-base.');
  expect([judged.passed, judged.outputs.outcome]).toEqual([true, 'pass']);

  const lost = makeFolder({});
  for (const kept of ['patternbench-shard-0', '42'])
    cpSync(join(artifacts, kept), join(lost, kept), { recursive: true });
  const lacking = await runJob('judge', judge, { ...shared, artifacts: lost, event: pullRequest });
  expect([lacking.passed, lacking.outputs.outcome]).toEqual([false, 'incomplete']);
  expect(lacking.log).toContain('Shard 2/2 is missing, with two.');
  expect(lacking.log).toContain('::error title=The run is incomplete');
});

test('a machine whose server dies fails its job and still leaves what it has', async () => {
  const { measure } = sharded.jobs;
  if (!measure) throw new Error('The example has no such job.');
  const artifacts = makeFolder({});
  const files = repositoryFiles('dead in a call');
  const ran = await runJob('measure', measure, {
    files,
    artifacts,
    api: github.url,
    machine: { index: 1, of: 2 },
  });
  expect([ran.passed, namesIn(artifacts)]).toEqual([false, ['patternbench-shard-1']]);
});

test('as a process, a step shows what patternbench says and ends with its exit code', () => {
  const judging = action.runs.steps.find(({ id }) => id === 'judge');
  const place = makeFolder({ 'event.json': '{}', output: '' });
  const env = {
    ...environmentOf('measure', { place, api: github.url }),
    GITHUB_OUTPUT: join(place, 'output'),
  };
  const given = {
    ...process.env,
    ...env,
    NAME: 'patternbench',
    WORKFLOWS: 'crm-contact-lookup',
    SHARD: '2/2',
  };
  const { status, stderr } = spawnSync('bash', ['-c', judging?.run ?? ''], {
    cwd: place,
    env: given,
    encoding: 'utf8',
  });
  expect([status, stderr]).toEqual([2, expect.stringContaining('Shard 2/2 is empty')]);
});

test('jobs that name their parts themselves leave an artifact each', async () => {
  const artifactOf = async (SHARD: string) => {
    const place = makeFolder({ 'event.json': '{}', output: '' });
    const GITHUB_OUTPUT = join(place, 'output');
    await runStep('judge', {
      cwd: place,
      env: { ...environmentOf('measure', { place, api: github.url }), GITHUB_OUTPUT, NAME: 'mine', SHARD },
      command: async (args) => {
        mkdirSync(String(args.at(-1)));
        return { code: 0, stdout: '', stderr: '' };
      },
      log: () => {},
    });
    return /mine-shard-\d+/.exec(readFileSync(GITHUB_OUTPUT, 'utf8'))?.[0];
  };
  expect([await artifactOf('1/2'), await artifactOf('2/2')]).toEqual(['mine-shard-0', 'mine-shard-1']);
});

test('the step that starts servers gets no token', () => {
  const judging = action.runs.steps.find(({ id }) => id === 'judge');
  expect(judging?.run).toContain('main.ts" judge');
  expect(JSON.stringify(judging)).not.toMatch(/token/i);
});
