import { VerificationError } from '../errors.ts';
import { canonicalJson } from '../json.ts';
import { type ChosenServer, chooseConfigured, chooseOfScenario } from '../scenario/choose.ts';
import { withTrialDirectory } from '../scenario/servers.ts';
import type { Authorization } from '../tools/mcp/auth/authorization.ts';
import { type Connection, connect } from '../tools/mcp/connections.ts';
import { redactStrings } from '../tools/mcp/secrets.ts';
import { describeServer, hasChanged } from '../tools/pin/check.ts';
import { type Lock, lockFormat, lockPath, readLock, toLocked, writeLock } from '../tools/pin/lock-file.ts';
import { describeWarnings, inspectListing, isImitation } from '../tools/pin/warnings.ts';
import type { Options } from './add-options.ts';
import { untilInterrupted } from './interrupt.ts';
import { type Io, tell } from './io.ts';
import { absoluteScenario, authorizationOf, placesOf, trustOf } from './scenarios.ts';

type PinOptions = Pick<Options<'tools'>, 'scenario' | 'mcpConfig' | 'accept' | 'lock' | 'trust'>;

/**
 * Writes down what servers put before a model, so that a change is seen before it works. Throws a `VerificationError` where one
 * changed and that is not accepted.
 */
export async function pinServers(names: string[], options: PinOptions, io: Io): Promise<number> {
  const { scenario, mcpConfig, accept = false } = options;
  const file = lockPath(options.lock, mcpConfig, io.cwd);
  const before = readLock(file) ?? { format: lockFormat, servers: {} };
  const chosen =
    scenario === undefined
      ? chooseConfigured(names, placesOf(options, io))
      : await chooseOfScenario(
          absoluteScenario(scenario, io.cwd),
          names,
          placesOf(options, io),
          trustOf(options, io),
        );
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
    const old = Object.hasOwn(before.servers, key) ? before.servers[key] : undefined;
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
