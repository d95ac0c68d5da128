import { execFile } from 'node:child_process';
import { InfrastructureError, messageOf } from '../errors.ts';
import { tellNearestOrKnown } from '../nearest.ts';
import { ScenarioFault } from '../scenario/ask.ts';
import type { Connections } from '../tools/mcp/connections.ts';
import type { ReachableServer, Reset } from '../tools/mcp/server-spec.ts';
import { toLine } from '../visible.ts';

/** What resetting takes: where commands are started, and the milliseconds that one reset may take. */
export type ResetMeans = { folder: string; limitMs: number; signal: AbortSignal };

/** Characters shown of what a server or a command said. */
const mostSaid = 300;

type Servers = Record<string, ReachableServer>;

/**
 * Puts servers that outlive a trial back to their first state, before they are connected to: by a request or a command.
 * Throws an `InfrastructureError` that names the server where that fails.
 */
export async function resetFromOutside(servers: Servers, means: ResetMeans): Promise<void> {
  for (const [server, { reset }] of Object.entries(servers)) {
    if (!reset || reset.kind === 'tool') continue;
    const failure = reset.kind === 'request' ? await request(reset, means) : await runCommand(reset, means);
    means.signal.throwIfAborted();
    if (failure !== undefined) throw notReset(server, reset, failure);
  }
}

/** The same by a tool of the server, once it is connected. */
export async function resetByTool(
  servers: Servers,
  connections: Pick<Connections, 'surface' | 'call'>,
  signal: AbortSignal,
): Promise<void> {
  for (const [server, { reset }] of Object.entries(servers)) {
    if (reset?.kind !== 'tool') continue;
    const tools = connections.surface.find((each) => each.server === server)?.tools ?? [];
    const tool = tools.find(({ name }) => name === reset.tool);
    if (!tool) {
      const names = tools.map(({ name }) => name);
      throw new ScenarioFault(
        `The reset of server "${server}" names the tool ${reset.tool}, which it does not have.${tellNearestOrKnown(reset.tool, names, 3)}`,
      );
    }
    const { isError, text } = await connections.call(tool, reset.arguments, signal);
    if (isError) throw notReset(server, reset, `it answered with an error: ${toLine(text, mostSaid)}`);
  }
}

async function request(
  { url, method, headers, body }: Extract<Reset, { kind: 'request' }>,
  { limitMs, signal }: ResetMeans,
): Promise<string | undefined> {
  const limit = AbortSignal.timeout(limitMs);
  try {
    const response = await fetch(url, {
      method,
      headers,
      // A header with a token must not go elsewhere.
      redirect: 'error',
      signal: AbortSignal.any([signal, limit]),
      ...(body !== undefined && { body }),
    });
    await response.body?.cancel();
    return response.ok ? undefined : `it was answered with status ${response.status}`;
  } catch (error) {
    if (limit.aborted) return `it was not answered within ${limitMs / 1000} s`;
    const { cause = error } = error as { cause?: unknown };
    return toLine(messageOf(cause), mostSaid);
  }
}

function runCommand(
  { command, args, env }: Extract<Reset, { kind: 'command' }>,
  { folder, limitMs, signal }: ResetMeans,
): Promise<string | undefined> {
  const options = {
    cwd: folder,
    env: { ...process.env, ...env },
    timeout: limitMs,
    killSignal: 'SIGKILL',
    windowsHide: true,
    signal,
  } as const;
  return new Promise((done) => {
    execFile(command, args, options, (error, _, stderr) => {
      if (!error) return done(undefined);
      const said = stderr.trim() === '' ? '' : `: ${toLine(stderr, mostSaid)}`;
      if (error.killed) return done(`it did not end within ${limitMs / 1000} s${said}`);
      const how =
        typeof error.code === 'number'
          ? `it exited with ${error.code}`
          : `it failed (${error.code ?? error.signal})`;
      done(`${how}${said}`);
    });
  });
}

function notReset(server: string, reset: Reset, failure: string): InfrastructureError {
  const means = {
    tool: `tool ${reset.kind === 'tool' ? reset.tool : ''}`,
    request: 'request',
    command: `command ${reset.kind === 'command' ? reset.command : ''}`,
  }[reset.kind];
  return new InfrastructureError(
    `Server "${server}" was not reset before the trial by its ${means}: ${failure}.`,
  );
}
