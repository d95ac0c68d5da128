import { Command, InvalidArgumentError, Option } from 'commander';
import { loadMockServer, parseOptions } from '../../mock-servers/load.ts';
import { listMockServers } from '../../mock-servers/names.ts';
import { serveStdio } from '../../mock-servers/serve-stdio.ts';
import { isSecure } from '../addresses.ts';
import { messageOf, UsageError } from '../errors.ts';
import { type Act, type Io, tell } from './io.ts';
import { parameters, wholeNumber } from './parsers.ts';
import { mergeParameters } from './settings.ts';

type ServeOptions = { option: Record<string, string>; http?: boolean; port?: number; auth?: string };

/** `serve`: one mock server alone, for any MCP client. */
export function serveCommand(io: Io, act: Act): Command {
  return new Command('serve')
    .description('serve a mock server over stdio, or over Streamable HTTP on loopback with --http')
    .argument('<server>', `one of ${listMockServers().join(', ')}`)
    .addOption(
      new Option(
        '--option <name=value>',
        'sets an option of the server, such as contacts=200; may be repeated',
      )
        .argParser(collectOption)
        .default({}, "the server's defaults"),
    )
    .option('--http', 'serve Streamable HTTP on 127.0.0.1 instead of stdio')
    .addOption(
      new Option('--port <number>', 'port for --http (default: 3000)').argParser(wholeNumber(0, 65_535).read),
    )
    .addOption(
      new Option(
        '--auth <issuer>',
        'with --http: demand OAuth tokens of this issuer, with a scope for reading and one for writing',
      ).argParser(issuerUrl),
    )
    .action(act((name: string, options: ServeOptions) => serve(name, options, io)));
}

async function serve(name: string, { option, http, port, auth }: ServeOptions, io: Io): Promise<number> {
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

function collectOption(text: string, previous: Record<string, string>): Record<string, string> {
  return mergeParameters(previous, parameters.read(text));
}

/** The issuer as it is given, since tokens name it letter by letter. */
function issuerUrl(text: string): string {
  const url = URL.parse(text);
  if (url && isSecure(url)) return text;
  throw new InvalidArgumentError('It is an https address, or one of this machine.');
}

async function asUsage<T>(load: () => Promise<T>): Promise<T> {
  try {
    return await load();
  } catch (error) {
    throw new UsageError(messageOf(error), { cause: error });
  }
}
