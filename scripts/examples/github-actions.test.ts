import { spawn } from 'node:child_process';
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
} from 'node:fs';
import { delimiter, join, matchesGlob, resolve } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { makeFolder } from '../../harness/testing/command-line.ts';
import { shopFiles } from '../../harness/testing/shop-files.ts';

const root = resolve(import.meta.dirname, '../..');
const entry = join(root, 'harness/cli/patternbench.js');

type Step = { uses?: string; if?: string; run?: string; with?: Record<string, string | number> };
type Job = {
  if?: string;
  needs?: string;
  env?: Record<string, string>;
  strategy?: { matrix: { shard: string[] } };
  steps: Step[];
};
type Workflow = {
  env: Record<string, string>;
  defaults: { run: { shell: string } };
  jobs: { measure: Job; judge: Job };
};

/** How a workflow file writes an expression. */
const expression = (of: string) => `$\{{ ${of} }}`;

const text = readFileSync(join(import.meta.dirname, 'github-actions.yml'), 'utf8');
const workflow = parse(text) as Workflow;

/**
 * The files of a repository with two workflows over one server, which comes from its own package.json and is named bare in
 * `.mcp.json`; `drift` is what its owner changed.
 */
function repositoryFiles(drift: string): Record<string, string> {
  const server = join(root, 'harness/testing/drifting-server.ts');
  const bin = { 'shop-server': 'start.js' };
  const workflows = Object.entries(shopFiles(drift)).flatMap(([path, content]) =>
    path.startsWith('shop-total')
      ? ['one', 'two'].map((name) => [path.replace('shop-total', `workflows/${name}`), content])
      : [],
  );
  return {
    ...Object.fromEntries(workflows),
    '.mcp.json': JSON.stringify({ mcpServers: { shop: { command: 'shop-server', args: [drift] } } }),
    'package.json': JSON.stringify({ dependencies: { 'shop-server': 'file:shop-server' } }),
    'package-lock.json': JSON.stringify({
      lockfileVersion: 3,
      packages: {
        '': { dependencies: { 'shop-server': 'file:shop-server' } },
        'node_modules/shop-server': { resolved: 'shop-server', link: true },
        'shop-server': { version: '1.0.0', bin },
      },
    }),
    'shop-server/package.json': JSON.stringify({ name: 'shop-server', version: '1.0.0', bin }),
    'shop-server/start.js': `#!/usr/bin/env node\nimport(${JSON.stringify(server)});\n`,
  };
}

/** A folder with what stands in for npm, whose start takes as long as the command that it starts. */
let standIn = '';

/** Installs what npm has installed in `folder`, and starts patternbench in the folder of its caller, as npm does. */
function makeStandIn(folder: string): string {
  const script = `#!/bin/bash
    case "$1" in
      ci) chmod +x shop-server/start.js && exec cp -a '${folder}/node_modules' . ;;
      run) while [ "$1" != -- ]; do shift; done; shift; exec '${process.execPath}' '${entry}' "$@" ;;
    esac
    exit 1
`;
  const made = makeFolder({ npm: script });
  chmodSync(join(made, 'npm'), 0o755);
  return made;
}

/** What GitHub would have after a job: whether it passed, what it printed, and its summary page. */
type Ran = { passed: boolean; output: string; summary: string };

/**
 * Does the steps of a job as a runner does, in a workspace of its own; `artifacts` is what jobs hand to each other. Only `withNpm`
 * are its commands npm's own.
 */
async function runJob(
  job: Job,
  shardIndex: number,
  files: Record<string, string>,
  artifacts: string,
  withNpm = false,
) {
  const cwd = makeFolder(files);
  const summaryFile = join(makeFolder({ summary: '' }), 'summary');
  const expand = (value: string) => {
    const expanded = value
      .replaceAll(expression('matrix.shard'), job.strategy?.matrix.shard[shardIndex] ?? '')
      .replaceAll(expression('strategy.job-index'), String(shardIndex));
    if (expanded.includes('${{')) throw new Error(`This expression is not known here: ${expanded}`);
    return expanded;
  };
  const given = Object.entries({ ...workflow.env, ...job.env }).map(([name, value]) => [name, expand(value)]);
  const pathFile = join(makeFolder({ path: '' }), 'path');
  const env = {
    ...Object.fromEntries(given),
    CI: 'true',
    GITHUB_STEP_SUMMARY: summaryFile,
    GITHUB_PATH: pathFile,
  };
  const ran: Ran = { passed: true, output: '', summary: '' };
  for (const step of job.steps) {
    // Without a condition, a step is left out once one has failed.
    if (!ran.passed && step.if !== expression('!cancelled()')) continue;
    const settings = Object.fromEntries(
      Object.entries(step.with ?? {}).map(([name, value]) => [name, expand(String(value))]),
    );
    if (step.uses) useAction(step.uses, settings, cwd, artifacts);
    // What it would install is what this test runs in.
    else if (step.run === 'npm ci --prefix patternbench')
      expect(existsSync(join(cwd, 'patternbench'))).toBe(true);
    else {
      const PATH = pathWith(readFileSync(pathFile, 'utf8').trim(), withNpm ? '' : standIn);
      ran.passed = (await runShell(step.run ?? '', cwd, { ...env, PATH }, ran)) && ran.passed;
    }
  }
  // No job sees the machine of another.
  rmSync(cwd, { recursive: true });
  return { ...ran, summary: readFileSync(summaryFile, 'utf8') };
}

/** The path of a step after those before it added to it. */
function pathWith(added: string, first = ''): string {
  return [first, ...added.split('\n'), process.env.PATH].filter(Boolean).join(delimiter);
}

function useAction(uses: string, settings: Record<string, string>, cwd: string, artifacts: string): void {
  const { name = '', path = '', pattern = '' } = settings;
  switch (uses.split('@')[0]) {
    case 'actions/checkout':
      if (path) symlinkSync(root, join(cwd, path));
      return;
    case 'actions/setup-node':
      return;
    case 'actions/upload-artifact':
      if (existsSync(join(cwd, path))) cpSync(join(cwd, path), join(artifacts, name), { recursive: true });
      return;
    case 'actions/download-artifact':
      mkdirSync(join(cwd, path), { recursive: true });
      for (const each of readdirSync(artifacts).filter((found) => matchesGlob(found, pattern))) {
        cpSync(join(artifacts, each), join(cwd, path, each), { recursive: true });
      }
      return;
    default:
      throw new Error(`The action ${uses} is not known here.`);
  }
}

/** Runs a step as GitHub does with `shell: bash`; true where it passed. */
async function runShell(
  script: string,
  cwd: string,
  env: Record<string, string>,
  ran: Ran,
): Promise<boolean> {
  expect(workflow.defaults.run.shell).toBe('bash');
  expect(script).not.toContain('${{');
  const file = join(makeFolder({ 'step.sh': script }), 'step.sh');
  const child = spawn('bash', ['--noprofile', '--norc', '-eo', 'pipefail', file], {
    cwd,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (chunk: string) => {
      ran.output += chunk;
    });
  }
  return (await new Promise((done) => child.once('close', done))) === 0;
}

let baseline = '';

const shards = new Map<string, Promise<{ ran: Ran; uploaded: string }>>();

/** A shard on a repository whose server drifted, run once for all tests: what its job said, and what it uploaded. */
function measureShard(drift: string, index: number) {
  const key = `${drift} ${index}`;
  const known = shards.get(key) ?? runShard(drift, index);
  shards.set(key, known);
  return known;
}

async function runShard(drift: string, index: number) {
  const uploaded = makeFolder({});
  const ran = await runJob(workflow.jobs.measure, index, filesOf(drift), uploaded, drift === 'none');
  return { ran, uploaded };
}

const filesOf = (drift: string) => ({ ...repositoryFiles(drift), 'patternbench.baseline.json': baseline });

/**
 * The whole workflow on a repository whose server drifted; by npm where all went well. `lost` is a shard whose machine died before it uploaded, `broken`
 * one on whose machine the server dies.
 */
async function runWorkflow(drift: string, { lost, broken }: { lost?: number; broken?: number } = {}) {
  const artifacts = makeFolder({});
  const { measure, judge } = workflow.jobs;
  const indices = [...(measure.strategy?.matrix.shard.keys() ?? [])].filter((index) => index !== lost);
  const measured: Ran[] = [];
  for (const index of indices) {
    const { ran, uploaded } = await measureShard(index === broken ? 'dead in a call' : drift, index);
    cpSync(uploaded, artifacts, { recursive: true });
    measured.push(ran);
  }
  expect([judge.needs, judge.if]).toEqual(['measure', expression('!cancelled()')]);
  const withNpm = drift === 'none' && lost === undefined && broken === undefined;
  return { shards: measured, judged: await runJob(judge, 0, filesOf(drift), artifacts, withNpm), artifacts };
}

// Its steps are written for bash on Linux.
describe.skipIf(process.platform === 'win32')('the workflow for GitHub Actions', () => {
  beforeAll(async () => {
    const cwd = makeFolder(repositoryFiles('none'));
    // As the head of the file says.
    const commands = [...text.matchAll(/patternbench ((?:run|gate --update) --?.*|run \..*)$/gm)].map(
      ([, command = '']) => command,
    );
    expect(commands.map((command) => command.split(' ')[0])).toEqual(['run', 'gate']);
    const env = { PATH: pathWith(join(cwd, 'node_modules/.bin')) };
    for (const command of ['npm ci', ...commands.map((each) => `"${process.execPath}" "${entry}" ${each}`)]) {
      expect(await runShell(command, cwd, env, { passed: true, output: '', summary: '' })).toBe(true);
    }
    baseline = readFileSync(join(cwd, 'patternbench.baseline.json'), 'utf8');
    standIn = makeStandIn(cwd);
  });

  test('passes a pull request that changes nothing, with report and verdicts on the summary page and as an artifact', async () => {
    const { shards, judged, artifacts } = await runWorkflow('none');
    expect(shards.map(({ passed }) => passed)).toEqual([true, true]);
    expect(judged.output).toContain('::notice title=Gate passed::');
    expect(judged.passed).toBe(true);
    expect(judged.summary).toContain('# Gate passed');
    expect(judged.summary).toMatch(/## one[\s\S]*\*\*Verdict:[\s\S]*## two/);
    expect(readdirSync(join(artifacts, 'report')).sort()).toEqual([
      'gate.md',
      'patternbench.baseline.json',
      'report.html',
      'report.md',
    ]);
    expect(readFileSync(join(artifacts, 'report/patternbench.baseline.json'), 'utf8')).toBe(baseline);
  });

  test('fails one with a fatter result, and an annotation names the tool and the field', async () => {
    const { judged, artifacts } = await runWorkflow('fatter result');
    expect(judged.passed).toBe(false);
    expect(judged.output).toMatch(
      /^::error title=one%2C two%3A billed tokens.* rose in classic.*::.*results of shop\.get_item: .*field item\.marketing is new/m,
    );
    // One cause is one annotation.
    expect(judged.output.match(/^::error/gm)).toHaveLength(1);
    expect(judged.summary).toContain('# Gate failed');
    // The baseline to commit where the change is wanted.
    expect(readFileSync(join(artifacts, 'report/patternbench.baseline.json'), 'utf8')).toContain('marketing');
  });

  test('fails one whose shard was lost, and says which scenarios are missing', async () => {
    const { judged } = await runWorkflow('none', { lost: 1 });
    expect(judged.passed).toBe(false);
    expect(judged.output).toContain('Shard 2/2 is missing, with two.');
    expect(judged.output).toContain('::error title=The run is incomplete');
  });

  test('fails one with a shard whose server dies, annotates that the run is incomplete, and keeps its report', async () => {
    const { shards, judged, artifacts } = await runWorkflow('none', { broken: 1 });
    expect(shards.map(({ passed }) => passed)).toEqual([true, false]);
    expect(judged.passed).toBe(false);
    expect(judged.output).toContain('::error title=The run is incomplete');
    expect(judged.summary).toMatch(/## one[\s\S]*## two/);
    expect(readdirSync(join(artifacts, 'report')).sort()).toEqual(['gate.md', 'report.html', 'report.md']);
    expect(readFileSync(join(artifacts, 'report/report.md'), 'utf8')).toContain('## two');
  });

  test('ends where the shards cannot be joined, rather than judge what is not there', async () => {
    const artifacts = makeFolder({});
    const judged = await runJob(workflow.jobs.judge, 0, repositoryFiles('none'), artifacts);
    expect(judged.passed).toBe(false);
    expect(judged.output).not.toContain('::error');
    expect(existsSync(join(artifacts, 'report'))).toBe(false);
  });
});
