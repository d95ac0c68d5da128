import { resolve } from 'node:path';
import { z } from 'zod';
import { toTerms } from '../../reports/page/trace.ts';
import { sayVerdict } from '../../reports/run/verdict.ts';
import type { cassetteRecord } from '../agent/model/cassette-file.ts';
import { makeVerdict } from '../analysis/verdict/verdict.ts';
import { InfrastructureError, UsageError } from '../errors.ts';
import type { countsRecord } from '../meter/exact-counters.ts';
import { isControl, type Measure, measures } from '../results/codes.ts';
import { pointKey, variantKey } from '../results/point.ts';
import type { journalRecord } from '../results/run.ts';
import { type Summary, summarySchema, type Verdict } from '../results/summary.ts';
import type { trustSchema } from '../scenario/trust.ts';
import { main } from './main.ts';
import { readRun } from './read-run.ts';

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
export { defineConfig } from './configuration.ts';

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

export type VerdictOptions = {
  /** What is weighed: `cost`, `tokens` or `latency`; as the run did unless given. */
  by?: Measure;
  /** Ratios from 1/(1 + margin) to 1 + margin are no difference that matters; above 0, as in the run unless given. */
  margin?: number;
};

const optionsSchema = z.object({ by: z.enum(measures).optional(), margin: z.number().positive().optional() });

/**
 * Decides a stored run again, with another measure or margin: a verdict for each workflow that has one. What would change it is of
 * the run itself and left out. Throws a `UsageError` where the directory is not that of a run, or an option has no such value.
 */
export function verdict(directory: string, options: VerdictOptions = {}): Omit<Verdict, 'flips'>[] {
  const given = optionsSchema.safeParse(options);
  if (!given.success) throw new UsageError(`verdict() got wrong options. ${z.prettifyError(given.error)}`);
  const { summary, run, trials } = readRun(directory);
  const repeats = Map.groupBy(trials, ({ result }) => variantKey(result));
  return summary.verdicts.map(({ scenario, params, because, predicted, ...before }) => {
    const { by = before.by, margin = before.policy.margin } = given.data;
    const point = pointKey({ scenario, params });
    const results = summary.results.filter(
      (result) => pointKey(result) === point && !isControl(result.variant),
    );
    const groups = results.map((result) => ({ result, trials: repeats.get(variantKey(result)) ?? [] }));
    const { flips: _, ...decided } = makeVerdict({
      ...{ scenario, params, groups, by, margin, ...toTerms(run) },
      ...(predicted && { predicted }),
      ...(because.kind === 'unequal_work' && { unequalWork: because.calls }),
    });
    const { workload } = before;
    return { ...decided, ...(workload && { workload }), reason: sayVerdict(decided, results) };
  });
}
