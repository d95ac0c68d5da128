import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, readFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { z } from 'zod';
import { makeFolder, patternbench } from '../../harness/testing/command-line.ts';

const container = z.strictObject({
  name: z.string(),
  image: z.string(),
  command: z.tuple([z.literal('sh'), z.literal('-c')]),
  args: z.tuple([z.string()]),
  env: z.array(z.strictObject({ name: z.string(), value: z.string() })).default([]),
  resources: z.object({}).optional(),
  volumeMounts: z.tuple([z.strictObject({ name: z.literal('runs'), mountPath: z.literal('/runs') })]),
});
/** What a Job may have by its API, as far as these use it: another key is refused by the cluster. */
const jobSchema = z.strictObject({
  apiVersion: z.literal('batch/v1'),
  kind: z.literal('Job'),
  metadata: z.strictObject({ name: z.string() }),
  spec: z.strictObject({
    completionMode: z.literal('Indexed').optional(),
    completions: z.int().optional(),
    parallelism: z.int().optional(),
    backoffLimit: z.int().optional(),
    backoffLimitPerIndex: z.int().optional(),
    template: z.strictObject({
      spec: z.strictObject({
        restartPolicy: z.literal('Never'),
        containers: z.tuple([container]),
        volumes: z.tuple([
          z.strictObject({
            name: z.literal('runs'),
            persistentVolumeClaim: z.strictObject({ claimName: z.literal('patternbench-runs') }),
          }),
        ]),
      }),
    }),
  }),
});

function readJob(name: string) {
  const documents = parseAllDocuments(readFileSync(join(import.meta.dirname, name), 'utf8'));
  const { spec } = jobSchema.parse(documents.map((each) => each.toJSON()).find(({ kind }) => kind === 'Job'));
  const [only] = spec.template.spec.containers;
  return {
    ...spec,
    env: Object.fromEntries(only.env.map(({ name: key, value }) => [key, value])),
    script: only.args[0],
  };
}

/** A command that writes down what it was asked for. */
const commands = makeFolder({ patternbench: '#!/bin/sh\nprintf "%s\\n" "$*" >> "$ASKED"\n' });

/** Runs the script of a container; what it would ask of patternbench is asked in this process. Returns the last exit code. */
async function runContainer(
  script: string,
  runs: string,
  set: Record<string, string>,
  cwd: string,
): Promise<number | null> {
  const asked = join(makeFolder({}), 'asked');
  const env = { ...process.env, ...set, ASKED: asked, PATH: [commands, process.env.PATH].join(delimiter) };
  expect(spawnSync('sh', ['-c', script.replaceAll('/runs/', `${runs}/`)], { env }).status).toBe(0);
  let code: number | null = 0;
  for (const line of readFileSync(asked, 'utf8').trim().split('\n')) {
    code = (await patternbench(line.split(' '), { cwd, env: set })).code;
    if (code !== 0) break;
  }
  return code;
}

// The scripts are for a shell of Linux.
describe.skipIf(process.platform === 'win32')('the Jobs for Kubernetes', () => {
  test('run a part on each machine, go on after a restart, and join the parts for the gate', async () => {
    chmodSync(join(commands, 'patternbench'), 0o755);
    const job = readJob('kubernetes-job.yaml');
    expect([job.completions, job.parallelism]).toEqual([4, 4]);
    expect(job.env.JOB_COMPLETIONS).toBe(String(job.completions));
    const settings = {
      workflows: ['crm-contact-lookup', 'parametric'],
      ...{ params: { contacts: 60 }, variants: ['classic', 'code'], 'verdict.sizes': false },
    };
    const cwd = makeFolder({ 'patternbench.config.json': JSON.stringify(settings) });
    const runs = makeFolder({});
    const machine = (index: number) => ({ JOB_COMPLETIONS: '2', JOB_COMPLETION_INDEX: String(index) });
    for (const index of [0, 1, 1]) expect(await runContainer(job.script, runs, machine(index), cwd)).toBe(0);

    const merge = readJob('kubernetes-merge.yaml');
    // Without a baseline, the gate says that there is none.
    expect(await runContainer(merge.script, runs, {}, cwd)).toBe(2);
    expect(existsSync(join(runs, 'report.html'))).toBe(true);
    const update = ['gate', '--update', '--run', join(runs, 'merged')];
    expect((await patternbench(update, { cwd })).code).toBe(0);
    expect((await patternbench(['gate', '--run', join(runs, 'merged')], { cwd })).code).toBe(0);
  });
});
