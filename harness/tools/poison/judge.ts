import { VerificationError } from '../../errors.ts';
import type { Listing } from '../mcp/listing.ts';
import { createPinCheck, type PinTarget } from '../pin/check.ts';
import { hashListing, type Lock, lockFormat, toLocked } from '../pin/lock-file.ts';
import { inspectListing } from '../pin/warnings.ts';
import { lookAlike, type Place, places } from './places.ts';
import { type Honest, type Poison, poisonInitialize, poisonListing } from './wrap.ts';

/**
 * What would notice a poison in what a server lists: null where it changes no listing. `lookAlike`: what the check of names alone
 * does, alike for any text: refuses a server next to a pinned one that it resembles, or only warns; null where it sees nothing.
 */
type ListingJudgement = {
  pinned: boolean | null;
  warned: boolean | null;
  lookAlike: 'refused' | 'warned' | null;
};

/** Holds a listing with a poison against the one without, as a pin and the warnings do. */
export function judgeListing(honest: Honest, poison: Poison): ListingJudgement {
  const chosen = places.filter(({ name }) => poison.names.has(name));
  const [before, after] = [toListing(honest, poison, []), toListing(honest, poison, chosen)];
  if (chosen.some(({ twin }) => twin)) return judgeTwin(before, after, poison);
  // What comes after the first listing is for the trial to notice, which lists again.
  const isListed = ({ initialized, listed, group }: Place) => group !== 'later' && (initialized || listed);
  if (!chosen.some(isListed)) return { pinned: null, warned: null, lookAlike: null };
  const warningsOf = (listing: Listing, other: Listing) =>
    inspectListing(touched(listing, other, poison), []);
  const said = new Set(warningsOf(before, after).map((warning) => JSON.stringify(warning)));
  const fresh = warningsOf(after, before).filter((warning) => !said.has(JSON.stringify(warning)));
  return {
    pinned: hashListing(before) !== hashListing(after),
    warned: fresh.length > 0,
    lookAlike: fresh.some(isOfNames) ? 'warned' : null,
  };
}

function isOfNames({ kind }: { kind: string }): boolean {
  return kind === 'look_alike';
}

/** A second server that is not pinned, next to the honest one that is, by the check that a run makes. */
function judgeTwin(first: Listing, { tools, ...second }: Listing, { target }: Poison): ListingJudgement {
  const offered = tools.filter(({ name }) => name === target?.used);
  const twin = { ...second, server: lookAlike(first.server), tools: offered };
  const isRefused = isRefusedBeside(first, twin);
  const warnings = inspectListing(twin, [first]);
  return {
    pinned: isRefused,
    warned: warnings.length > 0,
    lookAlike: isRefused ? 'refused' : warnings.some(isOfNames) ? 'warned' : null,
  };
}

/** Whether a server that is not pinned is refused where another one is. */
export function isRefusedBeside(pinned: Listing, listing: Listing): boolean {
  const lock: Lock = { format: lockFormat, servers: { [pinned.server]: toLocked(pinned, '') } };
  const check = createPinCheck(lock, '', () => {});
  const { server } = listing;
  const target: PinTarget = {
    ...{ server, key: server, origin: 'user', launch: '' },
    written: { command: '', args: [] },
  };
  try {
    check.refuseImitations([target]);
    check.check([target], [listing]);
    return false;
  } catch (error) {
    if (error instanceof VerificationError) return true;
    throw error;
  }
}

/** A listing with the tools that another has not, and the one that is used: the others would be inspected for nothing. */
function touched(listing: Listing, other: Listing, { target }: Poison): Listing {
  const known = new Set(other.tools.map((tool) => JSON.stringify(tool)));
  const tools = listing.tools.filter(
    (tool) => tool.name === target?.used || !known.has(JSON.stringify(tool)),
  );
  return { ...listing, tools };
}

function toListing(honest: Honest, poison: Poison, chosen: readonly Place[]): Listing {
  const { initialize, tools } = structuredClone(honest);
  const list: Record<string, unknown> = { tools };
  poisonInitialize(initialize, poison, chosen);
  poisonListing(list, poison, chosen);
  return {
    server: poison.target?.server ?? '',
    implementation: initialize.serverInfo as Listing['implementation'],
    instructions: initialize.instructions as string | undefined,
    tools: list.tools as Listing['tools'],
  };
}
