import { z } from 'zod';
import { categories } from '../meter/ledger.ts';

export const summaryFormat = 'patternbench.summary/v1';

const count = z.int().nonnegative();
const milliseconds = z.number().nonnegative();

const tokens = z.strictObject({
  /** Each token counted once: how full the window got. */
  context: count,
  /** All input and output of all requests, re-sent history included, unweighted by price. */
  billed: count,
  input: count,
  output: count,
  cacheRead: count,
  cacheWrite: count,
});

/** USD with the prompt cache as billed, and as if there were none. */
const cost = z.strictObject({ cached: z.number().nonnegative(), uncached: z.number().nonnegative() });

const ledgerRow = z.discriminatedUnion('direction', [
  z.strictObject({
    category: z.enum(categories),
    direction: z.literal('input'),
    history: z.enum(['new', 'resent']),
    cache: z.enum(['fresh', 'cache_write', 'cache_read']),
    tokens: count,
  }),
  z.strictObject({ category: z.enum(categories), direction: z.literal('output'), tokens: count }),
]);

const status = z.enum([
  'completed',
  'context_overflow',
  'limit_reached',
  'model_stopped',
  'infrastructure_error',
]);

const latencyMs = z.strictObject({
  /** The model's time, from the declared profile. */
  modelled: milliseconds,
  /** Tools and sandbox, on this machine. */
  measured: milliseconds,
});

/** What the trials of one scenario, parameters, variant and model came to. */
export const resultSchema = z.strictObject({
  scenario: z.string(),
  params: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])),
  variant: z.string(),
  pattern: z.enum(['classic', 'code']),
  model: z.string(),
  evidence: z.enum(['scripted', 'replayed', 'live']),
  trials: count,
  status,
  /** Why the trial ended as it did, or what the graders said; for people. */
  reason: z.string(),
  /** Share of trials that were right, 0 to 1; null where infrastructure failed before anything could be graded. */
  correct: z.number().min(0).max(1).nullable(),
  roundTrips: count,
  /** Calls that were made. */
  toolCalls: count,
  /** Calls that the model or its programs asked for and the policy did not let through. */
  refusals: count.default(0),
  programs: count,
  tokens,
  ledger: z.array(ledgerRow),
  costUsd: cost.nullable(),
  unpriced: z.literal(true).optional(),
  latencyMs,
  /** Where a request did not fit the window: which, and what the whole job would have billed had there been none. */
  overflow: z.strictObject({ roundTrip: count, inputTokens: count, contextWindow: count }).optional(),
  hypothetical: z
    .strictObject({
      roundTrips: count,
      toolCalls: count,
      tokens,
      ledger: z.array(ledgerRow),
      costUsd: cost.nullable(),
      latencyMs,
      correct: z.number().min(0).max(1),
    })
    .optional(),
  /** Tools that the servers listed. */
  tools: count,
  /** Measured on this machine; differs from run to run. */
  measured: z.strictObject({
    toolsMs: milliseconds,
    sandboxMs: milliseconds,
    serverStartMs: milliseconds,
    totalMs: milliseconds,
  }),
});

export const verdictSchema = z.strictObject({
  scenario: z.string(),
  pattern: z.enum(['classic', 'code', 'either', 'neither', 'insufficient']),
  /** One sentence that says why. */
  reason: z.string(),
  /** The dearer variant's cost with caching over the cheaper one's, where both can be compared. */
  costRatio: z.number().positive().optional(),
  variants: z.strictObject({ classic: z.string(), code: z.string() }).optional(),
  /** What the scenario's author expected before it was measured. */
  predicted: z.enum(['classic', 'code', 'either']).optional(),
});

/** `summary.json`: what a run measured. Byte-reproducible for scripted runs but for keys named `measured`. */
export const summarySchema = z.strictObject({
  format: z.literal(summaryFormat),
  /** `partial` while trials are outstanding, or where the run was cut off. */
  status: z.enum(['complete', 'partial']),
  evidence: z.enum(['scripted', 'replayed', 'live']),
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
  /** Head of the audit log, which holds times: records so far and the hash of the last. */
  measured: z
    .strictObject({ audit: z.strictObject({ records: count, head: z.string().regex(/^[0-9a-f]{64}$/) }) })
    .optional(),
});

export type Result = z.infer<typeof resultSchema>;
export type Verdict = z.infer<typeof verdictSchema>;
export type Summary = z.infer<typeof summarySchema>;
