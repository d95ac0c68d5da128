import {
  appendFileSync,
  cpSync,
  existsSync,
  globSync,
  mkdirSync,
  readFileSync,
  rmSync,
  statSync,
} from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { UsageError } from '../../harness/errors.ts';
import { toLine } from '../../harness/visible.ts';
import { toGithub } from '../../reports/gate/decision.ts';
import { type Job, setOutput } from './job.ts';
import { keepOutcome, type Outcome } from './outcome.ts';

/** Runs `patternbench` in the folder of the caller and shows what it says; `quiet` keeps its standard output from the log. */
export type Command = (
  args: string[],
  options?: { quiet: boolean },
) => Promise<{ code: number | null; stdout: string; stderr: string }>;

/** What the action needs of `patternbench gate --json`. */
const decisionSchema = z.object({
  outcome: z.enum(['pass', 'fail', 'incomplete']),
  title: z.string(),
  message: z.string(),
  problems: z.array(z.object({ level: z.enum(['error', 'warn']), title: z.string(), message: z.string() })),
  next: z.string().nullable(),
});

/** Names of files in the folder of the report. The baseline is the one that would fit this commit. */
const baselineName = 'patternbench.baseline.json';
export const baseFolderName = 'base';

/** GitHub takes so many bytes for the summary of a step. */
const mostSummaryBytes = 1_000_000;
const mostTitleCharacters = 200;

/**
 * Runs workflows, or joins runs that were made, and holds them against the baseline. Leaves report, annotations and outcome.
 * Returns the exit code: 0 it passes, 1 it fails, 2 wrong usage, 3 the run is incomplete.
 */
export async function judge(
  job: Job,
  cwd: string,
  command: Command,
  log: (text: string) => void,
): Promise<number> {
  const { env } = job;
  const run = join(job.folder, 'run');
  mkdirSync(job.folder, { recursive: true });
  if (env.SHARD !== '') {
    const { code } = await command(['run', ...wordsOf(env.WORKFLOWS), '--shard', env.SHARD, '--out', run]);
    // Also what was cut off: the joined run then says what is missing.
    if (existsSync(run)) {
      // Jobs outside of a matrix all have its index 0.
      const [named] = /^\d+(?=\/)/.exec(env.SHARD) ?? [];
      const index = named === undefined ? env.STRATEGY_JOB_INDEX : Number(named) - 1;
      setOutput(job, 'folder', run);
      setOutput(job, 'artifact', `${env.NAME}-shard-${index}`);
    }
    return code ?? 3;
  }
  const report = join(job.folder, 'report');
  mkdirSync(report, { recursive: true });
  const conclude = (outcome: Outcome, code: number) => {
    const title = toLine(outcome.title, mostTitleCharacters);
    keepOutcome(report, { ...outcome, title });
    setOutput(job, 'folder', report);
    setOutput(job, 'artifact', env.NAME);
    setOutput(job, 'outcome', outcome.outcome);
    setOutput(job, 'title', title);
    summarise(job, report);
    return code;
  };
  const fail = (what: string, { code, stderr }: { code: number | null; stderr: string }) => {
    const lines = stderr.trimEnd().split('\n').slice(-10).join('\n');
    const title = `${what}: exit code ${code ?? 'unknown'}`;
    const problem = { outcome: 'incomplete' as const, title, message: lines, problems: [], next: null };
    log(toGithub(problem));
    return conclude(
      { outcome: 'incomplete', title, comment: `### ${title}\n\n\`\`\`text\n${lines}\n\`\`\`\n` },
      code || 3,
    );
  };

  const made = await (env.RUNS === ''
    ? command(['run', ...wordsOf(env.WORKFLOWS), '--out', run])
    : command(['merge', ...findRuns(env.RUNS, cwd), '--out', run]));
  // 3: not everything was measured, of which the gate has to tell.
  if (made.code !== 0 && (made.code !== 3 || !existsSync(run))) return fail('Nothing was measured', made);
  const shown = await command(
    ['report', run, '--md', join(report, 'report.md'), '--html', join(report, 'report.html')],
    { quiet: true },
  );
  if (shown.code !== 0) return fail('No report could be written', shown);
  if (made.code === 0) await leaveBaseline(run, report, cwd, command);

  const isBase = env.BASELINE === 'base';
  if (isBase && !job.pullRequest) {
    const title = 'Measured, and left as the baseline of what comes after';
    return conclude({ outcome: 'none', title, comment: `### ${title}\n` }, 0);
  }
  const baseline = isBase ? join(job.folder, baseFolderName, baselineName) : env.BASELINE;
  if (isBase && !existsSync(baseline)) {
    const stderr =
      'No push to the base branch has left a baseline yet. Let this workflow run on pushes to it, too.';
    return fail('There is no baseline', { code: 3, stderr });
  }
  const files = ['md', 'pr', 'junit'].flatMap((format) => [
    `--${format}`,
    join(report, `gate.${format === 'junit' ? 'xml' : format === 'pr' ? 'comment.md' : 'md'}`),
  ]);
  const held = await command(['gate', '--run', run, '--baseline', baseline, '--json', ...files], {
    quiet: true,
  });
  if (held.code === 2 || held.code === null)
    return fail('The run could not be held against the baseline', held);
  const decision = decisionSchema.parse(JSON.parse(held.stdout));
  log(toGithub(decision));
  const comment = readFileSync(join(report, 'gate.comment.md'), 'utf8');
  return conclude({ outcome: decision.outcome, title: decision.title, comment }, held.code);
}

function wordsOf(text: string): string[] {
  return text.split(/\s+/).filter(Boolean);
}

function findRuns(text: string, cwd: string): string[] {
  const found = globSync(wordsOf(text), { cwd }).sort();
  const folders = found.filter((path) => statSync(join(cwd, path)).isDirectory());
  if (folders.length > 0) return folders;
  throw new UsageError(`There is no run directory at ${text}. The jobs that make them left none.`);
}

/** Paths in a baseline are relative to its folder, so it is written where it is to be committed, and then moved. */
async function leaveBaseline(run: string, report: string, cwd: string, command: Command): Promise<void> {
  const written = join(cwd, `new.${baselineName}`);
  await command(['gate', '--update', '--run', run, '--baseline', written], { quiet: true });
  if (!existsSync(written)) return;
  cpSync(written, join(report, baselineName));
  rmSync(written);
}

/** Puts what people read on the page of the job, as much as there is room for. */
function summarise({ env }: Job, report: string): void {
  const texts = ['gate.md', 'report.md'].map((name) => join(report, name)).filter((file) => existsSync(file));
  const whole = Buffer.from(texts.map((file) => readFileSync(file, 'utf8')).join('\n'));
  appendFileSync(env.GITHUB_STEP_SUMMARY, whole.subarray(0, mostSummaryBytes).toString());
}
