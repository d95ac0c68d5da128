import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { makeFolder } from '../testing/command-line.ts';
import { type AuditHead, openAuditLog } from './audit-log.ts';
import { hashAfter, splitLine } from './chain.ts';
import { readLines } from './read-lines.ts';
import type { AuditEntry } from './record.ts';
import { verifyChain } from './verify-chain.ts';

const folder = makeFolder({});
const file = join(folder, 'audit.jsonl');
const records = 12;
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

function verify(text: string | Buffer, expected: AuditHead | undefined = head) {
  const copy = join(folder, 'copy.jsonl');
  writeFileSync(copy, text);
  return verifyChain(readLines(copy), expected && { ...expected, isFinal: true });
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

  it('names a line that was changed together with its hash, or the one after it', () => {
    for (let line = 0; line < records; line += 1) {
      const lines = [...whole];
      const changed = Buffer.from((lines[line] ?? '').trimEnd().replace('"get":', '"got":'));
      const split = splitLine(changed);
      const before =
        line === 0 ? '0'.repeat(64) : (splitLine(Buffer.from((whole[line - 1] ?? '').trimEnd()))?.hash ?? '');
      lines[line] =
        `${split?.body.toString()},"hash":"${hashAfter(before, split?.body ?? Buffer.alloc(0))}"}\n`;
      const { problem } = verify(lines.join(''));
      const isLast = line === records - 1;
      expect(problem).toMatchObject({
        kind: isLast ? 'replaced' : 'changed',
        line: isLast ? records : line + 2,
      });
    }
  });

  it('names a line that was removed', () => {
    for (let line = 0; line < records; line += 1) {
      const { problem } = verify(whole.toSpliced(line, 1).join(''));
      const kind = line === records - 1 ? 'shortened' : 'removed';
      expect(problem).toMatchObject({ kind, line: line + 1 });
    }
  });

  it('names the first of two lines that changed places', () => {
    for (let a = 0; a < records; a += 1) {
      for (let b = a + 1; b < records; b += 1) {
        const lines = whole.with(a, whole[b] ?? '').with(b, whole[a] ?? '');
        expect(verify(lines.join('')).problem).toMatchObject({ kind: 'reordered', line: a + 1 });
      }
    }
  });

  it('names a line that is there twice, and one that came after the end', () => {
    for (let line = 0; line < records; line += 1) {
      const { problem } = verify(whole.toSpliced(line, 0, whole[line] ?? '').join(''));
      expect(problem).toMatchObject({ kind: 'inserted', line: line + 2 });
    }
    const shorter = { records: 3, head: splitLine(Buffer.from((whole[2] ?? '').trimEnd()))?.hash ?? '' };
    expect(verify(whole.join(''), shorter).problem).toMatchObject({ kind: 'extended', line: 4 });
  });

  it('finds the clean prefix of a log that was cut off, at every byte', () => {
    const bytes = Buffer.from(whole.join(''));
    const ends = whole.map((_, index) => Buffer.byteLength(whole.slice(0, index + 1).join('')));
    for (let length = 0; length < bytes.length; length += 1) {
      const { clean, problem } = verify(bytes.subarray(0, length));
      const complete = ends.filter((end) => end <= length).length;
      expect(clean.records, `${length} bytes`).toBe(complete);
      const isTorn = length !== 0 && !ends.includes(length);
      expect(problem, `${length} bytes`).toMatchObject({
        kind: isTorn ? 'torn' : 'shortened',
        line: complete + 1,
      });
    }
  });

  it('does not take one that was made anew for the one that the head is of', () => {
    const other = join(makeFolder({}), 'audit.jsonl');
    const log = openAuditLog(other, { fsync: false });
    for (let i = 1; i <= records; i += 1) log.record(entry(i + 1));
    log.close();
    expect(verify(readFileSync(other)).problem).toMatchObject({ kind: 'replaced', line: records });
  });

  it('ends with a report, never with an exception, for whatever bytes there are', () => {
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
