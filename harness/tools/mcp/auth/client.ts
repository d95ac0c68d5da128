import { registerClient } from '@modelcontextprotocol/sdk/client/auth.js';
import { z } from 'zod';
import { InfrastructureError, messageOf, UsageError } from '../../../errors.ts';
import { bareFetch } from './bare-fetch.ts';
import { type Discovered, quote } from './discover.ts';
import type { OauthConfig } from './oauth-config.ts';

/** As what patternbench is known to an authorization server. */
export const oauthClient = z.strictObject({
  id: z.string(),
  secret: z.string().optional(),
  /** How it proves to be itself, where registering said so. */
  method: z.enum(['none', 'client_secret_basic', 'client_secret_post']).optional(),
});
export type OauthClient = z.infer<typeof oauthClient>;

/**
 * The client to log in as: the configured one, else one that its metadata document describes, else one registered now
 * (RFC 7591). Throws a `UsageError` where the authorization server wants one that it knows.
 */
export async function findClient(
  { issuer, metadata }: Discovered,
  config: OauthConfig | undefined,
  redirectUrl: string,
  scopes: readonly string[],
): Promise<OauthClient> {
  const { clientId, clientSecret, clientMetadataUrl } = config ?? {};
  if (clientId !== undefined)
    return { id: clientId, ...(clientSecret !== undefined && { secret: clientSecret }) };
  if (clientMetadataUrl !== undefined && metadata.client_id_metadata_document_supported)
    return { id: clientMetadataUrl, method: 'none' };
  if (!metadata.registration_endpoint)
    throw new UsageError(
      `${quote(issuer)} lets no client register itself. Register one there, and give its id as oauth.clientId.`,
    );
  const clientMetadata = {
    client_name: 'patternbench',
    redirect_uris: [redirectUrl],
    grant_types: ['authorization_code', 'refresh_token'],
    response_types: ['code'],
    token_endpoint_auth_method: 'none',
    // With it, any port of this machine may be redirected to (RFC 8252).
    application_type: 'native',
  };
  const registered = await registerClient(issuer, {
    metadata,
    clientMetadata,
    ...(scopes.length > 0 && { scope: scopes.join(' ') }),
    fetchFn: bareFetch,
  }).catch((error: unknown) => {
    if (error instanceof InfrastructureError) throw error;
    throw new InfrastructureError(`${quote(issuer)} did not register a client: ${quote(messageOf(error))}.`);
  });
  const method = oauthClient.shape.method.safeParse(registered.token_endpoint_auth_method).data;
  return {
    id: registered.client_id,
    ...(registered.client_secret !== undefined && { secret: registered.client_secret }),
    ...(method && { method }),
  };
}
