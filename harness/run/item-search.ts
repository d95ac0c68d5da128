import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { messageOf } from '../errors.ts';
import { canonicalJson } from '../json.ts';
import type { FoundItems } from '../results/run.ts';
import { breakEvenFolderName } from '../results/run.ts';
import { comparedBy, type ItemFlip } from '../results/verdict.ts';
import type { OpenRun } from './open-run.ts';
import { contenders } from './summarise.ts';

/**
 * Looks for the number of items at which each verdict changes, scenario by scenario, unless that is known from before. A search
 * that fails is warned of and leaves the run as it is. Ends early on an abort.
 */
export async function searchItems(run: OpenRun): Promise<void> {
  const { searches, sandbox, warn } = run;
  const { itemSearch, signal, onEvent } = run.input;
  if (!itemSearch) return;
  const directory = run.directory.path;
  const summary = run.summarise();
  const scenarios = new Map(run.input.trials.map(({ scenario, params }) => [scenario, params]));
  for (const [scenario, params] of scenarios) {
    const { name, items: param } = scenario;
    const verdict = summary.verdicts.find((each) => each.scenario === name);
    const compared = verdict && comparedBy(verdict);
    if (param === undefined || !verdict || !compared || verdict.ratio === null) continue;
    const variants = contenders(summary.results, verdict);
    const wanted = { scenario: name, params, by: itemSearch.by, variants };
    const earlier = searches.found.get(name);
    if (earlier && isSameSearch(earlier, wanted)) continue;
    searches.found.delete(name);
    const results = summary.results.filter(
      (result) => result.scenario === name && variants.includes(result.variant),
    );
    const out = join(directory, breakEvenFolderName, name);
    let items: ItemFlip | undefined;
    try {
      // Files have changed since the run began: what an earlier search left is of no use.
      if (run.forced.length > 0) rmSync(out, { recursive: true, force: true });
      items = await itemSearch.find({
        scenario,
        params,
        variants,
        known: { summary: { ...summary, results, verdicts: [verdict] }, directory },
        out,
        sandbox,
        signal,
        onPoint: (point) => onEvent({ type: 'size_tried', scenario: name, param, point }),
      });
    } catch (error) {
      if (signal.aborted) return;
      warn(
        `Could not find at how many ${param} the verdict on ${name} changes: ${messageOf(error)}\nIts trials are kept. Search again with run --resume ${directory}, or skip it with --no-break-even.`,
      );
      continue;
    }
    const found = { ...wanted, items: items ?? null };
    searches.found.set(name, found);
    run.journal.foundItems(found);
    run.saved.soon();
  }
  searches.isOver = true;
}

function isSameSearch(earlier: FoundItems, wanted: Omit<FoundItems, 'items'>): boolean {
  const keyOf = ({ scenario, params, by, variants }: Omit<FoundItems, 'items'>) =>
    canonicalJson({ scenario, params, by, variants });
  return keyOf(earlier) === keyOf(wanted);
}
