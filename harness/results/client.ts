import { z } from 'zod';

const figure = z.number().nonnegative();

/** What is known of a client, where it is documented or was observed, and when that was so. */
const clientFactSchema = z.object({ says: z.string(), source: z.string(), asOf: z.string() });

/** The client as which a run was also billed, in words. */
export const clientSchema = z.object({
  name: z.string(),
  classicVariant: z.string().describe('The variant that stands for direct calls in this client.'),
  facts: z.array(clientFactSchema),
  notBilled: z.array(z.string()).describe('What the client does too, and this bill leaves out.'),
});

/** The bill of a trial as a client would have sent it; with several trials, the means. */
export const clientBillSchema = z.object({
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

export type ClientBill = z.infer<typeof clientBillSchema>;
export type ClientFacts = z.infer<typeof clientSchema>;
