import { VerificationError } from '../../errors.ts';
import type { Listing } from '../mcp/listing.ts';
import { type Redact, redactStrings } from '../mcp/secrets.ts';
import type { OutsideReset, WrittenServer } from '../mcp/server-spec.ts';
import { changes, hasChanged, quote } from './describe.ts';
import { type Lock, type LockedServer, toLocked } from './lock-file.ts';
import { describeWarnings, inspectListing, isImitation, isLookAlike } from './warnings.ts';

/** A server that is not one of ours, and so can be pinned. */
export type PinTarget = {
  /** The scenario's name of it. */
  server: string;
  /** Its name in the lock file: that of the `.mcp.json`, else `<scenario>/<server>`. */
  key: string;
  /** `user`: from a `.mcp.json` of the user's own. `scenario`: from the scenario's folder, which may be anybody's. */
  origin: 'user' | 'scenario';
  written: WrittenServer;
  /** A command or request by which the scenario resets the server; it comes with the scenario in any case. */
  reset?: OutsideReset;
  /** `hashLaunch(written)`. */
  launch: string;
};

/** Holds servers against the lock file. */
export type PinCheck = {
  /** Whether the lock file names this server. */
  isPinned(target: PinTarget): boolean;
  /** Throws a `VerificationError` for a server that is not pinned and is named much like one that is. Connects to nothing. */
  refuseImitations(targets: PinTarget[]): void;
  /**
   * Throws a `VerificationError`, with the differences and the way to accept them, for a pinned server that is not what was
   * pinned, and for a tool that looks like one of another server that is. What else should be looked at is warned of, once.
   * `redact` takes the servers' secrets out of what is said.
   */
  check(targets: PinTarget[], listings: Listing[], redact?: Redact | undefined): void;
};

/** A check against `lock`, which was read from `file`; without a lock nothing is pinned and only warnings are given. */
export function createPinCheck(
  lock: Lock | undefined,
  file: string,
  onWarning: (message: string) => void,
): PinCheck {
  const locked = new Map(Object.entries(lock?.servers ?? {}));
  const warned = new Set<string>();
  const warn = (message: string) => {
    if (!warned.has(message)) onWarning(message);
    warned.add(message);
  };
  return {
    isPinned: ({ key }) => locked.has(key),
    refuseImitations(targets) {
      for (const { key } of targets) {
        if (locked.has(key)) continue;
        const imitated = [...locked.keys()].find((pinned) => isImitation(key, pinned));
        if (imitated !== undefined) refuseImitation(`Server ${quote(key)}`, imitated, key, file);
      }
    },
    check(targets, listings, redact) {
      const shown = listings.map((listing) => ({
        ...redactStrings(listing, redact),
        server: listing.server,
      }));
      for (const target of targets) {
        const isTarget = ({ server }: Listing) => server === target.server;
        const listing = listings.find(isTarget);
        if (!listing) continue;
        const own = locked.get(target.key);
        if (own) refuseChange(target, own, listing, file, redact);
        else refuseToolImitations(target, listing, locked, file);
        const warnings = shown.filter(isTarget).flatMap((own) => inspectListing(own, shown));
        for (const warning of describeWarnings(warnings)) warn(warning);
        if (lock && !own) {
          warn(
            `${target.key}: is not pinned. patternbench tools ${target.key} --accept pins it as it is now`,
          );
        }
      }
    },
  };
}

function refuseChange(
  { key, launch }: PinTarget,
  locked: LockedServer,
  listing: Listing,
  file: string,
  redact: Redact | undefined,
): void {
  const now = toLocked(listing, launch);
  if (!hasChanged(locked, now)) return;
  const different = changes(listing.server, locked, {
    ...redactStrings(now, redact),
    hash: now.hash,
    launch,
  });
  throw new VerificationError(
    `Server ${quote(key)} is not what was pinned in ${file}:\n${different.join('\n')}\nNothing was asked of it. If the change is right: patternbench tools ${key} --accept`,
  );
}

function refuseToolImitations(
  { key, server }: PinTarget,
  { tools }: Listing,
  locked: Map<string, LockedServer>,
  file: string,
): void {
  for (const [pinned, { tools: pinnedTools }] of locked) {
    for (const { name } of tools) {
      const twin = pinnedTools.find((tool) => isLookAlike(name, tool.name));
      if (twin)
        refuseImitation(`Tool ${quote(name)} of server "${server}"`, `${pinned}.${twin.name}`, key, file);
    }
  }
}

function refuseImitation(what: string, imitated: string, key: string, file: string): never {
  throw new VerificationError(
    `${what} is refused: it looks like ${quote(imitated)}, which is pinned in ${file}. If it is honest: patternbench tools ${quote(key)} --accept`,
  );
}
