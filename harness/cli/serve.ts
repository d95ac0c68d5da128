import { loadMockServer, parseOptions } from '../../mock-servers/load.ts';
import { serveStdio } from '../../mock-servers/serve-stdio.ts';
import { messageOf, UsageError } from '../errors.ts';
import { type Io, tell } from './io.ts';

type ServeOptions = { option: Record<string, string>; http?: boolean; port?: number; auth?: string };

/** `serve`: one mock server alone, for any MCP client. */
export async function serve(
  name: string,
  { options: given }: { options: ServeOptions },
  io: Io,
): Promise<number> {
  const { option, http, port, auth } = given;
  if (port !== undefined && !http) throw new UsageError('--port has no effect without --http.');
  if (auth !== undefined && !http) {
    throw new UsageError('--auth needs --http: a server over stdio has no one to ask for a token.');
  }
  const mock = await asUsage(() => loadMockServer(name));
  const options = await asUsage(async () => parseOptions(mock, option));
  if (!http) {
    await serveStdio(mock, options);
    return 0;
  }
  // Node's HTTP alone takes 0.07 s of CPU time to load, and a server over stdio is started for every trial.
  const { serveHttp } = await import('../../mock-servers/serve-http.ts');
  const { url, close } = await serveHttp(mock, options, {
    host: '127.0.0.1',
    port: port ?? 3000,
    ...(auth !== undefined && { auth: { issuer: auth } }),
  });
  const terms = auth === undefined ? '' : ` to holders of a token of ${auth}`;
  tell(io, `${mock.title} is served at ${url}${terms}; Ctrl-C ends it.`);
  const end = () => void close();
  io.guard?.({ stop: end, kill: end });
  return 0;
}

async function asUsage<T>(load: () => Promise<T>): Promise<T> {
  try {
    return await load();
  } catch (error) {
    throw new UsageError(messageOf(error), { cause: error });
  }
}
