import { availableParallelism } from 'node:os';
import { sayVerdict } from '../../reports/run/verdict.ts';
import { findLiveModel, liveModelId } from '../agent/model/live-models.ts';
import { findVariants, type Variant } from '../agent/variants.ts';
import { UsageError } from '../errors.ts';
import { findModel } from '../meter/catalogue.ts';
import { type ClientProfile, findClient } from '../meter/clients.ts';
import { findLatencyProfile } from '../meter/latency.ts';
import { isControl } from '../results/codes.ts';
import type { Conditions } from '../results/world.ts';
import type { EarlierRun } from '../run/journal.ts';
import type { RunInput } from '../run/open-run.ts';
import { plan, type Shard, selectShard } from '../run/plan.ts';
import { createProvider } from '../run/trial-model.ts';
import { refuseUnknownParams } from '../scenario/find.ts';
import { loadCoreScenarios, loadScenarios } from '../scenario/load.ts';
import type { Scenario } from '../scenario/scenario.ts';
import { findLock } from '../tools/pin/lock-file.ts';
import { lastingOptions, type Options } from './add-options.ts';
import { openExactCounts, readKey } from './counting.ts';
import { type Io, isCi } from './io.ts';
import { approvalsOf } from './prompt.ts';
import { absoluteScenario, serversHere } from './scenarios.ts';

/** A run that could begin: all of it but where it is shown and what stops it. */
export type PreparedRun = Omit<RunInput, 'out' | 'signal' | 'onEvent'>;

/** Trials at a time with a live model: each has one request in flight, and waits as long as the provider says. */
const liveConcurrency = 8;
/** Scripted trials at a time, where the machine has so many cores: servers of each need memory. */
const mostAtOnce = 4;

/**
 * Trials of each variant where they vary, as with a provider's model or with faults: from 14 on, a side that is right in 60 %
 * is recommended against one that is always right in fewer than 5 % of runs, and two equal ones still decide
 * (scripts/verdict-tables.ts).
 */
const trialsThatVary = 15;

/** The mode of recordings that holds where none is asked for: in CI nothing is spent. */
export function defaultCassettes(environment: NodeJS.ProcessEnv): 'off' | 'strict' {
  return isCi(environment) ? 'strict' : 'off';
}

/** Resolves what a run was asked for. Throws a `UsageError` for what cannot be. An option that has no effect is no error. */
export async function prepareRun(
  io: Io,
  wanted: string[],
  options: Options<'run'>,
  earlier?: EarlierRun,
): Promise<PreparedRun> {
  const liveId = liveModelId(options.model);
  const cassettes = options.cassettes ?? defaultCassettes(io.env);
  const unlisted = options.baseUrl !== undefined || cassettes === 'strict';
  const model = liveId === undefined ? findModel(options.model) : findLiveModel(liveId, unlisted);
  if (options.maxCost !== undefined && model.prices.length === 0) {
    throw new UsageError(
      `${model.id} has no known price, so --max-cost could not hold. Use --set limits.tokens=N.`,
    );
  }
  const variants = findVariants(options.variants);
  const names = variants.map(({ name }) => name);
  if (options.reference !== undefined && !names.includes(options.reference)) {
    throw new UsageError(
      `The reference ${options.reference} is not among the variants of this run: ${names.join(', ')}.`,
    );
  }
  const control = names.find(isControl);
  if (control !== undefined && liveId !== undefined) {
    throw new UsageError(`${control} is a scripted variant; it cannot be run with ${options.model}.`);
  }
  if (options.all && wanted.length > 0)
    throw new UsageError('--all and names of scenarios do not go together.');
  const isCore = wanted.length === 0 && !options.all;
  const scenarios = isCore ? await loadCoreScenarios() : await loadScenarios(wanted, io.cwd);
  refuseUnknownParams(scenarios, options.param);
  const here = serversHere(options, io);
  const conditions = toConditions(options);
  const varies = liveId !== undefined || conditions?.faults !== undefined;
  const { seed, aa = false, trials: repeats = varies ? trialsThatVary : 1 } = options;
  const all = plan({
    scenarios,
    givenParams: options.param,
    variants,
    model,
    seed,
    places: here.places,
    repeats: aa ? 2 * repeats : repeats,
    conditions,
  });
  if (all.length === 0) throw new UsageError('There is nothing to run.');
  const shard = options.shard === 'auto' ? findShard(io.env) : options.shard;
  const part = shard && selectShard(all, shard);
  const trials = part?.trials ?? all;
  const isLive = liveId !== undefined && cassettes !== 'strict';
  const approvals = approvalsOf(options, scenarios, io);
  const { concurrency = 'auto' } = options;
  const usual = isLive ? liveConcurrency : Math.min(availableParallelism(), mostAtOnce);
  // A person answers one question after another.
  const workers = approvals.approver ? 1 : concurrency === 'auto' ? usual : concurrency;
  return {
    trials,
    model,
    // The calls of a provider's model are its own already.
    client:
      options.client === undefined || liveId !== undefined
        ? undefined
        : findUsedClient(options.client, names),
    profile: findLatencyProfile(options.latencyProfile),
    seed,
    conditions,
    ...here,
    auditFsync: options.auditFsync ?? false,
    lock: findLock(options.lock, options.mcpConfig, io.cwd),
    approvals,
    by: options.by,
    // A dry run asks nothing of a provider: it goes by what is kept.
    exact: await openExactCounts(options, model.id, io, !options.dryRun),
    sayVerdict,
    models: {
      ...(liveId !== undefined && {
        provider: createProvider({
          // A dry run asks nothing of a provider.
          apiKey: !isLive
            ? undefined
            : options.dryRun
              ? 'not-needed'
              : readKey(io, 'To replay recordings without one: --cassettes strict.'),
          baseURL: options.baseUrl,
          cassettes,
          cassetteDir: options.cassetteDir,
          resume: earlier !== undefined,
          maxRetries: options.maxRetries,
          requestTimeoutMs: options.requestTimeout,
        }),
        plannedEvidence: isLive ? 'live' : 'replayed',
      }),
      limits: {
        roundTrips: options.maxRoundTrips,
        tokens: options.maxTokens,
        timeoutMs: options.timeout,
      },
      caching: options.cache !== 'off',
      // A scripted run is billed cold; its verdict says what a warm cache would change.
      warmCache: options.cache === 'warm' && liveId !== undefined,
      thinking: options.thinking,
    },
    ...(options.minIsolation ? { minimumIsolation: options.minIsolation } : { sandbox: io.sandbox }),
    // Which calls fail is drawn at each size, which would hide its effect. A person is asked for what was planned alone.
    findItems:
      options.breakEven &&
      liveId === undefined &&
      options.fault === undefined &&
      !approvals.approver &&
      canLookForBreakEven(scenarios, variants),
    concurrency: workers,
    // Where trials run side by side, times of servers say little: they need not be processes of their own.
    mocksInProcess: io.mocksInProcess ?? (liveId === undefined && workers > 1),
    maxCostUsd: options.maxCost,
    reference: options.reference,
    margin: options.margin,
    aa,
    config: {
      scenarios:
        wanted.length > 0
          ? wanted.map((each) => absoluteScenario(each, io.cwd))
          : scenarios.map(({ name }) => name),
      options: lastingOptions({
        ...options,
        shard,
        variants: names,
        trials: repeats,
        ...(liveId !== undefined && { cassettes }),
      }),
    },
    shard: part?.record,
    earlier,
  };
}

/** What the run adds to the world of its workflows; undefined where that is nothing. */
function toConditions(options: Options<'run'>): Conditions | undefined {
  const { distractors, fault: rates = {}, faultRetries, faultDelay, faultErrors } = options;
  const hasFaults = Object.values(rates).some((rate) => rate > 0);
  if (distractors === undefined && !hasFaults) return undefined;
  return {
    ...(distractors !== undefined && { distractors }),
    ...(hasFaults && {
      faults: {
        rates,
        retries: faultRetries ?? 2,
        delayMs: faultDelay ?? 100,
        errors: faultErrors ?? 'exceptions',
      },
    }),
  };
}

/** The profile of a client; its direct calls must be measured. */
function findUsedClient(name: string, variants: readonly string[]): ClientProfile {
  const client = findClient(name);
  const { value, says } = client.classicVariant;
  if (!variants.includes(value))
    throw new UsageError(`The client ${name} ${says}: it needs ${value} among --variants.`);
  return client;
}

/**
 * Whether a scripted run can look for the number of items at which a verdict flips: it has both patterns, and a scenario
 * that says which parameter is its number of items.
 */
function canLookForBreakEven(scenarios: readonly Scenario[], variants: readonly Variant[]): boolean {
  const patterns = new Set(variants.filter(({ name }) => !isControl(name)).map(({ pattern }) => pattern));
  return (
    patterns.has('classic') && patterns.has('code') && scenarios.some(({ items }) => items !== undefined)
  );
}

/** Where a system says which of several machines this is. */
type System = {
  name: string;
  /** The variables with this machine's index and with the number of machines. */
  index: string;
  of: string;
  /** The index of the first machine, or the variable that has it. */
  first: number | string;
  /** The variable with the distance between two indices, where that may be more than 1. */
  step?: string;
};

/** Two of them do not say all of themselves: what their file has to set is in docs/ci.md. */
const systems: System[] = [
  { name: 'a GitHub matrix', index: 'STRATEGY_JOB_INDEX', of: 'STRATEGY_JOB_TOTAL', first: 0 },
  { name: 'GitLab', index: 'CI_NODE_INDEX', of: 'CI_NODE_TOTAL', first: 1 },
  { name: 'Buildkite', index: 'BUILDKITE_PARALLEL_JOB', of: 'BUILDKITE_PARALLEL_JOB_COUNT', first: 0 },
  { name: 'CircleCI', index: 'CIRCLE_NODE_INDEX', of: 'CIRCLE_NODE_TOTAL', first: 0 },
  {
    name: 'SLURM',
    index: 'SLURM_ARRAY_TASK_ID',
    of: 'SLURM_ARRAY_TASK_COUNT',
    first: 'SLURM_ARRAY_TASK_MIN',
    step: 'SLURM_ARRAY_TASK_STEP',
  },
  { name: 'Kubernetes', index: 'JOB_COMPLETION_INDEX', of: 'JOB_COMPLETIONS', first: 0 },
];

/**
 * The part of a run that is this machine's, by what the system that starts the machines says in the environment. Throws a
 * `UsageError` where none does, several do, or one says something that is no part.
 */
export function findShard(env: NodeJS.ProcessEnv): Shard {
  const [found, other] = systems.filter(({ index }) => env[index]);
  if (!found) {
    const known = systems.map(({ name, index, of }) => `  ${name}: ${index} and ${of}`).join('\n');
    throw new UsageError(
      `--shard auto: the environment does not say which machine this is. Set the two variables, or give --shard 2/4.\n${known}`,
    );
  }
  if (other) {
    throw new UsageError(
      `--shard auto: both ${found.index} and ${other.index} are set. Say which part this is: --shard 2/4.`,
    );
  }
  const read = (variable: string) => Number(env[variable] || Number.NaN);
  const first = typeof found.first === 'string' ? read(found.first) : found.first;
  const step = found.step !== undefined && env[found.step] ? read(found.step) : 1;
  const index = (read(found.index) - first) / step + 1;
  const of = read(found.of);
  if (Number.isInteger(index) && Number.isInteger(of) && index >= 1 && index <= of) return { index, of };
  const variables = [found.index, found.of, found.first, found.step].filter(
    (each) => typeof each === 'string',
  );
  const said = variables.map((variable) => `${variable}=${env[variable] ?? ''}`).join(', ');
  throw new UsageError(
    `--shard auto: ${found.name} does not say which part this is: ${said}. Say it yourself: --shard 2/4.`,
  );
}
