import { expect, test } from 'vitest';
import crm from '../../../mock-servers/crm/server.ts';
import { parseOptions } from '../../../mock-servers/load.ts';
import { serveHttp } from '../../../mock-servers/serve-http.ts';
import { connect } from './connections.ts';

const timeouts = { connectMs: 20_000, callMs: 20_000 };
const never = new AbortController().signal;

test('only a server of ours is asked for its state, also where another would answer', async () => {
  const served = await serveHttp(crm, parseOptions(crm, { contacts: 5 }));
  try {
    for (const mock of [true, undefined]) {
      const own = { url: served.url, headers: {}, ...(mock && { mock }) } as const;
      const connection = await connect('crm', own, timeouts, never);
      expect((await connection.state())?.calls, `mock: ${mock}`).toEqual(mock && {});
      await connection.close();
    }
  } finally {
    await served.close();
  }
});
