import type { ModelEntry } from './catalogue.ts';
import field from './field.json' with { type: 'json' };

/** How many real servers the distribution is of, and where their listings were published. */
export const fieldSource = { servers: field.servers, source: field.source };

/**
 * Share of real servers (0 to 1) whose tool definitions take fewer tokens than this, counted by the same estimate.
 * `npm run fit:field -- DIR` makes the distribution from a copy of the published listings.
 */
export function lighterServers(tokens: number, family: ModelEntry['tokenizer']): number {
  const sizes = field.tokensPerServer[family];
  return sizes.filter((size) => size < tokens).length / sizes.length;
}
