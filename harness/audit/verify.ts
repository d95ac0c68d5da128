import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { UsageError } from '../errors.ts';
import { auditFileName, readSummary } from '../run/run-directory.ts';
import { type CallReport, createCallCount } from './count-calls.ts';
import { readLines } from './read-lines.ts';
import { type ChainReport, verifyChain } from './verify-chain.ts';

/** What checking the log of a run came to. It verifies where there is no problem. */
export type Verification = {
  chain: ChainReport;
  calls: CallReport;
  /** Everything that is wrong, in words; the first thing wrong with the chain comes first. */
  problems: string[];
};

/**
 * Checks a run's log: that every line follows from the one before, that the last is the one that `summary.json` names
 * (and `keptHead`, where the caller kept it elsewhere), and that servers which count their calls counted the same. Throws
 * a `UsageError` where the directory is not one of a run.
 */
export function verifyAudit(directory: string, keptHead: string | undefined): Verification {
  const file = join(directory, auditFileName);
  const hasSummary = existsSync(join(directory, 'summary.json'));
  if (!existsSync(file) && !hasSummary) {
    throw new UsageError(`${directory} has no ${auditFileName}. Is it the directory of a run?`);
  }
  const summary = hasSummary ? readSummary(directory) : undefined;
  const kept = summary?.measured?.audit;
  const expected = kept && { ...kept, isFinal: summary.status === 'complete' };
  const count = createCallCount();
  const lines = existsSync(file) ? readLines(file) : [];
  const chain = verifyChain(lines, expected, count.add);
  const calls = count.report();
  const problems: string[] = [];
  if (!existsSync(file)) problems.push(`${auditFileName} is missing`);
  if (chain.problem) problems.push(chain.problem.message);
  if (!expected) {
    problems.push(
      'summary.json has no head to compare with, so that nobody can tell whether lines were cut off',
    );
  }
  if (keptHead !== undefined && keptHead.toLowerCase() !== chain.clean.head) {
    problems.push(`the last record's hash is ${chain.clean.head}, not the head that was kept, ${keptHead}`);
  }
  return { chain, calls, problems: [...problems, ...calls.differences] };
}
