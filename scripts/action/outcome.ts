import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';

const outcomeSchema = z.object({
  /** `none`: nothing was held against a baseline. */
  outcome: z.enum(['pass', 'fail', 'incomplete', 'none']),
  /** The decision in one line. */
  title: z.string(),
  /** Markdown, as the comment has it. */
  comment: z.string(),
});

/** What one step of the action decided and another publishes. */
export type Outcome = z.infer<typeof outcomeSchema>;

const fileName = 'outcome.json';

/** Keeps an outcome in the folder of the report. */
export function keepOutcome(folder: string, outcome: Outcome): void {
  writeFileSync(join(folder, fileName), `${JSON.stringify(outcome, null, 2)}\n`);
}

/** Reads the outcome that `keepOutcome` wrote. */
export function readOutcome(folder: string): Outcome {
  return outcomeSchema.parse(JSON.parse(readFileSync(join(folder, fileName), 'utf8')));
}
