import type { Redact } from '../secrets.ts';

/** What a server says of a request that it refused for want of a token or a scope (RFC 6750, RFC 9728). */
export type Challenge = {
  isBearer: boolean;
  error: string | undefined;
  description: string | undefined;
  scopes: string[];
  metadataUrl: string | undefined;
};

/**
 * Reads the header `WWW-Authenticate` of a response. `redact` takes tokens out of it first: a server may put the one that it was
 * sent into what is told and recorded.
 */
export function readChallenge({ headers }: Response, redact: Redact): Challenge {
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

/** A list of scopes as OAuth writes it, each once and in order. */
export function toScopes(text: string | undefined): string[] {
  return [...new Set((text ?? '').split(' ').filter(Boolean))].sort();
}
