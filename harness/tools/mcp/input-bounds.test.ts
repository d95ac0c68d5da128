import type { JSONRPCMessage } from '@modelcontextprotocol/sdk/types.js';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { openModernWire } from './modern-wire.ts';
import { ConnectionFault, type ServerTransport } from './requests.ts';
import { openLegacyWire } from './wire.ts';

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

type Message = { id?: number | string; method?: string; params?: object; result?: { action?: string } };

const { signal } = new AbortController();
const requestedSchema = { type: 'object', properties: { sure: { type: 'boolean' } } };
const params = { mode: 'form', message: 'Sure?', requestedSchema };
const wireOptions = { discoverMs: 1_000, signal, onError: () => undefined, input: { sure: true } };
const callOptions = { timeoutMs: 1_000, signal };

/** A server without a wire: `onMessage` is given what comes to it, and how it sends. */
function serve(onMessage: (message: Message, say: (message: object) => void) => void) {
  const say = (message: object) =>
    void transport.onmessage?.({ jsonrpc: '2.0', ...message } as JSONRPCMessage);
  const transport: ServerTransport = {
    async start() {},
    async close() {},
    async send(message) {
      onMessage(message as Message, say);
    },
    request: (_, { name }: { name?: string }) => {
      const call = Promise.withResolvers<unknown>();
      onMessage({ method: 'tools/call', params: { name, call } }, say);
      return call.promise;
    },
  };
  return { transport, say };
}

test.each([
  { era: 'legacy', open: openLegacyWire },
  { era: 'auto', open: openModernWire },
] as const)(
  'a server of the older protocol gets input ten times for each call under way, and none outside: $era',
  async ({ era, open }) => {
    const actions: string[] = [];
    const calls: ((text: string) => void)[] = [];
    const { transport, say } = serve(({ id, method, params, result }, say) => {
      if (method === 'server/discover') say({ id, error: { code: -32601, message: 'no such method' } });
      if (method === 'initialize')
        say({
          id,
          result: {
            protocolVersion: '2025-11-25',
            capabilities: {},
            serverInfo: { name: 's', version: '1' },
          },
        });
      const { call } = (params ?? {}) as { call?: PromiseWithResolvers<unknown> };
      if (method === 'tools/call')
        calls.push((text) => {
          const answer = { content: [{ type: 'text', text }] };
          if (call) call.resolve(answer);
          else say({ id, result: answer });
        });
      if (result?.action) actions.push(result.action);
    });
    const opening = open(transport, { ...wireOptions, era });
    await vi.advanceTimersByTimeAsync(0);
    const wire = await opening;
    let asked = 0;
    /** How many of so many requests for input are given any. */
    const accepted = async (times: number) => {
      for (let n = 0; n < times; n += 1) say({ id: `asks ${asked++}`, method: 'elicitation/create', params });
      await vi.waitFor(() => expect(actions).toHaveLength(times));
      return actions.splice(0).filter((action) => action === 'accept').length;
    };

    expect(await accepted(5)).toBe(0);
    const first = wire.callTool({ name: 'ask' }, callOptions);
    expect(await accepted(500)).toBe(10);
    const more = [wire.callTool({ name: 'ask' }, callOptions), wire.callTool({ name: 'ask' }, callOptions)];
    calls.shift()?.('first');
    expect(await first).toMatchObject({ content: [{ text: 'first' }] });
    expect(await accepted(500)).toBe(20);
    more.push(wire.callTool({ name: 'ask' }, callOptions));
    for (const end of calls) end('done');
    await Promise.all(more);
    expect(await accepted(5)).toBe(0);
  },
);

test('all attempts of a call in the newer protocol share its time', async () => {
  let attempts = 0;
  const { transport } = serve(({ id, method }, say) => {
    const common = { resultType: 'complete', ttlMs: 0, cacheScope: 'private' };
    if (method === 'server/discover')
      say({
        id,
        result: {
          ...common,
          supportedVersions: ['2026-07-28'],
          capabilities: {},
          serverInfo: { name: 's', version: '1' },
        },
      });
    if (method !== 'tools/call') return;
    attempts += 1;
    const inputRequests = { confirm: { method: 'elicitation/create', params } };
    setTimeout(() => say({ id, result: { resultType: 'input_required', inputRequests } }), 400);
  });
  const opening = openModernWire(transport, { ...wireOptions, era: 'modern' });
  await vi.advanceTimersByTimeAsync(0);
  const wire = await opening;
  const begun = performance.now();
  const ended = wire.callTool({ name: 'ask' }, callOptions).catch((error: unknown) => ({
    error,
    afterMs: performance.now() - begun,
  }));
  await vi.advanceTimersByTimeAsync(10_000);
  expect(await ended).toEqual({
    error: new ConnectionFault('it did not answer within 1.0 s'),
    afterMs: 1_000,
  });
  expect(attempts).toBe(3);
});
