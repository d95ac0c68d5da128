import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { InfrastructureError } from '../errors.ts';
import { type TraceEvent, traceRecord } from '../results/trace.ts';
import { makeFolder } from '../testing/command-line.ts';
import { createRedact } from './mcp/secrets.ts';
import { openRecorder, redactEvent, toKept } from './recorder.ts';

const toolCall = (call: number) =>
  ({ event: 'tool_call', call, server: 's', tool: 't', caller: 'model', arguments: { call } }) as const;

function eventsOf(file: string) {
  return readFileSync(file, 'utf8')
    .trim()
    .split('\n')
    .map((line) => traceRecord.parse(JSON.parse(line)));
}

test('a trace that is full keeps how the trial ended, and tells what it left out', () => {
  const file = join(makeFolder({}), 'trials/1.jsonl');
  const recorder = openRecorder(file, 1_000);
  for (let call = 1; call <= 500; call += 1) recorder.record(toolCall(call));
  recorder.record({ event: 'outcome', outcome: { status: 'completed', answer: '7' } });
  recorder.close();
  expect(statSync(file).size).toBeLessThan(1_500);
  const events = eventsOf(file);
  const calls = events.filter((event) => 'event' in event && event.event === 'tool_call').length;
  expect(calls).toBeGreaterThan(5);
  expect(events.at(-2)).toEqual({ event: 'outcome', outcome: { status: 'completed', answer: '7' } });
  expect(events.at(-1)).toEqual({
    event: 'left_out',
    events: { tool_call: 500 - calls },
    bytes: expect.any(Number),
  });
});

test('a trace that is not full tells of nothing left out', () => {
  const file = join(makeFolder({}), 'trials/1.jsonl');
  const recorder = openRecorder(file);
  recorder.record(toolCall(1));
  recorder.close();
  expect(eventsOf(file)).toEqual([{ format: 'patternbench.trace/v1' }, toolCall(1)]);
});

test.skipIf(!existsSync('/dev/full'))('a disk that is full ends the trial with the name of its trace', () => {
  const recorder = openRecorder('/dev/full');
  recorder.record(toolCall(1));
  const close = () => recorder.close();
  expect(close).toThrow(InfrastructureError);

  const long = openRecorder('/dev/full');
  const fill = () => {
    for (let call = 1; call <= 5_000; call += 1) long.record(toolCall(call));
  };
  expect(fill).toThrow('The trace /dev/full cannot be written: ENOSPC');
  long.close();
});

test('a trace that cannot be made is named', () => {
  const folder = makeFolder({ trials: '' });
  expect(() => openRecorder(join(folder, 'trials/1.jsonl'))).toThrow(
    `The trace ${join(folder, 'trials/1.jsonl')} cannot be written: `,
  );
});

const redact = (text: string) => text.replaceAll(/canary|tool_use|completed/g, '[redacted]');

test.each<TraceEvent>([
  {
    event: 'request',
    roundTrip: 1,
    model: 'm',
    maxTokens: 1,
    system: [{ type: 'text', text: 'canary' }],
    tools: [{ name: 'a', description: 'canary', input_schema: { type: 'object', title: 'canary' } }],
    appended: [
      { role: 'user', content: 'canary' },
      { role: 'user', content: [{ type: 'tool_result', tool_use_id: '1', content: 'canary' }] },
    ],
    cacheBreakpoints: [],
  },
  {
    event: 'tool_call',
    call: 1,
    server: 's',
    tool: 't',
    caller: 'model',
    arguments: { name: 'canary', canary: 1 },
  },
  { event: 'outcome', outcome: { status: 'completed', answer: 'canary' } },
  { event: 'outcome', outcome: { status: 'model_stopped', reason: 'canary' } },
  { event: 'graded', correct: false, grades: [{ grader: 'g', correct: false, reason: 'canary' }] },
  {
    event: 'server_connected',
    server: 's',
    implementation: { name: 'n', version: '1', title: 'canary' },
    tools: 1,
  },
])('no text of others keeps a secret in an event, and its form stays: %j', (event) => {
  const kept = redactEvent(event, redact);
  expect(JSON.stringify(kept)).not.toContain('canary');
  expect(Object.keys(kept)).toEqual(Object.keys(event));
  expect(redactEvent(event, undefined)).toEqual(event);
});

test('words that a format fixes stay, though a secret is one of them', () => {
  const response = {
    type: 'message',
    stop_reason: 'tool_use',
    content: [{ type: 'tool_use', input: { a: 'tool_use' } }],
  };
  const event = { event: 'response', roundTrip: 1, response, measured: { ms: 1 } } as unknown as TraceEvent;
  expect(redactEvent(event, redact)).toMatchObject({
    response: { stop_reason: 'tool_use', content: [{ type: 'tool_use', input: { a: '[redacted]' } }] },
  });
  expect(
    redactEvent({ event: 'outcome', outcome: { status: 'completed', answer: '' } }, redact),
  ).toMatchObject({
    outcome: { status: 'completed' },
  });
});

test('a message is kept up to 8,192 characters, with what was cut, and no part of a secret at the cut', () => {
  const text = `${'x'.repeat(8_190)}canary${'y'.repeat(1_000_000)}`;
  const kept = toKept(text, redact);
  expect(kept.length).toBeLessThan(8_300);
  expect(kept).toMatch(/\[r… \[\d{6,7} more characters cut\]$/);
  expect(toKept('short', undefined)).toBe('short');
});

test('a message of secrets that are longer than their marks keeps nothing of one, wherever its reading ends', () => {
  const secret = `sk-${'0123456789'.repeat(100)}-end`;
  const hide = createRedact([{ value: secret, place: 'variable T' }]);
  for (const message of [secret.repeat(40), `${'x'.repeat(7_000)}${secret.repeat(60)}`]) {
    expect(toKept(message, hide)).not.toContain('0123456789');
    expect(toKept(message, hide)).toMatch(/T\]… \[\d{4,5} more characters cut\]$/);
  }
});

test('arguments that were cut do not end within a secret', () => {
  const hide = createRedact([{ value: 'sk-canary-0123456789', place: 'variable T' }]);
  const argumentsCut = { bytes: 9_000, sha256: 'a', beginning: '{"text":"sk-canary-01' };
  const event = {
    event: 'tool_call',
    call: 1,
    server: 's',
    tool: 't',
    caller: 'model',
    argumentsCut,
  } as const;
  expect(redactEvent(event, hide)).toMatchObject({
    argumentsCut: { bytes: 9_000, sha256: 'a', beginning: '{"text":"[redacted: variable T]' },
  });
});
