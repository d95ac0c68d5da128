import { describe, expect, test } from 'vitest';
import { namesIn, Translation } from './player.ts';

const create = 'orders.create';
const call = (tool: string, args: Record<string, string | number | string[]>) => ({
  server: 'orders',
  tool,
  args,
});

/** What a trial in the folder `/tmp/two` learned from the result of the call that gave `recorded` in `/tmp/one`. */
function translated(volatile: (string | RegExp)[], recorded: string, own: string): Translation {
  const translation = new Translation('/tmp/one', {
    directory: '/tmp/two',
    volatile: new Map([[create, volatile]]),
  });
  translation.learn({ ...call('create', {}), names: namesIn(recorded, volatile) }, own);
  return translation;
}

describe('a call over other servers', () => {
  test("has the trial's own folder, wherever the argument holds it", () => {
    const translation = translated([], '{}', '{}');
    const recorded = call('read', { paths: ['/tmp/one/a.txt', 'file:///tmp/one/b'], limit: 3 });
    const own = call('read', { paths: ['/tmp/two/a.txt', 'file:///tmp/two/b'], limit: 3 });
    expect(translation.toOwn(recorded)).toEqual(own);
    expect(translation.toRecorded(own)).toEqual(recorded);
  });

  test.each([
    ['a field', ['id'], '{"id":"ord_17a"}', '{"id":"ord_93f"}', 'ord_17a', 'ord_93f'],
    [
      'a part of a text',
      ['id'],
      '{"id":"ord_17a"}',
      '{"id":"ord_93f"}',
      'orders/ord_17a/x',
      'orders/ord_93f/x',
    ],
    ['a path', ['items[].id'], '{"items":[{"id":"aaaa"}]}', '{"items":[{"id":"bbbb"}]}', 'aaaa', 'bbbb'],
    [
      'what lies within a field',
      ['at'],
      '{"at":{"day":"day-1"}}',
      '{"at":{"day":"day-2"}}',
      'day-1',
      'day-2',
    ],
    ['a large number', ['id'], '{"id":17345}', '{"id":20001}', 17_345, 20_001],
    ['a number in a text', ['id'], '{"id":17345}', '{"id":20001}', '/orders/17345', '/orders/20001'],
    ['a pattern', [/Order \S+ made/], 'Order ord_17a made.', 'Order ord_93f made.', 'ord_17a', 'ord_93f'],
  ])('names what a result named in %s', (_, volatile, recorded, own, before, after) => {
    const translation = translated(volatile, recorded, own);
    expect(translation.toOwn(call('get', { id: before }))).toEqual(call('get', { id: after }));
    expect(translation.toRecorded(call('get', { id: after }))).toEqual(call('get', { id: before }));
  });

  test.each([
    ['names that are too short to be told from other words', '{"id":7}', '{"id":9}', 7],
    ['fields that may not differ', '{"name":"ord_17a"}', '{"name":"ord_93f"}', 'ord_17a'],
    ['words of which a name is a part', '{"id":"ord_1"}', '{"id":"ord_2"}', 'ord_12'],
  ])('keeps %s', (_, recorded, own, before) => {
    const other = call('get', { id: before });
    expect(translated(['id'], recorded, own).toOwn(other)).toEqual(other);
  });

  test('exchanges two names that were given the other way round', () => {
    const translation = translated(['id'], '[{"id":"aaaa"},{"id":"bbbb"}]', '[{"id":"bbbb"},{"id":"aaaa"}]');
    expect(translation.toOwn(call('get', { ids: ['aaaa', 'bbbb'] }))).toEqual(
      call('get', { ids: ['bbbb', 'aaaa'] }),
    );
  });
});
