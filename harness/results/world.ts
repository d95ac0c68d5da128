/** The world in which trials run: the servers they meet, what a run adds to it, and what became of that. */

import { z } from 'zod';
import {
  approvalGrains,
  approverKinds,
  errorForms,
  faultKinds,
  faultRatesFit,
  protocolEras,
  tooManyFaults,
  wireEras,
} from './codes.ts';

/** A figure of one trial, or the mean over several. */
const mean = z.number().nonnegative();
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

/** What faults a trial met and what became of them; with several trials, means. */
export const metFaultsSchema = z.object({
  met: z.partialRecord(z.enum(faultKinds), mean).describe('Calls that met a fault, by its kind.'),
  retried: mean.describe('Calls that were made again after they had failed by a fault.'),
  gaveUp: mean.describe('Calls that failed by a fault and were not made again.'),
  wroteTwice: mean.describe('Writes that took effect again, because the first answer was lost.'),
  silent: share.describe('Share of trials that ended with a wrong answer, as if all were well.'),
});
export type MetFaults = z.infer<typeof metFaultsSchema>;

/** What became of values that the model had no need to see; with several trials, means. */
export const canariesSchema = z.object({
  returned: mean.describe('Different values in fields that the scenario declares, as servers returned them.'),
  reached: mean.describe('How many of them a prompt held.'),
  bytes: mean.describe(
    'UTF-8 bytes of these in all requests together: what was sent again is counted again.',
  ),
});
export type CanaryReport = z.infer<typeof canariesSchema>;

/** What asking for approvals came to in a trial; with several trials, the means. */
export const approvalsSchema = z.object({
  per: z.enum(approvalGrains).describe('What one approval covers.'),
  by: z.enum(approverKinds).describe('Who answered.'),
  asked: mean.describe('Questions that were put to the approver.'),
  refused: mean.describe('Questions whose answer was no.'),
  calls: mean.describe('Calls that were made because an approval covers them.'),
  waitMs: mean.describe('What a script is taken to need for its answers; 0 of a person, who is measured.'),
  measured: z.object({ waitMs: mean }).describe('How long answers took.'),
});

export type ApprovalReport = z.infer<typeof approvalsSchema>;

/** A server that trials were connected to, and the MCP that was spoken with it. */
export const connectedServerSchema = z.object({
  server: z.string().describe('Its name in the `.mcp.json`, or else in the scenario.'),
  implementation: z.object({ name: z.string(), version: z.string() }).describe('What it says that it is.'),
  protocolEra: z.enum(protocolEras).describe('What was asked for.'),
  protocolVersion: z.string().describe('The revision of MCP in which the server answered.'),
  seen: z
    .array(z.enum(wireEras))
    .optional()
    .describe('In which eras calls reached it, as it counted them itself; a mock server counts.'),
});
export type ConnectedServer = z.infer<typeof connectedServerSchema>;

/** Lists of servers as one, each once and in order; absent where there are none. */
export function joinServers(lists: readonly (readonly ConnectedServer[] | undefined)[]): {
  servers?: ConnectedServer[];
} {
  const all = lists.flatMap((list) => list ?? []);
  const same = Map.groupBy(all, ({ seen: _, ...server }) => JSON.stringify(server));
  const servers = [...same].sort(([a], [b]) => (a < b ? -1 : 1)).flatMap(([, group]) => join(group));
  return servers.length > 0 ? { servers } : {};
}

function join(group: readonly ConnectedServer[]): ConnectedServer[] {
  const [first] = group;
  if (!first) return [];
  const seen = wireEras.filter((era) => group.some((each) => each.seen?.includes(era)));
  return [{ ...first, ...(seen.length > 0 && { seen }) }];
}
