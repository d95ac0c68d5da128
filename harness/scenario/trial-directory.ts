import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { InfrastructureError, messageOf } from '../errors.ts';
import type { ReachableServer } from '../tools/mcp/server-spec.ts';

/** Names the trial's own folder: in arguments, environment and folder of a server, and in its environment. */
export const trialDirVariable = 'PATTERNBENCH_TRIAL_DIR';
export const trialDirReference = `\${${trialDirVariable}}`;

/** Makes an empty folder for one trial. Throws an `InfrastructureError` where the disk refuses. */
export function createTrialDirectory(): { path: string; remove: () => void } {
  try {
    const path = realpathSync(mkdtempSync(join(tmpdir(), 'patternbench-trial-')));
    // What a dying server still writes must not keep the run from ending.
    return { path, remove: () => rmSync(path, { recursive: true, force: true, maxRetries: 3 }) };
  } catch (error) {
    const reason = messageOf(error);
    throw new InfrastructureError(`A trial's folder cannot be made in ${tmpdir()}: ${reason}`, {
      cause: error,
    });
  }
}

/** Lets servers be looked at outside of a trial: with an empty folder in place of the trial's, removed afterwards. */
export async function withTrialDirectory<T>(
  servers: Record<string, ReachableServer>,
  look: (servers: Record<string, ReachableServer>) => Promise<T>,
): Promise<T> {
  const directory = createTrialDirectory();
  try {
    return await look(inTrialDirectory(servers, directory.path));
  } finally {
    directory.remove();
  }
}

/** The folder that a server starts in: relative to `base`, or the trial's own. */
export function serverFolder(base: string, cwd = '.'): string {
  return cwd.startsWith(trialDirReference) ? cwd : resolve(base, cwd);
}

/** The servers with the trial's folder filled in. Servers of ours start afresh anyway and are not told. */
export function inTrialDirectory(
  servers: Record<string, ReachableServer>,
  directory: string,
): Record<string, ReachableServer> {
  const fill = (text: string) => text.replaceAll(trialDirReference, directory);
  const fillAll = (values: Record<string, string>) =>
    Object.fromEntries(Object.entries(values).map(([name, value]) => [name, fill(value)]));
  const inDirectory = (server: ReachableServer): ReachableServer => {
    if ('url' in server || server.mock) return server;
    return {
      ...server,
      trialDirectory: directory,
      args: server.args.map(fill),
      env: { ...fillAll(server.env), [trialDirVariable]: directory },
      ...(server.cwd !== undefined && { cwd: fill(server.cwd) }),
    };
  };
  return Object.fromEntries(Object.entries(servers).map(([name, server]) => [name, inDirectory(server)]));
}
