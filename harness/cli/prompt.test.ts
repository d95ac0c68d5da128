import { Readable } from 'node:stream';
import { expect, test } from 'vitest';
import type { Question } from '../tools/approvals.ts';
import type { Io } from './io.ts';
import { approvalsOf } from './prompt.ts';

const writing = [{ writes: true, approvals: { per: 'call', latencyMs: 0 } as const }];
const signal = new AbortController().signal;

/** A terminal on which this is typed, and what was printed to it. */
function terminal(typed: string, env: Record<string, string> = {}): { io: Io; printed: () => string } {
  let printed = '';
  const write = (text: string) => {
    printed += text;
  };
  const stdin = Object.assign(Readable.from([Buffer.from(typed)]), { isTTY: true });
  const io = { cwd: '/', env, stdin, stdout: { write }, stderr: { write, isTTY: true } };
  return { io, printed: () => printed };
}

const question: Question = {
  ...{ trial: 'tidy/code/1', per: 'program', tools: ['crm.untag_contact'] },
  ...{ arguments: '{"id":"con_1"}', program: 'return mcp.crm.untag_contact({ id });\u001b[2J' },
};

test('a person sees the call and the program, and answers with yes or no', async () => {
  const { io, printed } = terminal('maybe\nyes\nn\n\n');
  const { approver } = approvalsOf({ approvalsBy: 'person' }, writing, io);
  expect(await approver?.ask(question, signal)).toBe(true);
  expect(printed()).toContain(
    'A program of tidy/code/1 calls crm.untag_contact {"id":"con_1"}\n\nreturn mcp.crm',
  );
  expect(printed().match(/Approve all calls of this program\? yes or no/g)).toHaveLength(2);
  // What a model wrote must not steer the terminal.
  expect(printed()).toContain('\\u{1b}[2J');
  expect(await approver?.ask({ ...question, per: 'call' }, signal)).toBe(false);
  // Without a word it is a no.
  expect(await approver?.ask({ ...question, per: 'arguments' }, signal)).toBe(false);
  await expect(approver?.ask(question, signal)).rejects.toThrow('Let a script approve');
});

test('without a terminal no person can be asked, which is told before anything runs', () => {
  const ask = (io: Io) => approvalsOf({ approvalsBy: 'person' }, writing, io);
  const refused = 'there is no terminal to ask on. Let a script approve with --set approvals.by=script.';
  expect(() => ask(terminal('', { CI: 'true' }).io)).toThrow(refused);
  expect(() => ask({ ...terminal('').io, stdin: Readable.from([]) })).toThrow(refused);
  expect(() => ask({ ...terminal('').io, stderr: { write: () => true } })).toThrow(refused);
  const { stdin: _, ...closed } = terminal('').io;
  expect(() => ask(closed)).toThrow(refused);
});

test('a run none of whose calls needs an approval needs no terminal', () => {
  const { io } = terminal('', { CI: 'true' });
  expect(() => approvalsOf({ approvalsBy: 'person' }, [{ writes: true }], io)).not.toThrow();
  expect(approvalsOf({ approvalsBy: 'script', approvalsPer: 'program' }, writing, io)).toEqual({
    per: 'program',
  });
});
