import { InfrastructureError } from '../../errors.ts';
import { ContextOverflow, type Overflow } from '../../meter/meter.ts';
import { answering, type ModelMiddleware } from '../../meter/model.ts';
import type { ModelResponse } from '../../results/messages.ts';
import type { Cause, Divergence, ProviderReport } from '../../results/provider.ts';
import type { Outcome } from '../patterns/converse.ts';
import { exchangeOf, ModelRequestError, PromptTooLongError } from './anthropic-exchange.ts';
import type { CassetteSession } from './cassette.ts';
import { CassetteMiss } from './cassette-request.ts';
import { RunEnded } from './request-limits.ts';
import type { RetryEvent } from './retry.ts';

/** Failures after which every other trial would fail alike, so that the run ends instead of collecting them. */
const hopeless = new Set(['quota', 'authentication', 'permission', 'not_found']);

/** A map, since the reasons are a provider's words. */
const causeOfStop = new Map<string, Cause>([
  ['refusal', 'refusal'],
  ['max_tokens', 'max_tokens'],
  ['model_context_window_exceeded', 'window_stop'],
]);

/** Watches a provider's model during one trial: turns its faults into outcomes, and counts what is worth knowing. */
export class ProviderWatch {
  readonly #repeat: number;
  readonly #causes = new Set<Cause>();
  readonly #models = new Set<string>();
  readonly #origins = new Set<string>();
  readonly #kinds = new Map<string, number>();
  readonly #diverged: Divergence[] = [];
  readonly #usage = { counted: 0, missing: 0 };
  readonly #retries = { attempts: 0, possiblyBilled: 0 };
  #toolUses = 0;
  #cacheTokens = 0;
  /** Whether the first request read from the cache. */
  #foundWarm = false;
  /** Milliseconds in which the model answered; null where an answer was not live. */
  #modelMs: number | null = 0;
  /** Another model answered: what its answers led to is no result of the model that was asked for. */
  #otherModel: string | undefined;

  constructor(repeat: number) {
    this.#repeat = repeat;
  }

  readonly onRetry = ({ failure }: RetryEvent): void => {
    this.#retries.attempts += 1;
    this.#countFailure(failure);
  };

  /** Goes around the model, inside what books and records its answers. `next` is where the trial stands. */
  watch(pending: () => { roundTrip: number; inputTokens: number }, contextWindow: number): ModelMiddleware {
    return (next) =>
      answering(next, async (request, signal) => {
        const at = pending();
        try {
          const response = await next.respond(request, signal);
          this.#note(response, request.model);
          return response;
        } catch (error) {
          throw this.#explain(error, { ...at, contextWindow });
        }
      });
  }

  /** Goes outside what books answers, so that an answer of another model is paid for before the trial ends. */
  readonly refuseOtherModels: ModelMiddleware = (next) =>
    answering(next, async (request, signal) => {
      const response = await next.respond(request, signal);
      if (this.#otherModel !== undefined) {
        throw new InfrastructureError(
          `The trial is invalid: ${request.model} was asked for and ${this.#otherModel} answered. Ask for the model that is to be measured.`,
        );
      }
      return response;
    });

  /** What is known once the trial has ended: of the provider's part, and how long the model answered, where all of it was live. */
  finish(
    outcome: Outcome | undefined,
    { asked, warm }: { asked: boolean; warm: boolean },
    session: CassetteSession | undefined,
    unused: number,
  ): { provider: ProviderReport; modelMs?: number } {
    const { counted, missing } = this.#usage;
    this.#noteOutcome(outcome);
    const provider: ProviderReport = {
      usage: { counted, missing },
      caching: {
        asked,
        observed: counted === 0 ? null : this.#cacheTokens > 0,
        start: warm ? 'warm' : 'cold',
        foundWarm: this.#foundWarm ? 1 : 0,
      },
      retries: { ...this.#retries, kinds: Object.fromEntries([...this.#kinds].sort()) },
      causes: Object.fromEntries([...this.#causes].sort().map((cause) => [cause, 1])),
      respondingModels: [...this.#models].sort(),
      origins: [...this.#origins].sort(),
      ...(session && { recordings: { ...session.counts(), unused, diverged: this.#diverged } }),
    };
    const isLive = this.#modelMs !== null && counted + missing > 0;
    return { provider, ...(isLive && { modelMs: Math.round(this.#modelMs ?? 0) }) };
  }

  #noteOutcome(outcome: Outcome | undefined): void {
    if (outcome?.status === 'limit_reached') {
      const byResponse = this.#causes.has('max_tokens') || this.#causes.has('window_stop');
      if (!byResponse) this.#causes.add('never_answered');
    }
    if (outcome?.status !== 'completed') return;
    if (this.#toolUses === 0) this.#causes.add('no_tool_use');
    if (outcome.answer.trim() === '') this.#causes.add('empty_answer');
  }

  #note(response: ModelResponse, requested: string): void {
    const { usage, model } = response;
    this.#models.add(model);
    this.#toolUses += response.content.filter((block) => block.type === 'tool_use').length;
    const cause = causeOfStop.get(response.stop_reason ?? '');
    if (cause) this.#causes.add(cause);
    if (usage) {
      const isFirst = this.#usage.counted + this.#usage.missing === 0;
      const read = usage.cache_read_input_tokens ?? 0;
      if (isFirst) this.#foundWarm = read > 0;
      this.#cacheTokens += (usage.cache_creation_input_tokens ?? 0) + read;
    }
    this.#usage[usage ? 'counted' : 'missing'] += 1;
    const exchange = exchangeOf(response);
    if (exchange) this.#origins.add(exchange.answer.origin);
    const ms = exchange?.measuredMs ?? null;
    this.#modelMs = this.#modelMs === null || ms === null ? null : this.#modelMs + ms;
    if (respondingModelDiffers(requested, model)) {
      this.#otherModel = model;
      this.#causes.add('other_model');
    }
  }

  #explain(error: unknown, at: Overflow): unknown {
    if (error instanceof PromptTooLongError) {
      this.#causes.add('prompt_too_long');
      return new ContextOverflow(at);
    }
    if (error instanceof CassetteMiss && (error.replayedBefore > 0 || error.toolResultDiffers)) {
      const { difference, replayedBefore, toolResultDiffers } = error;
      this.#causes.add('diverged');
      this.#diverged.push({
        ...{ repeat: this.#repeat, roundTrip: replayedBefore + 1 },
        ...(difference ?? { path: null, recorded: null, asked: null }),
        toolResult: toolResultDiffers,
      });
    }
    if (error instanceof ModelRequestError) {
      this.#countFailure(error.failure);
      if (hopeless.has(error.failure.kind)) return new RunEnded(error.message, { cause: error });
    }
    return error;
  }

  #countFailure({ kind, usage }: RetryEvent['failure']): void {
    this.#kinds.set(kind, (this.#kinds.get(kind) ?? 0) + 1);
    if (usage === 'unknown') this.#retries.possiblyBilled += 1;
  }
}

/**
 * Whether another model answered than the one that was asked for. An alias answered by a dated snapshot of itself is the
 * same model (`claude-haiku-4-5` and `claude-haiku-4-5-20251001`; `claude-x-latest` and `claude-x-20251001`). Anything else
 * counts as different, also a pinned snapshot that is answered by its bare alias: nothing shows that the pin was kept.
 */
export function respondingModelDiffers(requested: string, responding: string): boolean {
  const alias = requested.replace(/-latest$/, '');
  const isSnapshot = responding.startsWith(alias) && /^-\d{8}$/.test(responding.slice(alias.length));
  return responding !== requested && !isSnapshot;
}
