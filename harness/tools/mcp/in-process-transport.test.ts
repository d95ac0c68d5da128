import { setImmediate as turn } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { loadMockServer, parseOptions } from '../../../mock-servers/load.ts';
import { createInProcessTransport } from './in-process-transport.ts';
import { ConnectionFault } from './requests.ts';

const getItem = { name: 'get_item', arguments: { number: 1 } };

/** A mock server that has started; `heard` takes what it says beyond answers to requests, and that it closed. */
async function start(latencyMs: number) {
  const options = parseOptions(await loadMockServer('parametric'), { latencyMs });
  const transport = createInProcessTransport({ name: 'parametric', options });
  const heard: unknown[] = [];
  transport.onmessage = (message) => heard.push(message);
  transport.onerror = (error) => heard.push(error);
  transport.onclose = () => heard.push('closed');
  await transport.start();
  const controller = new AbortController();
  const call = (signal = controller.signal) =>
    transport.request('tools/call', getItem, { timeoutMs: 60_000, signal });
  return { transport, heard, controller, call };
}

/** Longer than a server without latency takes to answer. */
async function laterTurns(): Promise<void> {
  for (let times = 0; times < 10; times += 1) await turn();
}

test.each([
  ['has not reached the server', 0, 0],
  ['the server takes its time for', 10_000, 10],
])('closing rejects a call that %s, once and for all', async (_, latencyMs, turns) => {
  const { transport, heard, call } = await start(latencyMs);
  const waiting = call().catch((error: unknown) => error);
  for (let times = 0; times < turns; times += 1) await turn();
  await transport.close();
  const error = await waiting;
  expect(error).toBeInstanceOf(ConnectionFault);
  expect(error).toMatchObject({ message: 'the connection was closed' });
  await transport.close();
  await laterTurns();
  expect(heard).toEqual(['closed']);
  await expect(call()).rejects.toThrow(ConnectionFault);
});

test('an abort rejects its own calls with its reason, and their late answers reach nothing else', async () => {
  const { transport, heard, controller, call } = await start(0);
  const aborted = call().catch((error: unknown) => error);
  const other = call(new AbortController().signal);
  controller.abort(new Error('time is up'));
  expect(await aborted).toEqual(new Error('time is up'));
  expect(await other).toHaveProperty('structuredContent');
  await expect(call()).rejects.toThrow('time is up');
  await laterTurns();
  expect(heard).toEqual([]);
  await transport.close();
});
