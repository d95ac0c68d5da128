import { findModel, listModels, type ModelEntry } from '../../meter/catalogue.ts';

/** What stands before the id of a model that is asked at its provider, as `--model` takes it. */
export const livePrefix = 'anthropic:';

/** The model id in `anthropic:<id>`, which asks for a provider's model; undefined for the plain id of a scripted one. */
export function liveModelId(model: string): string | undefined {
  return model.startsWith(livePrefix) && model.length > livePrefix.length
    ? model.slice(livePrefix.length)
    : undefined;
}

/**
 * What is known of a provider's model: its catalogue entry, also for a dated snapshot of it (`<id>-<yyyymmdd>`). Where
 * `unlisted` allows others, such as a local model's, nothing is documented: it is unpriced, and its figures are assumptions.
 * Throws a `UsageError` otherwise.
 */
export function findLiveModel(id: string, unlisted: boolean): ModelEntry {
  const listed = listModels().find((model) => id === model.id || /^-\d{8}$/.test(id.replace(model.id, '')));
  if (listed) return { ...listed, id };
  if (!unlisted) return findModel(id);
  return {
    id,
    class: 'sonnet',
    tokenizer: 'claude-4.7',
    messageFrameTokens: 6,
    contextWindow: 200_000,
    maxOutput: 16_000,
    minCachePrefix: 1024,
    toolUseSystemTokens: null,
    asOf: 'not documented',
    prices: [],
  };
}
