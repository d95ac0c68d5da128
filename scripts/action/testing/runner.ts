import { chmodSync, cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join, matchesGlob, resolve } from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';
import { makeFolder, patternbench } from '../../../harness/testing/command-line.ts';
import { runStep } from '../main.ts';

export const root = resolve(import.meta.dirname, '../../..');

const step = z.strictObject({
  id: z.string().optional(),
  name: z.string().optional(),
  if: z.string().optional(),
  uses: z.string().optional(),
  run: z.string().optional(),
  shell: z.literal('bash').optional(),
  'continue-on-error': z.boolean().optional(),
  with: z.record(z.string(), z.coerce.string()).default({}),
  env: z.record(z.string(), z.string()).default({}),
});

/** What GitHub's documentation allows of a composite action, as far as this one uses it. */
const actionSchema = z.strictObject({
  name: z.string(),
  description: z.string(),
  branding: z.strictObject({ icon: z.string(), color: z.string() }),
  inputs: z.record(z.string(), z.strictObject({ description: z.string(), default: z.string() })),
  outputs: z.record(z.string(), z.strictObject({ description: z.string(), value: z.string() })),
  runs: z.strictObject({
    using: z.literal('composite'),
    // A step that runs a command must name its shell.
    steps: z.array(
      step.refine(({ run, shell, uses }) => (run === undefined ? uses && !shell : shell && !uses)),
    ),
  }),
});

const jobSchema = z.strictObject({
  'runs-on': z.literal('ubuntu-latest'),
  if: z.string().optional(),
  needs: z.string().optional(),
  strategy: z
    .strictObject({ 'fail-fast': z.literal(false), matrix: z.record(z.string(), z.array(z.unknown())) })
    .optional(),
  steps: z.array(step),
});
type Job = z.infer<typeof jobSchema>;

const workflowSchema = z.strictObject({
  name: z.string(),
  on: z.unknown(),
  permissions: z.record(z.string(), z.enum(['read', 'write'])),
  jobs: z.record(z.string(), jobSchema),
});

export const action = actionSchema.parse(parse(readFileSync(join(root, 'action.yml'), 'utf8')));

export function readWorkflow(name: string): z.infer<typeof workflowSchema> {
  return workflowSchema.parse(parse(readFileSync(join(root, 'scripts/examples', name), 'utf8')));
}

/** A folder with the files of a repository, whose commands in node_modules/.bin can be started. */
export function makeRepository(files: Record<string, string>): string {
  const folder = makeFolder(files);
  for (const path of Object.keys(files).filter((each) => each.startsWith('node_modules/.bin/'))) {
    chmodSync(join(folder, path), 0o755);
  }
  return folder;
}

/** What is around a job: the repository's files, the event, what other jobs left, and GitHub's API. */
type Circumstances = {
  files: Record<string, string>;
  artifacts: string;
  api: string;
  event?: object;
  /** Number and attempt of the workflow's run. */
  run?: number;
  attempt?: number;
  /** Which of how many machines of a matrix this is. */
  machine?: { index: number; of: number };
};

/** What GitHub would have after a job. */
export type Ran = { passed: boolean; log: string; summary: string; outputs: Record<string, string> };

/**
 * Does the steps of a job as a runner does, in a workspace of its own, and those of the action in this process. GitHub's own
 * actions hand files from one job to another; npm is left out.
 */
export async function runJob(name: string, job: Job, circumstances: Circumstances): Promise<Ran> {
  const { files, event = {}, run = 1, attempt = 1, machine = { index: 0, of: 1 }, api } = circumstances;
  const workspace = makeRepository(files);
  const place = makeFolder({ 'event.json': JSON.stringify(event), output: '', summary: '' });
  const env = environmentOf(name, { place, api, run, attempt });
  const known: Known = {
    inputs: {},
    steps: {},
    values: {
      'github.token': 'the-token',
      'strategy.job-index': String(machine.index),
      'strategy.job-total': String(machine.of),
    },
  };
  const ran: Ran = { passed: true, log: '', summary: '', outputs: {} };
  const surroundings = { workspace, env, artifacts: circumstances.artifacts, ran };
  await runSteps(job.steps, known, surroundings);
  ran.summary = readFileSync(env.GITHUB_STEP_SUMMARY, 'utf8');
  // No job sees the machine of another.
  rmSync(workspace, { recursive: true });
  return ran;
}

/** What GitHub sets in the environment of a job whose own files are in `place`. */
export function environmentOf(
  name: string,
  { place, api, run = 1, attempt = 1 }: Pick<Circumstances, 'api' | 'run' | 'attempt'> & { place: string },
) {
  return {
    GITHUB_API_URL: api,
    GITHUB_SERVER_URL: 'http://localhost',
    GITHUB_REPOSITORY: 'owner/shop',
    GITHUB_SHA: 'the-merge',
    GITHUB_RUN_ID: '77',
    GITHUB_RUN_NUMBER: String(run),
    GITHUB_RUN_ATTEMPT: String(attempt),
    GITHUB_WORKFLOW_REF: 'owner/shop/.github/workflows/patternbench.yml@refs/pull/5/merge',
    GITHUB_JOB: name,
    GITHUB_EVENT_PATH: join(place, 'event.json'),
    GITHUB_STEP_SUMMARY: join(place, 'summary'),
    RUNNER_TEMP: place,
    GITHUB_ACTION_PATH: root,
  };
}

type Known = {
  inputs: Record<string, string>;
  steps: Record<string, Record<string, string>>;
  values: Record<string, string>;
};
type Surroundings = { workspace: string; env: Record<string, string>; artifacts: string; ran: Ran };

async function runSteps(
  steps: z.infer<typeof step>[],
  known: Known,
  surroundings: Surroundings,
): Promise<void> {
  const { workspace, env, artifacts, ran } = surroundings;
  for (const each of steps) {
    // Without a condition, a step is left out once one has failed.
    if (each.if === undefined ? !ran.passed : !holds(each.if, ran.passed, known)) continue;
    const given = expandAll(each.with, known);
    if (each.uses?.startsWith('your-organisation/patternbench@')) await runAction(given, known, surroundings);
    else if (each.uses) useAction(each.uses, given, workspace, artifacts);
    // What machines of GitHub need is here already, or is no business of a test.
    else if (/npm ci|apt-get/.test(each.run ?? '')) continue;
    else {
      const [, stage = ''] =
        /^node "\$GITHUB_ACTION_PATH\/scripts\/action\/main\.ts" (\w+)$/.exec(each.run ?? '') ?? [];
      const output = join(makeFolder({ output: '' }), 'output');
      const set = { ...env, ...expandAll(each.env, known), GITHUB_OUTPUT: output };
      const code = await runStep(stage, {
        cwd: workspace,
        env: set,
        command: async (args) => {
          const ended = await patternbench(args, { cwd: workspace, env: set, trust: false });
          ran.log += ended.stderr;
          return ended;
        },
        log: (text) => {
          ran.log += text;
        },
      });
      if (code !== 0) ran.passed = false;
      if (each.id) known.steps[each.id] = readOutputs(output);
    }
  }
}

async function runAction(
  given: Record<string, string>,
  known: Known,
  surroundings: Surroundings,
): Promise<void> {
  const unknown = Object.keys(given).filter((name) => !(name in action.inputs));
  if (unknown.length > 0) throw new Error(`The action has no input ${unknown.join(', ')}.`);
  const presets = Object.fromEntries(
    Object.entries(action.inputs).map(([name, input]) => [name, input.default]),
  );
  const inner: Known = { ...known, inputs: { ...expandAll(presets, known), ...given }, steps: {} };
  await runSteps(action.runs.steps, inner, surroundings);
  const values = Object.fromEntries(Object.entries(action.outputs).map(([name, { value }]) => [name, value]));
  surroundings.ran.outputs = expandAll(values, inner);
}

/** The outputs that a step set, each on lines between a line that names its end and that end. */
function readOutputs(file: string): Record<string, string> {
  const text = existsSync(file) ? readFileSync(file, 'utf8') : '';
  return Object.fromEntries(
    [...text.matchAll(/^(\S+)<<(\S+)\n([\s\S]*?)\n\2$/gm)].map(([, name, , value]) => [name, value]),
  );
}

function expandAll(texts: Record<string, string>, known: Known): Record<string, string> {
  return Object.fromEntries(
    Object.entries(texts).map(([name, text]) => [
      name,
      text.replaceAll(/\$\{\{ (.*?) \}\}/g, (_, path: string) => lookUp(path, known)),
    ]),
  );
}

function lookUp(path: string, { inputs, steps, values }: Known): string {
  const [context = '', name = '', , output = ''] = path.split('.');
  if (context === 'inputs' && name in inputs) return inputs[name] ?? '';
  if (context === 'steps') return steps[name]?.[output] ?? '';
  const value = values[path];
  if (value === undefined) throw new Error(`This expression is not known here: ${path}`);
  return value;
}

/** A condition of terms that must all hold. As GitHub has it, one without a status function holds only where nothing failed. */
function holds(text: string, passed: boolean, known: Known): boolean {
  const terms = (/^\$\{\{ (.*) \}\}$/.exec(text)?.[1] ?? '').split(' && ');
  return (
    (terms.includes('!cancelled()') || passed) &&
    terms.every((term) => {
      if (term === '!cancelled()') return true;
      const [, path = '', operator, value] = /^(\S+) (==|!=) '(.*)'$/.exec(term) ?? [];
      return (lookUp(path, known) === value) === (operator === '==');
    })
  );
}

function useAction(uses: string, settings: Record<string, string>, cwd: string, artifacts: string): void {
  const { name = '', path = '', pattern = '', 'run-id': run = '' } = settings;
  switch (uses) {
    case 'actions/checkout@v6':
    case 'actions/setup-node@v6':
      return;
    case 'actions/upload-artifact@v7':
      cpSync(path, join(artifacts, name), { recursive: true });
      return;
    case 'actions/download-artifact@v8': {
      const target = resolve(cwd, path);
      mkdirSync(target, { recursive: true });
      // Of another run, what lies in the folder of its number; one artifact by name is unpacked as it is.
      if (name) cpSync(join(artifacts, run, name), target, { recursive: true });
      for (const each of namesIn(artifacts).filter((found) => pattern && matchesGlob(found, pattern))) {
        cpSync(join(artifacts, each), join(target, each), { recursive: true });
      }
      return;
    }
    default:
      throw new Error(`The action ${uses} is not known here.`);
  }
}

export function namesIn(folder: string): string[] {
  return existsSync(folder) ? readdirSync(folder).sort() : [];
}
