import { z } from 'zod';

/** Values of a scenario's parameters. */
export const paramsSchema = z.record(z.string(), z.union([z.string(), z.number(), z.boolean()]));

/** One point of a scenario: its name, with the values that it was run with. */
export type Point = { scenario: string; params: z.infer<typeof paramsSchema> };

/** Identifies a point; the order of its parameters does not matter. */
export function pointKey({ scenario, params }: Point): string {
  return JSON.stringify([scenario, sortedEntries(params)]);
}

/** Identifies a variant at a point, as one model plays it. */
export function variantKey({
  scenario,
  params,
  variant,
  model,
}: Point & { variant: string; model: string }): string {
  return JSON.stringify([pointKey({ scenario, params }), variant, model]);
}

/** Identifies a trial within its run, which has one model. `repeat` counts from 1. */
export function trialKey({ scenario, params, variant }: Point & { variant: string }, repeat: number): string {
  return JSON.stringify([pointKey({ scenario, params }), variant, repeat]);
}

/** Parameters as they are given on the command line. */
export function describeParams(params: Point['params']): string {
  return (
    sortedEntries(params)
      .map(([name, value]) => `${name}=${value}`)
      .join(' ') || 'no parameters'
  );
}

function sortedEntries(params: Point['params']): [string, string | number | boolean][] {
  return Object.entries(params).sort(([a], [b]) => (a < b ? -1 : 1));
}
