import { isSecure } from '../../../addresses.ts';
import { InfrastructureError } from '../../../errors.ts';
import { createBoundedFetch } from '../http-transport.ts';

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
