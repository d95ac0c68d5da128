import { expect, test } from 'vitest';
import crm from '../../../mock-servers/crm/server.ts';
import { parseOptions } from '../../../mock-servers/load.ts';
import { serveHttp } from '../../../mock-servers/serve-http.ts';
import { startMockServer } from '../../scenario/servers.ts';
import { connect, connectAll } from './connections.ts';
import type { Tamper } from './wire.ts';

const timeouts = { connectMs: 20_000, callMs: 20_000 };
const never = new AbortController().signal;

test('only a server of ours is asked for its state, also where another would answer', async () => {
  const served = await serveHttp(crm, parseOptions(crm, { contacts: 5 }));
  try {
    for (const mock of [{ name: 'crm', options: {} }, undefined]) {
      const own = { url: served.url, headers: {}, ...(mock && { mock }) } as const;
      const connection = await connect('crm', own, timeouts, never);
      expect((await connection.state())?.calls, `mock: ${mock?.name}`).toEqual(mock && {});
      await connection.close();
    }
  } finally {
    await served.close();
  }
});

test('a mock server in this process says, answers and remembers what one in a process of its own does', async () => {
  const spec = await startMockServer('crm', { contacts: 20 });
  const kinds = [spec, { ...spec, inProcess: true }, { ...spec, inProcess: true }];
  const [apart, inside, untouched] = await Promise.all(
    kinds.map((kind) => connect('crm', kind, timeouts, never)),
  );
  if (!apart || !inside || !untouched) throw new Error('not connected');
  expect(inside.listing).toEqual(apart.listing);
  const calls: [string, Record<string, unknown>][] = [
    ['get_contact', { id: 'con_000003' }],
    ['tag_contact', { id: 'con_000003', tags: ['new'] }],
    ['get_contact', { id: 'con_000003' }],
    ['get_contact', { id: 'con_999999' }],
    ['get_contact', { id: 7 }],
    ['no_such_tool', {}],
  ];
  for (const [tool, args] of calls) {
    expect(await inside.call(tool, args, never), tool).toEqual(await apart.call(tool, args, never));
  }
  const state = await inside.state();
  expect(state?.changes).toHaveLength(1);
  expect(state).toEqual(await apart.state());
  // Data are made once for all in this process; what one is told to write is its own.
  const unchanged = await untouched.state();
  expect(unchanged?.changes).toEqual([]);
  const before = await untouched.call('get_contact', { id: 'con_000003' }, never);
  expect(before.text).not.toContain('"new"');
  await Promise.all([apart, inside, untouched].map((connection) => connection.close()));
  await expect(inside.call('get_contact', { id: 'con_000003' }, never)).rejects.toThrow('closed');
});

test('a server that was started again answers as before; a mock keeps its data', async () => {
  const served = await serveHttp(crm, parseOptions(crm, { contacts: 5 }));
  const mock = { ...(await startMockServer('crm', { contacts: 5 })), inProcess: true };
  const servers = { far: { url: served.url, headers: {} }, near: mock };
  const connections = await connectAll(servers, timeouts, never);
  try {
    const toolOf = (server: string, name: string) => {
      const tools = connections.surface.find((each) => each.server === server)?.tools ?? [];
      return tools.find((tool) => tool.name === name) ?? expect.fail(`no ${name}`);
    };
    const contact = () => connections.call(toolOf('far', 'get_contact'), { id: 'con_000003' }, never);
    const before = await contact();
    await connections.call(toolOf('near', 'tag_contact'), { id: 'con_000003', tags: ['new'] }, never);
    await Promise.all(['far', 'near'].map(connections.restart));
    expect(await contact()).toEqual(before);
    expect((await connections.states()).near?.changes).toHaveLength(1);
  } finally {
    await connections.close();
    await served.close();
  }
});

test('a list that is read again in another order has not changed', async () => {
  let listings = 0;
  const tamper = (): Tamper => ({
    initialized() {},
    listed(result) {
      listings += 1;
      if (listings > 1) (result.tools as unknown[]).reverse();
    },
    called: async (_, forward) => ({
      result: await forward(),
      notices: [{ method: 'notifications/tools/list_changed' }],
    }),
  });
  const spec = { ...(await startMockServer('crm', { contacts: 5 })), inProcess: true, tamper };
  const connection = await connect('crm', spec, timeouts, never);
  for (const _ of [1, 2])
    expect(await connection.call('get_contact', { id: 'con_000003' }, never)).toMatchObject({
      isError: false,
    });
  expect(listings).toBe(2);
  await connection.close();
});
