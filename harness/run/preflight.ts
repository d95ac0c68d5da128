import { InfrastructureError } from '../errors.ts';
import { ScenarioFault } from '../scenario/ask.ts';
import { type ScenarioServers, withTrialDirectory } from '../scenario/servers.ts';
import type { Trust } from '../scenario/trust.ts';
import type { Authorization } from '../tools/mcp/auth/authorization.ts';
import { connect } from '../tools/mcp/connections.ts';
import type { PinCheck, PinTarget } from '../tools/pin/check.ts';
import type { Trial } from './plan.ts';

/** What looking at the servers of a run takes. */
type Preflight = {
  pins: PinCheck;
  timeouts: { connectMs: number; callMs: number };
  authorization?: Authorization | undefined;
  /** What the user accepted of servers that scenarios bring. */
  trust: Trust;
  signal: AbortSignal;
};

/**
 * Looks at the servers of all trials before the first of them asks a model or a tool anything. Throws a `UsageError` for
 * a server that came with a scenario and was not accepted, and a `VerificationError` for a server that is not what was pinned
 * or imitates one that is. A pinned server that cannot be reached is left to its trials, which look again. So is a scenario
 * whose own code throws: each of its trials meets that fault again.
 */
export async function checkServers(trials: readonly Trial[], preflight: Preflight): Promise<void> {
  const { pins, trust } = preflight;
  const scenarios = new Map(trials.map(({ servers, scenario }) => [servers, scenario]));
  const used = [...scenarios].map(([servers, scenario]) => ({
    scenario,
    servers,
    targets: targetsOf(servers),
  }));
  trust.admit(used);
  for (const { targets } of used) pins.refuseImitations(targets);
  const checked = new Set<string>();
  for (const { servers, targets } of used) {
    for (const target of targets) {
      const isNew = !checked.has(`${target.key} ${target.launch}`);
      checked.add(`${target.key} ${target.launch}`);
      if (isNew && pins.isPinned(target)) await checkPinned(servers, target, preflight);
    }
  }
}

function targetsOf(servers: ScenarioServers): PinTarget[] {
  try {
    return servers.targets();
  } catch (error) {
    if (error instanceof ScenarioFault) return [];
    throw error;
  }
}

async function checkPinned(
  servers: ScenarioServers,
  target: PinTarget,
  { pins, timeouts, authorization, signal }: Preflight,
): Promise<void> {
  try {
    await withTrialDirectory(await servers.resolve(), async (inDirectory) => {
      const server = inDirectory[target.server];
      if (!server) return;
      const connection = await connect(target.server, server, timeouts, signal, authorization);
      await connection.close();
      pins.check([target], [connection.listing], connection.redact);
    });
  } catch (error) {
    if (!(error instanceof InfrastructureError)) throw error;
  }
}
