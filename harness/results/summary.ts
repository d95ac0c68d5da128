import { z } from 'zod';
import {
  assumptions,
  categories,
  countLabels,
  evidences,
  mistakes,
  patternNames,
  programStatuses,
  refusalCodes,
  stopCodes,
  trialStatuses,
} from './codes.ts';
import { paramsSchema } from './point.ts';
import { providerSchema } from './provider.ts';
import { aaSchema, comparisonSchema, statisticsSchema } from './statistics.ts';
import { overflow, scheduleSchema } from './trace.ts';
import { verdictSchema } from './verdict.ts';
import {
  approvalsSchema,
  canariesSchema,
  conditionsSchema,
  connectedServerSchema,
  metFaultsSchema,
} from './world.ts';

const figure = z.number().nonnegative();

/** A whole trial under an assumption, window or not; with several trials, the means. */
const assumed = z.object({
  costUsd: z.object({ cached: figure, uncached: figure }).nullable(),
  billed: figure,
  modelledMs: figure,
  largestRequest: figure.describe('Tokens of the largest prompt.'),
});

/** What the same conversation would have been billed, one assumption turned at a time. */
const otherwiseSchema = z.object({
  assumed: z.partialRecord(z.enum(assumptions), assumed),
  sizes: z
    .array(z.object({ factor: figure, results: assumed, resultsAndOutput: assumed }))
    .describe(
      'By size of tool results, as a factor of the present one: what programs return as it is, and as much larger.',
    ),
  mistakes: z
    .partialRecord(z.enum(mistakes), z.array(assumed).min(3))
    .describe(
      'With one, two, three and so on mistakes of a kind; what any further number takes follows from the last three.',
    ),
});

/** What is known of a client, where it is documented or was observed, and when that was so. */
const clientFactSchema = z.object({ says: z.string(), source: z.string(), asOf: z.string() });

/** The client as which a run was also billed, in words. */
const clientSchema = z.object({
  name: z.string(),
  classicVariant: z.string().describe('The variant that stands for direct calls in this client.'),
  facts: z.array(clientFactSchema),
  notBilled: z.array(z.string()).describe('What the client does too, and this bill leaves out.'),
});

/** The bill of a trial as a client would have sent it; with several trials, the means. */
const clientBillSchema = z.object({
  roundTrips: figure,
  billed: figure,
  costUsd: figure
    .nullable()
    .describe('With caching, which the client always asks for; null without a price.'),
  modelledMs: figure,
  largestRequest: figure.describe('Tokens of the largest prompt.'),
  spilled: z
    .object({ results: figure, tokens: figure })
    .describe(
      'Results that the client writes to a file, and their tokens. Where there are any, the bill is a lower bound: reading them back is not in it.',
    ),
});

export const summaryFormat = 'patternbench.summary/v1';

const count = z.int().nonnegative();
/** A count of one trial, or the mean over several. */
const mean = z.number().nonnegative();
const milliseconds = z.number().nonnegative();

const tokens = z.object({
  context: mean.describe('Each token counted once: how full the window got.'),
  billed: mean.describe(
    'All input and output of all requests, re-sent history included, unweighted by price.',
  ),
  input: mean,
  output: mean,
  cacheRead: mean,
  cacheWrite: mean,
});

/** USD with the prompt cache as billed, and as if there were none. */
const cost = z.object({ cached: z.number().nonnegative(), uncached: z.number().nonnegative() });

/**
 * Each row is priced request by request, at the tier of each; absent where a request has no price. `new`: first time in a prompt
 * and not written by the model itself; `resent`: history that is sent again. Output has no history and no cache state.
 */
const ledgerRow = z.discriminatedUnion('direction', [
  z.object({
    category: z.enum(categories),
    direction: z.literal('input'),
    history: z.enum(['new', 'resent']),
    cache: z.enum(['fresh', 'cache_write', 'cache_read']),
    tokens: mean,
    costUsd: cost.optional(),
  }),
  z.object({
    category: z.enum(categories),
    direction: z.literal('output'),
    tokens: mean,
    costUsd: cost.optional(),
  }),
]);

const status = z.enum(trialStatuses);

const latencyMs = z.object({
  modelled: milliseconds.describe("The model's time, from the declared profile."),
  measured: milliseconds.describe('Tools and sandbox, on this machine.'),
  measuredModel: milliseconds
    .optional()
    .describe("The model's time as it was measured, without retries; only where every answer was live."),
});

/**
 * What the trials of one scenario, parameters, variant and model came to. With several trials, figures are means over those
 * that were measured, that is, which infrastructure did not end.
 */
export const resultSchema = z.object({
  scenario: z.string(),
  params: paramsSchema,
  variant: z.string(),
  pattern: z.enum(patternNames),
  model: z.string(),
  evidence: z.enum(evidences),
  trials: count,
  status: status.describe('How the trials ended; with several, how most did.'),
  outcomes: z
    .partialRecord(status, count)
    .optional()
    .describe('How many of the trials ended how; present where there are several.'),
  reason: z.string().describe('Why the trial ended as it did, or what the graders said; for people.'),
  scenarioFault: z
    .literal(true)
    .optional()
    .describe(
      "The infrastructure error was a fault of the scenario's own code: what `scenario.ts` holds threw.",
    ),
  correct: z
    .number()
    .min(0)
    .max(1)
    .nullable()
    .describe(
      'Share of trials that were right, 0 to 1; null where infrastructure failed before anything could be graded.',
    ),
  roundTrips: mean,
  toolCalls: mean.describe('Calls that were made.'),
  schedule: scheduleSchema
    .optional()
    .describe(
      "How a scripted model's direct calls were asked for: as early as is honest (`ahead`), so but for some reads that keep behind writes (`pinned`), or as the program is written; and why it was not `ahead`.",
    ),
  refusals: mean
    .default(0)
    .describe('Calls that the model or its programs asked for and the policy did not let through.'),
  refusalCodes: z
    .partialRecord(z.enum(refusalCodes), mean)
    .optional()
    .describe('The same by why; present where there were any.'),
  canaries: canariesSchema.optional().describe('Present where the scenario declares what no model need see.'),
  faults: metFaultsSchema.optional().describe('Present where the run has faults.'),
  approvals: approvalsSchema
    .optional()
    .describe('Present where calls had to be approved: what asking came to.'),
  programs: mean.describe('Programs that the sandbox ran.'),
  programEnds: z
    .partialRecord(z.enum(programStatuses), mean)
    .optional()
    .describe('How many of them ended how, which sums to them; present where there were any.'),
  stoppedCalls: z
    .partialRecord(z.enum(stopCodes), mean)
    .optional()
    .describe(
      'Calls of programs that the sandbox stopped while the program went on, by why; present where there were any.',
    ),
  sentAgain: z
    .strictObject({ input: mean })
    .optional()
    .describe(
      'How often calls were sent again with input that their server asked for; present where any was.',
    ),
  tokens,
  ledger: z.array(ledgerRow),
  remainder: z
    .number()
    .optional()
    .describe(
      'Where a provider counted: rows of the ledger + remainder = billed. It is what counts or the estimate could not explain.',
    ),
  estimatedBilled: mean
    .optional()
    .describe('Where a provider billed and exact counts were used: billed tokens by the estimate alone.'),
  costUsd: cost.nullable(),
  unpriced: z.literal(true).optional(),
  latencyMs,
  overflow: z
    .object(overflow)
    .optional()
    .describe(
      'Where a request did not fit the window: which, and what the whole job would have billed had there been none.',
    ),
  hypothetical: z
    .object({
      roundTrips: mean,
      toolCalls: mean,
      tokens,
      ledger: z.array(ledgerRow),
      costUsd: cost.nullable(),
      latencyMs,
      correct: z.number().min(0).max(1),
    })
    .optional(),
  provider: providerSchema
    .optional()
    .describe("A provider's part in it; absent where the model was scripted."),
  statistics: statisticsSchema.optional().describe('Present where there are several trials.'),
  tools: mean.describe('Tools that the servers listed.'),
  resultBytes: mean.optional().describe('Bytes of all tool results, wherever they went.'),
  prefixTokens: mean
    .optional()
    .describe(
      'Tools and system prompt: the part of the first request that is the same for every task over these servers.',
    ),
  cacheGapMs: milliseconds
    .optional()
    .describe(
      'Modelled time between two requests, the longest, where it is over the five minutes that the cache keeps an entry.',
    ),
  otherwise: otherwiseSchema
    .optional()
    .describe('The same conversation under other assumptions; absent where nothing was answered.'),
  counts: z
    .array(
      z.object({
        category: z.enum(categories),
        tokens: mean,
        low: mean,
        high: mean,
        estimated: mean,
        counted: mean,
        drift: z
          .record(z.string(), mean)
          .describe('Standard error in tokens by kind of text; texts of one kind share it.'),
        variance: mean.describe('Squared standard error in tokens that is of each text alone.'),
      }),
    )
    .optional()
    .describe(
      'Each token once, by category: the range in which the provider’s count lies at 90 %, and how many tokens were estimated or counted with its tokenizer. The others are fixed markup.',
    ),
  client: clientBillSchema
    .optional()
    .describe(
      'As the client of the run would have sent it, window or not; absent where its variant is not what that does.',
    ),
  measured: z
    .object({
      toolsMs: milliseconds,
      sandboxMs: milliseconds,
      serverStartMs: milliseconds,
      totalMs: milliseconds,
    })
    .describe('Measured on this machine; differs from run to run.'),
});

/** `summary.json`: what a run measured. Byte-reproducible for scripted runs but for keys named `measured`. */
export const summarySchema = z.object({
  format: z.literal(summaryFormat),
  status: z
    .enum(['complete', 'partial'])
    .describe('`partial` while trials or searches for a flip are outstanding, or where the run was cut off.'),
  evidence: z.enum(evidences),
  model: z.string(),
  latencyProfile: z.string(),
  seed: z.int(),
  tokenCounts: z.object({
    method: z.string(),
    label: z.enum(countLabels),
    assumed: z.array(z.string()).describe('What of the rendering of a prompt no recorded count shows.'),
    toolUseSystemTokens: z.object({ tokens: count, documented: z.boolean() }),
  }),
  prices: z.object({ asOf: z.string(), currency: z.literal('USD') }),
  client: clientSchema.optional().describe('As which client the run was also billed.'),
  conditions: conditionsSchema.optional().describe('What was added to the world of the workflows.'),
  servers: z
    .array(connectedServerSchema)
    .optional()
    .describe('The servers that trials were connected to, and the MCP that was spoken with each.'),
  planned: count,
  results: z.array(resultSchema),
  verdicts: z.array(verdictSchema),
  comparisons: z
    .array(comparisonSchema)
    .optional()
    .describe('Each variant against the reference variant; present where there are several repeats.'),
  aa: aaSchema.optional().describe('Present for a run that compared each variant with itself.'),
  forced: z.array(z.string()).optional().describe('What had changed when the run was resumed nevertheless.'),
  measured: z
    .object({
      audit: z
        .object({ records: count, head: z.string().regex(/^[0-9a-f]{64}$/) })
        .describe('Head of the audit log, which holds times: records so far and the hash of the last.'),
      concurrency: z
        .int()
        .min(1)
        .optional()
        .describe('Trials that were run at a time: what they took is measured beside the others.'),
      mocksInProcess: z
        .boolean()
        .optional()
        .describe(
          'Whether mock servers were part of the process: their times are then not those of a server.',
        ),
    })
    .optional(),
});

export type ClientBill = z.infer<typeof clientBillSchema>;
export type ClientFacts = z.infer<typeof clientSchema>;
export type Assumed = z.infer<typeof assumed>;
export type Otherwise = z.infer<typeof otherwiseSchema>;
export type Cost = z.infer<typeof cost>;
export type LedgerRow = z.infer<typeof ledgerRow>;
export type Result = z.infer<typeof resultSchema>;
export type { Verdict } from './verdict.ts';
export type Summary = z.infer<typeof summarySchema>;
