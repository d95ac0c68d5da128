import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { startAuthorization } from '@modelcontextprotocol/sdk/client/auth.js';
import { isSecure } from '../../../addresses.ts';
import { InfrastructureError, messageOf, UsageError, unlessAborted } from '../../../errors.ts';
import { type Discovered, quote } from './discover.ts';
import { type ProvenClient, requestTokens, type Tokens } from './token-request.ts';

/** A person's browser, and the address of this machine that it is sent back to. */
export type Browser = {
  redirectUrl: string;
  /** Lets the person decide at this address. Resolves with the parameters that the browser came back with. */
  ask(url: URL): Promise<URLSearchParams>;
};

/**
 * Gets tokens by asking a person (RFC 6749 with PKCE, RFC 9207). The answer counts only if it belongs to this request and
 * comes from this issuer: with another's code, this issuer would be sent what is not its own. Rejects with an
 * `InfrastructureError`. `hide` is given what must leave no trace.
 */
export async function askPerson(
  discovered: Discovered,
  client: ProvenClient,
  scopes: readonly string[],
  browser: Browser,
  hide: (secret: string) => void,
): Promise<Tokens> {
  const { issuer, resource, metadata } = discovered;
  const refuse = (problem: string): never => {
    throw new InfrastructureError(`${problem} No token was asked for.`);
  };
  if (!metadata.code_challenge_methods_supported?.includes('S256'))
    refuse(`${quote(issuer)} does not say that it supports PKCE with S256.`);
  const endpoint = URL.parse(metadata.authorization_endpoint);
  if (!endpoint || !isSecure(endpoint))
    refuse(`${quote(issuer)} sends people to ${quote(metadata.authorization_endpoint)}, which is not https.`);
  const state = randomUUID();
  const { redirectUrl } = browser;
  const { authorizationUrl, codeVerifier } = await startAuthorization(issuer, {
    metadata,
    clientInformation: { client_id: client.id },
    redirectUrl,
    ...(scopes.length > 0 && { scope: scopes.join(' ') }),
    state,
    resource: new URL(resource),
  });
  hide(codeVerifier);
  // The resource letter by letter as the server names it: a token is for that text.
  authorizationUrl.searchParams.set('resource', resource);
  const back = await browser.ask(authorizationUrl);
  const code = back.get('code');
  if (code !== null) hide(code);
  const sender = back.get('iss');
  if (back.get('state') !== state) refuse('What the browser brought back answers another request (state).');
  if (sender !== null && sender !== issuer)
    refuse(`What the browser brought back is of another issuer, ${quote(sender)}, not of ${quote(issuer)}.`);
  // A member of RFC 9207 that the SDK's type lacks.
  const namesIssuer = Object.entries(metadata).some(
    ([name, value]) => name === 'authorization_response_iss_parameter_supported' && value === true,
  );
  if (sender === null && namesIssuer)
    refuse(`What the browser brought back does not name its issuer, as ${quote(issuer)} says it does.`);
  const error = back.get('error');
  if (error !== null) refuse(`${quote(issuer)} did not agree: ${quote(error)}.`);
  if (code === null) return refuse('The browser brought back neither a code nor an error.');
  const tokens = await requestTokens(discovered, client, {
    grant_type: 'authorization_code',
    code,
    code_verifier: codeVerifier,
    redirect_uri: redirectUrl,
  });
  if ('refused' in tokens)
    throw new InfrastructureError(
      `${quote(issuer)} refused the code: ${[tokens.refused, tokens.description].filter(Boolean).join(', ')}.`,
    );
  return tokens;
}

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
      const nobody = new InfrastructureError('No one came back from the browser in ten minutes.');
      const late = setTimeout(() => reject(nobody), patienceMs);
      show(url);
      return unlessAborted(promise, signal).finally(() => clearTimeout(late));
    },
    close() {
      http.close();
      http.closeAllConnections();
    },
  };
}
