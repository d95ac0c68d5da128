import { resolve } from 'node:path';
import type { z } from 'zod';
import type { cassetteRecord } from '../agent/model/cassette-file.ts';
import { InfrastructureError, UsageError } from '../errors.ts';
import type { countsRecord } from '../meter/counts-file.ts';
import type { journalRecord } from '../results/run.ts';
import { type Summary, summarySchema } from '../results/summary.ts';
import type { trustSchema } from '../scenario/trust.ts';
import { main } from './main.ts';

// What `import … from 'patternbench'` gives: the public functions, and a type of every file that patternbench writes or reads.

export type { GatePolicy } from '../analysis/gate/gate-policy.ts';
export { InfrastructureError, UsageError } from '../errors.ts';
export type { AuditRecord } from '../results/audit.ts';
export type { Baseline } from '../results/baseline.ts';
export type { Exposure } from '../results/exposure.ts';
export type { Projection } from '../results/projection.ts';
export { type RunRecord, readRecord, readSummary } from '../results/run.ts';
export type { Result, Summary, Verdict } from '../results/summary.ts';
export type { Sweep, SweepConfig } from '../results/sweep.ts';
export { readTrace, type ToolRecord, type TraceEvent, type WorkRecord } from '../results/trace.ts';
export { jsonAnswer, stateUpdates } from '../scenario/grade.ts';
export { defineScenario, type Grader, type Scenario } from '../scenario/scenario.ts';
export type { Lock } from '../tools/pin/lock-file.ts';
export { type VerdictOptions, verdict } from './decide-again.ts';
export { defineConfig } from './define-config.ts';

/** A line of `results.jsonl`. */
export type JournalLine = z.infer<typeof journalRecord>;
/** A line of a recording. */
export type CassetteLine = z.infer<typeof cassetteRecord>;
/** A line of `token-counts.jsonl`. */
export type CountsLine = z.infer<typeof countsRecord>;
/** `patternbench.trust.json`. */
export type TrustFile = z.infer<typeof trustSchema>;

export type RunOptions = {
  /** The folder that paths start from; `patternbench.config.ts` and `.mcp.json` lie there. This process's own by default. */
  cwd?: string;
  /** Further arguments of the `run` verb, such as `['--variants', 'classic,code']`. */
  args?: readonly string[];
  /** Told each line of progress and each warning. */
  onProgress?: (text: string) => void;
};

/**
 * Runs workflows, as `patternbench run` does, and returns the run's summary, verdicts included. A workflow is the name of a bundled
 * one or the path of a folder. Throws a `UsageError` for wrong usage, and an `InfrastructureError` where the run was not completed.
 */
export async function run(workflows: readonly string[], options: RunOptions = {}): Promise<Summary> {
  const { cwd = process.cwd(), args = [], onProgress } = options;
  let printed = '';
  let said = '';
  const code = await main(['run', ...workflows, '--json', ...args], {
    cwd: resolve(cwd),
    env: process.env,
    stdout: { write: (text) => (printed += text) },
    stderr: {
      write(text) {
        said += text;
        onProgress?.(text);
      },
    },
  });
  if (code === 0) return readPrinted(printed);
  const reason = said.trimEnd();
  throw code === 2 ? new UsageError(reason) : new InfrastructureError(reason);
}

/** The one summary that a run printed. */
function readPrinted(printed: string): Summary {
  try {
    return summarySchema.parse(JSON.parse(printed));
  } catch (error) {
    const advice = 'leave out --dry-run, --help, ranges of parameters and several models';
    throw new UsageError(`run() gives the summary of one run: ${advice}.`, { cause: error });
  }
}
