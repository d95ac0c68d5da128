import { Command, Option } from 'commander';
import { listMockServers, loadMockServer, parseOptions } from '../../mock-servers/load.ts';
import { serveHttp, serveStdio } from '../../mock-servers/serve.ts';
import { messageOf, UsageError } from '../errors.ts';
import { nameValue, wholeNumber } from './options.ts';

type ServeOptions = { option: Record<string, string>; http?: boolean; port?: number };

/** `serve`: one mock server alone, for any MCP client. */
export function serveCommand(): Command {
  return new Command('serve')
    .description('serve a mock server over stdio, or over Streamable HTTP on loopback with --http')
    .argument('<server>', `one of ${listMockServers().join(', ')}`)
    .addOption(
      new Option(
        '--option <name=value>',
        'sets an option of the server, such as contacts=200; may be repeated',
      )
        .argParser(nameValue)
        .default({}, "the server's defaults"),
    )
    .option('--http', 'serve Streamable HTTP on 127.0.0.1 instead of stdio')
    .addOption(
      new Option('--port <number>', 'port for --http (default: 3000)').argParser(wholeNumber(0, 65_535)),
    )
    .action(serve);
}

async function serve(name: string, { option, http, port }: ServeOptions): Promise<void> {
  if (port !== undefined && !http) throw new UsageError('--port has no effect without --http.');
  const mock = await asUsage(() => loadMockServer(name));
  const options = await asUsage(async () => parseOptions(mock, option));
  if (!http) {
    await serveStdio(mock, options);
    return;
  }
  const { url, close } = await serveHttp(mock, options, { host: '127.0.0.1', port: port ?? 3000 });
  console.error(`${mock.title} is served at ${url}; Ctrl-C ends it.`);
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void close());
}

async function asUsage<T>(load: () => Promise<T>): Promise<T> {
  try {
    return await load();
  } catch (error) {
    throw new UsageError(messageOf(error), { cause: error });
  }
}
