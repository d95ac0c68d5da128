import type { ModelEntry } from '../../meter/catalogue.ts';
import { answering, type ModelMiddleware } from '../../meter/model.ts';
import { dollars, number, usd } from '../../numbers.ts';
import type { ModelRequest } from '../../results/messages.ts';
import { messageWithoutBreakpoints, withoutBreakpoint } from './cassette-request.ts';

/** What one trial may take. A trial that reaches a limit has the outcome `limit_reached`. */
export type TrialLimits = {
  roundTrips?: number | undefined;
  /** Billed tokens, input and output of all requests. */
  tokens?: number | undefined;
  /** Wall time in milliseconds. */
  timeoutMs?: number | undefined;
};

/** Without a limit of its own, a trial with a provider's model ends after this many round trips. */
export const liveRoundTrips = 200;

/** A perfect model ends by itself; this only stops a scenario that never does. */
export const scriptedRoundTrips = 100_000;

/** Tokens that one response may have, which each request asks for. */
export function mostOutputTokens({ maxOutput }: Pick<ModelEntry, 'maxOutput'>): number {
  return Math.min(maxOutput, 64_000);
}

/** The limit that a response reached which was cut off, in words. */
export function tellOutputLimit(tokens: number): string {
  return `${number(tokens)} output tokens in one response`;
}

/** A trial used up what it may take. Its result is `limit_reached`. */
export class LimitReached extends Error {
  override name = 'LimitReached';
}

/**
 * The run cannot go on: its budget is used up, or the provider would refuse every request. The trials under way are not
 * results; what is finished is kept, and the run can be resumed.
 */
export class RunEnded extends Error {
  override name = 'RunEnded';
}

/** Money that a whole run may take, in USD as billed. */
export type Budget = ReturnType<typeof createBudget>;

/** A budget of which `spentBefore` is used already. It is looked at before every request, so the last ones may exceed it. */
export function createBudget(maxUsd: number | undefined, spentBefore = 0) {
  let spent: number | null = spentBefore;
  return {
    /** USD so far; null once something without a price was billed. */
    spentUsd: () => spent,
    spend(usd: number | null): void {
      spent = spent === null || usd === null ? null : spent + usd;
    },
    /** Throws a `RunEnded` where nothing is left. */
    refuseIfUsedUp(): void {
      if (maxUsd === undefined || spent === null || spent < maxUsd) return;
      throw new RunEnded(
        `The budget of ${dollars(maxUsd)} is used up (${usd(spent)} spent). Resume the run with a higher --max-cost to go on; finished trials are kept.`,
      );
    },
  };
}

/** Stops before a request is sent where the trial or the run has nothing left. */
export function limitRequests(check: () => void): ModelMiddleware {
  return wrapRequests((request) => {
    check();
    return request;
  });
}

/**
 * Takes the cache breakpoints off every request, so that nothing is cached. A message is copied once and the copy kept:
 * what reads the history by identity still sees that it only grows.
 */
export function withoutCaching(): ModelMiddleware {
  const copies = new WeakMap<object, object>();
  const once = <T extends object>(original: T, strip: (original: T) => T): T => {
    const copy = (copies.get(original) as T | undefined) ?? strip(original);
    copies.set(original, copy);
    return copy;
  };
  return wrapRequests((request) => ({
    ...request,
    ...(Array.isArray(request.system) && {
      system: once(request.system, (blocks) => blocks.map(withoutBreakpoint)),
    }),
    messages: request.messages.map((message) => once(message, messageWithoutBreakpoints)),
  }));
}

/** Asks every request for thinking: `adaptive`, or a budget of tokens. */
export function withThinking(thinking: 'adaptive' | number): ModelMiddleware {
  const field: NonNullable<ModelRequest['thinking']> =
    thinking === 'adaptive' ? { type: 'adaptive' } : { type: 'enabled', budget_tokens: thinking };
  return wrapRequests((request) => ({ ...request, thinking: field }));
}

function wrapRequests(change: (request: ModelRequest) => ModelRequest): ModelMiddleware {
  return (next) => answering(next, async (request, signal) => next.respond(change(request), signal));
}
