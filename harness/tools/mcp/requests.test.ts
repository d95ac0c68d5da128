import { McpError } from '@modelcontextprotocol/sdk/types.js';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import {
  ConnectionFault,
  createAwaited,
  createRequests,
  createUnasked,
  mostUnaskedBytes,
} from './requests.ts';

type Sent = { id?: number; method: string; params: Record<string, unknown> };

const answer = (id: unknown, result: unknown = { ok: true }) => ({ jsonrpc: '2.0', id, result });

function open() {
  const sent: Sent[] = [];
  const requests = createRequests((message) => {
    sent.push(message as Sent);
  });
  const controller = new AbortController();
  const call = (signal = controller.signal) =>
    requests.send('tools/call', { name: 'get' }, { timeoutMs: 1_000, signal });
  return { sent, requests, controller, call };
}

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

test('answers reach their own requests in any order', async () => {
  const { sent, requests, call } = open();
  const [first, second] = [call(), call()];
  expect(requests.settle(answer(sent[1]?.id, { n: 2 }))).toBe('answer');
  expect(requests.settle(answer(sent[0]?.id, { n: 1 }))).toBe('answer');
  expect(await Promise.all([first, second])).toEqual([{ n: 1 }, { n: 2 }]);
  expect(vi.getTimerCount()).toBe(0);
});

test('messages that answer none of them are left to others, but for a second answer, which is dropped', async () => {
  const { sent, requests, call } = open();
  const asked = call();
  const id = sent[0]?.id;
  for (const message of [answer(1), answer('x'), { jsonrpc: '2.0', id, method: 'ping' }, 7, null, []]) {
    expect(requests.settle(message)).toBeUndefined();
  }
  for (const like of [String(id), [id], { valueOf: () => id }, true, null, Number(id) + 0.5]) {
    expect(requests.settle(answer(like))).toBeUndefined();
  }
  expect(requests.settle(answer(id))).toBe('answer');
  expect(requests.settle(answer(id, { ok: false }))).toBe('late');
  expect(requests.settle(answer(Number(id) + 1))).toBeUndefined();
  expect(await asked).toEqual({ ok: true });
});

test('an answer is awaited once, by the very id that was sent', () => {
  const { sent, isStray } = createAwaited();
  for (const id of [0, 'probe-1']) sent({ jsonrpc: '2.0', id, method: 'ping' });
  sent({ jsonrpc: '2.0', method: 'notifications/initialized' });
  expect(isStray({ jsonrpc: '2.0', id: 7, method: 'ping' })).toBe(false);
  for (const id of ['0', [0], 1, null, undefined]) expect(isStray(answer(id))).toBe(true);
  for (const id of [0, 'probe-1']) expect([isStray(answer(id)), isStray(answer(id))]).toEqual([false, true]);
});

test('an error that the server answers with rejects with its code and message', async () => {
  const { sent, requests, call } = open();
  const asked = call();
  requests.settle({ jsonrpc: '2.0', id: sent[0]?.id, error: { code: -32602, message: 'no such tool' } });
  await expect(asked).rejects.toMatchObject({
    code: -32602,
    message: expect.stringContaining('no such tool'),
  });
});

test.each([-32000, -32001])('an answer with the code %i of the SDK is still an answer', async (code) => {
  const { sent, requests, call } = open();
  const asked = call();
  requests.settle({ jsonrpc: '2.0', id: sent[0]?.id, error: { code, message: 'Connection closed' } });
  await expect(asked).rejects.toThrow(McpError);
  await expect(asked).rejects.not.toThrow(ConnectionFault);
});

test('a request that cannot be sent is rejected with what prevented it', async () => {
  const requests = createRequests(async () => {
    throw new Error('refused');
  });
  const asked = requests.send('tools/call', {}, { timeoutMs: 1_000, signal: new AbortController().signal });
  await expect(asked).rejects.toThrow('refused');
  expect(vi.getTimerCount()).toBe(0);
});

test.each([
  ['no version', { result: {} }, 'does not say "jsonrpc": "2.0"'],
  ['neither result nor error', { jsonrpc: '2.0' }, 'it answered neither with a result nor an error'],
  ['an error that is a word', { jsonrpc: '2.0', error: 'no' }, 'lacks a numeric code or a message'],
])('an answer with %s rejects its request at once', async (_, message, reason) => {
  const { sent, requests, call } = open();
  const asked = call();
  expect(requests.settle({ id: sent[0]?.id, ...message })).toBe('answer');
  await expect(asked).rejects.toThrow(reason);
  expect(vi.getTimerCount()).toBe(0);
});

test('each request is given up when its own time is up, and the server is told', async () => {
  const { sent, call } = open();
  const failed: string[] = [];
  const note = (name: string) => (error: Error) => failed.push(`${name}: ${error.message}`);
  call().catch(note('first'));
  await vi.advanceTimersByTimeAsync(600);
  call().catch(note('second'));
  await vi.advanceTimersByTimeAsync(400);
  expect(failed).toEqual(['first: it did not answer within 1.0 s']);
  await vi.advanceTimersByTimeAsync(599);
  expect(failed).toHaveLength(1);
  await vi.advanceTimersByTimeAsync(1);
  expect(failed).toHaveLength(2);
  expect(sent.slice(2)).toEqual([
    expect.objectContaining({
      method: 'notifications/cancelled',
      params: expect.objectContaining({ requestId: sent[0]?.id }),
    }),
    expect.objectContaining({
      method: 'notifications/cancelled',
      params: expect.objectContaining({ requestId: sent[1]?.id }),
    }),
  ]);
});

test('an abort rejects the requests of its signal with its reason, and no others', async () => {
  const { sent, requests, controller, call } = open();
  const other = new AbortController();
  const [aborted, kept] = [call(), call(other.signal)];
  controller.abort(new Error('enough'));
  await expect(aborted).rejects.toThrow('enough');
  await expect(call()).rejects.toThrow('enough');
  expect(sent).toHaveLength(3);
  requests.settle(answer(sent[1]?.id));
  expect(await kept).toEqual({ ok: true });
});

test('when the connection goes, all that waits is rejected', async () => {
  const { requests, call } = open();
  const asked = [call(), call()];
  requests.rejectAll(new Error('gone'));
  for (const one of asked) await expect(one).rejects.toThrow('gone');
  expect(vi.getTimerCount()).toBe(0);
});

test('thousands of requests under one signal cost one listener and one timer', async () => {
  const { requests, controller, call } = open();
  const listen = vi.spyOn(controller.signal, 'addEventListener');
  const asked = Array.from({ length: 2_000 }, () => call());
  expect(listen).toHaveBeenCalledTimes(1);
  expect(vi.getTimerCount()).toBe(1);
  requests.rejectAll(new Error('gone'));
  await Promise.allSettled(asked);
});

test('what a server sends unasked is bounded from one answer to the next, and short messages count for more', () => {
  const told: string[] = [];
  const unasked = createUnasked(({ message }) => told.push(message));
  for (const _ of [1, 2, 3]) {
    unasked.took(mostUnaskedBytes - 1_000);
    unasked.answered();
  }
  let messages = 0;
  expect(() => {
    for (;;) {
      unasked.took(1);
      messages += 1;
    }
  }).toThrow('bytes that answer nothing');
  expect(() => unasked.took(1)).toThrow();
  expect(messages).toBeGreaterThan(1_000_000);
  expect(messages).toBeLessThan(1_100_000);
  expect(told).toHaveLength(1);
});

test('a request that is not answered keeps the process until its time is up', async () => {
  vi.useRealTimers();
  const timers = () => process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length;
  const { requests, call } = open();
  const before = timers();
  const asked = call();
  expect(timers()).toBe(before + 1);
  requests.rejectAll(new Error('closed'));
  await expect(asked).rejects.toThrow('closed');
  expect(timers()).toBe(before);
});
