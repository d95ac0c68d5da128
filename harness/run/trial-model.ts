import { hash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import {
  type Cassette,
  type CassetteMode,
  noLiveModel,
  openCassette,
  recordingOf,
} from '../agent/model/cassette.ts';
import { createStandIns } from '../agent/model/cassette-secrets.ts';
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
import type { Outcome } from '../agent/patterns/converse.ts';
import type { Schedule } from '../agent/scripted/schedule.ts';
import type { LeftSchedule, ReferencePlan } from '../agent/scripted/scripted-model.ts';
import { canonicalJson } from '../json.ts';
import type { ModelEntry } from '../meter/catalogue.ts';
import { loadEstimate } from '../meter/estimate.ts';
import { costOf, type RequestBill } from '../meter/ledger.ts';
import type { Meter } from '../meter/meter.ts';
import type { Model, ModelMiddleware } from '../meter/model.ts';
import { countAlike, type ExactCounter, preferExact, type TokenCounter } from '../meter/token-counter.ts';
import { counted } from '../numbers.ts';
import type { Evidence } from '../results/codes.ts';
import type { Result } from '../results/summary.ts';
import type { Sandbox } from '../sandbox/sandbox.ts';
import { askGiven } from '../scenario/ask.ts';
import { anyTrialDirName, trialDirNames } from '../scenario/servers.ts';
import type { Secret } from '../tools/mcp/secrets.ts';
import type { Surface } from '../tools/mcp/surface.ts';
import { fieldsOf, type Volatile } from '../tools/work-recorder.ts';
import type { Trial } from './plan.ts';

/** By what it counts with: the searches of a run count what the run has counted. */
const counters = new WeakMap<object, TokenCounter>();

/** What counts the tokens of trials: exact counts before estimates, and names of trials' folders, which are random, alike. */
export async function openTrialCounter(
  { tokenizer }: ModelEntry,
  exact: ExactCounter | undefined,
): Promise<TokenCounter> {
  const estimate = await loadEstimate(tokenizer);
  const key = exact ?? estimate;
  const counter = counters.get(key);
  if (counter) return counter;
  const made = countAlike(exact ? preferExact(exact, estimate) : estimate, trialDirNames, anyTrialDirName);
  counters.set(key, made);
  return made;
}

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
  thinking?: 'adaptive' | number | undefined;
  budget?: Budget;
  /** Stands between a trial and its model, to look at what is said or to answer itself. */
  around?: (trial: Trial) => ModelMiddleware;
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
  means: {
    surface: Surface;
    sandbox: Sandbox;
    meter: Meter;
    secrets: readonly Secret[];
    /** The trial's own folder. */
    directory: string;
    schedule: Schedule | undefined;
    onLeave: (left: LeftSchedule) => void;
  },
  onRetry: (event: RetryEvent) => void,
): Promise<OpenedModel> {
  const { provider, limits = {}, caching = true, warmCache = false, thinking, budget } = settings;
  const { meter, schedule, onLeave } = means;
  const watch = provider && new ProviderWatch(trial.repeat);
  let billed = 0;
  const chain = [
    limitRequests(() => {
      budget?.refuseIfUsedUp();
      if (limits.tokens !== undefined && billed >= limits.tokens) {
        throw new LimitReached(counted(limits.tokens, 'token'));
      }
    }),
    caching ? undefined : withoutCaching(),
    thinking === undefined ? undefined : withThinking(thinking),
    watch?.refuseOtherModels,
  ];
  const outer: ModelMiddleware = (next) => chain.reduceRight((model, wrap) => wrap?.(model) ?? model, next);
  const spend = (bill: RequestBill) => {
    // After an overflow a scripted trial goes on hypothetically: that is no spending.
    if (meter.hasOverflowed) return;
    billed += bill.input + bill.output;
    budget?.spend(costOf(trial.model, [bill])?.cached ?? null);
  };
  if (!provider || !watch) {
    const followed = { ...referencePlan(trial, means), schedule, onLeave };
    return {
      inner: trial.variant.scriptedModel(followed, means.sandbox),
      outer,
      roundTrips: limits.roundTrips ?? scriptedRoundTrips,
      spend,
      findings: () => ({ evidence: 'scripted' }),
    };
  }
  const opened = await provider.open(trial, means.secrets, (event) => {
    watch.onRetry(event);
    onRetry(event);
  });
  return {
    inner: watch.watch(() => meter.pending, trial.model.contextWindow)(opened.model),
    outer,
    roundTrips: limits.roundTrips ?? liveRoundTrips,
    spend,
    findings: (outcome) => ({
      // Read now: with recordings, only the end shows whether every answer was live.
      evidence: opened.model.evidence,
      ...watch.finish(outcome, { asked: caching, warm: warmCache }, opened.session, opened.unused()),
    }),
  };
}

/** What the scripted model of a trial follows over these servers. */
export function referencePlan(
  { scenario, params, dataSeed, model, conditions }: Trial,
  { surface, directory }: { surface: Surface; directory: string },
): ReferencePlan {
  const volatile = new Map(
    surface.flatMap(({ server, tools }) =>
      tools.flatMap(({ name, identifier }): [string, Volatile][] => {
        const own = fieldsOf(server, name, scenario.volatile);
        return own ? [[`${server}.${identifier}`, own]] : [];
      }),
    ),
  );
  return {
    modelId: model.id,
    steps: scenario.steps,
    sources: scenario.sources,
    input: { ...params, ...askGiven(scenario, { params, seed: dataSeed }) },
    surface,
    cpuMs: scenario.limits?.cpuMs,
    own: { directory, volatile },
    retries: conditions?.faults?.retries ?? 0,
  };
}

/** How a provider's models are reached, and what becomes of their answers. */
type ProviderOptions = {
  /** Undefined only where nothing is asked live. */
  apiKey: string | undefined;
  baseURL: string | undefined;
  cassettes: 'off' | CassetteMode;
  cassetteDir: string;
  /** Continues the recordings that an interrupted run left. */
  resume: boolean;
  maxRetries: number | undefined;
  /** The longest that one attempt at a request may take, in milliseconds. */
  requestTimeoutMs: number | undefined;
};

/** Recordings of repeats that the run did not have. */
type UnusedRecordings = { file: string; exchanges: number; repeats: number[] };

/** Opens models for trials; one for the whole run, because recordings are shared. */
export type Provider = ReturnType<typeof createProvider>;

export function createProvider(options: ProviderOptions) {
  const { apiKey, cassettes } = options;
  const opened = new Map<string, Promise<Cassette>>();

  function cassetteOf(trial: Trial): Promise<Cassette> | undefined {
    if (cassettes === 'off') return undefined;
    const file = cassetteFile(options.cassetteDir, trial);
    const before = opened.get(file);
    if (before) return before;
    const secrets = apiKey === undefined ? [] : [apiKey];
    const cassette = openCassette({ file, mode: cassettes, secrets, resume: options.resume });
    opened.set(file, cassette);
    // One that could not be opened is tried again by the next trial that needs it.
    cassette.catch(() => opened.delete(file));
    return cassette;
  }

  return {
    /** The model of one trial. `secrets` of its servers are kept out of its recordings. */
    async open(trial: Trial, secrets: readonly Secret[], onRetry: (event: RetryEvent) => void) {
      const cassette = await cassetteOf(trial);
      const live =
        cassettes === 'strict'
          ? noLiveModel(trial.model.id)
          : // Loaded only here: the SDK's 300 modules take 0.2 s of CPU time, and most runs ask no provider.
            (await import('../agent/model/anthropic.ts')).createAnthropicModel({
              model: trial.model.id,
              apiKey: apiKey ?? '',
              baseURL: options.baseURL,
              timeoutMs: options.requestTimeoutMs,
              maxRetries: options.maxRetries,
              onRetry,
            });
      if (!cassette) return { model: live, session: undefined, unused: () => 0 };
      const session = cassette.session(trial.repeat, createStandIns(secrets));
      return {
        model: session.middleware(live),
        session,
        /** Recordings of this trial that were not asked for; to be read once it has ended. */
        unused: () => cassette.unused().filter(({ repeat }) => repeat === trial.repeat).length,
      };
    },
    /**
     * Closes the recordings; those all of whose trials have ended become complete. Where one cannot be closed, the others are
     * all the same, and its error is thrown then.
     */
    async close(planned: readonly Trial[], hasEnded: (trial: Trial) => boolean): Promise<UnusedRecordings[]> {
      const left: UnusedRecordings[] = [];
      // A run that was killed after the last trial of a recording left it to be put in its place.
      const isInterrupted = (trial: Trial) =>
        existsSync(recordingOf(cassetteFile(options.cassetteDir, trial)));
      if (cassettes === 'record' && options.resume) planned.filter(isInterrupted).forEach(cassetteOf);
      let failure: { error: unknown } | undefined;
      for (const [file, opening] of opened) {
        const cassette = await opening;
        const own = planned.filter((trial) => cassetteFile(options.cassetteDir, trial) === file);
        const ofRun = new Set(own.map(({ repeat }) => repeat));
        const unused = cassette.unused().flatMap(({ repeat }) => (ofRun.has(repeat) ? [] : [repeat]));
        const repeats = [...new Set(unused)].sort((a, b) => a - b);
        if (unused.length > 0) left.push({ file, exchanges: unused.length, repeats });
        try {
          await cassette.close(own.every(hasEnded) ? 'complete' : 'partial');
        } catch (error) {
          failure ??= { error };
        }
      }
      if (failure) throw failure.error;
      return left;
    },
  };
}

/** The recordings of one scenario, parameters, variant and model; the name says which, a hash keeps parameters apart. */
export function cassetteFile(directory: string, { scenario, params, variant, model }: Trial): string {
  const ofParams = hash('sha256', canonicalJson(params)).slice(0, 8);
  const safe = (name: string) => name.replace(/[^\w.-]/g, '_');
  return join(directory, safe(scenario.name), `${variant.name}.${safe(model.id)}.${ofParams}.jsonl`);
}
