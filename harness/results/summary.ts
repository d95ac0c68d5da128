import { z } from 'zod';
import {
  assumptions,
  categories,
  evidences,
  isControl,
  patternNames,
  programStatuses,
  refusalCodes,
  stopCodes,
  trialStatuses,
} from './codes.ts';
import { paramsSchema } from './point.ts';
import { providerSchema } from './provider.ts';
import { aaSchema, comparisonSchema, statisticsSchema } from './statistics.ts';
import { scheduleSchema } from './trace.ts';
import { verdictSchema } from './verdict.ts';

const figure = z.number().nonnegative();

/** A whole trial under an assumption, window or not; with several trials, the means. */
const assumed = z.strictObject({
  costUsd: z.strictObject({ cached: figure, uncached: figure }).nullable(),
  billed: figure,
  modelledMs: figure,
  /** Tokens of the largest prompt. */
  largestRequest: figure,
});

/** What the same conversation would have been billed, one assumption turned at a time. */
const otherwiseSchema = z.strictObject({
  assumed: z.partialRecord(z.enum(assumptions), assumed),
  /** By size of tool results, as a factor of the present one: what programs return as it is, and as much larger. */
  sizes: z.array(z.strictObject({ factor: figure, results: assumed, resultsAndOutput: assumed })),
});

export const summaryFormat = 'patternbench.summary/v1';

const count = z.int().nonnegative();
/** A count of one trial, or the mean over several. */
const mean = z.number().nonnegative();
const milliseconds = z.number().nonnegative();

const tokens = z.strictObject({
  /** Each token counted once: how full the window got. */
  context: mean,
  /** All input and output of all requests, re-sent history included, unweighted by price. */
  billed: mean,
  input: mean,
  output: mean,
  cacheRead: mean,
  cacheWrite: mean,
});

/** USD with the prompt cache as billed, and as if there were none. */
const cost = z.strictObject({ cached: z.number().nonnegative(), uncached: z.number().nonnegative() });

/** Each row is priced request by request, at the tier of each; absent where a request has no price. */
const ledgerRow = z.discriminatedUnion('direction', [
  z.strictObject({
    category: z.enum(categories),
    direction: z.literal('input'),
    history: z.enum(['new', 'resent']),
    cache: z.enum(['fresh', 'cache_write', 'cache_read']),
    tokens: mean,
    costUsd: cost.optional(),
  }),
  z.strictObject({
    category: z.enum(categories),
    direction: z.literal('output'),
    tokens: mean,
    costUsd: cost.optional(),
  }),
]);

const status = z.enum(trialStatuses);

const latencyMs = z.strictObject({
  /** The model's time, from the declared profile. */
  modelled: milliseconds,
  /** Tools and sandbox, on this machine. */
  measured: milliseconds,
  /** The model's time as it was measured, without retries; only where every answer was live. */
  measuredModel: milliseconds.optional(),
});

/**
 * What the trials of one scenario, parameters, variant and model came to. With several trials, figures are means over those
 * that were measured, that is, which infrastructure did not end.
 */
export const resultSchema = z.strictObject({
  scenario: z.string(),
  params: paramsSchema,
  variant: z.string(),
  pattern: z.enum(patternNames),
  model: z.string(),
  evidence: z.enum(evidences),
  trials: count,
  /** How the trials ended; with several, how most did. */
  status,
  /** How many of the trials ended how; present where there are several. */
  outcomes: z.partialRecord(status, count).optional(),
  /** Why the trial ended as it did, or what the graders said; for people. */
  reason: z.string(),
  /** The infrastructure error was a fault of the scenario's own code: what `scenario.ts` holds threw. */
  scenarioFault: z.literal(true).optional(),
  /** Share of trials that were right, 0 to 1; null where infrastructure failed before anything could be graded. */
  correct: z.number().min(0).max(1).nullable(),
  roundTrips: mean,
  /** Calls that were made. */
  toolCalls: mean,
  /**
   * How the direct calls of a scripted model were asked for: as early as is honest (`ahead`), so but for some reads that keep
   * behind writes (`pinned`), or as the program is written; and why it was not `ahead`.
   */
  schedule: scheduleSchema.optional(),
  /** Calls that the model or its programs asked for and the policy did not let through. */
  refusals: mean.default(0),
  /** The same by why; present where there were any. */
  refusalCodes: z.partialRecord(z.enum(refusalCodes), mean).optional(),
  /** Programs that the sandbox ran. */
  programs: mean,
  /** How many of them ended how, which sums to them; present where there were any. */
  programEnds: z.partialRecord(z.enum(programStatuses), mean).optional(),
  /** Calls of programs that the sandbox stopped while the program went on, by why; present where there were any. */
  stoppedCalls: z.partialRecord(z.enum(stopCodes), mean).optional(),
  tokens,
  ledger: z.array(ledgerRow),
  /** Where a provider counted: rows of the ledger + remainder = billed. It is what the estimate could not explain. */
  remainder: z.number().optional(),
  costUsd: cost.nullable(),
  unpriced: z.literal(true).optional(),
  latencyMs,
  /** Where a request did not fit the window: which, and what the whole job would have billed had there been none. */
  overflow: z.strictObject({ roundTrip: count, inputTokens: count, contextWindow: count }).optional(),
  hypothetical: z
    .strictObject({
      roundTrips: mean,
      toolCalls: mean,
      tokens,
      ledger: z.array(ledgerRow),
      costUsd: cost.nullable(),
      latencyMs,
      correct: z.number().min(0).max(1),
    })
    .optional(),
  /** A provider's part in it; absent where the model was scripted. */
  provider: providerSchema.optional(),
  /** Present where there are several trials. */
  statistics: statisticsSchema.optional(),
  /** Tools that the servers listed. */
  tools: count,
  /** Bytes of all tool results, wherever they went. */
  resultBytes: mean.optional(),
  /** Tools and system prompt: the part of the first request that is the same for every task over these servers. */
  prefixTokens: count.optional(),
  /** Modelled time between two requests, the longest, where it is over the five minutes that the cache keeps an entry. */
  cacheGapMs: milliseconds.optional(),
  /** The same conversation under other assumptions; absent where nothing was answered. */
  otherwise: otherwiseSchema.optional(),
  /** The same requests counted with another tokenizer; absent where a provider counted, or with `--no-sensitivity`. */
  otherTokenizer: z
    .strictObject({ method: z.string(), tokens, costUsd: cost.nullable(), latencyMs })
    .optional(),
  /** Measured on this machine; differs from run to run. */
  measured: z.strictObject({
    toolsMs: milliseconds,
    sandboxMs: milliseconds,
    serverStartMs: milliseconds,
    totalMs: milliseconds,
  }),
});

/** `summary.json`: what a run measured. Byte-reproducible for scripted runs but for keys named `measured`. */
export const summarySchema = z.strictObject({
  format: z.literal(summaryFormat),
  /** `partial` while trials or searches for a flip are outstanding, or where the run was cut off. */
  status: z.enum(['complete', 'partial']),
  evidence: z.enum(evidences),
  model: z.string(),
  latencyProfile: z.string(),
  seed: z.int(),
  tokenCounts: z.strictObject({
    method: z.string(),
    uncertainty: z.strictObject({ request: z.number(), ratio: z.number() }),
    toolUseSystemTokens: z.strictObject({ tokens: count, documented: z.boolean() }),
  }),
  prices: z.strictObject({ asOf: z.string(), currency: z.literal('USD') }),
  planned: count,
  results: z.array(resultSchema),
  verdicts: z.array(verdictSchema),
  /** Each variant against the reference variant; present where there are several repeats. */
  comparisons: z.array(comparisonSchema).optional(),
  /** Present for a run that compared each variant with itself. */
  aa: aaSchema.optional(),
  /** What had changed when the run was resumed nevertheless. */
  forced: z.array(z.string()).optional(),
  /** Head of the audit log, which holds times: records so far and the hash of the last. */
  measured: z
    .strictObject({ audit: z.strictObject({ records: count, head: z.string().regex(/^[0-9a-f]{64}$/) }) })
    .optional(),
});

export type Result = z.infer<typeof resultSchema>;
export type { Verdict } from './verdict.ts';
export type Summary = z.infer<typeof summarySchema>;

/** Where the planned trials of a run are: planned = correct + wrong + errored + not run. */
type Tally = { planned: number; correct: number; wrong: number; errored: number; notRun: number };

/** Counts trials. `wrong` are those that ended with no right answer, for any reason; `errored` infrastructure ended. */
export function tallyTrials({ planned, results }: Pick<Summary, 'planned' | 'results'>): Tally {
  const tally = { planned, correct: 0, wrong: 0, errored: 0, notRun: planned };
  for (const { trials, status, outcomes, correct } of results) {
    const errored = outcomes?.infrastructure_error ?? (status === 'infrastructure_error' ? trials : 0);
    // A share of trials; of a whole number of them it is one again.
    const right = Math.round((correct ?? 0) * (trials - errored));
    tally.correct += right;
    tally.wrong += trials - errored - right;
    tally.errored += errored;
    tally.notRun -= trials;
  }
  return tally;
}

/**
 * Says of which patterns no trial gave a right answer, for any reason; undefined where each pattern has a right one.
 * Controls are wrong on purpose and do not count.
 */
export function tellPatternsWithoutAnswer({ results }: Pick<Summary, 'results'>): string | undefined {
  const ended = results.filter(({ variant, trials }) => trials > 0 && !isControl(variant));
  const patterns = [...new Set(ended.map(({ pattern }) => pattern))];
  const failed = patterns.flatMap((pattern) => {
    const own = ended.filter((result) => result.pattern === pattern);
    const { correct, wrong, errored } = tallyTrials({ planned: 0, results: own });
    if (correct > 0) return [];
    const ends = [wrong > 0 && `${wrong} without one`, errored > 0 && `${errored} not measured`];
    return [`${pattern} (${ends.filter(Boolean).join(', ')})`];
  });
  if (failed.length === 0) return undefined;
  const all = failed.length === patterns.length ? 'Every pattern failed. ' : '';
  return `${all}No trial gave a right answer in: ${failed.join('; ')}.`;
}

/** How a trial ended, in words. What a scenario's own code did wrong is no fault of the infrastructure, though files class it there. */
export function describeStatus({ status, scenarioFault }: Pick<Result, 'status' | 'scenarioFault'>): string {
  if (status === 'infrastructure_error' && scenarioFault) return "the scenario's own code failed";
  return status.replaceAll('_', ' ');
}
