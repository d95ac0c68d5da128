import { z } from 'zod';
import { assumptions } from '../results/codes.ts';

const figure = z.number().nonnegative();

/** A whole trial under an assumption, window or not; with several trials, the means. */
const assumed = z.strictObject({
  costUsd: z.strictObject({ cached: figure, uncached: figure }).nullable(),
  billed: figure,
  modelledMs: figure,
  /** Tokens of the largest prompt. */
  largestRequest: figure,
});

/** What the same conversation would have been billed, one assumption turned at a time. */
export const otherwiseSchema = z.strictObject({
  assumed: z.partialRecord(z.enum(assumptions), assumed),
  /** By size of tool results, as a factor of the present one: what programs return as it is, and as much larger. */
  sizes: z.array(z.strictObject({ factor: figure, results: assumed, resultsAndOutput: assumed })),
});
