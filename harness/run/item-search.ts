import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { canonicalJson } from '../../mock-servers/canonical-json.ts';
import { messageOf } from '../errors.ts';
import type { Trial } from '../plan/plan.ts';
import { isControl } from '../results/codes.ts';
import type { FoundItems } from '../results/journal.ts';
import { breakEvenFolderName } from '../results/run.ts';
import type { Sandbox } from '../sandbox/sandbox.ts';
import type { Params, Scenario } from '../scenario/scenario.ts';
import type { SweepPoint } from '../sweep/sweep-schema.ts';
import { totalOf, wholeJob } from '../verdict/measure.ts';
import { comparedBy, type ItemFlip, type Measure } from '../verdict/verdict-schema.ts';
import type { Result, Summary, Verdict } from './summary.ts';

/** One verdict whose flip is looked for. */
export type ItemSearchRequest = {
  scenario: Scenario;
  params: Params;
  /** Variants of both patterns that may stand for them. */
  variants: string[];
  /** The run's own summary of this scenario in these variants, and the run's directory: a point that is known. */
  known: { summary: Summary; directory: string };
  /** Where the further runs are written. A search that was interrupted is gone on with there. */
  out: string;
  sandbox: Sandbox;
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

/** What earlier searches and this run's have found, by scenario, and whether all that had to be have been made. */
export type ItemSearches = {
  found: Map<string, FoundItems>;
  isOver: boolean;
};

type Searching = {
  search: ItemSearch;
  trials: readonly Trial[];
  /** The run as it stands, all of whose trials have ended. */
  summary: Summary;
  searches: ItemSearches;
  /** True where files have changed since the run was begun: what an earlier search left is then of no use. */
  anew: boolean;
  directory: string;
  sandbox: Sandbox;
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
  const { search, summary, searches, directory, sandbox, signal, warn } = input;
  const scenarios = new Map(input.trials.map(({ scenario, params }) => [scenario, params]));
  for (const [scenario, params] of scenarios) {
    const { name, items: param } = scenario;
    const verdict = summary.verdicts.find((each) => each.scenario === name);
    const compared = verdict && comparedBy(verdict);
    if (param === undefined || !verdict || !compared || verdict.ratio === null) continue;
    const variants = contenders(summary.results, verdict);
    const wanted = { scenario: name, params, by: search.by, variants };
    const earlier = searches.found.get(name);
    if (earlier && isSameSearch(earlier, wanted)) continue;
    searches.found.delete(name);
    const results = summary.results.filter(
      (result) => result.scenario === name && variants.includes(result.variant),
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
        sandbox,
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

/** At another size, another variant may stand for its pattern; but hardly one that takes so many times as much. */
const hopeless = 2;

/** Variants that may stand for their patterns at other sizes, in the order of the run. */
export function contenders(results: readonly Result[], verdict: Verdict): string[] {
  const { classic, code } = verdict.sides;
  return results.flatMap((result) => {
    const { variant, pattern } = result;
    const best = { classic, code, hybrid: undefined }[pattern];
    if (result.scenario !== verdict.scenario || !best || isControl(variant)) return [];
    const value = totalOf(wholeJob(result), verdict.by);
    const isClose = value !== null && best.value !== null && value <= hopeless * best.value;
    return variant === best.name || isClose ? [variant] : [];
  });
}

function isSameSearch(earlier: FoundItems, wanted: Omit<FoundItems, 'items'>): boolean {
  const keyOf = ({ scenario, params, by, variants }: Omit<FoundItems, 'items'>) =>
    canonicalJson({ scenario, params, by, variants });
  return keyOf(earlier) === keyOf(wanted);
}
