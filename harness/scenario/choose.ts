import { UsageError } from '../errors.ts';
import { tellNearestOrKnown } from '../nearest.ts';
import type { ReachableServer } from '../tools/mcp/server-spec.ts';
import { resolveParams } from './find.ts';
import { loadScenarios } from './load.ts';
import { type ConfigPlaces, findConfiguredServers, hashLaunch, serversOf } from './servers.ts';
import type { Trust } from './trust.ts';

/** A server to pin: how to reach it, and the hash of how its configuration says so. */
export type ChosenServer = { key: string; server: ReachableServer; launch: string };

/** The servers of the `.mcp.json` in use, all or those named. Throws a `UsageError` that names the nearest for an unknown one. */
export function chooseConfigured(names: string[], places: ConfigPlaces): ChosenServer[] {
  const all = Object.entries(findConfiguredServers(places)).map(([key, found]) => ({
    key,
    server: found.server,
    launch: hashLaunch(found.written),
  }));
  if (all.length === 0) {
    throw new UsageError(
      'There is no server: no .mcp.json here, or none in it. Point to one with --mcp-config, or name a --scenario.',
    );
  }
  return pick(all, names);
}

/** The servers that a scenario uses and that are not ours, all or those named. Throws where they are not accepted. */
export async function chooseOfScenario(
  scenarioName: string,
  names: string[],
  places: ConfigPlaces,
  trust: Trust,
): Promise<ChosenServer[]> {
  const [scenario] = await loadScenarios([scenarioName]);
  if (!scenario) throw new UsageError(`There is no scenario "${scenarioName}".`);
  const context = { params: resolveParams(scenario, {}), seed: 1 };
  const chosen = serversOf(scenario, context, places);
  const targets = chosen.targets();
  trust.admit([{ scenario, targets }]);
  const servers = await chosen.resolve();
  const all = targets.flatMap(({ server: name, key, launch }) => {
    const server = servers[name];
    return server ? [{ key, server, launch }] : [];
  });
  if (all.length === 0) throw new UsageError(`${scenario.name} uses no server that can be pinned.`);
  return pick(all, names);
}

function pick(all: ChosenServer[], names: string[]): ChosenServer[] {
  if (names.length === 0) return all;
  const keys = all.map(({ key }) => key);
  return [...new Set(names)].map((name) => {
    const found = all.find(({ key }) => key === name);
    if (found) return found;
    throw new UsageError(`There is no server "${name}".${tellNearestOrKnown(name, keys, 3)}`);
  });
}
