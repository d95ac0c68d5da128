import { resolve } from 'node:path';
import type { ConfigPlaces } from '../scenario/servers.ts';
import { openTrust, type Trust } from '../scenario/trust.ts';
import { type Authorization, openAuthorization } from '../tools/mcp/auth/authorization.ts';
import { loginFolder, openLoginStore } from '../tools/mcp/auth/login-store.ts';
import { type Io, tell } from './io.ts';

/** Whether a scenario is asked for by the path of its folder, and not by the name of a bundled one. */
export function isPath(scenario: string): boolean {
  return /[\\/]/.test(scenario) || scenario === '.' || scenario === '..';
}

/** A scenario as it can be found from anywhere: a bundled one by its name, a folder by its absolute path. */
export function absoluteScenario(scenario: string, cwd: string): string {
  return isPath(scenario) ? resolve(cwd, scenario) : scenario;
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
  return { mcpConfigFile: mcpConfig, folder: cwd, env };
}
