import { existsSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import { serializeBaseline } from '../analysis/gate/baseline.ts';
import { examineHolding } from '../analysis/gate/holding.ts';
import { UsageError } from '../errors.ts';
import { replaceFile } from '../files.ts';
import { counted } from '../numbers.ts';
import type { Baseline } from '../results/baseline.ts';
import { repeatedOptions } from './gate-run.ts';
import { type Io, tell } from './io.ts';
import { readCompleteRun } from './read-run.ts';

/**
 * Reduces a run to a small file, the same byte for byte whenever the same was measured. Throws a `UsageError` for live trials that
 * are too few to ever stop a fall in correctness, and an `InfrastructureError` for an incomplete run.
 */
export function saveBaseline(run: string, path: string, io: Io): void {
  const baseline = readCompleteRun(run);
  const { refused, weak } = examineHolding(baseline);
  if (refused.length > 0) {
    throw new UsageError(
      `Too few trials to hold anything; run again with more (--trials):\n${refused.join('\n')}`,
    );
  }
  replaceFile(path, serializeBaseline(forEveryCheckout(baseline, dirname(path))), UsageError);
  const variants = baseline.scenarios.reduce((sum, each) => sum + each.variants.length, 0);
  for (const note of weak) tell(io, `Warning: ${note}`);
  const held = `${counted(baseline.scenarios.length, 'workflow')} and ${counted(variants, 'result')}`;
  tell(io, `Written: ${path}, with ${held}.`);
}

/** A committed file must mean the same in every checkout. */
function forEveryCheckout(baseline: Baseline, folder: string): Baseline {
  const toRelative = (path: string) => relative(folder, findHere(path, folder)).split(sep).join('/');
  return {
    ...baseline,
    ...(baseline.options && { options: repeatedOptions(baseline.options) }),
    scenarios: baseline.scenarios.map((scenario) =>
      scenario.path === undefined ? scenario : { ...scenario, path: toRelative(scenario.path) },
    ),
  };
}

/** A run of another machine names its folders there; here, it is the one that ends alike, below the baseline's folder. */
function findHere(path: string, folder: string): string {
  if (existsSync(path)) return path;
  const names = path.split(/[\\/]/);
  const ends = names.map((_, index) => join(folder, ...names.slice(index)));
  return ends.find((end) => existsSync(join(end, 'scenario.ts'))) ?? path;
}
