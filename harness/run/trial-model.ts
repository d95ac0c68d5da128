import { ProviderWatch } from '../agent/model/provider-watch.ts';
import {
  type Budget,
  LimitReached,
  limitRequests,
  liveRoundTrips,
  scriptedRoundTrips,
  type TrialLimits,
  withoutCaching,
  withThinking,
} from '../agent/model/request-limits.ts';
import type { RetryEvent } from '../agent/model/retry.ts';
import type { Outcome } from '../agent/patterns/pattern.ts';
import { costOf } from '../meter/cost.ts';
import type { RequestBill } from '../meter/ledger.ts';
import type { Meter } from '../meter/meter.ts';
import type { Model, ModelMiddleware } from '../meter/model.ts';
import type { Evidence } from '../results/codes.ts';
import type { Result } from '../results/summary.ts';
import type { Sandbox } from '../sandbox/sandbox.ts';
import { askGiven } from '../scenario/ask.ts';
import type { Secret } from '../tools/mcp/secrets.ts';
import type { Surface } from '../tools/mcp/surface.ts';
import type { Trial } from './plan.ts';
import type { Provider, TrialModel } from './provider.ts';

/** Whose decisions the trials of a run measure, and what they may take. Nothing given: the scripted model. */
export type ModelSettings = {
  /** A provider's model, live or replayed, instead of a scripted one. */
  provider?: Provider;
  /** What trials are taken to be before they have begun. */
  plannedEvidence?: Evidence;
  limits?: TrialLimits;
  /** False takes all cache breakpoints off. */
  caching?: boolean;
  /** Trials of a provider's model may find in the cache what earlier ones wrote of the prompt; otherwise each begins cold. */
  warmCache?: boolean;
  thinking?: 'adaptive' | number;
  budget?: Budget;
};

/** The model of one trial, in the two layers between which its answers are booked and recorded. */
export type OpenedModel = {
  inner: Model;
  outer: ModelMiddleware;
  roundTrips: number;
  /** Books what a round trip was billed for against the limits of trial and run. */
  spend(bill: RequestBill): void;
  /** What is known of the model's part once the trial has ended. */
  findings(outcome: Outcome | undefined): ModelFindings;
};

export type ModelFindings = Pick<Result, 'evidence' | 'provider'> & { modelMs?: number };

/** Opens the model of a trial. `onRetry` is called for every request that is made again. */
export async function openTrialModel(
  trial: Trial,
  settings: ModelSettings,
  {
    surface,
    sandbox,
    meter,
    secrets,
  }: { surface: Surface; sandbox: Sandbox; meter: Meter; secrets: readonly Secret[] },
  onRetry: (event: RetryEvent) => void,
): Promise<OpenedModel> {
  const { provider, limits = {}, caching = true, warmCache = false, thinking, budget } = settings;
  const chain: ModelMiddleware[] = [];
  let billed = 0;
  chain.push(
    limitRequests(() => {
      budget?.refuseIfUsedUp();
      if (limits.tokens !== undefined && billed >= limits.tokens) {
        throw new LimitReached(`${limits.tokens} tokens`);
      }
    }),
  );
  if (!caching) chain.push(withoutCaching());
  if (thinking !== undefined) chain.push(withThinking(thinking));

  const spend = (bill: RequestBill) => {
    // After an overflow a scripted trial goes on hypothetically: that is no spending.
    if (meter.hasOverflowed) return;
    billed += bill.input + bill.output;
    budget?.spend(costOf(trial.model, [bill])?.cached ?? null);
  };
  const outer: ModelMiddleware = (next) => chain.reduceRight((model, wrap) => wrap(model), next);

  if (!provider) {
    return {
      inner: createScripted(trial, surface, sandbox),
      outer,
      roundTrips: limits.roundTrips ?? scriptedRoundTrips,
      spend,
      findings: () => ({ evidence: 'scripted' }),
    };
  }
  const watch = new ProviderWatch(trial.repeat);
  const opened: TrialModel = await provider.open(trial, secrets, (event) => {
    watch.onRetry(event);
    onRetry(event);
  });
  chain.push(watch.refuseOtherModels);
  return {
    inner: watch.watch(() => meter.pending, trial.model.contextWindow)(opened.model),
    outer,
    roundTrips: limits.roundTrips ?? liveRoundTrips,
    spend,
    findings(outcome) {
      watch.noteOutcome(outcome);
      const { modelMs } = watch;
      return {
        // Read now: with recordings, only the end shows whether every answer was live.
        evidence: opened.model.evidence,
        provider: watch.report({ asked: caching, warm: warmCache }, opened.session, opened.unused()),
        ...(modelMs !== undefined && { modelMs: Math.round(modelMs) }),
      };
    },
  };
}

function createScripted(
  { scenario, params, dataSeed, variant, model }: Trial,
  surface: Surface,
  sandbox: Sandbox,
) {
  return variant.scriptedModel(
    {
      modelId: model.id,
      steps: scenario.steps,
      sources: scenario.sources,
      input: { ...params, ...askGiven(scenario, { params, seed: dataSeed }) },
      surface,
      cpuMs: scenario.limits?.cpuMs,
    },
    sandbox,
  );
}
