import { hash } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, realpathSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { z } from 'zod';
import { loadMockServer, parseOptions } from '../../mock-servers/load.ts';
import { explainFailure, InfrastructureError, messageOf, UsageError } from '../errors.ts';
import { canonicalJson, mapTexts, ownMember } from '../json.ts';
import { tellNearestOrKnown } from '../nearest.ts';
import type { Secret } from '../tools/mcp/secrets.ts';
import {
  declaredScopes,
  type HttpServer,
  type McpConfig,
  mcpConfig,
  type OauthConfig,
  type OutsideReset,
  type ReachableServer,
  type ServerSpec,
  type StdioServer,
  serverSpec,
  type WrittenServer,
} from '../tools/mcp/server-spec.ts';
import type { PinTarget } from '../tools/pin/check.ts';
import { askServers } from './ask.ts';
import type { Params, Scenario } from './scenario.ts';

const commandLine = resolve(import.meta.dirname, '../cli/patternbench.js');

/** A server as a `.mcp.json` writes it. */
type ConfiguredServer = McpConfig['mcpServers'][string];

/** Where servers are configured: the `.mcp.json` that was named, if any, else the user's folder; and the user's variables. */
export type ConfigPlaces = {
  mcpConfigFile: string | undefined;
  folder: string;
  env: Readonly<Record<string, string | undefined>>;
};

/** The servers of a scenario at one set of parameters. All trials share one, so that they are told the same. */
export type ScenarioServers = {
  /** Those that can be pinned. Throws a `ScenarioFault` where the scenario's own code does, as `resolve` does. */
  targets(): PinTarget[];
  /** How to reach each. Throws a `UsageError` that names the server and the field where a specification cannot be used. */
  resolve(): Promise<Record<string, ReachableServer>>;
};

/** The servers of a scenario, which is asked for them once, when they are first wanted. */
export function serversOf(
  scenario: Scenario,
  context: { params: Params; seed: number },
  places: ConfigPlaces,
): ScenarioServers {
  const ask = once(() => askServers(scenario, context));
  return {
    targets: once(() => pinTargets(scenario, ask(), places)),
    resolve: once(async () => resolveServers(scenario, ask(), places)),
  };
}

/** Does work the first time it is asked for; what it threw is thrown again. */
function once<T>(work: () => T): () => T {
  let again: (() => T) | undefined;
  const attempt = (): (() => T) => {
    try {
      const value = work();
      return () => value;
    } catch (error) {
      return () => {
        throw error;
      };
    }
  };
  return () => {
    again ??= attempt();
    return again();
  };
}

async function resolveServers(
  scenario: Scenario,
  given: Record<string, ServerSpec>,
  places: ConfigPlaces,
): Promise<Record<string, ReachableServer>> {
  const servers: Record<string, ReachableServer> = {};
  for (const [name, spec] of Object.entries(given)) {
    if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(name) || name.includes('__')) {
      throw new UsageError(
        `${scenario.name}: "${name}" cannot name a server; use letters, digits and single underscores.`,
      );
    }
    servers[name] = await resolveServer(scenario, name, spec, places);
  }
  if (Object.keys(servers).length === 0) throw new UsageError(`${scenario.name} names no server.`);
  return servers;
}

async function resolveServer(
  scenario: Scenario,
  name: string,
  input: ServerSpec,
  places: ConfigPlaces,
): Promise<ReachableServer> {
  const spec = serverSpec.safeParse(input);
  if (!spec.success) {
    throw new UsageError(`${scenario.name}: server "${name}": ${z.prettifyError(spec.error)}`);
  }
  if ('mock' in spec.data) {
    const { mock, options, ...spoken } = spec.data;
    return { ...(await startMockServer(mock, options)), ...spoken };
  }
  if ('configured' in spec.data) {
    const { configured, reset } = spec.data;
    const { server, file } = findConfiguredServer(scenario, configured, places);
    const filled = { ...fillIn(server, file, places.env), configured };
    return withScopes(scenario, name, { ...filled, ...(reset && { reset }) });
  }
  if ('url' in spec.data) return withScopes(scenario, name, spec.data);
  return { ...spec.data, cwd: serverFolder(scenario.folder, spec.data.cwd) };
}

/** A server over HTTP with the scopes that the scenario declares for it: what its tokens may do at most. */
function withScopes({ writes, tools }: Scenario, name: string, server: ReachableServer): ReachableServer {
  if (!('url' in server)) return server;
  // Where only some servers' tools are named, those of the others may not be used.
  const used = tools && (ownMember(tools, name) ?? []);
  return { ...server, scopes: declaredScopes(server.oauth, { writes, tools: used }) };
}

/** A mock server runs as a process of its own, over stdio, like any other server. */
export async function startMockServer(
  mock: string,
  options: Record<string, string | number | boolean>,
): Promise<ReachableServer> {
  let complete: Record<string, unknown>;
  try {
    complete = parseOptions(await loadMockServer(mock), options);
  } catch (error) {
    throw new UsageError(messageOf(error), { cause: error });
  }
  const given = Object.entries(options).flatMap(([key, value]) => ['--option', `${key}=${value}`]);
  return {
    command: process.execPath,
    args: [commandLine, 'serve', mock, ...given],
    env: {},
    mock: { name: mock, options: complete },
  };
}

/** A configured server as its `.mcp.json` writes it, with no variable filled in, and the file that names it. */
function findConfiguredServer(
  scenario: Scenario,
  name: string,
  { mcpConfigFile, folder }: ConfigPlaces,
): { server: ConfiguredServer; file: string } {
  const candidates = mcpConfigFile
    ? [mcpConfigFile]
    : [scenario.folder, folder].map((place) => join(place, '.mcp.json'));
  const file = candidates.find((candidate) => existsSync(candidate));
  if (!file) {
    throw new UsageError(
      `${scenario.name} uses the configured server "${name}", but there is no ${candidates.join(' nor ')}. Name one with --mcp-config.`,
    );
  }
  const { mcpServers } = readMcpConfig(file);
  const server = ownMember(mcpServers, name);
  if (!server) {
    const known = Object.keys(mcpServers);
    throw new UsageError(`${file} has no server "${name}".${tellNearestOrKnown(name, known, 2)}`);
  }
  return { server, file };
}

/**
 * All servers of the `.mcp.json` that was named, or of the one in the user's folder if there is one: each filled in, and as
 * the file writes it.
 */
export function findConfiguredServers({
  mcpConfigFile,
  folder,
  env,
}: ConfigPlaces): Record<string, { server: ReachableServer; written: ConfiguredServer }> {
  const file = mcpConfigFile ?? join(folder, '.mcp.json');
  if (mcpConfigFile === undefined && !existsSync(file)) return {};
  const { mcpServers } = readMcpConfig(file);
  return Object.fromEntries(
    Object.entries(mcpServers).map(([name, written]) => [
      name,
      { written, server: fillIn(written, file, env) },
    ]),
  );
}

/** The server with variables filled in, started in the folder of its configuration. */
function fillIn(server: ConfiguredServer, file: string, env: ConfigPlaces['env']): ReachableServer {
  const filledIn: Secret[] = [];
  const expand = (text: string) => expandInto(filledIn, text, file, env);
  const expandIn = <T>(value: T) => mapTexts(value, expand, (name) => name) as T;
  const input = server.input && { input: expandIn(server.input) };
  if ('url' in server) {
    if (JSON.stringify(server).includes(trialDirReference)) {
      throw new UsageError(
        `${file}: ${trialDirReference} has no meaning for a server at a URL, which patternbench does not start. Give the scenario a reset for it instead.`,
      );
    }
    return {
      ...server,
      url: expand(server.url),
      headers: expandIn(server.headers),
      ...(server.oauth && { oauth: fillInOauth(server.oauth, expandIn) }),
      ...input,
      filledIn,
    };
  }
  return {
    ...server,
    command: expand(server.command),
    args: expandIn(server.args),
    env: expandIn(server.env),
    ...input,
    cwd: serverFolder(dirname(file), server.cwd),
    commandFolder: join(dirname(resolve(file)), 'node_modules', '.bin'),
    filledIn,
  };
}

function fillInOauth(oauth: OauthConfig, expandIn: <T>(value: T) => T): OauthConfig {
  const { clientId, clientSecret, privateKey } = oauth;
  return { ...oauth, ...expandIn({ clientId, clientSecret, privateKey }) };
}

/** Reads a standard `.mcp.json`. Throws a `UsageError` that names the field, and quotes nothing of the file. */
export function readMcpConfig(file: string): McpConfig {
  if (!existsSync(file)) throw new UsageError(`${file} does not exist.`);
  const text = explainFailure(UsageError, `${file} cannot be read`, () => readFileSync(file, 'utf8'));
  let json: unknown;
  try {
    json = JSON.parse(text.replace(/^\ufeff/, ''));
  } catch (error) {
    // What the parser says quotes the file, which may hold secrets.
    const place = /\(line \d+ column \d+\)/.exec(messageOf(error))?.[0];
    throw new UsageError(`${file} is not JSON${place ? ` ${place}` : ''}.`);
  }
  const config = mcpConfig.safeParse(json);
  if (config.success) return config.data;
  const hint =
    typeof json === 'object' && json !== null && 'servers' in json && !('mcpServers' in json)
      ? '\nIt has "servers", as VS Code writes it. Rename that to "mcpServers".'
      : '';
  throw new UsageError(
    `${file} is not a configuration of MCP servers:\n${z.prettifyError(config.error)}${hint}`,
  );
}

/**
 * Fills in ${NAME} and ${NAME:-default} from the environment, as MCP clients do, and notes what came from there. The
 * trial's folder is filled in later.
 */
function expandInto(filledIn: Secret[], text: string, file: string, env: ConfigPlaces['env']): string {
  return text.replace(/\$\{(\w+)(?::-([^}]*))?\}/g, (whole, name: string, fallback: string | undefined) => {
    if (whole === trialDirReference) return whole;
    const value = env[name] ?? fallback;
    if (value === undefined)
      throw new UsageError(`${file} needs the environment variable ${name}, which is not set.`);
    filledIn.push({ value, place: `variable ${name}` });
    return value;
  });
}

/**
 * The servers of a scenario that can be pinned. A `.mcp.json` counts as the user's own where it was named on the command
 * line or lies in the current folder; one that came with the scenario is as good as the scenario.
 */
function pinTargets(
  scenario: Scenario,
  given: Record<string, ServerSpec>,
  places: ConfigPlaces,
): PinTarget[] {
  return Object.entries(given).flatMap(([server, spec]): PinTarget[] => {
    if ('mock' in spec) return [];
    if (!('configured' in spec)) {
      const launch = hashLaunch(spec);
      return [{ server, key: `${scenario.name}/${server}`, origin: 'scenario', written: spec, launch }];
    }
    const { server: written, file } = findConfiguredServer(scenario, spec.configured, places);
    const isOwn = places.mcpConfigFile !== undefined || file === join(places.folder, '.mcp.json');
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

/** Names the trial's own folder: in arguments, environment and folder of a server, and in its environment. */
const trialDirVariable = 'PATTERNBENCH_TRIAL_DIR';
export const trialDirReference = `\${${trialDirVariable}}`;

/** How trials' folders are named, and a name that could be one of theirs. */
const trialDirPrefix = 'patternbench-trial-';
export const trialDirNames = new RegExp(`${trialDirPrefix}[0-9A-Za-z]{6}`, 'g');
export const anyTrialDirName = `${trialDirPrefix}000000`;

/** Makes an empty folder for one trial. Throws an `InfrastructureError` where the disk refuses. */
export function createTrialDirectory(): { path: string; remove: () => Promise<void> } {
  const path = explainFailure(InfrastructureError, `A trial's folder cannot be made in ${tmpdir()}`, () =>
    realpathSync(mkdtempSync(join(tmpdir(), trialDirPrefix))),
  );
  // What a dying server still writes must not keep the run from ending.
  return { path, remove: () => rm(path, { recursive: true, force: true, maxRetries: 3 }) };
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
    await directory.remove();
  }
}

/** The folder that a server starts in: relative to `base`, or the trial's own. */
function serverFolder(base: string, cwd = '.'): string {
  return cwd.startsWith(trialDirReference) ? cwd : resolve(base, cwd);
}

/** The servers with the trial's folder filled in. Servers of ours start afresh anyway and are not told. */
export function inTrialDirectory(
  servers: Record<string, ReachableServer>,
  directory: string,
): Record<string, ReachableServer> {
  const fill = (text: string) => text.replaceAll(trialDirReference, directory);
  const inDirectory = (server: ReachableServer): ReachableServer => {
    if ('url' in server || server.mock) return server;
    return {
      ...server,
      trialDirectory: directory,
      args: server.args.map(fill),
      env: {
        ...(mapTexts(server.env, fill, (name) => name) as typeof server.env),
        [trialDirVariable]: directory,
      },
      ...(server.cwd !== undefined && { cwd: fill(server.cwd) }),
    };
  };
  return Object.fromEntries(Object.entries(servers).map(([name, server]) => [name, inDirectory(server)]));
}
