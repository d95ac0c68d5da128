import { InfrastructureError, UsageError } from '../../../errors.ts';
import { allScopes, type OauthConfig } from '../server-spec.ts';
import { askPerson, type Browser } from './ask-person.ts';
import { type Challenge, type Discovered, discover, findIssuer } from './discover.ts';
import type { AccessToken, Login, LoginStore } from './login-store.ts';
import { findClient, type OauthClient, requestTokens, type Tokens } from './token-request.ts';

/** What tokens for one server are got with. */
export type GrantParts = {
  /** The server's name and address. */
  server: string;
  url: string;
  config: OauthConfig | undefined;
  /** The scopes that are declared, sorted: these are asked for, and no others are ever held. */
  declared: readonly string[];
  store: LoginStore;
  /** A person to ask; without one, only what was granted before can be used. */
  browser?: (() => Promise<Browser>) | undefined;
  /** Asks the person also where there is a login. `accept` lets the authorization server be another than the login's. */
  again?: { accept: boolean } | undefined;
  /** Milliseconds since 1970. */
  now: () => number;
  /** Takes what must leave no trace. */
  hide: (secret: string) => void;
};

/** A person has to log in before anything can be done with a server. */
export class LoginNeeded extends UsageError {
  override name = 'LoginNeeded';
}

/** Seconds before its end at which a token is renewed, and the share of its life that this may take at most. */
const renewBeforeSeconds = 30;
const renewBeforeShare = 0.1;

/**
 * The right to use one server with the declared scopes: gets, renews and widens its tokens. Callers that ask at once wait for
 * one request: with rotation, a second use of the same refresh token would revoke the whole login. Rejects with a
 * `LoginNeeded` where a person has to log in, with a `VerificationError` where the authorization server changed, and with an
 * `InfrastructureError` otherwise.
 */
export function createGrant(parts: GrantParts) {
  const { server, url, config, declared, store, browser, now, hide } = parts;
  const isMachine = config?.grant === 'client_credentials';
  const key = declared.join(' ');
  const demanded = new Set<string>();
  let { again } = parts;
  let held: AccessToken | undefined;
  let issuer: string | undefined;
  let underWay: Promise<AccessToken | undefined> | undefined;
  let widening: Promise<unknown> | undefined;
  let isAbsent = false;
  let ownClient: OauthClient | undefined;

  const isFresh = ({ renewAt }: AccessToken) => renewAt === null || now() < renewAt;
  const sought = (login: Login | undefined, metadataUrl: string | undefined) => ({
    server,
    url,
    metadataUrl: metadataUrl ?? login?.metadataUrl,
    configuredIssuer: config?.issuer,
    loginIssuer: again?.accept ? undefined : login?.issuer,
  });
  /** The client that was configured proves itself by the configured key, any other by what it was given. */
  const proven = (client: OauthClient) =>
    client.id === config?.clientId ? { ...client, privateKey: config.privateKey } : client;
  const fault = (problem: string) => new InfrastructureError(`Server "${server}": ${problem}`);

  /** One at a time; who comes meanwhile gets the same. */
  const once = (work: () => Promise<AccessToken | undefined>) => {
    underWay ??= work().finally(() => {
      underWay = undefined;
    });
    return underWay;
  };

  /** Keeps tokens that came in, before anything is checked that could lose them. */
  async function keep(login: Login, tokens: Tokens, asked: readonly string[]): Promise<AccessToken> {
    const { access: token, lifeSeconds: life, scopes = [...asked] } = tokens;
    for (const secret of [token, tokens.refresh]) if (secret !== undefined) hide(secret);
    const early = Math.min(renewBeforeSeconds, (life ?? 0) * renewBeforeShare);
    const renewAt = life === undefined ? null : now() + (life - early) * 1000;
    const entry: AccessToken = { token, scopes, renewAt };
    const refreshToken = tokens.refresh ?? login.refreshToken;
    await store.write({
      ...login,
      ...(refreshToken !== undefined && { refreshToken }),
      access: { ...login.access, [key]: entry },
    });
    return use(entry, login.issuer);
  }

  function use(token: AccessToken, from: string): AccessToken {
    const isLimited = declared.length > 0 || allScopes(config).length > 0;
    const excess = isLimited ? token.scopes.filter((scope) => !declared.includes(scope)) : [];
    if (excess.length > 0)
      throw fault(
        `its token has the scopes ${excess.join(', ')}, which are not declared. They cannot be given up: log in with fewer (oauth.scopes), or declare them.`,
      );
    hide(token.token);
    [held, issuer] = [token, from];
    return token;
  }

  /** By what is stored, under the lock; undefined where only a person can help. */
  async function useStored(refused: AccessToken | undefined, metadataUrl?: string) {
    const login = await store.read(url);
    if (!login || again) return undefined;
    for (const secret of [login.refreshToken, login.client.secret]) if (secret !== undefined) hide(secret);
    const stored = login.access[key];
    // Another process may have renewed it.
    if (stored && stored.token !== refused?.token && isFresh(stored)) {
      if (!held) await findIssuer(sought(login, metadataUrl));
      return use(stored, login.issuer);
    }
    if (login.refreshToken === undefined) return undefined;
    const discovered = await discover(sought(login, metadataUrl));
    const { granted, refreshToken } = login;
    const isNarrower = declared.length > 0 && granted.some((scope) => !declared.includes(scope));
    const asked = isNarrower ? granted.filter((scope) => declared.includes(scope)) : granted;
    const tokens = await requestTokens(discovered, proven(login.client), {
      grant_type: 'refresh_token',
      refresh_token: refreshToken,
      ...(isNarrower && asked.length > 0 && { scope: asked.join(' ') }),
    });
    if (!('refused' in tokens)) return keep(login, tokens, asked);
    if (tokens.refused !== 'invalid_grant')
      throw fault(`${login.issuer} does not renew its token: ${tokens.refused}.`);
    // It will never be taken again, so it is sent no more.
    const { refreshToken: _over, ...rest } = login;
    await store.write({ ...rest, access: {} });
    return undefined;
  }

  async function askMachine(metadataUrl: string | undefined): Promise<AccessToken> {
    const { clientId, clientSecret, privateKey } = config ?? {};
    if (clientId === undefined || (clientSecret ?? privateKey) === undefined)
      throw new UsageError(
        `Server "${server}": client_credentials needs oauth.clientId, and oauth.clientSecret or oauth.privateKey.`,
      );
    const known = await store.read(url);
    const discovered = await discover(sought(known, metadataUrl));
    const client = { id: clientId, ...(clientSecret !== undefined && { secret: clientSecret }) };
    const tokens = await requestTokens(discovered, proven(client), {
      grant_type: 'client_credentials',
      ...(declared.length > 0 && { scope: key }),
    });
    if ('refused' in tokens)
      throw fault(
        `${discovered.issuer} gives no token: ${[tokens.refused, tokens.description].filter(Boolean).join(', ')}.`,
      );
    return keep(toLogin(discovered, client, tokens, metadataUrl), tokens, declared);
  }

  async function ask(open: () => Promise<Browser>, metadataUrl: string | undefined): Promise<AccessToken> {
    const opened = await open();
    const discovered = await discover(sought(await store.read(url), metadataUrl));
    ownClient ??= await findClient(discovered, config, opened.redirectUrl, declared);
    if (ownClient.secret !== undefined) hide(ownClient.secret);
    const client = ownClient;
    const tokens = await askPerson(discovered, proven(client), declared, opened, hide);
    again = undefined;
    return store.locked(url, () => keep(toLogin(discovered, client, tokens, metadataUrl), tokens, declared));
  }

  function toLogin(
    { issuer: from }: Discovered,
    client: OauthClient,
    tokens: Tokens,
    metadataUrl: string | undefined,
  ): Login {
    return {
      url,
      issuer: from,
      ...(metadataUrl !== undefined && { metadataUrl }),
      client,
      granted: tokens.scopes ?? [...declared],
      access: {},
    };
  }

  async function obtain(refused: AccessToken | undefined, metadataUrl: string | undefined) {
    if (isMachine) return store.locked(url, () => askMachine(metadataUrl));
    const isKnown = (await store.read(url)) !== undefined;
    const found = isKnown ? await store.locked(url, () => useStored(refused, metadataUrl)) : undefined;
    if (found) return found;
    if (browser) return ask(browser, metadataUrl);
    if (isKnown)
      throw fault(`its login has ended: it expired, was revoked or cannot be renewed. ${logIn(server)}`);
    return undefined;
  }

  async function widen(scopes: readonly string[], refused: AccessToken, metadataUrl: string | undefined) {
    const { granted = [] } = (await store.read(url)) ?? {};
    const isGranted = scopes.every((scope) => granted.includes(scope));
    if (isMachine || isGranted) return obtain(refused, metadataUrl);
    if (browser) return ask(browser, metadataUrl);
    throw fault(`it demands the scope ${scopes.join(', ')}, which the login does not have. ${logIn(server)}`);
  }

  return {
    /** The token to send, renewed before it expires; undefined where there is no login. */
    async current(): Promise<AccessToken | undefined> {
      if (underWay) return underWay;
      if (held && isFresh(held)) return held;
      // The server says first that it wants a token, and where one is to be had.
      if (!held) {
        if (isAbsent || again || isMachine) return undefined;
        isAbsent = (await store.read(url)) === undefined;
        if (isAbsent) return undefined;
      }
      return once(() => obtain(held, undefined));
    },
    /**
     * Another token than the one that the server refused; the same one for all that ask at once. Undefined for a server that
     * says nothing of tokens.
     */
    async renew(refused: AccessToken | undefined, { metadataUrl, isBearer, scopes }: Challenge) {
      for (const scope of scopes) demanded.add(scope);
      if (held && held.token !== refused?.token && isFresh(held)) return held;
      const token = await once(() => obtain(refused, metadataUrl));
      if (token) return token;
      const hasMetadata =
        isBearer ||
        (await findIssuer(sought(undefined, metadataUrl)).then(
          () => true,
          () => false,
        ));
      if (hasMetadata) throw new LoginNeeded(`Server "${server}" wants a token. ${logIn(server)}`);
      return undefined;
    },
    /** A token with scopes that the server demands. They are asked for once; where they were not granted, it rejects. */
    async stepUp(refused: AccessToken, { metadataUrl, scopes, description }: Challenge) {
      for (const scope of scopes) demanded.add(scope);
      const list = (missing: readonly string[]) => missing.join(', ');
      const beyond = scopes.filter((scope) => !declared.includes(scope));
      if (scopes.length === 0)
        throw fault(`it wants another scope and does not say which. ${description ?? ''}`.trim());
      if (beyond.length > 0)
        throw fault(
          `it demands the scope ${list(beyond)}, which is not declared for what the scenario uses. Nothing more was asked for. Declare it in oauth.scopes if it is right.`,
        );
      const missing = () => scopes.filter((scope) => !held?.scopes.includes(scope));
      if (held && held.token !== refused.token && missing().length === 0) return held;
      if (scopes.every((scope) => refused.scopes.includes(scope)))
        throw fault(`it says that ${list(scopes)} is missing, which its token has.`);
      // What is under way by now was asked for before this was known.
      widening ??= Promise.resolve(underWay)
        .catch(() => undefined)
        .then(() => once(() => widen(scopes, refused, metadataUrl)));
      await widening;
      if (!held || missing().length > 0)
        throw fault(`the scope ${list(missing())} was asked for and not granted.`);
      return held;
    },
    /** The scopes held, those that the server demanded, and who issued them; undefined before there was a token. */
    report: () =>
      held && issuer !== undefined
        ? { issuer, held: [...held.scopes].sort(), demanded: [...demanded].sort() }
        : undefined,
  };
}

export type Grant = ReturnType<typeof createGrant>;

function logIn(server: string): string {
  return `Log in: patternbench login ${server}`;
}
