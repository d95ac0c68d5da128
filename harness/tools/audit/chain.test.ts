import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import type { AuditEntry } from '../../results/audit.ts';
import { makeFolder } from '../../testing/command-line.ts';
import { openAuditLog } from './audit-log.ts';
import { type AuditHead, chainLine, readLines, verifyChain } from './chain.ts';

const folder = makeFolder({});
const file = join(folder, 'audit.jsonl');
const records = 6;
let whole: string[] = [];
let head: AuditHead;

beforeAll(() => {
  const log = openAuditLog(file, { fsync: false });
  for (let i = 1; i <= records; i += 1) log.record(entry(i));
  head = log.head();
  log.close();
  whole = readFileSync(file, 'utf8').split(/(?<=\n)/);
});

/** Names with hidden characters and lone surrogates among them: what is hashed is bytes. */
function entry(call: number): AuditEntry {
  const server = ['crm', 'cr\u200bm', 'crm\ud800', 'Ünïcode 🎉', '\u2028'][call % 5] ?? '';
  return { event: 'server_counted', trial: 't/code/1', server, calls: { get: call }, errors: {} };
}

/** Against the head of the whole log unless told another; null is none. */
function verify(text: string | Buffer, expected: AuditHead | null = head) {
  const copy = join(folder, 'copy.jsonl');
  writeFileSync(copy, text);
  return verifyChain(readLines(copy), expected ? { ...expected, isFinal: true } : undefined);
}

/** The hash that line `line` (from 1) follows. */
function hashBefore(line: number): string {
  const before = whole[line - 2];
  return before === undefined ? '0'.repeat(64) : (JSON.parse(before) as { hash: string }).hash;
}

describe('the chain of an audit log', () => {
  it('verifies as it was written', () => {
    expect(verify(whole.join(''))).toEqual({ clean: head, problem: undefined });
  });

  it('names a line that was changed, whichever it is and wherever in it', () => {
    for (let line = 0; line < records; line += 1) {
      const bytes = Buffer.from(whole[line] ?? '');
      // Every byte but the line end, which would join two lines.
      for (let at = 0; at < bytes.length - 1; at += 7) {
        const changed = Buffer.from(bytes);
        changed[at] = (changed[at] ?? 0) ^ 1;
        if (changed[at] === 10) continue;
        const before = Buffer.from(whole.slice(0, line).join(''));
        const after = Buffer.from(whole.slice(line + 1).join(''));
        const { clean, problem } = verify(Buffer.concat([before, changed, after]));
        expect(problem, `line ${line + 1}, byte ${at}`).toMatchObject({ line: line + 1 });
        expect(clean.records).toBe(line);
      }
    }
  });

  it('names the line after one that was changed together with its own hash', () => {
    for (let line = 1; line <= records; line += 1) {
      const forged = whole.with(line - 1, chainLine(hashBefore(line), line, entry(99)).line);
      const { problem } = verify(forged.join(''));
      expect(problem).toMatchObject({ line: Math.min(line + 1, records), isTorn: false });
    }
  });

  it('names the place where a line was removed', () => {
    for (let line = 0; line < records; line += 1) {
      const { problem } = verify(whole.toSpliced(line, 1).join(''));
      expect(problem).toMatchObject({ line: line + 1, isTorn: false });
    }
  });

  it('names the first of two lines that changed places', () => {
    for (let a = 0; a < records; a += 1) {
      for (let b = a + 1; b < records; b += 1) {
        const lines = whole.with(a, whole[b] ?? '').with(b, whole[a] ?? '');
        const { problem } = verify(lines.join(''));
        expect(problem).toMatchObject({
          line: a + 1,
          message: expect.stringContaining(`is record ${b + 1}`),
        });
      }
    }
  });

  it('names a line that is there twice, and one that came after the end', () => {
    for (let line = 0; line < records; line += 1) {
      const { problem } = verify(whole.toSpliced(line, 0, whole[line] ?? '').join(''));
      expect(problem).toMatchObject({ line: line + 2, isTorn: false });
    }
    const { problem } = verify(whole.join(''), { records: 3, head: hashBefore(4) });
    expect(problem).toMatchObject({ line: 4, message: 'line 4 was added after the run had ended' });
  });

  it('wants numbers without a gap even where the hashes follow', () => {
    const skipped = chainLine(hashBefore(4), 5, entry(4)).line;
    const lines = [...whole.slice(0, 3), skipped].join('');
    expect(verify(lines, null).problem).toMatchObject({ line: 4 });
    // With the number that is due, the same line is a record of the chain.
    expect(verify(lines.replace(skipped, chainLine(hashBefore(4), 4, entry(4)).line), null).problem).toBe(
      undefined,
    );
  });

  it('finds the clean prefix of a log that was cut off, wherever it was', () => {
    const bytes = Buffer.from(whole.join(''));
    const ends = whole.map((_, index) => Buffer.byteLength(whole.slice(0, index + 1).join('')));
    // Each byte around the ends of lines, and every eleventh of the others, among which are halves of characters.
    const isTried = (length: number) =>
      length % 11 === 0 || [0, ...ends].some((end) => Math.abs(length - end) <= 3);
    for (let length = 0; length < bytes.length; length += 1) {
      if (!isTried(length)) continue;
      const { clean, problem } = verify(bytes.subarray(0, length));
      const complete = ends.filter((end) => end <= length).length;
      expect(clean.records, `${length} bytes`).toBe(complete);
      const isTorn = length !== 0 && !ends.includes(length);
      expect(problem, `${length} bytes`).toMatchObject({ line: complete + 1 });
      expect(problem?.message.includes('is torn'), `${length} bytes`).toBe(isTorn);
      // More is missing than a torn line, as the head says.
      expect(problem?.isTorn, `${length} bytes`).toBe(false);
    }
  });

  it('does not accept a rewritten log as the one that the head belongs to', () => {
    const other = join(makeFolder({}), 'audit.jsonl');
    const log = openAuditLog(other, { fsync: false });
    for (let i = 1; i <= records; i += 1) log.record(entry(i + 1));
    log.close();
    expect(verify(readFileSync(other)).problem).toMatchObject({ line: records, isTorn: false });
  });

  it('tells a torn last line, with records that the head does not count before it, from a line that was lost', () => {
    const text = whole.join('').slice(0, -10);
    for (const counted of [3, records - 1]) {
      const kept = { records: counted, head: hashBefore(counted + 1) };
      expect(verify(text, kept).problem).toMatchObject({ line: records, isTorn: true });
    }
    expect(verify(text, null).problem).toMatchObject({ line: records, isTorn: true });
    expect(verify(text).problem).toMatchObject({ line: records, isTorn: false });
  });

  it('ends with a report, never with an exception, for any bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), fc.nat(2_000), (noise, at) => {
        const bytes = Buffer.from(whole.join(''));
        const text = Buffer.concat([bytes.subarray(0, at), noise, bytes.subarray(at)]);
        expect(verify(text).problem === undefined).toBe(noise.length === 0);
      }),
      { numRuns: 200 },
    );
  });
});
