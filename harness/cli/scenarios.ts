import { existsSync, globSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { UsageError } from '../errors.ts';
import { type ConfigPlaces, readMcpConfig } from '../scenario/servers.ts';
import { openTrust, type Trust } from '../scenario/trust.ts';
import { type Authorization, openAuthorization } from '../tools/mcp/auth/authorization.ts';
import { loginFolder, openLoginStore } from '../tools/mcp/auth/login-store.ts';
import type { Options } from './add-options.ts';
import { type Io, tell } from './io.ts';

/** Whether a scenario is asked for by the path of its folder, and not by the name of a bundled one. */
export function isPath(scenario: string): boolean {
  return /[\\/]/.test(scenario) || scenario === '.' || scenario === '..';
}

/** A scenario as it can be found from anywhere: a bundled one by its name, a folder by its absolute path. */
export function absoluteScenario(scenario: string, cwd: string): string {
  return isPath(scenario) ? resolve(cwd, scenario) : scenario;
}

/**
 * What is to be run: what is named, else the workflows of the configuration, of which `workflows/*` are all in a folder. Empty
 * where neither names any.
 */
export function findWanted(
  named: readonly string[],
  { workflows = [], all }: { workflows?: readonly string[]; all?: boolean },
  { cwd }: Io,
): string[] {
  if (named.length > 0 || all) return [...named];
  return workflows.flatMap((each) => {
    if (!each.includes('*')) return [each];
    const folders = globSync(each, { cwd }).map((path) => resolve(cwd, path));
    const found = folders.filter((folder) => existsSync(join(folder, 'scenario.ts'))).sort();
    if (found.length > 0) return found;
    throw new UsageError(
      `The configuration names the workflows ${each}, and no folder there has a scenario.ts.`,
    );
  });
}

/** Which servers of scenarios are accepted here. What `--trust` accepts now is told on standard error. */
export function trustOf({ trust = false }: { trust?: boolean }, io: Io): Trust {
  return openTrust({ folder: io.cwd, accept: trust, onAccepted: (message) => tell(io, message) });
}

/** Tokens of the logins that this user has. */
export function authorizationOf({ env }: Io): Authorization {
  return openAuthorization({ store: openLoginStore(loginFolder(env)) });
}

/** Where the servers that scenarios name are configured. */
export function placesOf({ mcpConfig }: { mcpConfig?: string }, { cwd, env }: Io): ConfigPlaces {
  // Looked at also where no server of it is used: a file that is named must be there.
  if (mcpConfig !== undefined) readMcpConfig(mcpConfig);
  return { mcpConfigFile: mcpConfig, folder: cwd, env };
}

/** All of that, and how long servers may take, as what runs trials takes it. */
export function serversHere(
  options: Pick<Options<'run'>, 'mcpConfig' | 'trust' | 'connectTimeout' | 'toolTimeout'>,
  io: Io,
) {
  return {
    places: placesOf(options, io),
    authorization: authorizationOf(io),
    trust: trustOf(options, io),
    timeouts: { connectMs: options.connectTimeout, callMs: options.toolTimeout },
  };
}
