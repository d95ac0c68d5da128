import { createHash, hash } from 'node:crypto';

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

const hashMember = /^,"hash":"([0-9a-f]{64})"\}$/;
const hashMemberBytes = ',"hash":""}'.length + 64;

/** Takes a line (without its line end) apart; undefined where it does not end in a hash. */
export function splitLine(line: Buffer): { body: Buffer; hash: string } | undefined {
  const end = line.subarray(Math.max(0, line.length - hashMemberBytes)).toString('latin1');
  const stored = hashMember.exec(end)?.[1];
  return stored === undefined
    ? undefined
    : { body: line.subarray(0, line.length - hashMemberBytes), hash: stored };
}

/** The hash that a line must have after the given one. */
export function hashAfter(previous: string, body: Buffer): string {
  return createHash('sha256').update(previous).update(body).update('}').digest('hex');
}
