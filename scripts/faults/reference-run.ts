import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type CommandOptions, type Ended, newMark, runPatternbench } from './command.ts';
import { findProblems, lastSentence } from './judge.ts';
import { stdioEntry, writeWorkflow } from './workflow.ts';

const limitSeconds = 90;
/** A small run that is the same each time: both patterns, repeats, and a search over the number of items. */
const runArgs = [
  'run',
  './work',
  '--variants',
  'classic,code',
  '--trials',
  '2',
  '--set',
  'limits.concurrency=2',
];

/** What a command of a faulty run may differ in. */
type Around = Partial<Pick<CommandOptions, 'before' | 'killAt'>>;

/** A workflow in a folder, and the commands that a run of it is made and looked at with. */
export type SmallRun = {
  begin(around?: Around): Promise<Ended>;
  resume(around?: Around): Promise<Ended>;
  verifyAudit(): Promise<Ended>;
  /** The summary without what was measured, as text; undefined where there is none that can be read. */
  summary(): string | undefined;
};

/** Writes the workflow into a folder and runs it there, with `out` (relative to it) as its run directory. */
export function prepareSmallRun(folder: string, timeFactor: number, out = 'out'): SmallRun {
  const mark = newMark();
  writeWorkflow(folder, stdioEntry('well-behaved', mark), { items: true, n: 6 });
  const options = { cwd: folder, mark, limitSeconds: limitSeconds * timeFactor };
  return {
    begin: (around) => runPatternbench([...runArgs, '--out', out], { ...options, ...around }),
    resume: (around) => runPatternbench(['run', '--resume', out], { ...options, ...around }),
    verifyAudit: () => runPatternbench(['audit', 'verify', out], options),
    summary: () => summaryWithoutMeasured(join(folder, out, 'summary.json')),
  };
}

/**
 * Resumes a run that a fault has ended; where it refuses, begins it again. `problems` says what is wrong with how that ended, or
 * with its summary, which must be `wanted`, or with its audit log.
 */
export async function recover(
  run: SmallRun,
  wanted: string,
): Promise<{ last: Ended; all: Ended[]; problems: string[]; refusal: string | undefined }> {
  const resumed = await run.resume();
  if (resumed.code === 0) return { ...(await look(resumed, [0])), all: [resumed], refusal: undefined };
  const begun = await run.begin();
  const { last, problems } = await look(begun, [0, 2, 3]);
  problems.unshift(...findProblems(resumed, { exits: [2, 3] }));
  return { last, all: [resumed, begun], problems, refusal: lastSentence(resumed.stderr) };

  async function look(last: Ended, exits: number[]) {
    const problems = findProblems(last, { exits });
    if (last.code !== 0) return { last, problems };
    const found = run.summary() ?? '';
    if (found !== wanted) problems.push(`another summary, ${firstDifference(wanted, found)}`);
    const audit = await run.verifyAudit();
    if (audit.code !== 0)
      problems.push(`its audit log does not verify: ${lastSentence(audit.stderr + audit.stdout)}`);
    return { last, problems };
  }
}

/** What an uninterrupted run comes to: its summary, and the milliseconds at which it showed each line, and at its end. */
type Uninterrupted = { summary: string; times: number[] };

/** Makes a run that nothing disturbs, in a folder of its own; later calls get the same. */
export function uninterruptedOnce(timeFactor: number): () => Promise<Uninterrupted> {
  let made: Promise<Uninterrupted> | undefined;
  return () => {
    made ??= runUninterrupted(timeFactor);
    return made;
  };
}

async function runUninterrupted(timeFactor: number): Promise<Uninterrupted> {
  const folder = mkdtempSync(join(tmpdir(), 'patternbench-reference-'));
  try {
    const run = prepareSmallRun(folder, timeFactor);
    const { code, stderr, seconds, lineTimes } = await run.begin();
    const summary = run.summary();
    if (code === 0 && summary !== undefined) return { summary, times: [...lineTimes, seconds * 1000] };
    throw new Error(`An uninterrupted run ended with ${code}: ${lastSentence(stderr)}`);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The text of a summary without all keys named `measured`; undefined where it cannot be read. */
export function summaryWithoutMeasured(file: string): string | undefined {
  if (!existsSync(file)) return undefined;
  try {
    const json = JSON.parse(readFileSync(file, 'utf8'), (key, value) =>
      key === 'measured' ? undefined : value,
    );
    return JSON.stringify(json, null, 1);
  } catch {
    return undefined;
  }
}

/** The first line in which two texts differ, for people to read. */
function firstDifference(wanted: string, found: string): string {
  const [before, after] = [wanted.split('\n'), found.split('\n')];
  const at = before.findIndex((line, index) => line !== after[index]);
  return `line ${at + 1}: ${before[at]?.trim()} became ${after[at]?.trim()}`;
}
