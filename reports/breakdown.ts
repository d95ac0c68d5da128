import type { LedgerRow } from '../harness/meter/ledger.ts';
import { type Category, categories } from '../harness/results/codes.ts';

/** Tokens by category, each counted once: what was new in a prompt and what the model wrote. They sum to `context`. */
export function contextByCategory(ledger: readonly LedgerRow[]): Record<Category, number> {
  const sums = Object.fromEntries(categories.map((category) => [category, 0])) as Record<Category, number>;
  for (const row of ledger) {
    if (row.direction === 'output' || row.history === 'new') sums[row.category] += row.tokens;
  }
  return sums;
}
