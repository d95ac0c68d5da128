import { z } from 'zod';

/** Values of a scenario's parameters. */
export const paramsSchema = z.record(z.string(), z.union([z.string(), z.number(), z.boolean()]));

/** One point of a scenario: its name, with the values that it was run with. */
export type Point = { scenario: string; params: z.infer<typeof paramsSchema> };

/** Identifies a point; the order of its parameters does not matter. */
export function pointKey({ scenario, params }: Point): string {
  return JSON.stringify([scenario, sortedEntries(params)]);
}

/**
 * The folder of a point's files among those of its run: the scenario's name, and below it for a further size, which only a merged
 * run has. `points` are those of the run, in its order.
 */
export function pointFolder(point: Point, points: readonly Point[]): string {
  const sizes = [...new Set(points.filter(({ scenario }) => scenario === point.scenario).map(pointKey))];
  const at = sizes.indexOf(pointKey(point));
  return at < 1 ? point.scenario : `${point.scenario}/${sizeFolder}${at + 1}`;
}

/** How the names of folders of further sizes begin. No variant is called so. */
export const sizeFolder = 'size-';

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
