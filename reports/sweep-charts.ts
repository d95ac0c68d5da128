import type { TopLevelSpec } from 'vega-lite';
import type { Sweep } from '../harness/sweep/sweep-schema.ts';
import { toSvg } from './draw.ts';
import { tokensSpec, valueSpec } from './sweep-lines.ts';
import { mapSpec } from './sweep-map.ts';

/** A drawing, by the name of its file. */
export type Chart = { name: string; svg: string };

/** The charts of a sweep: tokens and cost against size on one axis; on two, a map with caching and one without. */
export async function drawSweep(sweep: Sweep): Promise<Chart[]> {
  const specs: [string, TopLevelSpec][] =
    sweep.axes.length === 2
      ? [
          ['map-cached', mapSpec(sweep, true)],
          ...(sweep.by === 'cost' ? [['map-uncached', mapSpec(sweep, false)] as [string, TopLevelSpec]] : []),
        ]
      : [
          ['tokens', tokensSpec(sweep)],
          [sweep.by === 'tokens' ? 'billed' : sweep.by, valueSpec(sweep)],
        ];
  const charts: Chart[] = [];
  for (const [name, spec] of specs) charts.push({ name, svg: await toSvg(spec) });
  return charts;
}
