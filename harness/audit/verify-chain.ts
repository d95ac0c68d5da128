import type { AuditHead } from './audit-log.ts';
import { chainStart, hashAfter, splitLine } from './chain.ts';
import type { Line } from './read-lines.ts';

/** The first thing that is wrong with a log, and the line (from 1) where it shows. */
export type ChainProblem = {
  kind: 'changed' | 'removed' | 'reordered' | 'inserted' | 'torn' | 'shortened' | 'extended' | 'replaced';
  line: number;
  message: string;
};

/** How far a log's records follow from one another, and what is wrong after that. */
export type ChainReport = {
  /** The clean prefix: its records, and the hash of the last. */
  clean: AuditHead;
  problem: ChainProblem | undefined;
};

/** What a run's summary says of its log. More records may follow only where the run went on after it. */
export type ExpectedHead = AuditHead & { isFinal: boolean };

/**
 * Walks a log and checks each line by its bytes. Stops at the first line that does not follow from the one before, then
 * compares with the head that was kept elsewhere. `visit` is handed each clean line.
 */
export function verifyChain(
  lines: Iterable<Line>,
  expected: ExpectedHead | undefined,
  visit: (line: Buffer) => void = () => {},
): ChainReport {
  const clean: AuditHead = { records: 0, head: chainStart };
  let atExpected = expected?.records === 0 ? chainStart : undefined;
  let problem: ChainProblem | undefined;
  const iterator = lines[Symbol.iterator]();
  for (let next = iterator.next(); !next.done; next = iterator.next()) {
    const { bytes, ended } = next.value;
    const line = clean.records + 1;
    if (!ended) {
      problem = {
        kind: 'torn',
        line,
        message: `line ${line} is torn: it ends in the middle, after ${bytes.length} bytes. The ${clean.records} records before it are whole`,
      };
      break;
    }
    const split = splitLine(bytes);
    const isNext = seqOf(bytes) === line;
    if (!isNext || split?.hash === undefined || hashAfter(clean.head, split.body) !== split.hash) {
      problem = isNext ? changed(line) : misplaced(line, seqOf(bytes), rest(iterator));
      break;
    }
    clean.records = line;
    clean.head = split.hash;
    if (line === expected?.records) atExpected = split.hash;
    visit(bytes);
  }
  return { clean, problem: worst(problem, expected && compareHead(clean, expected, atExpected)) };
}

/** A log that was torn and lost records besides is worse than one that was only torn. */
function worst(problem: ChainProblem | undefined, head: ChainProblem | undefined): ChainProblem | undefined {
  if (!problem) return head;
  if (problem.kind !== 'torn' || !head) return problem;
  return { ...problem, message: `${problem.message}; ${head.message}` };
}

function compareHead(
  clean: AuditHead,
  expected: ExpectedHead,
  atExpected: string | undefined,
): ChainProblem | undefined {
  const line = clean.records + 1;
  if (clean.records < expected.records) {
    const missing = expected.records - clean.records;
    return {
      kind: 'shortened',
      line,
      message: `line ${line} is missing: ${missing} of the ${expected.records} records that the run's summary counts are not there`,
    };
  }
  if (atExpected !== expected.head) {
    return {
      kind: 'replaced',
      line: expected.records,
      message: `line ${expected.records} is not the record that the run's summary was written after`,
    };
  }
  if (expected.isFinal && clean.records > expected.records) {
    return {
      kind: 'extended',
      line: expected.records + 1,
      message: `line ${expected.records + 1} was added after the run had ended`,
    };
  }
  return undefined;
}

function changed(line: number): ChainProblem {
  return {
    kind: 'changed',
    line,
    message: `line ${line} was changed, or the line before it together with its hash`,
  };
}

/** A line whose number is not the next: what was done to the lines shows in where the missing one is. */
function misplaced(line: number, seq: number | undefined, later: Set<number>): ChainProblem {
  if (seq === undefined) {
    return { kind: 'changed', line, message: `line ${line} was changed: it does not begin as a record` };
  }
  if (seq < line) {
    return { kind: 'inserted', line, message: `line ${line} was inserted: it is record ${seq} once more` };
  }
  if (later.has(line)) {
    return {
      kind: 'reordered',
      line,
      message: `line ${line} was reordered: it is record ${seq}, and record ${line} comes later`,
    };
  }
  const records = seq - line === 1 ? `record ${line} is` : `records ${line} to ${seq - 1} are`;
  return { kind: 'removed', line, message: `line ${line} was removed: ${records} not there` };
}

function seqOf(line: Buffer): number | undefined {
  const digits = /^\{"seq":([1-9]\d{0,14}),/.exec(line.subarray(0, 32).toString('latin1'))?.[1];
  return digits === undefined ? undefined : Number(digits);
}

function rest(iterator: Iterator<Line>): Set<number> {
  const found = new Set<number>();
  for (let next = iterator.next(); !next.done; next = iterator.next()) {
    const seq = seqOf(next.value.bytes);
    if (seq !== undefined) found.add(seq);
  }
  return found;
}
