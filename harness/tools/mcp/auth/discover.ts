import {
  discoverAuthorizationServerMetadata,
  discoverOAuthProtectedResourceMetadata,
} from '@modelcontextprotocol/sdk/client/auth.js';
import type { AuthorizationServerMetadata } from '@modelcontextprotocol/sdk/shared/auth.js';
import { checkResourceAllowed } from '@modelcontextprotocol/sdk/shared/auth-utils.js';
import { isLoopback, isSecure } from '../../../addresses.ts';
import { InfrastructureError, messageOf, VerificationError } from '../../../errors.ts';
import { showUntrusted } from '../../../visible.ts';
import { createBoundedFetch } from '../http-transport.ts';
import type { Redact } from '../secrets.ts';

/**
 * What a server says of a request that it refused for want of a token or a scope: the header `WWW-Authenticate` of its response
 * (RFC 6750, RFC 9728). `redact` takes tokens out of it first: a server may put the one that it was
 * sent into what is told and recorded.
 */
export function readChallenge({ headers }: Response, redact: Redact) {
  const text = redact(headers.get('www-authenticate') ?? '');
  const field = (name: string) => {
    const [, quoted, plain] =
      new RegExp(`(?:^|[\\s,])${name}=(?:"([^"]*)"|([^\\s,"]+))`, 'i').exec(text) ?? [];
    return quoted ?? plain;
  };
  return {
    isBearer: /^\s*Bearer\b/i.test(text),
    error: field('error'),
    description: field('error_description'),
    scopes: toScopes(field('scope')),
    metadataUrl: field('resource_metadata'),
  };
}

export type Challenge = ReturnType<typeof readChallenge>;

/** A list of scopes as OAuth writes it, each once and in order. */
export function toScopes(text: string | undefined): string[] {
  return [...new Set((text ?? '').split(' ').filter(Boolean))].sort();
}

const mostBytes = 1024 ** 2;
const longestMs = 20_000;

/**
 * `fetch` for metadata and tokens. It has no headers but those given, so that nothing configured for an MCP server reaches
 * an authorization server. It follows no redirect, goes to https or this machine alone, and reads 1 MiB in 20 seconds at
 * most. Rejects with an `InfrastructureError`.
 */
export async function bareFetch(address: string | URL, init: RequestInit = {}): Promise<Response> {
  const url = new URL(address);
  const place = `${url.origin}${url.pathname}`;
  if (!isSecure(url))
    throw new InfrastructureError(`${place} is neither https nor on this machine: not asked.`);
  const bounded = createBoundedFetch({ mostMessageBytes: mostBytes, onExcess: () => undefined });
  const signal = AbortSignal.timeout(longestMs);
  const response = await bounded(url, { ...init, redirect: 'manual', signal }).catch((error: Error) => {
    const why = signal.aborted ? `it did not answer within ${longestMs / 1000} seconds` : error.message;
    throw new InfrastructureError(`${place} could not be asked: ${why}.`);
  });
  if (response.status >= 300 && response.status < 400) {
    await response.body?.cancel();
    throw new InfrastructureError(`${place} redirects to another address, which is not followed.`);
  }
  return response;
}

/** Where tokens for a server come from. */
export type Discovered = {
  /** What tokens are for, as the server names itself; its address or a beginning of it. */
  resource: string;
  issuer: string;
  metadata: AuthorizationServerMetadata;
};

/** What is known of a server before it is asked. */
type Sought = {
  /** The server's name and address. */
  server: string;
  url: string;
  /** Where its metadata are, as its refusal said. */
  metadataUrl: string | undefined;
  /** The issuer that the configuration demands. */
  configuredIssuer: string | undefined;
  /** The issuer of the login there is. */
  loginIssuer: string | undefined;
};

/**
 * Asks an MCP server which authorization server it trusts (RFC 9728), and checks what it says of itself. Rejects with a
 * `VerificationError` where that is another than the login's, otherwise with an `InfrastructureError`.
 */
export async function findIssuer(sought: Sought): Promise<{ resource: string; issuer: string }> {
  const { server, url, metadataUrl } = sought;
  const here = new URL(url);
  if (metadataUrl !== undefined && URL.parse(metadataUrl)?.origin !== here.origin)
    throw refusal(server, `its metadata are said to be elsewhere, at ${quote(metadataUrl)}.`);
  const said = await discoverOAuthProtectedResourceMetadata(
    url,
    metadataUrl === undefined ? {} : { resourceMetadataUrl: metadataUrl },
    bareFetch,
  ).catch((error: unknown) => {
    const why = quote(messageOf(error));
    throw refusal(server, `it does not say which authorization server it trusts (${why}).`);
  });
  const { resource, authorization_servers: named = [] } = said;
  if (!checkResourceAllowed({ requestedResource: url, configuredResource: resource }))
    throw refusal(server, `it says that it is another resource, ${quote(resource)}.`);
  const issuer = chooseIssuer(sought, named);
  const there = URL.parse(issuer);
  if (!there || !isSecure(there))
    throw refusal(server, `its authorization server ${quote(issuer)} is neither https nor on this machine.`);
  if (isLoopback(there) && !isLoopback(here))
    throw refusal(server, `it is elsewhere, but its authorization server ${quote(issuer)} on this machine.`);
  return { resource, issuer };
}

/** The same, with what the authorization server says of itself (RFC 8414): it must be who it was taken for. */
export async function discover(sought: Sought): Promise<Discovered> {
  const { resource, issuer } = await findIssuer(sought);
  const refuse = (problem: string) =>
    refusal(sought.server, `its authorization server ${quote(issuer)} ${problem}.`);
  const metadata = await discoverAuthorizationServerMetadata(issuer, { fetchFn: bareFetch }).catch(
    (error: unknown) => {
      throw refuse(`has no valid metadata (${quote(messageOf(error))})`);
    },
  );
  if (!metadata) throw refuse('has no metadata');
  if (metadata.issuer !== issuer) throw refuse(`says that it is ${quote(metadata.issuer)}`);
  const stray = findStrayEndpoint(issuer, metadata);
  if (stray !== undefined) throw refuse(`is elsewhere, but its ${stray} is on this machine`);
  return { resource, issuer, metadata };
}

const endpoints = ['authorization_endpoint', 'token_endpoint', 'registration_endpoint'];

/**
 * The endpoint by which an authorization server elsewhere would have this machine, or its user's browser, send something to a
 * service of this machine; undefined where there is none.
 */
export function findStrayEndpoint(issuer: string, metadata: Record<string, unknown>): string | undefined {
  const isHere = (address: unknown) => {
    const url = URL.parse(String(address));
    return url !== null && isLoopback(url);
  };
  return isHere(issuer) ? undefined : endpoints.find((name) => isHere(metadata[name]));
}

function refusal(server: string, problem: string): InfrastructureError {
  return new InfrastructureError(`Server "${server}": ${problem} No token was asked for.`);
}

/** The issuer to use among those that a server names. */
function chooseIssuer({ server, configuredIssuer, loginIssuer }: Sought, named: readonly string[]): string {
  const wanted = loginIssuer ?? configuredIssuer;
  const list = named.map((each) => quote(each)).join(', ') || 'none';
  if (configuredIssuer !== undefined && !named.includes(configuredIssuer))
    throw new InfrastructureError(
      `Server "${server}" names the authorization servers ${list}, not the configured ${configuredIssuer}. No token was asked for.`,
    );
  if (loginIssuer !== undefined && (configuredIssuer ?? loginIssuer) !== loginIssuer)
    throw new VerificationError(
      `Server "${server}": the login is of ${loginIssuer}, and ${configuredIssuer} is configured. Log in again: patternbench login ${server} --accept`,
    );
  if (loginIssuer !== undefined && !named.includes(loginIssuer))
    throw new VerificationError(
      `Server "${server}" changed its authorization server: the login is of ${loginIssuer}, now it names ${list}. Nothing was sent there. If that is right: patternbench login ${server} --accept`,
    );
  const issuer = wanted ?? named[0];
  if (issuer === undefined)
    throw new InfrastructureError(
      `Server "${server}" names no authorization server. No token was asked for.`,
    );
  return issuer;
}

/** A text of others on one line, short. */
export function quote(text: string): string {
  return showUntrusted(text.replaceAll(/\s+/g, ' '), 200);
}
