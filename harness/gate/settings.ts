import { z } from 'zod';
import type { RunRecord } from '../results/run.ts';
import { measures } from '../verdict/verdict-schema.ts';

const limit = z.int().positive().nullable();

/** What a run was told that decides its figures or its verdicts, defaults written out. */
export const settingsSchema = z.strictObject({
  /** The prompt cache of a trial: none, empty at its beginning, or as earlier trials left it. */
  caching: z.enum(['off', 'cold', 'warm']),
  thinking: z.union([z.literal('adaptive'), z.number()]).nullable(),
  maxRoundTrips: limit,
  maxTokens: limit,
  /** What verdicts weigh by, and how small a difference is none. */
  by: z.enum(measures),
  margin: z.number(),
  latencyProfile: z.string(),
});

export type Settings = z.infer<typeof settingsSchema>;

/** The options of `run` as its record has them; what a record does not say was left to its default. */
const recordedOptions = z.object({
  cache: z.union([z.boolean(), z.enum(['cold', 'warm'])]).default(true),
  thinking: settingsSchema.shape.thinking.default(null),
  maxRoundTrips: limit.default(null),
  maxTokens: limit.default(null),
  by: settingsSchema.shape.by.default('cost'),
  margin: settingsSchema.shape.margin.default(0.1),
});

export function readSettings({ config, latencyProfile }: RunRecord): Settings {
  const { cache, ...options } = recordedOptions.parse(config?.options ?? {});
  const caching = cache === false ? 'off' : cache === 'warm' ? 'warm' : 'cold';
  return { caching, ...options, latencyProfile: latencyProfile.name };
}
