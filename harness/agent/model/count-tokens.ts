import type { ExactCounter } from '../../meter/token-counter.ts';
import { createClient, explain, providerURL } from './anthropic.ts';
import type { Fetch } from './anthropic-answer.ts';
import { ModelRequestError, PromptTooLongError } from './anthropic-exchange.ts';
import { askPatiently, type Clock, defaultRetryPolicy, type RetryEvent, systemClock } from './retry.ts';

type ProviderCounterOptions = {
  model: string;
  apiKey: string;
  /** The provider's own address unless a gateway or local server that speaks the Messages API is named. */
  baseURL?: string | undefined;
  maxRetries?: number | undefined;
  /** Called for each request that is made again, also where a rate limit asks for a pause. */
  onRetry?: (event: RetryEvent) => void;
  fetch?: Fetch;
  clock?: Clock;
  random?: () => number;
};

/** Requests under way at a time; the provider's rate limit paces them from there. */
const atOnce = 4;
const timeoutMs = 60_000;

/** A text of one token in every vocabulary. What else its message takes is the frame that every message has. */
const oneToken = 'a';

/**
 * Counts texts at the provider's counting endpoint, which is free of charge: each as the only message of a request, without
 * the frame of that message. A text without letters, or one that the provider refuses to count, stays unknown. Rejects with a
 * `ModelRequestError` where the provider cannot be asked, and with the signal's reason once it is aborted.
 */
export function createProviderCounter(options: ProviderCounterOptions): ExactCounter {
  const { model, apiKey, baseURL = providerURL, clock = systemClock, random = Math.random } = options;
  const client = createClient({ apiKey, baseURL, timeoutMs, fetch: options.fetch ?? fetch });
  const retries = {
    policy: {
      ...defaultRetryPolicy,
      ...(options.maxRetries !== undefined && { maxRetries: options.maxRetries }),
    },
    clock,
    random,
    ...(options.onRetry && { onRetry: options.onRetry }),
  };

  async function askOnce(text: string, signal: AbortSignal): Promise<number> {
    try {
      const messages = [{ role: 'user' as const, content: text.toWellFormed() }];
      const { input_tokens } = await client.messages.countTokens({ model, messages }, { signal });
      return input_tokens;
    } catch (error) {
      signal.throwIfAborted();
      throw explain(error, { headers: null }, { model, baseURL, secrets: [apiKey], now: clock.now() });
    }
  }
  const ask = (text: string, signal: AbortSignal) =>
    askPatiently(retries, () => askOnce(text, signal), signal);

  /** Tokens of a message's frame, asked for once. The answer also shows that key, model and address can count. */
  let frame: Promise<number> | undefined;
  const measureFrame = (signal: AbortSignal): Promise<number> => {
    frame ??= ask(oneToken, signal).then((tokens) => tokens - 1);
    frame.catch(() => {
      frame = undefined;
    });
    return frame;
  };

  async function countOne(text: string, frame: number, signal: AbortSignal): Promise<number | undefined> {
    // The API takes no message of white space alone.
    if (text.trim() === '') return undefined;
    try {
      return Math.max(1, (await ask(text, signal)) - frame);
    } catch (error) {
      const refused = error instanceof ModelRequestError && refusals.has(error.failure.kind);
      if (refused || error instanceof PromptTooLongError) return undefined;
      throw error;
    }
  }

  return {
    method: `counted by the provider (${model})`,
    async count(texts, signal) {
      const frame = await measureFrame(signal);
      const counts = new Array<number | undefined>(texts.length);
      const failed = new AbortController();
      const stop = AbortSignal.any([signal, failed.signal]);
      const waiting = texts.entries();
      const work = async () => {
        for (const [at, text] of waiting) counts[at] = await countOne(text, frame, stop);
      };
      await Promise.all(Array.from({ length: atOnce }, work)).finally(() => failed.abort());
      return counts;
    },
  };
}

/** The provider can count, but not this text. */
const refusals: ReadonlySet<string> = new Set(['invalid_request', 'too_large']);
