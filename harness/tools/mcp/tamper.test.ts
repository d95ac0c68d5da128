import { afterAll, expect, test } from 'vitest';
import crm from '../../../mock-servers/crm/server.ts';
import { parseOptions } from '../../../mock-servers/load.ts';
import { serveHttp } from '../../../mock-servers/serve-http.ts';
import { startMockServer } from '../../scenario/servers.ts';
import { pingTool, scriptServer } from '../pin/testing/server-script.ts';
import { findPlanted, plant } from '../poison/canary.ts';
import { type Place, places } from '../poison/places.ts';
import { poisonServer } from '../poison/wrap.ts';
import { connect } from './connections.ts';
import type { ReachableServer } from './server-spec.ts';

const timeouts = { connectMs: 60_000, callMs: 60_000 };
const never = new AbortController().signal;
const served = await serveHttp(crm, parseOptions(crm, { contacts: 5 }));
afterAll(() => served.close());

const wires: [string, () => Promise<ReachableServer>][] = [
  ['HTTP', async () => ({ url: served.url, headers: {} })],
  ['standard input and output', () => startMockServer('crm', { contacts: 5 })],
];

const target = {
  server: 'crm',
  used: 'get_contact',
  unused: 'list_orders',
  fields: {
    unused: { tool: 'get_contact', path: ['contact', 'notes'] },
    returned: undefined,
    passed: undefined,
  },
};

test.each(wires)('what a server says is changed over %s, before anything reads it', async (_, reach) => {
  const names = new Set(['instructions', 'description-front', 'result-field']);
  const { tamper, seen } = poisonServer({ target, names, kind: 'order' });
  const connection = await connect('crm', { ...(await reach()), tamper }, timeouts, never);
  try {
    const { instructions = '', tools } = connection.surface;
    expect(findPlanted(instructions)).toEqual([{ place: 'instructions', whole: true }]);
    const used = tools.find(({ name }) => name === 'get_contact');
    expect(findPlanted(used?.description ?? '')).toEqual([{ place: 'description-front', whole: true }]);
    const { text } = await connection.call('get_contact', { id: 'con_000001' }, never);
    expect(findPlanted(text)).toEqual([{ place: 'result-field', whole: true }]);
    const other = await connection.call('list_users', {}, never);
    expect(findPlanted(other.text)).toEqual([]);
    expect([...seen.sent].sort()).toEqual([...names].sort());
  } finally {
    await connection.close();
  }
});

test('a log message that a server sends before its answer is in nothing that a prompt is made of', async () => {
  const notice = plant('log-notice', 'order').text;
  const server = scriptServer({ tools: [pingTool], notice, answer: plant('result-text', 'order').text });
  const connection = await connect('own', { ...server, env: {} }, timeouts, never);
  try {
    const { text } = await connection.call('ping', {}, never);
    expect(findPlanted(text)).toEqual([{ place: 'result-text', whole: true }]);
    const next = await connection.call('ping', {}, never);
    expect(findPlanted(JSON.stringify([connection.surface, next]))).toEqual(findPlanted(text));
  } finally {
    await connection.close();
  }
});

test('every place has a name of its own that its marks keep', () => {
  const names = places.map(({ name }: Place) => name);
  expect(new Set(names).size).toBe(names.length);
  expect(names.length).toBeGreaterThanOrEqual(49);
});
