import { hash } from 'node:crypto';
import type { FamilyCoefficients, TextKind } from '../../harness/meter/estimate.ts';

/** A document that the coefficients were not fitted on: where it is from, its kind of text, its estimate, and what was counted. */
export type Estimated = { source: string; textKind: TextKind; tokens: number; counted: number };

/** Parts that the fitted documents are cut into: each is estimated by a fit on the others. */
export const folds = 5;

/** The part of a group; the same each time. */
export function foldOf(group: string): number {
  return Number.parseInt(hash('sha256', `fold ${group}`).slice(0, 8), 16) % folds;
}

/** Sizes in tokens by which errors are measured. */
const sizes = [30, 100, 300, 1000, null];
/** Documents of a size that make a measured share; fewer are taken together with the next size. */
const fewest = 20;
/** Documents of one source that must be held by themselves. */
const ofOneSource = 40;

/**
 * The shares of the estimate, by its size, that hold nine documents in ten: not only of all together, but of each source with 40
 * documents or more. None is taken to be smaller than that of longer documents.
 */
export function bandsOf(documents: readonly Estimated[]): FamilyCoefficients['errors'][TextKind] {
  const bands: { upTo: number | null; within: number; documents: number }[] = [];
  let from = 0;
  for (const upTo of sizes) {
    const of = documents.filter(({ tokens }) => tokens > from && (upTo === null || tokens <= upTo));
    if (of.length < fewest && upTo !== null) continue;
    const last = bands.at(-1);
    if (of.length < fewest && last) last.upTo = null;
    else bands.push({ upTo, within: Number(widest(of).toFixed(4)), documents: of.length });
    from = upTo ?? from;
  }
  for (let at = bands.length - 2; at >= 0; at -= 1) {
    const [here, next] = [bands[at], bands[at + 1]];
    if (here && next) here.within = Math.max(here.within, next.within);
  }
  return bands;
}

function widest(documents: readonly Estimated[]): number {
  const sources = [...Map.groupBy(documents, ({ source }) => source).values()];
  const large = sources.filter(({ length }) => length >= ofOneSource);
  return Math.max(...[documents, ...large].map(holdNine));
}

/**
 * The share of the estimate that holds the next document of the same kind nine times in ten: the ⌈0.9 (n + 1)⌉-th smallest of n
 * errors (split conformal prediction; Vovk et al. 2005, Lei et al. 2018). The largest where n is below 9.
 */
export function holdNine(documents: readonly Omit<Estimated, 'source' | 'textKind'>[]): number {
  const errors = documents.map(({ tokens, counted }) => Math.abs(counted / tokens - 1)).sort((a, b) => a - b);
  const rank = Math.ceil(0.9 * (errors.length + 1));
  return errors[Math.min(rank, errors.length) - 1] ?? 0;
}
