import { spawn } from 'node:child_process';
import { UsageError } from '../errors.ts';
import { openBrowser } from '../tools/mcp/auth/ask-person.ts';
import { openAuthorization } from '../tools/mcp/auth/authorization.ts';
import { loginFolder, openLoginStore } from '../tools/mcp/auth/login-store.ts';
import { connect } from '../tools/mcp/connections.ts';
import { allScopes } from '../tools/mcp/server-spec.ts';
import { showMessage } from '../visible.ts';
import type { Asked } from './add-options.ts';
import { untilInterrupted } from './interrupt.ts';
import { type Io, tell } from './io.ts';
import { chooseServers } from './pin-servers.ts';

type AskedLogin = Asked<'login', { scenario?: string; browser: boolean; accept?: boolean; forget?: boolean }>;

/** A person decides at leisure: the connection waits for that. */
const timeouts = { connectMs: 15 * 60_000, callMs: 20_000 };

/** `login`: gets tokens for a server by asking a person. */
export async function login(name: string, { options }: AskedLogin, io: Io): Promise<number> {
  const [chosen] = await chooseServers([name], options, io);
  if (!chosen) throw new UsageError(`There is no server "${name}".`);
  const { server, key } = chosen;
  if (!('url' in server)) throw new UsageError(`${key} is started as a command: it needs no login.`);
  if (server.oauth?.grant === 'client_credentials')
    throw new UsageError(`${key} is used with client_credentials: a machine logs in by itself at each run.`);
  const folder = loginFolder(io.env);
  let isKeyInFile = false;
  const store = openLoginStore(folder, {
    onKeyFile: () => {
      isKeyInFile = true;
    },
  });
  if (options.forget) {
    const isKnown = store.remove(server.url);
    io.stdout.write(isKnown ? `The login to ${key} was removed.\n` : `There is no login to ${key}.\n`);
    return 0;
  }
  const { result, interruptedBy } = await untilInterrupted(io, async (signal) => {
    let opened: Awaited<ReturnType<typeof openBrowser>> | undefined;
    const show = (url: URL) => {
      tell(io, showMessage(`Log in at this address: ${url.href}`));
      if (options.browser) startBrowser(url, io);
    };
    const authorization = openAuthorization({
      store,
      again: { accept: options.accept ?? false },
      browser: async () => {
        opened ??= await openBrowser({ port: server.oauth?.callbackPort, show, signal });
        return opened;
      },
    });
    // All that may be asked for at some time; a run then takes what its scenario declares of it.
    const scopes = options.scenario === undefined ? allScopes(server.oauth) : (server.scopes ?? []);
    try {
      const connection = await connect(key, { ...server, scopes }, timeouts, signal, authorization);
      await connection.close();
      return { report: authorization.report()[0], tools: connection.surface.tools.length };
    } finally {
      opened?.close();
    }
  });
  if (interruptedBy !== undefined) return interruptedBy;
  const { report, tools } = result;
  if (!report) {
    tell(io, `${key} wants no token: it listed ${tools} tools without one.`);
    return 0;
  }
  const { issuer, held } = report;
  io.stdout.write(
    showMessage(
      `Logged in to ${key} by ${issuer}, with ${held.length > 0 ? `the scopes ${held.join(', ')}` : 'no scopes'}. It lists ${tools} tools.\n`,
    ),
  );
  const place = isKeyInFile
    ? `No store of the system holds the key that seals the login: it is in a file beside it, which you alone may read.`
    : "The key that seals the login is in the system's store.";
  tell(io, `The login is in ${folder}. ${place}`);
  return 0;
}

/** The address goes to a program of the system as one argument, and through no shell. Where that fails, it is printed anyway. */
function startBrowser(url: URL, { env }: Io): void {
  const [command, ...args] =
    process.platform === 'darwin'
      ? ['open']
      : process.platform === 'win32'
        ? ['rundll32', 'url.dll,FileProtocolHandler']
        : ['xdg-open'];
  const child = spawn(command ?? '', [...args, url.href], { stdio: 'ignore', detached: true, env });
  child.once('error', () => undefined);
  child.unref();
}
