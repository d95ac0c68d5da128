import type { Answer, AnswerBlock } from './reply.ts';
import type { Fields } from './request.ts';

/** One server-sent event before it is written. */
type WireEvent = { name: string; data: Fields };

/** Characters in one delta: small, so that short texts arrive in several pieces too. */
const pieceCharacters = 16;

/** The `message` body of an answer. */
export function messageOf(answer: Answer, id: string, requestedModel: string, usage: Fields): Fields {
  const calls = answer.content.some(({ type }) => type === 'tool_use');
  return {
    id,
    type: 'message',
    role: 'assistant',
    model: answer.model ?? requestedModel,
    content: answer.content,
    container: null,
    diagnostics: null,
    stop_reason: answer.stopReason ?? (calls ? 'tool_use' : 'end_turn'),
    stop_sequence: null,
    stop_details: answer.stopDetails ?? null,
    ...usageOf(answer, usage),
  };
}

/** The events that carry a message as the API streams it: the output count at the start is that of the first token. */
export function eventsOf(answer: Answer, message: Fields): WireEvent[] {
  const { stop_reason, stop_sequence, stop_details, usage, content: _content, ...head } = message;
  const startUsage = isCounted(usage) ? { usage: { ...usage, output_tokens: 1 } } : {};
  const start = {
    ...head,
    content: [],
    stop_reason: null,
    stop_sequence: null,
    stop_details: null,
    ...startUsage,
  };
  const blocks = answer.content.flatMap((block, index) => eventsOfBlock(block, index, answer.rawInput));
  const end = answer.usage === 'start-only' || !isCounted(usage) ? {} : { usage: cumulative(usage) };
  const delta = { stop_reason, stop_sequence, stop_details, container: null };
  return [
    event('message_start', { message: start }),
    ...blocks,
    event('message_delta', { delta, ...end }),
    event('message_stop', {}),
  ];
}

/** The bytes of one event. */
export function encodeEvent({ name, data }: WireEvent): string {
  return `event: ${name}\ndata: ${JSON.stringify(data)}\n\n`;
}

function eventsOfBlock(block: AnswerBlock, index: number, rawInput: string | undefined): WireEvent[] {
  const start = (content_block: Fields) => event('content_block_start', { index, content_block });
  const delta = (fields: Fields) => event('content_block_delta', { index, delta: fields });
  const stop = event('content_block_stop', { index });
  if (block.type === 'text') {
    const deltas = pieces(block.text).map((text) => delta({ type: 'text_delta', text }));
    return [start({ ...block, text: '' }), ...deltas, stop];
  }
  if (block.type === 'thinking') {
    const deltas = pieces(block.thinking).map((thinking) => delta({ type: 'thinking_delta', thinking }));
    const signature = delta({ type: 'signature_delta', signature: block.signature });
    return [start({ ...block, thinking: '', signature: '' }), ...deltas, signature, stop];
  }
  if (block.type === 'tool_use') {
    const json = pieces(rawInput ?? JSON.stringify(block.input));
    // The API begins every tool input with an empty piece.
    const deltas = ['', ...json].map((partial_json) => delta({ type: 'input_json_delta', partial_json }));
    return [start({ ...block, input: {} }), ...deltas, stop];
  }
  return [start(block), stop];
}

function event(name: string, fields: Fields): WireEvent {
  return { name, data: { type: name, ...fields } };
}

function pieces(value: unknown): string[] {
  const whole = String(value);
  const parts: string[] = [];
  for (let at = 0; at < whole.length; at += pieceCharacters)
    parts.push(whole.slice(at, at + pieceCharacters));
  return parts;
}

function usageOf(answer: Answer, computed: Fields): { usage?: Fields } {
  if (answer.usage === null) return {};
  const told = answer.usage === 'start-only' ? undefined : answer.usage;
  return { usage: told ?? { ...computed, service_tier: 'standard' } };
}

function cumulative(usage: Fields): Fields {
  const { cache_creation: _creation, service_tier: _tier, ...counts } = usage;
  return counts;
}

function isCounted(usage: unknown): usage is Fields {
  return typeof usage === 'object' && usage !== null;
}
