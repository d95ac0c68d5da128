import { steeringText } from '../messages/errors.ts';
import { measured, refused } from '../usual.ts';
import type { Exchange, HttpMode, HttpModes } from './mode.ts';

const redirects = (status: number, to: (exchange: Exchange) => string): HttpMode => ({
  ...refused,
  says: 'it redirects to another origin',
  initialize: (exchange) => exchange.response.writeHead(status, { location: to(exchange) }).end(),
});

const fails = (status: number, headers: Record<string, string> = {}, body = ''): HttpMode => ({
  ...refused,
  says: `it answered with HTTP status ${status} `,
  initialize: ({ response }) => response.writeHead(status, headers).end(body),
});

/** Statuses, and redirects: none of them may lead to another origin, where the user's headers would go along. */
export const statusModes: HttpModes = {
  ...Object.fromEntries(
    [301, 302, 303, 307, 308].map((status) => [
      `http-redirect-${status}`,
      redirects(status, ({ elsewhere }) => `${elsewhere}/mcp`),
    ]),
  ),
  'http-redirect-in-call': {
    ...refused,
    says: 'it redirects to another origin',
    call: ({ response, elsewhere }) => response.writeHead(307, { location: `${elsewhere}/mcp` }).end(),
  },
  'http-redirect-double-slash': redirects(307, ({ elsewhere }) => elsewhere.replace('http:', '')),
  'http-redirect-user': redirects(307, ({ elsewhere }) => elsewhere.replace('//', '//user:secret@')),
  'http-redirect-file': redirects(307, () => 'file:///etc/passwd'),
  'http-redirect-loop': {
    ...redirects(307, ({ incoming }) => incoming.url ?? '/'),
    says: 'it answered with HTTP status 307 ',
  },
  'http-redirect-without-location': fails(307),
  'http-401': fails(401),
  'http-401-metadata-elsewhere': {
    ...refused,
    says: 'it answered with HTTP status 401 (Unauthorized)',
    initialize: ({ response, elsewhere }) =>
      response
        .writeHead(401, {
          'www-authenticate': `Bearer resource_metadata="${elsewhere}/.well-known/oauth-protected-resource"`,
        })
        .end(),
  },
  'http-401-in-call': {
    ...refused,
    says: 'it answered with HTTP status 401 (Unauthorized)',
    call: ({ response }) => response.writeHead(401).end(),
  },
  'http-403-scope': fails(403, { 'www-authenticate': 'Bearer error="insufficient_scope", scope="admin"' }),
  'http-404': fails(404),
  'http-405': fails(405),
  'http-413': fails(413),
  'http-429-for-an-hour': fails(429, { 'retry-after': '3600' }),
  'http-500-page': fails(500, { 'content-type': 'text/html' }, '<html><script>alert(1)</script></html>'),
  'http-502': fails(502),
  'http-503-ansi': fails(503, { 'content-type': 'text/plain' }, steeringText),
  'http-500-in-call': {
    ...refused,
    says: 'it answered with HTTP status 500 (Internal Server Error): database is down',
    call: ({ response }) => response.writeHead(500).end('database is down'),
  },
  'http-500-50mb': {
    ...refused,
    mostMiB: 1_200,
    initialize: ({ response }) => response.writeHead(500).end('no way '.repeat(7_500_000)),
  },
  'http-500-without-end': {
    ...refused,
    mostMiB: 1_200,
    initialize({ response }) {
      response.writeHead(500);
      const more = (): void => {
        while (!response.destroyed && response.write('y'.repeat(65_536)));
        if (!response.destroyed) response.once('drain', more);
      };
      more();
    },
  },
  'http-204-in-call': {
    ...refused,
    says: 'it answered without a content type',
    call: ({ response }) => response.writeHead(204).end(),
  },
  'http-202-in-call': {
    ...refused,
    waitsFor: 'call',
    says: 'it did not answer within',
    call: ({ response }) => response.writeHead(202).end(),
  },
  'http-session-lost': {
    ...refused,
    says: 'it answered with HTTP status 404 (Not Found): no session',
    call: ({ response }) => response.writeHead(404).end('no session'),
  },
  'http-delete-hangs': {
    ...measured,
    initialize: ({ json, usual }) => json(usual(), { 'mcp-session-id': 'abc' }),
    delete: () => {},
  },
  'http-delete-500': {
    ...measured,
    initialize: ({ json, usual }) => json(usual(), { 'mcp-session-id': 'abc' }),
    delete: ({ response }) => response.writeHead(500).end(steeringText),
  },
};
