import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { newMark, runPatternbench } from './command.ts';
import { badArguments } from './inputs/arguments.ts';
import type { BadInput } from './inputs/bad-input.ts';
import { badConfigs } from './inputs/configs.ts';
import { badGateFiles } from './inputs/gate-files.ts';
import { badPrograms } from './inputs/programs.ts';
import { damagedRuns, type FinishedRun } from './inputs/run-directories.ts';
import { badScenarios } from './inputs/scenarios.ts';
import { findProblems, lastSentence, toFinding } from './judge.ts';
import type { FaultCase, FaultOptions, Finding, Part } from './part.ts';
import { summaryWithoutMeasured } from './reference-run.ts';
import { stdioEntry, writeFiles, writeWorkflow } from './workflow.ts';

const limitSeconds = 60;
const bounds = { mostMiB: 900, mostMessage: 4_000 };

/** Command lines, files and run directories that are wrong, each in a process of its own as a user would meet it. */
export const inputs: Part = {
  name: 'inputs',
  describes: 'bad arguments, scenarios, configurations, policies, baselines and run directories',
  async cases(options) {
    const finished = await finishRun(options.timeFactor);
    const all = [
      ...badArguments,
      ...badConfigs,
      ...badScenarios,
      ...badPrograms,
      ...badGateFiles(finished),
      ...damagedRuns(finished),
    ];
    const wanted = summaryWithoutMeasured(join(finished.folder, 'out/summary.json'));
    return all.map(
      (input): FaultCase => ({
        name: input.name,
        run: (folder) => tryInput(folder, input, wanted, options),
      }),
    );
  },
};

/** A run of a small workflow with a baseline of it, which is removed when this process ends. */
async function finishRun(timeFactor: number): Promise<FinishedRun> {
  const folder = mkdtempSync(join(tmpdir(), 'patternbench-finished-'));
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  writeWorkflow(folder, stdioEntry('well-behaved', 'finished'), { n: 2 });
  for (const args of [
    ['run', './work', '--variants', 'classic,code', '--out', 'out'],
    ['gate', '--update', '--run', 'out', '--baseline', 'whole.json'],
  ]) {
    const { code, stderr } = await runPatternbench(args, {
      cwd: folder,
      limitSeconds: limitSeconds * timeFactor,
    });
    if (code !== 0) throw new Error(`${args.join(' ')} ended with ${code}: ${lastSentence(stderr)}`);
  }
  return { folder };
}

async function tryInput(
  folder: string,
  { args, files = {}, prepare, exits = [2, 3] }: BadInput,
  wanted: string | undefined,
  { timeFactor }: FaultOptions,
): Promise<Finding> {
  prepare?.(folder);
  writeFiles(folder, files);
  const ended = await runPatternbench(args, {
    cwd: folder,
    limitSeconds: limitSeconds * timeFactor,
    mark: newMark(),
  });
  const problems = findProblems(ended, { ...bounds, exits });
  if (ended.code === 0 && args.includes('--resume')) {
    const found = summaryWithoutMeasured(join(folder, 'out/summary.json'));
    if (found !== wanted) problems.push('it was resumed to another summary');
  }
  return toFinding([ended], problems);
}
