import { z } from 'zod';

const mean = z.number().nonnegative();

/** What became of values that the model had no need to see; with several trials, means. */
export const canariesSchema = z.object({
  returned: mean.describe('Different values in fields that the scenario declares, as servers returned them.'),
  reached: mean.describe('How many of them a prompt held.'),
  bytes: mean.describe(
    'UTF-8 bytes of these in all requests together: what was sent again is counted again.',
  ),
});
export type CanaryReport = z.infer<typeof canariesSchema>;
