import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { traceRecord } from '../results/trace.ts';
import { makeFolder } from '../testing/command-line.ts';
import { openRecorder } from './recorder.ts';

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
