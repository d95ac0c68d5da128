import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { UsageError } from '../errors.ts';
import { countsFileName, keepCounts, openOwnCounter, readCounts } from '../meter/exact-counters.ts';
import type { ExactCounter } from '../meter/token-counter.ts';
import { type Io, tell } from './io.ts';

type CountingOptions = { count?: string; counter?: string; baseUrl?: string; maxRetries?: number };

/** The API key of the environment: it is read here and nowhere else, and handed on to the one place that sends it. */
export function readKey({ env }: Io, otherwise: string): string {
  // The SDK would add these to every request; no recording and no report would show them.
  if (env.ANTHROPIC_CUSTOM_HEADERS) {
    throw new UsageError(
      'ANTHROPIC_CUSTOM_HEADERS is set: requests would carry headers that no report shows. Unset it.',
    );
  }
  const key = env.ANTHROPIC_API_KEY ?? '';
  if (key.trim() !== '') return key;
  throw new UsageError(
    `It needs a key: set ANTHROPIC_API_KEY (anything, where the server of provider.baseUrl asks for none). ${otherwise}`,
  );
}

/**
 * Where exact counts of a model come from, as the options `count` and `counter` say; undefined where tokens are only estimated.
 * Counts that are kept in the folder are used without being asked for. Where it may not ask, those stand for the provider's.
 */
export async function openExactCounts(
  options: CountingOptions,
  model: string,
  io: Io,
  mayAsk = true,
): Promise<ExactCounter | undefined> {
  const { counter, baseUrl, maxRetries } = options;
  const count = options.count === 'provider' && !mayAsk ? undefined : options.count;
  const kept = resolve(io.cwd, countsFileName);
  if (counter !== undefined) return openOwnCounter(counter, model, io.cwd);
  if (count === 'estimate') return undefined;
  if (count === undefined) return existsSync(kept) ? readCounts(kept, model) : undefined;
  if (count !== 'provider') return readCounts(count, model);
  const apiKey = readKey(io, `Without one, count=${countsFileName} uses the counts that are kept.`);
  // Loaded only here: the SDK's 300 modules take 0.2 s of CPU time.
  const { createProviderCounter } = await import('../agent/model/anthropic.ts');
  return keepCounts(
    kept,
    model,
    createProviderCounter({
      model,
      apiKey,
      baseURL: baseUrl,
      maxRetries,
      onRetry: ({ reason, delayMs }) =>
        tell(io, `${reason} Counting resumes in ${Math.ceil(delayMs / 1000)} s.`),
    }),
  );
}
