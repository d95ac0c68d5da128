import { z } from 'zod';
import { evidences, trialStatuses } from './codes.ts';
import { paramsSchema } from './point.ts';

export const exposureFormat = 'patternbench.exposure/v1';

/** Where text that a server wrote stands in a prompt: what programs print and return included. */
export const untrustedSources = ['instructions', 'definitions', 'discovery', 'results', 'program'] as const;
export type UntrustedSource = (typeof untrustedSources)[number];

const count = z.int().nonnegative();

const cellSchema = z.object({
  variant: z.string(),
  sent: z.boolean().describe('The text came whole to the client. Where it did not, nothing was measured.'),
  reached: z
    .object({
      roundTrip: z.int().positive().describe('The first request in whose prompt the text was.'),
      source: z.enum(untrustedSources),
      whole: z
        .boolean()
        .describe('False where only a part of it came through, or it was changed on its way.'),
    })
    .nullable()
    .describe('Null where no prompt of the trial held the text.'),
  flows: z.boolean().describe('The text was in the arguments of a later call.'),
  live: z
    .object({
      trials: count,
      obeyed: count.describe('Trials in which the model asked for the tool that the order names.'),
      effects: count.describe('Trials in which its call reached the server.'),
    })
    .optional()
    .describe('Absent where the model is scripted.'),
  status: z.enum(trialStatuses).describe('How the trial with this attack ended; of several, the first.'),
});

const placeSchema = z.object({
  place: z.string(),
  group: z.string(),
  pinned: z.boolean().nullable().describe('A pin notices it; null where it is in no listing.'),
  warned: z.boolean().nullable().describe('A warning names it; null where it is in no listing.'),
  lookAlike: z
    .enum(['refused', 'warned'])
    .nullable()
    .describe('What the check of names does: refuses a server that resembles a pinned one, or only warns.'),
  cells: z.array(cellSchema),
});

/** Tokens of text that servers wrote, in a trial without attacks. */
const untrustedSchema = z.object({
  variant: z.string(),
  requests: count,
  sources: z.record(z.enum(untrustedSources), count).describe('Each text counted once.'),
  once: count,
  billed: count.describe('Over all requests: what was sent again is counted again.'),
  quotes: count.describe('What marking each result as data adds to that, or did where results were quoted.'),
});

const defenceSchema = z.object({
  defence: z.string(),
  cells: z.array(
    z.object({
      variant: z.string(),
      obeyed: z.array(z.string()).describe('Places whose order a model obeyed that obeys all it reads.'),
      effects: z.array(z.string()).describe('Those of them whose order took effect, as the server counted.'),
      tokens: count.describe(
        'Tokens of text that servers wrote and of quotes around it, over all requests, without any attack.',
      ),
      works: z.boolean().describe('Without any attack the answer is right with this defence.'),
    }),
  ),
});

const scenarioSchema = z.object({
  scenario: z.string(),
  params: paramsSchema,
  server: z.string().describe('The server that is poisoned.'),
  used: z.string().describe('The tool whose definition and results are.'),
  unused: z.string().optional(),
  fields: z
    .object({ unused: z.string(), returned: z.string(), passed: z.string() })
    .partial()
    .describe('Fields of results: on which nothing depends, that the program returns, that it passes on.'),
  untrusted: z.array(untrustedSchema),
  places: z.array(placeSchema),
  defences: z.array(defenceSchema).optional().describe('What each defence alone is worth.'),
});

/** A scenario that was not measured, or a variant of it. */
const leftOutSchema = z.object({
  scenario: z.string(),
  variant: z.string().optional().describe('Absent where it is the whole scenario.'),
  reason: z.string(),
});

/** What `expose` found: where text of a server that lies reaches the model, by place and variant. It holds no times. */
export const exposureSchema = z.object({
  format: z.literal(exposureFormat),
  evidence: z.enum(evidences),
  model: z.string(),
  counting: z.string().describe('How tokens were counted.'),
  attackTokens: count.describe('Tokens of one planted text.'),
  seed: z.int(),
  quoted: z.boolean().describe('Results were marked as data.'),
  scenarios: z.array(scenarioSchema),
  leftOut: z.array(leftOutSchema),
});

export type Exposure = z.infer<typeof exposureSchema>;
export type ScenarioExposure = z.infer<typeof scenarioSchema>;
export type DefenceExposure = z.infer<typeof defenceSchema>;
export type PlaceExposure = z.infer<typeof placeSchema>;
export type ExposureCell = z.infer<typeof cellSchema>;
export type LeftOut = z.infer<typeof leftOutSchema>;
