import { InfrastructureError } from '../errors.ts';
import { ScenarioFault } from '../scenario/ask.ts';
import { pinTargets, resolveServers, withTrialDirectory } from '../scenario/servers.ts';
import type { Trust } from '../scenario/trust.ts';
import type { Authorization } from '../tools/mcp/auth/authorization.ts';
import { connect } from '../tools/mcp/connections.ts';
import type { PinCheck, PinTarget } from '../tools/pin/check.ts';
import type { Trial } from './plan.ts';

/** What looking at the servers of a run takes. */
type Preflight = {
  pins: PinCheck;
  mcpConfigFile: string | undefined;
  timeouts: { connectMs: number; callMs: number };
  authorization?: Authorization | undefined;
  /** What the user accepted of servers that scenarios bring. */
  trust: Trust;
  signal: AbortSignal;
};

/**
 * Looks at the servers of all trials before the first of them asks a model or a tool anything. Throws a `UsageError` for
 * a server that came with a scenario and was not accepted, and a `VerificationError` for a server that is not what was pinned or imitates one that
 * is. A pinned server that cannot be reached is left to its trials, which look again. Gives the trials whose scenario's own
 * code threw: nothing is known of their servers, so they must not be started.
 */
export async function checkServers(
  trials: readonly Trial[],
  preflight: Preflight,
): Promise<Map<Trial, ScenarioFault>> {
  const { pins, mcpConfigFile, trust } = preflight;
  const checked = new Set<string>();
  const faults = new Map<Trial, ScenarioFault>();
  const pinned: { trial: Trial; target: PinTarget }[] = [];
  const used = trials.map((trial) => ({
    trial,
    scenario: trial.scenario,
    targets: targetsUnlessFaulty(trial, mcpConfigFile, faults),
  }));
  trust.admit(used);
  for (const { trial, targets } of used) {
    pins.refuseImitations(targets);
    for (const target of targets) {
      const isNew = !checked.has(`${target.key} ${target.launch}`);
      checked.add(`${target.key} ${target.launch}`);
      if (isNew && pins.isPinned(target)) pinned.push({ trial, target });
    }
  }
  for (const { trial, target } of pinned) await checkPinned(trial, target, preflight);
  return faults;
}

function targetsUnlessFaulty(
  trial: Trial,
  mcpConfigFile: string | undefined,
  faults: Map<Trial, ScenarioFault>,
): PinTarget[] {
  try {
    return targetsOf(trial, mcpConfigFile);
  } catch (error) {
    if (!(error instanceof ScenarioFault)) throw error;
    faults.set(trial, error);
    return [];
  }
}

/** The servers of a trial that can be pinned. */
export function targetsOf({ scenario, params, dataSeed }: Trial, mcpConfigFile: string | undefined) {
  return pinTargets(scenario, { params, seed: dataSeed }, mcpConfigFile);
}

async function checkPinned(trial: Trial, target: PinTarget, preflight: Preflight): Promise<void> {
  const { pins, mcpConfigFile, timeouts, authorization, signal } = preflight;
  const context = { params: trial.params, seed: trial.dataSeed };
  const servers = await resolveServers(trial.scenario, context, mcpConfigFile);
  try {
    await withTrialDirectory(servers, async (inDirectory) => {
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
