import type { TopLevelSpec } from 'vega-lite';
import { valueAt } from '../harness/sweep/break-even.ts';
import type { Sweep } from '../harness/sweep/sweep-schema.ts';
import { toSvg } from './draw.ts';
import { tokensSpec, valueSpec } from './sweep-lines.ts';
import { mapSpec } from './sweep-map.ts';

/** A drawing, by the name of its file. */
export type Chart = { name: string; svg: string };

/**
 * The charts of a sweep: tokens and cost against size on one axis; on two, a map with caching and one without. What a model
 * without a known price costs is not drawn.
 */
export async function drawSweep(sweep: Sweep): Promise<Chart[]> {
  const caching = sweep.by === 'cost' ? [true, false] : [true];
  const isValued = sweep.points.some(({ results }) =>
    results.some((result) => valueAt(result, { by: sweep.by, caching: true }) !== null),
  );
  const specs: [string, TopLevelSpec][] = [];
  if (sweep.axes.length === 1) specs.push(['tokens', tokensSpec(sweep)]);
  if (isValued && sweep.axes.length === 1) {
    specs.push([sweep.by === 'tokens' ? 'billed' : sweep.by, valueSpec(sweep)]);
  }
  if (isValued && sweep.axes.length === 2) {
    for (const each of caching) specs.push([each ? 'map-cached' : 'map-uncached', mapSpec(sweep, each)]);
  }
  const charts: Chart[] = [];
  for (const [name, spec] of specs) charts.push({ name, svg: await toSvg(spec) });
  return charts;
}
