import { describe, expect, test } from 'vitest';
import { loadMockServer, parseOptions } from '../load.ts';
import { openMock } from '../open-mock.ts';
import { answerMessage, readMessage } from '../protocol.ts';

async function open(options: Record<string, unknown>) {
  const mock = await loadMockServer('parametric');
  return openMock(mock, parseOptions(mock, options));
}

test('answers with as many bytes as it was told to, and lists as many tools', async () => {
  for (const bytes of [200, 1_000, 65_536]) {
    const mock = await open({ bytes, tools: 7 });
    const result = mock.call('get_item', { number: 3 });
    expect(JSON.stringify(result.structuredContent)).toHaveLength(bytes);
    expect(mock.definitions).toHaveLength(7);
  }
});

test('gives an item the same amount and status at any size', async () => {
  const [small, large] = await Promise.all([open({ bytes: 200 }), open({ bytes: 5_000 })]);
  const essence = (mock: typeof small) => {
    const { item } = mock.call('get_item', { number: 9 }).structuredContent as { item: { text: string } };
    return { ...item, text: '' };
  };
  expect(essence(small)).toEqual(essence(large));
});

test('refuses a number beyond its items', async () => {
  const mock = await open({ items: 5 });
  expect(mock.call('get_item', { number: 6 }).isError).toBe(true);
});

test.each([
  ['session', 'no shelf is open'],
  ['handle', 'no such handle'],
])('keeps which shelf is open by a %s, and answers for that shelf alone', async (state, refusal) => {
  const mock = await open({ state, items: 10, bytes: 300 });
  const ask = (tool: string, args: Record<string, unknown>) => mock.call(tool, args);
  const own = (handle: unknown) => (state === 'handle' ? { handle } : {});
  expect(ask('get_item', { ...own('x'), number: 3 })).toMatchObject({
    isError: true,
    content: [{ text: expect.stringContaining(refusal) }],
  });
  const opened = ask('open_shelf', { shelf: 2 }).structuredContent ?? {};
  expect(opened.items).toBe(10);
  expect(ask('get_item', { ...own(opened.handle), number: 3 }).structuredContent).toMatchObject({
    item: { id: 'item_00013' },
  });
});

describe('a tool that has to be confirmed', () => {
  const asOfUser = (content: object) => ({ confirmed: { action: 'accept', content } });
  async function close(
    mock: Awaited<ReturnType<typeof open>>,
    more: object,
    capabilities: object = { elicitation: {} },
  ) {
    const _meta = {
      'io.modelcontextprotocol/protocolVersion': '2026-07-28',
      'io.modelcontextprotocol/clientCapabilities': capabilities,
    };
    const params = { name: 'close_item', arguments: { number: 3 }, ...more, _meta };
    const message = readMessage({ jsonrpc: '2.0', id: 1, method: 'tools/call', params });
    if (!message) throw new Error('no message');
    return (await answerMessage(mock, message)) as {
      result?: Record<string, unknown>;
      error?: { message: string };
    };
  }

  test('asks a user who can be asked, and counts one call when it has the answer', async () => {
    const mock = await open({ closing: true });
    const { result = {} } = await close(mock, {});
    expect(result).toMatchObject({
      resultType: 'input_required',
      inputRequests: { confirmed: { method: 'elicitation/create' } },
    });
    expect(mock.state()).toMatchObject({ calls: {}, asked: { close_item: 1 }, changes: [] });
    const { requestState } = result;
    const done = await close(mock, { requestState, inputResponses: asOfUser({ confirmed: true }) });
    expect(done.result).toMatchObject({ resultType: 'complete', structuredContent: { closed: true } });
    expect(mock.state()).toMatchObject({ calls: { close_item: 1 }, asked: { close_item: 1 } });
    expect(mock.state().changes.map(({ id }) => id)).toEqual(['item_00003']);
  });

  test('does nothing where the user declines, or where the answer is to another question', async () => {
    const mock = await open({ closing: true });
    const { requestState } = (await close(mock, {})).result ?? {};
    const declined = await close(mock, {
      requestState,
      inputResponses: { confirmed: { action: 'decline' } },
    });
    expect(declined.result).toMatchObject({ isError: true });
    for (const state of [undefined, 'x', requestState]) {
      const forged = {
        arguments: { number: 4 },
        requestState: state,
        inputResponses: asOfUser({ confirmed: true }),
      };
      expect((await close(mock, forged)).error?.message).toContain('requestState');
    }
    expect(mock.state().changes).toEqual([]);
  });

  test('tells a client that cannot be asked to call again', async () => {
    const mock = await open({ closing: true });
    for (const result of [(await close(mock, {}, {})).result, mock.call('close_item', { number: 3 })])
      expect(result).toMatchObject({
        structuredContent: { closed: false, next: expect.stringContaining('confirmed: true') },
      });
    expect(mock.call('close_item', { number: 3, confirmed: true }).structuredContent).toEqual({
      closed: true,
    });
    expect(mock.state().changes).toHaveLength(1);
  });
});

test('lists its tools in another order each time, if told to', async () => {
  const names = (mock: Awaited<ReturnType<typeof open>>) => mock.list().map(({ name }) => name);
  const [stable, shuffled] = [await open({ tools: 20 }), await open({ tools: 20, order: 'shuffled' })];
  expect(names(stable)).toEqual(names(stable));
  const [first, second] = [names(shuffled), names(shuffled)];
  expect(second).not.toEqual(first);
  expect(second.toSorted()).toEqual(first.toSorted());
  expect(shuffled.state().listings).toBe(2);
});
