import { createHash, hash } from 'node:crypto';
import { closeSync, openSync, readSync } from 'node:fs';
import { explainFailure, UsageError } from '../../errors.ts';

/** How many records a log has and the hash of the last: whoever keeps it can tell whether any of them changed. */
export type AuditHead = { records: number; head: string };

/** What the first record's hash is chained to. */
export const chainStart = '0'.repeat(64);

/**
 * The line of a record, under its number, and its hash: SHA-256 over the hash of the record before, in lower-case hex, and
 * the bytes of the line without its last member `hash`. So a line is checked by its own bytes, and no reader has to write
 * JSON as we do.
 */
export function chainLine(previous: string, seq: number, entry: object): { line: string; hash: string } {
  const body = `{"seq":${seq},${JSON.stringify(entry).slice(1)}`;
  const own = hash('sha256', previous + body);
  return { line: `${body.slice(0, -1)},"hash":"${own}"}\n`, hash: own };
}

/** One line of a file without its line end; `ended` is false for a last line that has none. */
type Line = { bytes: Buffer; ended: boolean };

const chunkBytes = 1024 * 1024;

/** The lines of a file of any size, as bytes. Throws a `UsageError` where it cannot be read. */
export function* readLines(file: string): Generator<Line> {
  const guard = <T>(read: () => T) => explainFailure(UsageError, `${file} cannot be read`, read);
  const descriptor = guard(() => openSync(file, 'r'));
  try {
    let kept: Buffer[] = [];
    for (;;) {
      const chunk = Buffer.allocUnsafe(chunkBytes);
      const read = guard(() => readSync(descriptor, chunk));
      if (read === 0) break;
      let start = 0;
      for (let end = chunk.indexOf(10); end >= 0 && end < read; end = chunk.indexOf(10, start)) {
        yield { bytes: Buffer.concat([...kept, chunk.subarray(start, end)]), ended: true };
        kept = [];
        start = end + 1;
      }
      if (start < read) kept.push(chunk.subarray(start, read));
    }
    if (kept.length > 0) yield { bytes: Buffer.concat(kept), ended: false };
  } finally {
    closeSync(descriptor);
  }
}

/**
 * The first line (from 1) that does not follow. `isTorn`: nothing is wrong but a last line that ends in the middle, as after a
 * write that was cut off.
 */
type ChainProblem = { line: number; isTorn: boolean; message: string };

/** What a run's summary says of its log. More records may follow only where the run was continued after it. */
type ExpectedHead = AuditHead & { isFinal: boolean };

/**
 * Walks a log and checks each line by its bytes. Stops at the first line that does not follow from the one before, then
 * compares with the head that was kept elsewhere. `visit` is handed each clean line. Gives the head of the clean lines, and what
 * is wrong after them.
 */
export function verifyChain(
  lines: Iterable<Line>,
  expected: ExpectedHead | undefined,
  visit: (line: Buffer) => void = () => {},
): { clean: AuditHead; problem: ChainProblem | undefined } {
  const clean: AuditHead = { records: 0, head: chainStart };
  let atExpected = chainStart;
  let broken: ChainProblem | undefined;
  for (const { bytes, ended } of lines) {
    const line = clean.records + 1;
    const own = ended ? hashOfNext(clean, bytes) : undefined;
    if (own === undefined) {
      const found = ended
        ? `line ${line} was changed or moved, or lines before it are missing: ${describeBroken(bytes, line)}`
        : `line ${line} is torn: it ends in the middle, after ${bytes.length} bytes`;
      const message = `${found}. The ${clean.records} records before it are whole`;
      broken = { line, isTorn: !ended, message };
      break;
    }
    clean.records = line;
    clean.head = own;
    if (line === expected?.records) atExpected = own;
    visit(bytes);
  }
  if (broken?.isTorn === false || !expected) return { clean, problem: broken };
  const lost = compareHead(clean, atExpected, expected, broken === undefined);
  if (!broken || !lost) return { clean, problem: broken ?? lost };
  return { clean, problem: { ...broken, isTorn: false, message: `${broken.message}; ${lost.message}` } };
}

const hashMember = /^,"hash":"([0-9a-f]{64})"\}$/;
const hashMemberBytes = ',"hash":""}'.length + 64;

/** The hash of a line (without its line end) that is the next record of the chain; undefined where it is not. */
function hashOfNext({ records, head }: AuditHead, line: Buffer): string | undefined {
  if (seqOf(line) !== records + 1) return undefined;
  const bodyBytes = Math.max(0, line.length - hashMemberBytes);
  const stored = hashMember.exec(line.toString('latin1', bodyBytes))?.[1];
  const body = line.subarray(0, bodyBytes);
  const own = createHash('sha256').update(head).update(body).update('}').digest('hex');
  return own === stored ? own : undefined;
}

/** A log that was torn may have whole records that are newer than the summary; any other may not once the run ended. */
function compareHead(
  { records }: AuditHead,
  atExpected: string,
  expected: ExpectedHead,
  isWhole: boolean,
): ChainProblem | undefined {
  const problem = (line: number, what: string) => ({ line, isTorn: false, message: `line ${line} ${what}` });
  const missing = expected.records - records;
  if (missing > 0)
    return problem(
      records + 1,
      `is missing: ${missing} of the ${expected.records} records that the run's summary counts are not there`,
    );
  if (atExpected !== expected.head)
    return problem(expected.records, "is not the record that the run's summary was written after");
  if (!isWhole || !expected.isFinal || records === expected.records) return undefined;
  return problem(expected.records + 1, 'was added after the run had ended');
}

function describeBroken(line: Buffer, expected: number): string {
  const seq = seqOf(line);
  if (seq === undefined) return 'it does not begin as a record';
  return seq === expected ? 'its hash does not follow from what is there' : `it is record ${seq}`;
}

function seqOf(line: Buffer): number | undefined {
  const digits = /^\{"seq":([1-9]\d{0,14}),/.exec(line.toString('latin1', 0, 32))?.[1];
  return digits === undefined ? undefined : Number(digits);
}
