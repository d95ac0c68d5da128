import { ErrorCode, McpError } from '@modelcontextprotocol/sdk/types.js';
import { expect, test } from 'vitest';
import { createFaultReport } from './fault-report.ts';
import { createRedact } from './secrets.ts';

const open = () => createFaultReport('own', 'node own.js');
const closed = new McpError(ErrorCode.ConnectionClosed, 'Connection closed');

test('each thing that a server let slip is told in words of its own', () => {
  const { onError, onStderr, fault } = open();
  onError(new SyntaxError('hello'));
  onError(new Error('Received a response for an unknown message ID: {"id":0}'));
  onError(new Error('SSE stream disconnected'));
  onStderr('out of\nluck\n');
  expect(fault('failed', new Error('no')).message.split('\n  ')).toEqual([
    'Server "own" (node own.js) failed: no.',
    'It answered what is not JSON-RPC: hello',
    'It answered what was not asked, or a request twice or too late.',
    'The connection reported: SSE stream disconnected',
    'Its standard error ends: out of | luck',
  ]);
});

test('what is met and reported alike is said once', () => {
  const { onError, fault } = open();
  onError(new Error('fetch failed'));
  expect(fault('failed', new Error('fetch failed')).message).toBe(
    'Server "own" (node own.js) failed: fetch failed.',
  );
});

test('what is reported twice is told once, and what this side called off is not told', () => {
  const { onError, fault } = open();
  for (const _ of [1, 2]) onError(new Error('SSE stream disconnected'));
  onError(new DOMException('This operation was aborted', 'AbortError'));
  expect(fault('failed', new Error('no')).message).toBe(
    'Server "own" (node own.js) failed: no.\n  The connection reported: SSE stream disconnected',
  );
});

test.each([closed, new Error('Not connected')])('how a server ended takes the place of "%s"', (met) => {
  const { onEnd, fault } = open();
  onEnd(new McpError(ErrorCode.ConnectionClosed, 'it ended with exit code 7'));
  expect(fault('failed', met).message).toContain('failed: it ended with exit code 7.');
});

test('how a server ended does not hide another failure, and too large a message hides how it ended', () => {
  const { onEnd, onExcess, fault } = open();
  onEnd(new Error('it ended with exit code 7'));
  expect(fault('failed', new Error('too many tools')).message).toContain('failed: too many tools.');
  onExcess(new Error('it answered with a message of more than 9 bytes'));
  expect(fault('failed', closed).message).toContain(
    'failed: it answered with a message of more than 9 bytes.',
  );
});

test('what a server says in secrets alone shows nothing of one, wherever its reading ends', () => {
  const secret = `sk-${'0123456789'.repeat(400)}-end`;
  const redact = createRedact([{ value: secret, place: 'variable T' }]);
  const { fault, onStderr } = createFaultReport('own', 'node', redact);
  expect(fault('failed', new Error(secret.repeat(20))).message).not.toContain('0123456789');
  for (const chunk of secret.repeat(60).match(/.{1,1000}/g) ?? []) onStderr(chunk);
  const { message } = fault('failed', new Error('no'));
  expect(message).toMatch(/Its standard error ends: .*\[redacted: variable T\]$/);
  expect(message).not.toContain('0123456789');
});
