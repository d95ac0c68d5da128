import { appendFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { makeFolder } from '../testing/command-line.ts';
import { type AuditHead, openAuditLog } from './audit-log.ts';
import { chainLine, chainStart, hashAfter, splitLine } from './chain.ts';
import { findLogProblem } from './hold-log.ts';
import { type Line, readLines } from './read-lines.ts';
import { type ExpectedHead, verifyChain } from './verify-chain.ts';

/** How a log is read and checked; a check is left out by what stands before it. */
type Verify = (lines: Line[], expected: ExpectedHead | undefined) => string | undefined;

const verify: Verify = (lines, expected) => verifyChain(lines, expected).problem?.kind;

/** The lines with hashes that fit them: to a reader of these, no hash says anything. */
function rechain(lines: Line[]): Line[] {
  let before = chainStart;
  return lines.map((line) => {
    const body = splitLine(line.bytes)?.body ?? line.bytes;
    before = hashAfter(before, body);
    return { ...line, bytes: Buffer.concat([body, Buffer.from(`,"hash":"${before}"}`)]) };
  });
}

/** The lines with numbers that fit them, and hashes that fit those. */
function renumber(lines: Line[]): Line[] {
  return rechain(
    lines.map((line, index) => ({
      ...line,
      bytes: Buffer.from(line.bytes.toString('utf8').replace(/^\{"seq":\d+/, `{"seq":${index + 1}`)),
    })),
  );
}

const edit = (line: Line): Line => ({
  ...line,
  bytes: Buffer.from(line.bytes.toString('utf8').replace('"get":', '"got":')),
});

/** Line 4 changed, and its own hash with it, which anybody can compute. */
const forge = (lines: Line[]) => [
  ...rechain(lines.with(3, edit(lines[3] as Line))).slice(0, 4),
  ...lines.slice(4),
];

type Case = { tamper: (lines: Line[]) => Line[]; keptHead?: boolean; without: Verify; finds: string };

const cases: Record<string, Case> = {
  'the hash of each line': {
    tamper: (lines) => lines.with(3, edit(lines[3] as Line)),
    without: (lines, expected) => verify(rechain(lines), expected),
    finds: 'changed',
  },
  'the chain from one hash to the next': {
    tamper: forge,
    without: (lines, expected) => verify(rechain(lines), expected),
    finds: 'changed',
  },
  'numbers without a gap': {
    tamper: (lines) => rechain(lines.toSpliced(3, 1)),
    without: (lines, expected) => verify(renumber(lines), expected),
    finds: 'removed',
  },
  'numbers that rise': {
    tamper: (lines) => rechain(lines.with(3, lines[4] as Line).with(4, lines[3] as Line)),
    without: (lines, expected) => verify(renumber(lines), expected),
    finds: 'reordered',
  },
  'the end of the last line': {
    tamper: (lines) => lines.with(-1, { bytes: (lines.at(-1) as Line).bytes.subarray(0, 40), ended: false }),
    without: (lines, expected) =>
      verify(
        lines.filter(({ ended }) => ended),
        expected,
      ),
    finds: 'torn',
  },
  'the head that was kept, where lines are cut off': {
    tamper: (lines) => lines.slice(0, -2),
    keptHead: true,
    without: (lines) => verify(lines, undefined),
    finds: 'shortened',
  },
  'the head that was kept, where all was made anew': {
    tamper: (lines) => rechain(lines.map(edit)),
    keptHead: true,
    without: (lines) => verify(lines, undefined),
    finds: 'replaced',
  },
  'that nothing follows the end of a run': {
    tamper: (lines) => renumber([...lines, lines[0] as Line]),
    keptHead: true,
    without: (lines, expected) => verify(lines, expected && { ...expected, isFinal: false }),
    finds: 'extended',
  },
};

function writeLog(): { file: string; head: AuditHead; lines: Line[] } {
  const file = join(makeFolder({}), 'audit.jsonl');
  const log = openAuditLog(file, { fsync: false });
  for (let call = 1; call <= 8; call += 1) {
    log.record({
      event: 'server_counted',
      trial: 't/code/1',
      server: 'crm',
      calls: { get: call },
      errors: {},
    });
  }
  const head = log.head();
  log.close();
  return { file, head, lines: [...readLines(file)] };
}

describe('a check of the log that is left out turns its case red', () => {
  test.each(Object.entries(cases))('%s', (_, { tamper, keptHead, without, finds }) => {
    const { lines, head } = writeLog();
    const expected = keptHead ? { ...head, isFinal: true } : undefined;
    expect(verify(lines, expected)).toBeUndefined();
    expect(without(lines, expected)).toBeUndefined();
    expect(verify(tamper(lines), expected)).toBe(finds);
    expect(without(tamper(lines), expected)).toBeUndefined();
  });

  test('the cut of a torn line before a log is gone on with', () => {
    const next = {
      event: 'server_counted',
      trial: 't/code/2',
      server: 'crm',
      calls: {},
      errors: {},
    } as const;
    const problemAfter = (goOn: (file: string, head: AuditHead) => void) => {
      const { file, head } = writeLog();
      appendFileSync(file, '{"seq":9,"event":"ca');
      goOn(file, head);
      return verify([...readLines(file)], { ...head, isFinal: false });
    };
    expect(
      problemAfter((file) => {
        const log = openAuditLog(file, { fsync: false, resume: true });
        log.record(next);
        log.close();
      }),
    ).toBeUndefined();
    expect(
      problemAfter((file, { head, records }) =>
        appendFileSync(file, chainLine(head, records + 1, next).line),
      ),
    ).toBe('changed');
  });

  test('the head of the last summary when a run is resumed', () => {
    const { file, head } = writeLog();
    expect(findLogProblem(file, head)).toBeUndefined();
    const text = readFileSync(file, 'utf8');
    writeFileSync(file, `${text.split('\n').slice(0, 6).join('\n')}\n`);
    expect(findLogProblem(file, head)).toContain('2 of the 8 records');
    expect(findLogProblem(file, undefined)).toBeUndefined();
  });
});
