import { spawn } from 'node:child_process';
import { join, resolve } from 'node:path';
import { InfrastructureError, messageOf, UsageError } from '../../harness/errors.ts';
import { findBaseRun } from './base.ts';
import { openGitHub } from './github.ts';
import { readJob, setOutput } from './job.ts';
import { baseFolderName, type Command, judge } from './judge.ts';
import { publish } from './publish.ts';

/*
 * What the steps of action.yml run: `node main.ts base`, `judge` and `publish`. Between them, GitHub's own actions move artifacts.
 */

const entry = resolve(import.meta.dirname, '../../harness/cli/patternbench.js');

type Surroundings = { cwd: string; env: NodeJS.ProcessEnv; command: Command; log: (text: string) => void };

/** Runs one step of the action. Returns its exit code; what cannot be done is told in the log. */
export async function runStep(step: string, { cwd, env, command, log }: Surroundings): Promise<number> {
  try {
    const job = readJob(env);
    switch (step) {
      case 'base': {
        const found = await findBaseRun(job, openGitHub(job));
        if (found) {
          setOutput(job, 'run-id', String(found.id));
          setOutput(job, 'folder', join(job.folder, baseFolderName));
        }
        log(
          `${found ? `The baseline is that of commit ${found.sha}.` : 'No run of the base branch left a baseline.'}\n`,
        );
        return 0;
      }
      case 'judge':
        return await judge(job, cwd, command, log);
      case 'publish':
        await publish(job, openGitHub(job), log);
        return 0;
      default:
        throw new UsageError(`There is no step "${step}". It is base, judge or publish.`);
    }
  } catch (error) {
    log(`${messageOf(error)}\n`);
    if (error instanceof UsageError) return 2;
    if (error instanceof InfrastructureError) return 3;
    throw error;
  }
}

/** In a process of its own, since scenarios are foreign code: none of them ends this one. */
const inProcess: Command = async (args, { quiet } = { quiet: false }) => {
  const child = spawn(process.execPath, [entry, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  let [stdout, stderr] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
    if (!quiet) process.stdout.write(text);
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
    process.stderr.write(text);
  });
  const code = await new Promise<number | null>((done) => child.once('close', done));
  return { code, stdout, stderr };
};

if (import.meta.main) {
  process.exitCode = await runStep(process.argv[2] ?? '', {
    cwd: process.cwd(),
    env: process.env,
    command: inProcess,
    log: (text) => process.stdout.write(text),
  });
}
