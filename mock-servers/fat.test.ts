import { expect, test } from 'vitest';
import { openCrm } from './testing/open-server.ts';

test('a fat server returns what a lean one does, at the same place, and at least ten times as much in all', () => {
  const [lean, fat] = [openCrm({ contacts: 50 }), openCrm({ contacts: 50, results: 'fat' })];
  for (const [name, args] of [
    ['get_contact', { id: 'con_000001' }],
    ['list_orders', { limit: 5 }],
  ] as const) {
    const [small, large] = [lean.call(name, { ...args }), fat.call(name, { ...args })];
    expect(large).toMatchObject(small);
    expect(JSON.stringify(large).length).toBeGreaterThan(10 * JSON.stringify(small).length);
  }
});
