import { z } from 'zod';
import { approvalGrains, approverKinds } from './codes.ts';

const figure = z.number().nonnegative();

/** What asking for approvals came to in a trial; with several trials, the means. */
export const approvalsSchema = z.object({
  per: z.enum(approvalGrains).describe('What one approval covers.'),
  by: z.enum(approverKinds).describe('Who answered.'),
  asked: figure.describe('Questions that were put to the approver.'),
  refused: figure.describe('Questions whose answer was no.'),
  calls: figure.describe('Calls that were made because an approval covers them.'),
  waitMs: figure.describe('What a script is taken to need for its answers; 0 of a person, who is measured.'),
  measured: z.object({ waitMs: figure }).describe('How long answers took.'),
});

export type ApprovalReport = z.infer<typeof approvalsSchema>;
