import { type Baseline, isSame } from './baseline.ts';

/** Whatever decides all token counts of a run. The date at which a model's documentation was read does not. */
export function findDifferences(before: Baseline, after: Baseline): string[] {
  const { prices: _, asOf: _asOf, ...oldModel } = before.model;
  const { prices: __, asOf: __asOf, ...newModel } = after.model;
  const differ = (what: string, old: unknown, now: unknown) =>
    old === now ? [] : [`the ${what} was ${old} and is ${now}`];
  const named = differ('model', before.model.id, after.model.id);
  const sameEntry = isSame(oldModel, newModel);
  return [
    ...named,
    ...(named.length === 0 && !sameEntry
      ? [`the window or overheads known of ${after.model.id} changed`]
      : []),
    ...differ('seed', before.seed, after.seed),
    ...differ('tokenizer', before.tokenizer, after.tokenizer),
    ...differ('rate of mistakes', rates(before), rates(after)),
  ];
}

function rates({ imperfections }: Baseline): string {
  return imperfections ? JSON.stringify(Object.entries(imperfections).sort()) : 'none';
}

/** How the price tables of two runs differ, in words; null where they are the same. */
export function comparePrices(before: Baseline, after: Baseline): string | null {
  if (before.model.id === after.model.id) {
    if (isSame(before.model.prices, after.model.prices)) return null;
  }
  return `the price table was that of ${before.model.id} of ${before.model.asOf} and is that of ${after.model.id} of ${after.model.asOf}`;
}
