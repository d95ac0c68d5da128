import { z } from 'zod';
import { errorForms, faultKinds, faultRatesFit, tooManyFaults } from './codes.ts';

const share = z.number().min(0).max(1);

/** Shares of calls that meet each passing fault, and of tools that have each lasting one. */
const faultRatesSchema = z
  .partialRecord(z.enum(faultKinds), share)
  .refine(faultRatesFit, { error: tooManyFaults });

const faultsSchema = z.object({
  rates: faultRatesSchema,
  retries: z.int().min(0).describe('How often the scripted model makes a failed call again, in any pattern.'),
  delayMs: z.int().min(0).describe('How late a slow answer is, and after how long a timeout is noticed.'),
  errors: z.enum(errorForms),
});
export type Faults = z.infer<typeof faultsSchema>;

/** What a run adds to the world that its workflows describe; the same for every variant. */
export const conditionsSchema = z.object({
  distractors: z
    .int()
    .positive()
    .optional()
    .describe('Tools that further servers list, named much like those of the workflow; none of them helps.'),
  faults: faultsSchema.optional().describe('What goes wrong between clients and servers, and what is done.'),
});
export type Conditions = z.infer<typeof conditionsSchema>;

const mean = z.number().nonnegative();

/** What faults a trial met and what became of them; with several trials, means. */
export const metFaultsSchema = z.object({
  met: z.partialRecord(z.enum(faultKinds), mean).describe('Calls that met a fault, by its kind.'),
  retried: mean.describe('Calls that were made again after they had failed by a fault.'),
  gaveUp: mean.describe('Calls that failed by a fault and were not made again.'),
  wroteTwice: mean.describe('Writes that took effect again, because the first answer was lost.'),
  silent: share.describe('Share of trials that ended with a wrong answer, as if all were well.'),
});
export type MetFaults = z.infer<typeof metFaultsSchema>;
