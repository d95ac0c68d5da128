import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { UsageError } from '../errors.ts';
import { auditFileName, readSummary } from '../results/run.ts';
import type { Summary } from '../run/summary.ts';
import { tallyTrials } from '../run/tally.ts';
import { type CallReport, createCallCount } from './count-calls.ts';
import { findLogs } from './find-logs.ts';
import { readLines } from './read-lines.ts';
import { type ChainReport, verifyChain } from './verify-chain.ts';

/** What checking one log came to. It verifies where there is no problem. */
export type LogVerification = {
  chain: ChainReport;
  calls: CallReport;
  /** Everything that is wrong, in words; the first thing wrong with the chain comes first. */
  problems: string[];
};

/** The same of a log that lies in a folder of the run's directory; the folder's name is relative to it. */
export type PlacedVerification = LogVerification & { folder: string };

/** What checking all logs of a run came to. */
export type Verification = {
  /** The run's own log; a merged run has those of its parts instead. */
  own: LogVerification | undefined;
  parts: PlacedVerification[];
  /** The logs of the runs that looked for the size at which a verdict flips. */
  further: PlacedVerification[];
  /** The problems of all of them, those of another log than the run's own with its folder. */
  problems: string[];
};

/**
 * Checks the logs that a run's directory holds, each against the summary beside it. `keptHead` is of the run's own log.
 * Throws a `UsageError` where the directory is not one of a run, or has no log of its own that a head could be of.
 */
export function verifyAudit(directory: string, keptHead: string | undefined): Verification {
  const { hasOwn, parts, further } = findLogs(directory);
  if (!hasOwn && keptHead !== undefined) {
    throw new UsageError(
      `${directory} is a merged run without a log of its own; --head is of the log of one part. Name one: ${parts.map((part) => join(directory, part)).join(', ')}.`,
    );
  }
  const own = hasOwn ? verifyLog(directory, keptHead) : undefined;
  const verifyIn = (folder: string) => ({ folder, ...verifyLog(join(directory, folder), undefined) });
  const placed = { parts: parts.map(verifyIn), further: further.map(verifyIn) };
  const elsewhere = [...placed.parts, ...placed.further].flatMap(({ folder, problems }) =>
    problems.map((problem) => `${folder}: ${problem}`),
  );
  return { own, ...placed, problems: [...(own?.problems ?? []), ...elsewhere] };
}

/**
 * Checks one log: that every line follows from the one before, that the last is the one that `summary.json` names (and
 * `keptHead`, where the caller kept it elsewhere), and that servers which count their calls counted the same.
 */
function verifyLog(directory: string, keptHead: string | undefined): LogVerification {
  const file = join(directory, auditFileName);
  const summary = existsSync(join(directory, 'summary.json')) ? readSummary(directory) : undefined;
  const kept = summary?.measured?.audit;
  const expected = kept && { ...kept, isFinal: summary?.status === 'complete' };
  const count = createCallCount();
  const lines = existsSync(file) ? readLines(file) : [];
  const chain = verifyChain(lines, expected, count.add);
  const calls = count.report();
  const problems: string[] = [];
  if (!existsSync(file)) problems.push(`${auditFileName} is missing`);
  if (chain.problem) problems.push(findCutOff(file, chain, summary) ?? chain.problem.message);
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

/**
 * A run that did not end, or whose trials ended because its log could not be written, may have a last line that is torn;
 * where all that its summary counts is there, that is what happened. Undefined where it is not.
 */
function findCutOff(
  file: string,
  { problem }: ChainReport,
  summary: Summary | undefined,
): string | undefined {
  const kept = summary?.measured?.audit;
  if (problem?.kind !== 'torn' || !summary || !kept) return undefined;
  if (summary.status === 'complete' && tallyTrials(summary).errored === 0) return undefined;
  // Its last records may be from after the summary, since the run did not end in order.
  const { clean, problem: tear } = verifyChain(readLines(file), { ...kept, isFinal: false });
  if (!tear || clean.records < kept.records) return undefined;
  return `${tear.message}. The run did not end in order: a write was cut off, as where a disk is full or a process is killed. Resuming the run cuts the torn line away`;
}
