import { hash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { UsageError } from '../../errors.ts';
import { readJson, replaceFile } from '../../files.ts';
import { canonicalJson } from '../../json.ts';
import type { Listing, RawTool } from '../mcp/listing.ts';

export const lockFormat = 'patternbench.lock/v1';
const lockFileName = 'patternbench.lock.json';

const sha256 = z.string().regex(/^[0-9a-f]{64}$/);
const lockedTool = z.strictObject({
  name: z.string(),
  hash: sha256,
  /** The definition as it was accepted, to show what changed since. */
  definition: z.looseObject({ name: z.string() }),
});
const lockedServer = z.strictObject({
  /** Over all that follows but `launch`: what was accepted. */
  hash: sha256,
  /** How the server is started or reached, hashed. */
  launch: sha256,
  implementation: z.looseObject({ name: z.string(), version: z.string() }),
  instructions: z.string().optional(),
  tools: z.array(lockedTool),
});
/** `patternbench.lock.json`: what servers were accepted as. */
export const lockSchema = z.strictObject({
  format: z.literal(lockFormat),
  servers: z.record(z.string(), lockedServer),
});

export type LockedServer = z.infer<typeof lockedServer>;
export type Lock = z.infer<typeof lockSchema>;

/**
 * The file that the setting servers.lock names, else the one beside the `.mcp.json` that `--mcp-config` names, else in
 * `folder`.
 */
export function lockPath(
  lockFile: string | undefined,
  mcpConfigFile: string | undefined,
  folder: string,
): string {
  return lockFile ?? join(mcpConfigFile === undefined ? folder : dirname(mcpConfigFile), lockFileName);
}

/**
 * Reads a lock file; undefined where there is none. Throws a `UsageError` where it is none that this version reads, or
 * was edited so that its hashes are not those of its definitions.
 */
export function readLock(file: string): Lock | undefined {
  if (!existsSync(file)) return undefined;
  const lock = readJson(file, lockSchema, 'a lock file', 'Restore it, or pin your servers again.');
  for (const [name, server] of Object.entries(lock.servers)) {
    if (isConsistent(server)) continue;
    throw new UsageError(
      `${file}: the hashes of server "${name}" are not those of its definitions; it was edited by hand or merged. Restore it, or remove the server and pin it again.`,
    );
  }
  return lock;
}

/** The lock file in use and what it holds. Throws a `UsageError` where one was named that does not exist. */
export function findLock(
  lockFile: string | undefined,
  mcpConfigFile: string | undefined,
  folder: string,
): { file: string; lock: Lock | undefined } {
  const file = lockPath(lockFile, mcpConfigFile, folder);
  const lock = readLock(file);
  if (lockFile !== undefined && !lock) {
    throw new UsageError(
      `${file} does not exist. patternbench tools --pin --set servers.lock=${lockFile} makes it.`,
    );
  }
  return { file, lock };
}

/** Writes a lock file, servers by name; whole or not at all. */
export function writeLock(file: string, lock: Lock): void {
  const servers = Object.fromEntries(Object.entries(lock.servers).sort(([a], [b]) => (a < b ? -1 : 1)));
  replaceFile(file, `${JSON.stringify({ ...lock, servers }, null, 2)}\n`, UsageError);
}

/** A server as it is now, in the form in which it is locked. */
export function toLocked(listing: Listing, launch: string): LockedServer {
  const { implementation, instructions, tools } = listing;
  const hashes = tools.map(hashDefinition);
  return {
    hash: hashListing(listing, hashes),
    ...{ launch, implementation },
    ...(instructions !== undefined && { instructions }),
    tools: tools
      .map((definition, at) => ({ name: definition.name, hash: hashes[at] as string, definition }))
      .sort((a, b) => (a.name < b.name ? -1 : 1)),
  };
}

/** The listing that was accepted. */
export function toListing(server: string, locked: LockedServer): Listing {
  const { implementation, instructions, tools } = locked;
  return { server, implementation, instructions, tools: tools.map(({ definition }) => definition) };
}

function isConsistent(locked: LockedServer): boolean {
  const isOwn = ({ name, hash, definition }: LockedServer['tools'][number]) =>
    name === definition.name && hash === hashDefinition(definition);
  return locked.tools.every(isOwn) && hashListing(toListing('', locked)) === locked.hash;
}

/**
 * SHA-256 of a tool's whole definition as it was listed, unknown keywords included. The order of keys and white space do
 * not count; everything else does, the order within arrays too.
 */
export function hashDefinition(tool: RawTool): string {
  return hash('sha256', canonicalJson(tool));
}

/**
 * SHA-256 of everything a server puts before a model: who it says it is, its instructions, and each tool. The order in
 * which tools are listed does not count. `hashes` are those of its tools in their order, where they are known.
 */
export function hashListing(
  { implementation, instructions, tools }: Listing,
  hashes = tools.map(hashDefinition),
): string {
  const named = tools
    .map(({ name }, at): [string, string] => [name, hashes[at] as string])
    .sort(([a], [b]) => (a < b ? -1 : 1));
  return hash('sha256', canonicalJson({ implementation, instructions, tools: named }));
}
