import { listMockServers } from '../../mock-servers/names.ts';
import type { Unreached } from '../../reports/tools.ts';
import { InfrastructureError, messageOf, UsageError } from '../errors.ts';
import { ownMember } from '../json.ts';
import { tellNearestOrKnown } from '../nearest.ts';
import {
  type ConfigPlaces,
  findConfiguredServers,
  startMockServer,
  withTrialDirectory,
} from '../scenario/servers.ts';
import { connectAll } from '../tools/mcp/connections.ts';
import { redactStrings } from '../tools/mcp/secrets.ts';
import type { ReachableServer } from '../tools/mcp/server-spec.ts';
import type { Surface } from '../tools/mcp/surface.ts';
import { untilInterrupted } from './interrupt.ts';
import type { Io } from './io.ts';
import { authorizationOf } from './scenarios.ts';

/**
 * The servers of these names: of the `.mcp.json` in use, or mock servers; without names, all of the former. Throws a `UsageError`
 * for an unknown one, and where there is none.
 */
export async function findServers(
  names: readonly string[],
  places: ConfigPlaces,
): Promise<Record<string, ReachableServer>> {
  const mocks = listMockServers();
  const configured = findConfiguredServers(places);
  const wanted = names.length > 0 ? names : Object.keys(configured);
  if (wanted.length === 0) {
    throw new UsageError(`Name a mock server (${mocks.join(', ')}), or point to your own with --mcp-config.`);
  }
  const servers: Record<string, ReachableServer> = {};
  for (const name of wanted) {
    const own = ownMember(configured, name);
    if (own) servers[name] = own.server;
    else if (mocks.includes(name)) servers[name] = await startMockServer(name, {});
    else {
      const known = [...Object.keys(configured), ...mocks];
      throw new UsageError(`There is no server "${name}".${tellNearestOrKnown(name, known, 3)}`);
    }
  }
  return servers;
}

/**
 * What the servers list, without their secrets. What npx starts is downloaded first, which takes time. One that cannot be asked
 * does not keep the others from being measured; where none can, that is thrown, unless `evenIfNone`.
 */
export async function askEach(
  servers: Record<string, ReachableServer>,
  io: Io,
  { connectMs = 60_000, evenIfNone = false } = {},
): Promise<{ surface: Surface; unreached: Unreached[] }> {
  const { result } = await untilInterrupted(io, (signal) =>
    withTrialDirectory(servers, (inDirectory) =>
      Promise.allSettled(
        Object.entries(inDirectory).map(async ([name, server]) => {
          const connections = await connectAll(
            { [name]: server },
            { connectMs, callMs: 20_000 },
            signal,
            authorizationOf(io),
          );
          await connections.close();
          return redactStrings(connections.surface, connections.redact);
        }),
      ).then((asked) => {
        signal.throwIfAborted();
        return asked;
      }),
    ),
  );
  const failed = result.flatMap((each): unknown[] => (each.status === 'rejected' ? [each.reason] : []));
  if (failed.length > 0 && failed.length === result.length && !evenIfNone) throw joinFaults(failed);
  const names = Object.keys(servers);
  return {
    surface: result.flatMap((each) => (each.status === 'fulfilled' ? each.value : [])),
    unreached: result.flatMap((each, index) =>
      each.status === 'rejected' ? [{ server: names[index] ?? '', error: messageOf(each.reason) }] : [],
    ),
  };
}

/** One error for several: all that servers did wrong; what the user has to put right comes first. */
function joinFaults(errors: readonly unknown[]): unknown {
  const other = errors.find((error) => !(error instanceof InfrastructureError));
  return other ?? new InfrastructureError(errors.map(messageOf).join('\n'));
}
