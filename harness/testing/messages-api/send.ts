import type { ServerResponse } from 'node:http';
import { setTimeout as wait } from 'node:timers/promises';
import type { Answer, Refusal } from './reply.ts';
import type { Fields } from './request.ts';
import { encodeEvent, eventsOf } from './wire.ts';

/** Writes an answer as a stream of events or as one JSON body, with its fault. Resolves true where it was sent whole. */
export async function sendAnswer(
  response: ServerResponse,
  answer: Answer,
  message: Fields,
  stream: boolean,
  requestId: string,
): Promise<boolean> {
  if (answer.delayMs) await wait(answer.delayMs);
  return stream
    ? sendStream(response, answer, message, requestId)
    : sendBody(response, answer, message, requestId);
}

/** Writes an error response. */
export function sendRefusal(response: ServerResponse, refusal: Refusal, requestId: string): void {
  const { status, type, message, details, headers = {}, rawBody } = refusal;
  const error = { type, message, ...(details && { details }) };
  const body = rawBody ?? JSON.stringify({ type: 'error', error, request_id: requestId });
  response.writeHead(status, { 'content-type': 'application/json', 'request-id': requestId, ...headers });
  response.end(body);
}

async function sendStream(
  response: ServerResponse,
  answer: Answer,
  message: Fields,
  requestId: string,
): Promise<boolean> {
  response.writeHead(200, {
    'content-type': 'text/event-stream; charset=utf-8',
    'cache-control': 'no-cache',
    'request-id': requestId,
  });
  for (let i = 0; i < (answer.pings?.count ?? 0); i++) {
    response.write(encodeEvent({ name: 'ping', data: { type: 'ping' } }));
    await wait(answer.pings?.gapMs ?? 0);
  }
  const { fault } = answer;
  for (const [index, event] of eventsOf(answer, message).entries()) {
    if (fault?.afterEvents === index) {
      await breakStream(response, fault);
      return false;
    }
    response.write(encodeEvent(event));
  }
  response.end();
  return true;
}

async function breakStream(response: ServerResponse, fault: NonNullable<Answer['fault']>): Promise<void> {
  // What was written must have left, or the fault would take it along.
  await flushed(response);
  if (fault.kind === 'cut') response.destroy();
  if (fault.kind === 'end') response.end();
  if (fault.kind === 'malformed') response.end('event: content_block_delta\ndata: {"type":"content_blo\n\n');
  if (fault.kind === 'error') {
    const error = { type: fault.type, message: fault.message };
    response.end(encodeEvent({ name: 'error', data: { type: 'error', error } }));
  }
}

async function sendBody(
  response: ServerResponse,
  answer: Answer,
  message: Fields,
  requestId: string,
): Promise<boolean> {
  const { fault, rawInput } = answer;
  const whole = JSON.stringify(message);
  const half = whole.slice(0, whole.length / 2);
  response.setHeader('content-type', 'application/json');
  response.setHeader('request-id', requestId);
  if (!fault && rawInput === undefined) {
    response.end(whole);
    return true;
  }
  if (fault?.kind === 'cut' || fault?.kind === 'stall') {
    response.setHeader('content-length', Buffer.byteLength(whole));
    response.write(half);
    await flushed(response);
    if (fault.kind === 'cut') response.destroy();
    return false;
  }
  response.end(half);
  return false;
}

async function flushed(response: ServerResponse): Promise<void> {
  response.flushHeaders();
  await new Promise<void>((resolve) => response.write('', () => resolve()));
  // One turn for the bytes to reach the reader on the other end of the loopback.
  await wait(5);
}
