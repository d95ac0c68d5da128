import type { Listing } from '../mcp/listing.ts';
import { hashListing } from '../pin/lock-file.ts';
import { inspectListing, isImitation } from '../pin/warnings.ts';
import { lookAlike, type Place, places } from './places.ts';
import { type Honest, type Poison, poisonInitialize, poisonListing, poisonTwin } from './wrap.ts';

/** What would notice a poison in what a server lists: null where it changes no listing. */
type ListingJudgement = { pinned: boolean | null; warned: boolean | null };

/** Holds a listing with a poison against the one without, as a pin and the warnings do. */
export function judgeListing(honest: Honest, poison: Poison): ListingJudgement {
  const server = poison.target?.server ?? '';
  const chosen = places.filter(({ name }) => poison.names.has(name));
  if (chosen.some(({ twin }) => twin)) return judgeTwin(server, honest, poison, chosen);
  const before = toListing(server, honest, undefined);
  const after = toListing(server, honest, poison);
  const warningsOf = (listing: Listing, other: Listing) =>
    inspectListing(touched(listing, other, poison), []).map((warning) => JSON.stringify(warning));
  const said = new Set(warningsOf(before, after));
  const isNew = warningsOf(after, before).some((warning) => !said.has(warning));
  // What comes after the first listing is for the trial to notice, which lists again.
  const isListed = ({ initialized, listed, group }: Place) => group !== 'later' && (initialized || listed);
  if (!chosen.some(isListed)) return { pinned: null, warned: null };
  return { pinned: hashListing(before) !== hashListing(after), warned: isNew };
}

/** A server that is named much like one that is pinned is refused for its name alone. */
function judgeTwin(
  server: string,
  honest: Honest,
  poison: Poison,
  chosen: readonly Place[],
): ListingJudgement {
  const name = lookAlike(server);
  const initialize = structuredClone(honest.initialize);
  const list: Record<string, unknown> = { tools: structuredClone(honest.tools) };
  poisonInitialize(initialize, poison, chosen);
  poisonTwin(list, poison, chosen);
  const first = toListing(server, honest, undefined);
  return {
    pinned: isImitation(name, server),
    warned: inspectListing(listingOf(name, initialize, list), [first]).length > 0,
  };
}

/** A listing with the tools that another has not, and the one that is used: the others would be inspected for nothing. */
function touched(listing: Listing, other: Listing, { target }: Poison): Listing {
  const known = new Set(other.tools.map((tool) => JSON.stringify(tool)));
  const tools = listing.tools.filter(
    (tool) => tool.name === target?.used || !known.has(JSON.stringify(tool)),
  );
  return { ...listing, tools };
}

function toListing(server: string, honest: Honest, poison: Poison | undefined): Listing {
  const initialize = structuredClone(honest.initialize);
  const list: Record<string, unknown> = { tools: structuredClone(honest.tools) };
  if (poison) {
    const chosen = places.filter(({ name }) => poison.names.has(name));
    poisonListing(list, poison, chosen, 1);
    poisonInitialize(initialize, poison, chosen);
  }
  return listingOf(server, initialize, list);
}

function listingOf(
  server: string,
  { serverInfo, instructions }: Record<string, unknown>,
  list: Record<string, unknown>,
): Listing {
  return {
    server,
    implementation: serverInfo as Listing['implementation'],
    instructions: instructions as string | undefined,
    tools: list.tools as Listing['tools'],
  };
}
