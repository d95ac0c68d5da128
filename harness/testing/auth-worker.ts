import { setTimeout as delay } from 'node:timers/promises';
import { openAuthorization } from '../tools/mcp/auth/authorization.ts';
import { openLoginStore } from '../tools/mcp/auth/login-store.ts';
import { connect } from '../tools/mcp/connections.ts';

// A process that shares its logins with others: connects, says so, and at a word makes many calls at once.
const [folder = '', url = '', calls = '0'] = process.argv.slice(2);
const authorization = openAuthorization({ store: openLoginStore(folder) });
const { signal } = new AbortController();
const timeouts = { connectMs: 60_000, callMs: 60_000 };
const spec = { url, headers: {}, scopes: ['crm:read', 'crm:write'] };
const connection = await connect('crm', spec, timeouts, signal, authorization);
process.send?.('ready');
process.once('message', async () => {
  const results = await Promise.allSettled(
    Array.from({ length: Number(calls) }, (_, index) =>
      connection.call('get_contact', { id: `con_${String(index + 1).padStart(6, '0')}` }, signal),
    ),
  );
  const failed = results.flatMap((each) => (each.status === 'rejected' ? [String(each.reason)] : []));
  const executed = results.filter((each) => each.status === 'fulfilled' && !each.value.isError).length;
  process.send?.({ executed, failed: failed[0] });
  await delay(0);
  await connection.close();
  process.disconnect?.();
});
