import { hash } from 'node:crypto';
import { join, resolve } from 'node:path';
import { canonicalJson } from '../json.ts';
import type { HttpServer, OutsideReset, StdioServer, WrittenServer } from '../tools/mcp/server-spec.ts';
import type { PinTarget } from '../tools/pin/check.ts';
import { askServers } from './ask.ts';
import type { Params, Scenario } from './scenario.ts';
import { findConfiguredServer } from './servers.ts';

/**
 * The servers of a scenario that can be pinned. A `.mcp.json` counts as the user's own where it was named on the command
 * line or lies in the current folder; one that came with the scenario is as good as the scenario.
 */
export function pinTargets(
  scenario: Scenario,
  context: { params: Params; seed: number },
  mcpConfigFile: string | undefined,
): PinTarget[] {
  const given = askServers(scenario, context);
  return Object.entries(given).flatMap(([server, spec]): PinTarget[] => {
    if ('mock' in spec) return [];
    if (!('configured' in spec)) {
      const launch = hashLaunch(spec);
      return [{ server, key: `${scenario.name}/${server}`, origin: 'scenario', written: spec, launch }];
    }
    const { server: written, file } = findConfiguredServer(scenario, spec.configured, mcpConfigFile);
    const isOwn =
      mcpConfigFile !== undefined ||
      file === resolve('.mcp.json') ||
      file !== join(scenario.folder, '.mcp.json');
    const origin = isOwn ? 'user' : 'scenario';
    const reset = spec.reset && spec.reset.kind !== 'tool' ? { reset: spec.reset as OutsideReset } : {};
    return [{ server, key: spec.configured, origin, written, launch: hashLaunch(written), ...reset }];
  });
}

/**
 * SHA-256 of how a server is started or reached: command, arguments, folder and address as they are written, and which
 * variables and headers it is given, without their values. It is in the lock file as a hash alone, since people do write
 * secrets into arguments.
 */
export function hashLaunch(written: WrittenServer): string {
  const { command, args, env, cwd } = written as Partial<StdioServer>;
  const { url, headers } = written as Partial<HttpServer>;
  const names = (given: object | undefined) => Object.keys(given ?? {}).sort();
  return hash(
    'sha256',
    canonicalJson({ command, args: args ?? [], cwd, url, env: names(env), headers: names(headers) }),
  );
}
