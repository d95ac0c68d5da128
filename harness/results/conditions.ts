import { z } from 'zod';

/** What a run adds to the world that its workflows describe; the same for every variant. */
export const conditionsSchema = z.object({
  distractors: z
    .int()
    .positive()
    .optional()
    .describe('Tools that further servers list, named much like those of the workflow; none of them helps.'),
});

export type Conditions = z.infer<typeof conditionsSchema>;
