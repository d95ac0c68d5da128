import type { Trial } from '../plan/plan.ts';
import { resolveServers } from './servers.ts';

/** A server that trials share, since nobody starts it for them; `alone` where a trial must have it to itself. */
export type SharedServer = { address: string; alone: boolean };

/** Lets a trial wait for its servers; what it gives must be called when the trial has ended. */
export type Turns = (servers: readonly SharedServer[]) => Promise<() => void>;

/**
 * Keeps trials over the same server apart, where one of them changes or resets it. Those that only read may go side by side.
 * Trials get their turn in the order in which they ask, so that none waits for another that waits for it.
 */
export function createTurns(): Turns {
  const lines = new Map<string, { alone: Promise<void>; reading: Promise<void>[] }>();
  return async (servers) => {
    const { promise: end, resolve: done } = Promise.withResolvers<void>();
    const before = servers.flatMap(({ address, alone }) => {
      const line = lines.get(address) ?? { alone: Promise.resolve(), reading: [] };
      const first = alone ? [line.alone, ...line.reading] : [line.alone];
      lines.set(address, alone ? { alone: end, reading: [] } : { ...line, reading: [...line.reading, end] });
      return first;
    });
    await Promise.all(before);
    return done;
  };
}

/** The servers of a trial that outlive it: those at a URL. Its own fault, where they cannot be told, is for the trial to meet. */
export async function sharedServers(
  trial: Trial,
  mcpConfigFile: string | undefined,
): Promise<SharedServer[]> {
  const { scenario, params, dataSeed } = trial;
  try {
    const servers = await resolveServers(scenario, { params, seed: dataSeed }, mcpConfigFile);
    const changes = scenario.writes || scenario.setup !== undefined || scenario.teardown !== undefined;
    const addresses = new Map<string, boolean>();
    for (const server of Object.values(servers)) {
      if (!('url' in server)) continue;
      const { origin, pathname } = new URL(server.url);
      const address = `${origin}${pathname}`;
      addresses.set(address, addresses.get(address) || changes || server.reset !== undefined);
    }
    return [...addresses].map(([address, alone]) => ({ address, alone }));
  } catch {
    return [];
  }
}
