import { runHook } from '../scenario/ask.ts';
import type { Params, Scenario } from '../scenario/scenario.ts';
import { resolveServers } from '../scenario/servers.ts';
import { createTrialDirectory, inTrialDirectory } from '../scenario/trial-directory.ts';
import { type Connections, connectAll } from '../tools/mcp/connections.ts';
import { createRedact, type Redact, secretsOf } from '../tools/mcp/secrets.ts';
import { resetByTool, resetFromOutside } from './reset-server.ts';

/** What a scenario's servers are started with. */
export type ServerSettings = {
  mcpConfigFile: string | undefined;
  timeouts: { connectMs: number; callMs: number };
  /** Milliseconds that `setup` and `teardown` may take, where the trial's time was limited. */
  limitMs?: number | undefined;
  /** Aborted when the trial's time is up or the run is interrupted. */
  signal: AbortSignal;
  /** Aborted when the run is interrupted. */
  interrupt: AbortSignal;
};

/** The servers of one trial, in the state that every trial starts from. */
export type TrialServers = {
  connections: Connections;
  /** The trial's own folder. */
  directory: string;
  /** How long the servers took to start. */
  startMs: number;
  /** Ends the servers, lets the scenario tear down, and removes the folder. Throws what `teardown` threw. */
  close(): Promise<void>;
};

/** How long `teardown` may take once a run was interrupted, in milliseconds. */
const lastTeardownMs = 5_000;

/**
 * Makes the trial's folder, lets the scenario set up, resets servers that outlive trials, and connects to all of them.
 * If any of this fails, what was begun is undone, and the error is thrown.
 */
export async function openTrialServers(
  scenario: Scenario,
  context: { params: Params; seed: number },
  settings: ServerSettings,
): Promise<TrialServers> {
  const { mcpConfigFile, timeouts, limitMs, signal, interrupt } = settings;
  const directory = createTrialDirectory();
  const state = { ...context, trialDir: directory.path };
  let isPrepared = false;
  let redact: Redact | undefined;
  let connections: Connections | undefined;
  const close = async () => {
    try {
      await connections?.close();
      const timeLimit = interrupt.aborted
        ? { signal: new AbortController().signal, limitMs: lastTeardownMs }
        : { signal: interrupt, limitMs };
      if (isPrepared) await runHook(scenario, 'teardown', state, timeLimit);
    } finally {
      directory.remove();
    }
  };
  try {
    const written = await resolveServers(scenario, context, mcpConfigFile);
    const servers = inTrialDirectory(written, directory.path);
    redact = createRedact(Object.values(servers).flatMap(secretsOf));
    isPrepared = true;
    await runHook(scenario, 'setup', state, { signal: interrupt, limitMs });
    await resetFromOutside(servers, { folder: scenario.folder, limitMs: timeouts.callMs, signal });
    const started = performance.now();
    connections = await connectAll(servers, timeouts, signal);
    const startMs = performance.now() - started;
    await resetByTool(servers, connections, signal);
    return { connections, directory: directory.path, startMs, close };
  } catch (error) {
    // The first fault says more than what it leads to.
    await close().catch(() => undefined);
    // What a reset was answered with is not yet without secrets.
    if (redact && error instanceof Error) error.message = redact(error.message);
    throw error;
  }
}
