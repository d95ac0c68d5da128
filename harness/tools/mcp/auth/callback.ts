import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { InfrastructureError, messageOf, UsageError } from '../../../errors.ts';
import type { Browser } from './ask-person.ts';

/** How long a person may take to decide, in milliseconds. */
const patienceMs = 10 * 60_000;

/**
 * A browser that is shown an address and comes back to a port of this machine. Requests of other pages, which do not know the
 * state, are answered and ignored. `port` 0 takes a free one. Rejects with a `UsageError` where the port is taken, and with
 * an `InfrastructureError` where no one came back in ten minutes.
 */
export async function openBrowser({
  port = 0,
  show,
  signal,
}: {
  port?: number | undefined;
  show: (url: URL) => void;
  signal: AbortSignal;
}): Promise<Browser & { close(): void }> {
  let waiting: { state: string | null; take: (parameters: URLSearchParams) => void } | undefined;
  const http = createServer(({ url = '/', method }, response) => {
    const { pathname, searchParams } = new URL(url, 'http://127.0.0.1');
    const isAnswer =
      method === 'GET' && pathname === '/callback' && searchParams.get('state') === waiting?.state;
    const text = !isAnswer
      ? 'This address expects the answer of an authorization server, and this is none.'
      : searchParams.has('error')
        ? 'Not logged in: the authorization server did not agree. The terminal says more.'
        : 'patternbench has the answer and checks it. The terminal says more; you can close this page.';
    response.writeHead(isAnswer ? 200 : 400, {
      'content-type': 'text/plain; charset=utf-8',
      connection: 'close',
    });
    response.end(`${text}\n`);
    if (!isAnswer) return;
    waiting?.take(searchParams);
    waiting = undefined;
  });
  http.listen(port, '127.0.0.1');
  await once(http, 'listening').catch((error: unknown) => {
    throw new UsageError(`Port ${port} of oauth.callbackPort cannot be used: ${messageOf(error)}`);
  });
  const { port: actual } = http.address() as AddressInfo;
  return {
    redirectUrl: `http://127.0.0.1:${actual}/callback`,
    ask(url) {
      const { promise, resolve, reject } = Promise.withResolvers<URLSearchParams>();
      waiting = { state: url.searchParams.get('state'), take: resolve };
      const late = setTimeout(
        () => reject(new InfrastructureError('No one came back from the browser in ten minutes.')),
        patienceMs,
      );
      const stop = () => reject(signal.reason);
      signal.addEventListener('abort', stop, { once: true });
      show(url);
      return promise.finally(() => {
        clearTimeout(late);
        signal.removeEventListener('abort', stop);
      });
    },
    close() {
      http.close();
      http.closeAllConnections();
    },
  };
}
