import { InfrastructureError } from '../../../errors.ts';
import { mapTexts } from '../../../json.ts';
import type { Fetch, ServerAccess } from '../http-transport.ts';
import { createRedact, type Redact, type Secret } from '../secrets.ts';
import { declaredScopes, type HttpServer, type ReachableServer } from '../server-spec.ts';
import { quote, readChallenge } from './discover.ts';
import { createGrant, type Grant, type GrantParts } from './grant.ts';
import { createMemoryStore } from './login-store.ts';

/**
 * Gives servers over HTTP their tokens: all connections of a process to a server share one grant for the same scopes. `store`
 * holds the logins; machines' tokens stay in memory. `browser` is a person to ask, and `again` asks that person also where
 * there is a login.
 */
export function openAuthorization({
  store,
  browser,
  again,
  now = Date.now,
}: Pick<GrantParts, 'store' | 'browser' | 'again'> & { now?: () => number }) {
  const grants = new Map<string, { server: string; declared: readonly string[]; grant: Grant }>();
  const machines = createMemoryStore();
  const secrets = new Map<string, Secret>();
  let redact: Redact | undefined;
  const hide = (value: string) => {
    if (secrets.has(value)) return;
    secrets.set(value, { value, place: 'token' });
    redact = createRedact([...secrets.values()]);
  };
  const withoutTokens: Redact = (text) => redact?.(text) ?? text;
  return {
    /** Undefined for a server whose configuration brings its own `Authorization` header. */
    access(
      given: string,
      spec: HttpServer & Pick<ReachableServer, 'scopes' | 'configured'>,
    ): ServerAccess | undefined {
      const server = spec.configured ?? given;
      if (Object.keys(spec.headers).some((name) => name.toLowerCase() === 'authorization')) return undefined;
      const { url, oauth: config, scopes: declared = declaredScopes(config) } = spec;
      const key = JSON.stringify([server, url, config, declared]);
      const { grant } = grants.get(key) ?? {
        grant: createGrant({
          ...{ server, url, config, declared, browser, again, now, hide },
          store: config?.grant === 'client_credentials' ? machines : store,
        }),
      };
      grants.set(key, { server, declared, grant });
      return {
        fetch: (next) => withToken(next, grant, { server, url, redact: withoutTokens }),
        clean: (message) => (redact ? (mapTexts(message, redact, redact) as typeof message) : message),
        held: () => (grant.report()?.held ?? []).map(withoutTokens),
      };
    },
    /** Takes all tokens and other secrets of authorization that were met out of a text. */
    redact: withoutTokens,
    /** What a run held of each server, and what the server demanded in refusals. */
    report: () =>
      [...grants.values()]
        .flatMap(({ server, declared, grant }) => {
          const report = grant.report();
          if (!report) return [];
          // What a token or a server names as a scope may be anything.
          const [held, demanded] = [report.held.map(withoutTokens), report.demanded.map(withoutTokens)];
          return [{ server, declared: [...declared], ...report, held, demanded }];
        })
        .sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1)),
  };
}

export type Authorization = ReturnType<typeof openAuthorization>;

/**
 * `fetch` with the grant's token. A refused request executed nothing, so it is sent again: once with a renewed token, and
 * once with more scopes.
 */
function withToken(
  next: Fetch,
  grant: Grant,
  { server, url, redact }: { server: string; url: string; redact: Redact },
): Fetch {
  const own = new URL(url).href;
  return async (to, init = {}) => {
    let token = await grant.current();
    let [isRenewed, isWidened] = [false, false];
    for (;;) {
      if (token && new URL(to).href !== own)
        throw new InfrastructureError(
          `Server "${server}" redirects to another address, where its token is not sent. Configure the address where it is.`,
        );
      const headers = new Headers(init.headers);
      if (token) headers.set('authorization', `Bearer ${token.token}`);
      const response = await next(to, { ...init, headers });
      if (response.status !== 401 && response.status !== 403) return response;
      const challenge = readChallenge(response, redact);
      if (response.status === 403) {
        if (challenge.error !== 'insufficient_scope' || !token) return response;
        if (isWidened) throw stillRefused(server, challenge.description);
        isWidened = true;
        await response.body?.cancel();
        token = await grant.stepUp(token, challenge);
        continue;
      }
      if (isRenewed) throw stillRefused(server, challenge.description ?? challenge.error);
      isRenewed = true;
      const renewed = await grant.renew(token, challenge);
      if (!renewed) return response;
      await response.body?.cancel();
      token = renewed;
    }
  };
}

function stillRefused(server: string, reason = 'it does not say why'): InfrastructureError {
  return new InfrastructureError(
    `Server "${server}" refuses a token that was issued just now: ${quote(reason)}.`,
  );
}
