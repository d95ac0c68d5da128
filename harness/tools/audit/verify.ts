import { existsSync, readdirSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { UsageError } from '../../errors.ts';
import { parseRecord } from '../../results/audit.ts';
import { tallyTrials } from '../../results/reading.ts';
import {
  auditFileName,
  breakEvenFolderName,
  partsFolderName,
  type RunRecord,
  readRecord,
  readSummary,
  runFileName,
  summaryFileName,
} from '../../results/run.ts';
import { readLines, verifyChain } from './chain.ts';

/**
 * Checks the logs that a run's directory holds, each against the summary beside it: its own, or of a merged run those of its
 * `parts`, and the `further` ones of runs that looked for the size at which a verdict flips. It verifies where there are no
 * problems; those of another log than the run's own come with its folder. `keptHead` is of the run's own log. Throws a
 * `UsageError` where the directory is not one of a run, or has no log of its own that a head could be of.
 */
export function verifyAudit(directory: string, keptHead: string | undefined) {
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

export type Verification = ReturnType<typeof verifyAudit>;

const untrustworthy = '. Take what this log says from that line on as lost, unless you have a copy of it';
const cutOff =
  '. The run did not end in order: a write was cut off, as where a disk is full or a process is killed. Resuming the run cuts the torn line away';

/**
 * Checks one log: that every line follows from the one before, that the last is the one that `summary.json` names (and
 * `keptHead`, where the caller kept it elsewhere), and that servers which count their calls counted the same. The problems are
 * in words, the first thing wrong with the chain first. `playedAs` is the model of the run beside it, whose log has the calls of
 * trials that were played once for both.
 */
function verifyLog(directory: string, keptHead: string | undefined) {
  const file = join(directory, auditFileName);
  const summary = existsSync(join(directory, summaryFileName)) ? readSummary(directory) : undefined;
  const kept = summary?.measured?.audit;
  const expected = kept && { ...kept, isFinal: summary?.status === 'complete' };
  const count = createCallCount();
  const lines = existsSync(file) ? readLines(file) : [];
  const chain = verifyChain(lines, expected, count.add);
  const calls = count.report();
  const problems: string[] = [];
  if (!existsSync(file)) problems.push(`${auditFileName} is missing`);
  if (chain.problem) {
    // Trials end where the log cannot be written, so that a run with such trials may have been cut off too.
    const hasEnded = summary?.status === 'complete' && tallyTrials(summary).errored === 0;
    const isCutOff = kept && chain.problem.isTorn && !hasEnded;
    problems.push(`${chain.problem.message}${isCutOff ? cutOff : untrustworthy}`);
  }
  if (!expected) problems.push('summary.json has no head to compare with: lines may have been cut off');
  if (keptHead !== undefined && keptHead.toLowerCase() !== chain.clean.head) {
    problems.push(`the last record's hash is ${chain.clean.head}, not the head that was kept, ${keptHead}`);
  }
  const playedAs = readRecordIfWhole(directory)?.playedAs;
  return {
    chain,
    calls,
    ...(playedAs !== undefined && { playedAs }),
    problems: [...problems, ...calls.differences],
  };
}

export type LogVerification = ReturnType<typeof verifyLog>;

/**
 * Finds the logs that a run's directory must hold: its own, or those of the parts that it was merged from, and those of the
 * further runs inside it, by their folders. A log that should be there and is not is listed too. Throws a `UsageError` where
 * it is no run.
 */
export function findLogs(directory: string) {
  const hasLog = existsSync(join(directory, auditFileName));
  const hasSummary = existsSync(join(directory, summaryFileName));
  if (!hasLog && !hasSummary) {
    throw new UsageError(`${directory} has no ${auditFileName}. Is it the directory of a run?`);
  }
  const parts = findParts(directory, '');
  // A merged run that was resumed has a log of its own besides.
  const hasOwn = hasLog || parts.length === 0 || readSummary(directory).measured?.audit !== undefined;
  return { hasOwn, parts, further: findFurther(directory) };
}

/** The parts that the record of a run says it was merged from, and of each that was itself merged, its own parts. */
function findParts(directory: string, folder: string): string[] {
  // A run whose record was lost or torn is checked as one that was not merged.
  const merged = readRecordIfWhole(join(directory, folder))?.measured.merged;
  return Array.from({ length: Array.isArray(merged) ? merged.length : 0 }, (_, index) => {
    const part = [folder, partsFolderName, String(index + 1)].filter(Boolean).join('/');
    const inner = findParts(directory, part);
    const hasLog = existsSync(join(directory, part, auditFileName));
    return inner.length === 0 || hasLog ? [part, ...inner] : inner;
  }).flat();
}

function readRecordIfWhole(directory: string): RunRecord | undefined {
  try {
    return readRecord(directory);
  } catch {
    return undefined;
  }
}

/** Every folder of a further run, known by any file that such a run leaves. */
function findFurther(directory: string): string[] {
  const root = join(directory, breakEvenFolderName);
  if (!existsSync(root)) return [];
  const folders = readdirSync(root, { recursive: true, withFileTypes: true })
    .filter(({ name }) => name === runFileName || name === auditFileName)
    .map(({ parentPath }) => relative(directory, parentPath).split(sep).join('/'));
  return [...new Set(folders)].sort();
}

/** What the log says of calls in all, and where a server's own count differs from it. */
type CallReport = {
  calls: number;
  refused: number;
  /** Calls without a result: the process ended, or the log did, while they were under way. */
  unfinished: number;
  /** Mock servers whose own count was compared, as `trial server`. */
  compared: string[];
  differences: string[];
};

type ToolCalls = { allowed: number; answered: number };

/**
 * Counts calls as records come in and compares them with what the servers counted themselves. A server must have counted
 * every call that was answered and none that was not made. It may have seen one that failed or was cancelled.
 */
export function createCallCount() {
  const servers = new Map<string, Map<string, ToolCalls>>();
  const open = new Map<string, ToolCalls>();
  const report: CallReport = { calls: 0, refused: 0, unfinished: 0, compared: [], differences: [] };
  const toolsOf = (key: string) => {
    const tools = servers.get(key) ?? new Map<string, ToolCalls>();
    servers.set(key, tools);
    return tools;
  };
  return {
    add(line: Buffer): void {
      const record = parseRecord(line);
      if (record?.event === 'call' && record.decision === 'refused') report.refused += 1;
      else if (record?.event === 'call') {
        report.calls += 1;
        const tools = toolsOf(`${record.trial} ${record.server.name}`);
        const tool = tools.get(record['gen_ai.tool.name']) ?? { allowed: 0, answered: 0 };
        tools.set(record['gen_ai.tool.name'], tool);
        tool.allowed += 1;
        open.set(`${record.trial} ${record.call}`, tool);
      } else if (record?.event === 'result') {
        const key = `${record.trial} ${record.call}`;
        const tool = open.get(key);
        open.delete(key);
        if (tool && (record.outcome === 'ok' || record.outcome === 'tool_error')) tool.answered += 1;
      } else if (record?.event === 'server_counted') {
        const key = `${record.trial} ${record.server}`;
        report.compared.push(key);
        report.differences.push(...compare(key, toolsOf(key), record.calls));
      }
    },
    report: (): CallReport => ({ ...report, unfinished: open.size }),
  };
}

function compare(key: string, logged: Map<string, ToolCalls>, own: Record<string, number>): string[] {
  const tools = new Set([...logged.keys(), ...Object.keys(own)]);
  return [...tools].flatMap((tool) => {
    const { allowed, answered } = logged.get(tool) ?? { allowed: 0, answered: 0 };
    const counted = Object.hasOwn(own, tool) ? (own[tool] ?? 0) : 0;
    if (counted >= answered && counted <= allowed) return [];
    const times = answered === allowed ? `${allowed}` : `${answered} to ${allowed}`;
    return `${key}: ${tool} was called ${times} times by the log, ${counted} times by the server's count`;
  });
}
