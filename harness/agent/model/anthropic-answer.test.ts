import type { RawMessageStreamEvent } from '@anthropic-ai/sdk/resources/messages';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type AnswerBlock, text, thinking, toolUse } from '../../testing/messages-api/reply.ts';
import { eventsOf, messageOf } from '../../testing/messages-api/wire.ts';
import { createAssembler } from './anthropic-answer.ts';

const usage = { input_tokens: 20, output_tokens: 30 };

function streamOf(content: AnswerBlock[], stopReason = 'end_turn'): RawMessageStreamEvent[] {
  const answer = { content, stopReason };
  return eventsOf(answer, messageOf(answer, 'msg_1', 'claude-sonnet-5', usage)).map(
    ({ data }) => data as unknown as RawMessageStreamEvent,
  );
}

function assemble(events: RawMessageStreamEvent[]) {
  const assembler = createAssembler();
  for (const event of events) assembler.add(event);
  return assembler.finish();
}

const block: fc.Arbitrary<AnswerBlock> = fc.oneof(
  fc.string({ unit: 'grapheme', maxLength: 80 }).map(text),
  fc.tuple(fc.string({ unit: 'grapheme', maxLength: 80 }), fc.base64String()).map(([a, b]) => thinking(a, b)),
  fc
    .dictionary(fc.string(), fc.jsonValue())
    .map((input) => toolUse('toolu_1', 'list', JSON.parse(JSON.stringify(input)))),
  fc.base64String().map((data) => ({ type: 'redacted_thinking', data })),
);

test('every content comes out of its stream as it went in', () => {
  fc.assert(
    fc.property(fc.array(block, { maxLength: 6 }), (content) => {
      expect(assemble(streamOf(content)).content).toEqual(content);
    }),
  );
});

test('a stream that ends after any of its events is not an answer', () => {
  const events = streamOf([text('A text of several pieces.'), toolUse('toolu_1', 'list', { a: [1, 2] })]);
  for (let end = 0; end < events.length; end++) {
    expect(() => assemble(events.slice(0, end))).toThrow('the stream ended before');
  }
  expect(assemble(events).usage).toMatchObject(usage);
});

test('assembling leaves the events as they were, so that they can be recorded', () => {
  const events = streamOf([thinking('Plan.', 'c2ln'), toolUse('toolu_1', 'list', { a: 1 })]);
  const before = structuredClone(events);
  assemble(events);
  expect(events).toEqual(before);
});

const [start, ...rest] = streamOf([text('Hi.')]) as [RawMessageStreamEvent, ...RawMessageStreamEvent[]];
const odd = (event: object) => event as RawMessageStreamEvent;

test.each<[string, RawMessageStreamEvent[], string]>([
  ['a second start', [start, start], 'a second message_start'],
  ['a block before the start', rest, 'content_block_start before message_start'],
  [
    'a delta without its block',
    [start, odd({ type: 'content_block_delta', index: 3, delta: {} })],
    'was not started',
  ],
  [
    'a block out of order',
    [start, odd({ type: 'content_block_start', index: 1, content_block: {} })],
    'out of order',
  ],
  [
    'an unknown kind of delta',
    [
      start,
      rest[0] as RawMessageStreamEvent,
      odd({ type: 'content_block_delta', index: 0, delta: { type: 'smell' } }),
    ],
    'unknown type "smell"',
  ],
])('%s is malformed', (_name, events, message) => {
  expect(() => assemble(events)).toThrow(message);
});

test('an unknown kind of event is skipped, as the API asks of its clients', () => {
  const events = [start, odd({ type: 'weather', sunny: true }), ...rest];
  expect(assemble(events).content).toEqual([text('Hi.')]);
});
