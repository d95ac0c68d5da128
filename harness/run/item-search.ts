import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { canonicalJson } from '../../mock-servers/canonical-json.ts';
import { messageOf } from '../errors.ts';
import type { Tokenizer } from '../meter/tokenizer.ts';
import type { Trial } from '../plan/plan.ts';
import type { Sandbox } from '../sandbox/sandbox.ts';
import type { Params, Scenario } from '../scenario/scenario.ts';
import type { SweepPoint } from '../sweep/sweep-schema.ts';
import { type Compared, comparedBy, type ItemFlip, type Measure } from '../verdict/verdict-schema.ts';
import type { Summary } from './summary.ts';

/** What a run holds open that the further runs of a search may use too. */
export type SharedMeans = { sandbox: Sandbox; tokenizer: Tokenizer };

/** One verdict whose flip is looked for. */
export type ItemSearchRequest = {
  scenario: Scenario;
  params: Params;
  variants: Compared;
  /** The run's own summary of this scenario in these two variants, and the run's directory: a point that is known. */
  known: { summary: Summary; directory: string };
  /** Where the further runs are written. A search that was interrupted is gone on with there. */
  out: string;
  shared: SharedMeans;
  signal: AbortSignal;
  onPoint: (point: SweepPoint) => void;
};

/**
 * Looks for the number of items at which a verdict flips, with further runs at other numbers. Undefined where nothing can be
 * compared. Throws where a run could not be made, and the signal's reason on an abort.
 */
export type ItemSearch = {
  by: Measure;
  find: (request: ItemSearchRequest) => Promise<ItemFlip | undefined>;
};

/** What a search found, as the journal keeps it: with all that decides whether it is what a resumed run would find. */
export type FoundItems = {
  scenario: string;
  params: Params;
  by: Measure;
  variants: Compared;
  /** Null where nothing could be compared. */
  items: ItemFlip | null;
};

/** What earlier searches and this run's have found, by scenario, and whether all that had to be have been made. */
export type ItemSearches = {
  found: Map<string, FoundItems>;
  isOver: boolean;
};

/** Where the further runs are, inside the directory of the run: a folder for each scenario. */
export const breakEvenFolderName = 'break-even';

type Searching = {
  search: ItemSearch;
  trials: readonly Trial[];
  /** The run as it stands, all of whose trials have ended. */
  summary: Summary;
  searches: ItemSearches;
  /** True where files have changed since the run was begun: what an earlier search left is then of no use. */
  anew: boolean;
  directory: string;
  shared: SharedMeans;
  signal: AbortSignal;
  onPoint: (scenario: string, param: string, point: SweepPoint) => void;
  onFound: (found: FoundItems) => void;
  warn: (message: string) => void;
};

/**
 * Makes the searches that are outstanding, scenario by scenario. One that fails is warned of and is no result; the run is
 * what it is without. Ends early on an abort.
 */
export async function searchItems(input: Searching): Promise<void> {
  const { search, summary, searches, directory, shared, signal, warn } = input;
  const scenarios = new Map(input.trials.map(({ scenario, params }) => [scenario, params]));
  for (const [scenario, params] of scenarios) {
    const { name, items: param } = scenario;
    const verdict = summary.verdicts.find((each) => each.scenario === name);
    const variants = verdict && comparedBy(verdict);
    if (param === undefined || !verdict || !variants || verdict.pattern === 'insufficient') continue;
    const wanted = { scenario: name, params, by: search.by, variants };
    const earlier = searches.found.get(name);
    if (earlier && isSameSearch(earlier, wanted)) continue;
    searches.found.delete(name);
    const own = Object.values(variants);
    const results = summary.results.filter(
      (result) => result.scenario === name && own.includes(result.variant),
    );
    const out = join(directory, breakEvenFolderName, name);
    let items: ItemFlip | undefined;
    try {
      if (input.anew) rmSync(out, { recursive: true, force: true });
      items = await search.find({
        scenario,
        params,
        variants,
        known: { summary: { ...summary, results, verdicts: [verdict] }, directory },
        out,
        shared,
        signal,
        onPoint: (point) => input.onPoint(name, param, point),
      });
    } catch (error) {
      if (signal.aborted) return;
      const reason = messageOf(error);
      warn(
        `At how many ${param} the verdict on ${name} flips was not found: ${reason}\nIts trials stand. run --resume ${directory} looks again; --no-break-even does without.`,
      );
      continue;
    }
    const found = { ...wanted, items: items ?? null };
    searches.found.set(name, found);
    input.onFound(found);
  }
  searches.isOver = true;
}

function isSameSearch(earlier: FoundItems, wanted: Omit<FoundItems, 'items'>): boolean {
  const keyOf = ({ scenario, params, by, variants }: Omit<FoundItems, 'items'>) =>
    canonicalJson({ scenario, params, by, variants });
  return keyOf(earlier) === keyOf(wanted);
}
