import { expect, test } from 'vitest';
import { loadMockServer, parseOptions } from '../load.ts';
import { openMock } from '../open-mock.ts';

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
