import { expect, test } from 'vitest';
import type { MockState } from '../../mock-servers/state.ts';
import type { GradeContext } from './scenario.ts';
import { stateUpdates } from './state.ts';

const grader = stateUpdates({
  server: 'crm',
  derived: ['updatedAt'],
  expected: () => [
    { entity: 'contact', id: 'a', fields: { tags: ['x'] } },
    { entity: 'contact', id: 'b', fields: { tags: [] } },
  ],
});

type Change = MockState['changes'][number];
const update = (id: string, after: Record<string, unknown>): Change => ({
  operation: 'update',
  entity: 'contact',
  id,
  before: { id, name: 'N', tags: ['y'], updatedAt: 1 },
  after: { id, name: 'N', tags: ['y'], updatedAt: 2, ...after },
});
const right = [update('a', { tags: ['x'] }), update('b', { tags: [] })];

async function grade(changes: Change[]) {
  const states = { crm: { changes } as unknown as MockState };
  return grader.grade({ states } as unknown as GradeContext);
}

test('accepts exactly the changes that were asked for', async () => {
  expect((await grade(right)).correct).toBe(true);
});

test.each([
  ['one is missing', right.slice(1), '1 of 2 changes were not made, such as contact a'],
  ['another record was touched', [...right, update('c', { tags: [] })], 'Not asked for: update contact c'],
  ['a field has another value', [update('a', { tags: ['z'] }), right[1]], 'contact a: tags'],
  ['another field changed too', [update('a', { tags: ['x'], name: 'M' }), right[1]], 'contact a: name'],
  [
    'a record is gone',
    [{ operation: 'delete', entity: 'contact', id: 'a', before: {} }, right[1]],
    'Not asked for: delete contact a',
  ],
])('refuses them where %s', async (_, changes, reason) => {
  expect(await grade(changes as Change[])).toEqual({
    correct: false,
    reason: expect.stringContaining(reason),
  });
});
