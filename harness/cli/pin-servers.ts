import { UsageError, VerificationError } from '../errors.ts';
import { canonicalJson, ownMember } from '../json.ts';
import { tellNearestOrKnown } from '../nearest.ts';
import { resolveParams } from '../scenario/find.ts';
import { loadScenarios } from '../scenario/load.ts';
import { findConfiguredServers, hashLaunch, serversOf, withTrialDirectory } from '../scenario/servers.ts';
import type { Authorization } from '../tools/mcp/auth/authorization.ts';
import { type Connection, connect } from '../tools/mcp/connections.ts';
import { redactStrings } from '../tools/mcp/secrets.ts';
import type { ReachableServer } from '../tools/mcp/server-spec.ts';
import { describeServer, hasChanged } from '../tools/pin/check.ts';
import { type Lock, lockFormat, lockPath, readLock, toLocked, writeLock } from '../tools/pin/lock-file.ts';
import { describeWarnings, inspectListing, isImitation } from '../tools/pin/warnings.ts';
import type { Options } from './add-options.ts';
import { untilInterrupted } from './interrupt.ts';
import { type Io, tell } from './io.ts';
import { authorizationOf, placesOf, trustOf } from './scenarios.ts';

type PinOptions = Pick<Options<'tools'>, 'scenario' | 'mcpConfig' | 'accept' | 'lock' | 'trust'>;

/**
 * Writes down what servers put before a model, so that a change is seen before it works. Throws a `VerificationError` where one
 * changed and that is not accepted.
 */
export async function pinServers(names: string[], options: PinOptions, io: Io): Promise<number> {
  const { accept = false } = options;
  const file = lockPath(options.lock, options.mcpConfig, io.cwd);
  const before = readLock(file) ?? { format: lockFormat, servers: {} };
  const chosen = await chooseServers(names, options, io);
  const { result: listed } = await untilInterrupted(io, (signal) =>
    listAll(chosen, authorizationOf(io), signal),
  );
  const { after, written, refused, revealing } = merge({ before, chosen, listed, accept }, io);
  if (written.length > 0) {
    writeLock(file, after);
    io.stdout.write(`Written to ${file}: ${written.join(', ')}.\n`);
  }
  if (revealing.length > 0) {
    throw new VerificationError(
      `Not written: ${revealing.join(', ')}. What it offers holds a secret of its own configuration, which must not be in a lock file.`,
    );
  }
  if (refused.length > 0) {
    throw new VerificationError(
      `Not written: ${refused.join(', ')}. If that is right, say so with --accept.`,
    );
  }
  return 0;
}

/** A server to pin or log in to: how to reach it, and the hash of how its configuration says so. */
type ChosenServer = { key: string; server: ReachableServer; launch: string };

/**
 * The servers of the `.mcp.json` in use, or those that a scenario uses and that are not ours: all, or those named. Throws a
 * `UsageError` that names the nearest for an unknown one, and where those of a scenario are not accepted.
 */
export async function chooseServers(
  names: readonly string[],
  options: Pick<PinOptions, 'scenario' | 'mcpConfig' | 'trust'>,
  io: Io,
): Promise<ChosenServer[]> {
  const all = await (options.scenario === undefined ? findConfigured : findOfScenario)(options, io);
  if (names.length === 0) return all;
  const keys = all.map(({ key }) => key);
  return [...new Set(names)].map((name) => {
    const found = all.find(({ key }) => key === name);
    if (found) return found;
    throw new UsageError(`There is no server "${name}".${tellNearestOrKnown(name, keys, 3)}`);
  });
}

async function findConfigured(options: PinOptions, io: Io): Promise<ChosenServer[]> {
  const found = Object.entries(findConfiguredServers(placesOf(options, io)));
  if (found.length === 0) {
    throw new UsageError(
      'There is no server: no .mcp.json here, or none in it. Point to one with --mcp-config, or name a --scenario.',
    );
  }
  return found.map(([key, { server, written }]) => ({ key, server, launch: hashLaunch(written) }));
}

async function findOfScenario(options: PinOptions, io: Io): Promise<ChosenServer[]> {
  const [scenario] = await loadScenarios([options.scenario ?? ''], io.cwd);
  if (!scenario) throw new UsageError(`There is no scenario "${options.scenario}".`);
  const context = { params: resolveParams(scenario, {}), seed: 1 };
  const used = serversOf(scenario, context, placesOf(options, io));
  const targets = used.targets();
  trustOf(options, io).admit([{ scenario, targets }]);
  const servers = await used.resolve();
  const all = targets.flatMap(({ server: name, key, launch }) => {
    const server = servers[name];
    return server ? [{ key, server, launch }] : [];
  });
  if (all.length === 0) throw new UsageError(`${scenario.name} uses no server that can be pinned.`);
  return all;
}

/** Compares each server with the lock, and puts in what may be put in. */
function merge(
  {
    before,
    chosen,
    listed,
    accept,
  }: { before: Lock; chosen: ChosenServer[]; listed: Listed[]; accept: boolean },
  io: Io,
) {
  const after: Lock = { format: lockFormat, servers: { ...before.servers } };
  const written: string[] = [];
  const refused: string[] = [];
  const revealing: string[] = [];
  const shown = listed.map(({ listing, redact }) => ({
    ...redactStrings(listing, redact),
    server: listing.server,
  }));
  for (const { key, launch } of chosen) {
    const { listing, redact } = listed.find((each) => each.listing.server === key) ?? {};
    if (!listing) continue;
    const old = ownMember(before.servers, key);
    const now = toLocked(listing, launch);
    const described = { ...redactStrings(now, redact), hash: now.hash, launch };
    io.stdout.write(`${describeServer(key, old, described)}\n`);
    const warnings = shown
      .filter(({ server }) => server === key)
      .flatMap((own) => inspectListing(own, shown));
    for (const warning of describeWarnings(warnings)) tell(io, `Warning: ${warning}`);
    if (canonicalJson(described) !== canonicalJson(now)) {
      revealing.push(key);
      continue;
    }
    if (!hasChanged(old, now)) continue;
    const imitated = old ? undefined : Object.keys(before.servers).find((pinned) => isImitation(key, pinned));
    if (imitated !== undefined) tell(io, `Warning: ${key} is named much like ${imitated}, which is pinned`);
    if ((old || imitated !== undefined) && !accept) {
      refused.push(key);
      continue;
    }
    after.servers[key] = now;
    written.push(key);
  }
  return { after, written, refused, revealing };
}

type Listed = Pick<Connection, 'listing' | 'redact'>;

async function listAll(
  chosen: ChosenServer[],
  authorization: Authorization,
  signal: AbortSignal,
): Promise<Listed[]> {
  const servers = Object.fromEntries(chosen.map(({ key, server }) => [key, server]));
  return withTrialDirectory(servers, async (inDirectory) => {
    const listed: Listed[] = [];
    for (const [key, server] of Object.entries(inDirectory)) {
      const connection = await connect(
        key,
        server,
        { connectMs: 20_000, callMs: 20_000 },
        signal,
        authorization,
      );
      listed.push(connection);
      await connection.close();
    }
    return listed;
  });
}
