import type { Assumed, Otherwise } from '../meter/otherwise.ts';
import { assumptions } from '../results/codes.ts';

/** The means of what trials would have been billed under other assumptions: of those that all trials have. */
export function meanOtherwise(all: readonly Otherwise[]): Otherwise {
  const names = assumptions.filter((name) => all.every(({ assumed }) => assumed[name]));
  const factors = all[0]?.sizes.map(({ factor }) => factor) ?? [];
  const sizesAt = (factor: number) =>
    all.flatMap(({ sizes }) => sizes.filter((size) => size.factor === factor));
  return {
    assumed: Object.fromEntries(
      names.map((name) => [name, meanAssumed(all.flatMap(({ assumed }) => assumed[name] ?? []))]),
    ),
    sizes: factors
      .filter((factor) => sizesAt(factor).length === all.length)
      .map((factor) => ({
        factor,
        results: meanAssumed(sizesAt(factor).map(({ results }) => results)),
        resultsAndOutput: meanAssumed(sizesAt(factor).map(({ resultsAndOutput }) => resultsAndOutput)),
      })),
  };
}

function meanAssumed(all: readonly Assumed[]): Assumed {
  const mean = (pick: (each: Assumed) => number) =>
    all.reduce((sum, each) => sum + pick(each), 0) / all.length;
  const usd = (kind: 'cached' | 'uncached') =>
    Math.round(mean(({ costUsd }) => costUsd?.[kind] ?? 0) * 1e8) / 1e8;
  return {
    costUsd: all.every(({ costUsd }) => costUsd)
      ? { cached: usd('cached'), uncached: usd('uncached') }
      : null,
    billed: mean(({ billed }) => billed),
    modelledMs: Math.round(mean(({ modelledMs }) => modelledMs)),
    largestRequest: mean(({ largestRequest }) => largestRequest),
  };
}
