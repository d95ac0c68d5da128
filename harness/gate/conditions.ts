import type { Baseline } from './baseline.ts';
import { isSame } from './serialize.ts';

/** Whatever decides all token counts of a run. The date at which a model's documentation was read does not. */
export function findDifferences(before: Baseline, after: Baseline): string[] {
  const { prices: _, asOf: _asOf, ...oldModel } = before.model;
  const { prices: __, asOf: __asOf, ...newModel } = after.model;
  const [was, is] = [before.settings, after.settings];
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
    ...differ('prompt cache', was.caching, is.caching),
    ...differ('thinking asked for', was.thinking, is.thinking),
    ...differ('limit of round trips', was.maxRoundTrips, is.maxRoundTrips),
    ...differ('limit of tokens', was.maxTokens, is.maxTokens),
  ];
}

/** What decides verdicts and no figure: how the two runs weighed, where they did so differently; null where alike. */
export function compareWeighing(before: Baseline, after: Baseline): string | null {
  const [was, is] = [before.settings, after.settings];
  const runs = [before, after];
  const byLatency = runs.some(({ settings }) => settings.by === 'latency');
  const differences = [
    ...differ('measure that verdicts weigh by', was.by, is.by),
    ...(byLatency ? differ('latency profile', was.latencyProfile, is.latencyProfile) : []),
    ...differ('margin', was.margin, is.margin),
  ];
  return differences.length > 0 ? differences.join('; ') : null;
}

function differ(what: string, old: unknown, now: unknown): string[] {
  return old === now ? [] : [`the ${what} was ${old ?? 'none'} and is ${now ?? 'none'}`];
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
