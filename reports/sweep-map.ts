import type { TopLevelSpec } from 'vega-lite';
import { decidedAt } from '../harness/sweep/break-even.ts';
import type { Sweep } from '../harness/sweep/sweep-schema.ts';
import { logTicks, look } from './draw.ts';
import { type Plane, placeLabels } from './map-labels.ts';

type Cell = {
  x1: number;
  x2: number;
  y1: number;
  y2: number;
  x: number;
  y: number;
  log: number;
  label: string;
};

/**
 * Which pattern takes less over two sizes: the first swept parameter goes to the right, the second upwards. Scenarios that were
 * placed stand where their calls and bytes per result put them.
 */
export function mapSpec(sweep: Sweep, caching: boolean): TopLevelSpec {
  const [across, upwards] = sweep.axes;
  if (!across || !upwards) throw new Error('A map needs two axes.');
  const cells = toCells(sweep, caching);
  const line = sweep.breakEvens
    .filter((found) => found.caching === caching && found.other)
    .map(({ axis, at, other }) => {
      const along = other?.value ?? 0;
      return axis === across.name ? { x: at, y: along } : { x: along, y: at };
    })
    .sort((a, b) => b.y - a.y || a.x - b.x);
  const places = sweep.placed.map(({ scenario, calls, bytes }) => ({
    scenario,
    x: across.name === 'calls' ? calls : bytes,
    y: across.name === 'calls' ? bytes : calls,
  }));
  const domain = (of: (cell: Cell) => number[], placed: number[]): [number, number] => [
    Math.min(...cells.flatMap(of), ...placed.map((value) => value / 1.5)),
    Math.max(...cells.flatMap(of), ...placed.map((value) => value * 1.5)),
  ];
  const position = (name: string, reach: number[]) => ({
    type: 'quantitative',
    scale: { type: 'log', nice: false, domain: reach },
    axis: { title: titleOf(name), format: '~s', values: logTicks(reach), grid: false },
  });
  const plane: Plane = {
    x: domain(
      ({ x1, x2 }) => [x1, x2],
      places.map((place) => place.x),
    ),
    y: domain(
      ({ y1, y2 }) => [y1, y2],
      places.map((place) => place.y),
    ),
    width: 680,
    height: 440,
  };
  const [x, y] = [position(across.name, plane.x), position(upwards.name, plane.y)];
  const { factors, names } = placeLabels(cells, places, plane);
  const how = sweep.by !== 'cost' ? sweep.by : caching ? 'cost with caching' : 'cost without caching';
  return {
    width: plane.width,
    height: plane.height,
    title: {
      text: `Where each pattern takes less: ${how}`,
      subtitle: [
        'Blue: code does, orange: classic, by the factor in the cell; the best variant of each. * One does not fit the context window.',
        ...(places.length > 0 ? ['Rings: other scenarios, by their calls and mean bytes a result.'] : []),
      ],
    },
    config: look,
    layer: [
      {
        data: { values: cells },
        mark: { type: 'rect', stroke: '#ffffff', strokeWidth: 1 },
        encoding: {
          x: { field: 'x1', ...x },
          x2: { field: 'x2' },
          y: { field: 'y1', ...y },
          y2: { field: 'y2' },
          color: {
            field: 'log',
            type: 'quantitative',
            scale: {
              domain: [-6, -0.07, 0, 0.07, 2],
              range: ['#5b93dd', '#dbe8f8', '#f5f5f2', '#fbe5d2', '#ec9a55'],
              clamp: true,
            },
            legend: null,
          },
        },
      },
      {
        data: { values: factors },
        mark: { type: 'text', fontSize: 11, color: '#333333', align: 'left', baseline: 'middle' },
        encoding: { x: { field: 'x', ...x }, y: { field: 'y', ...y }, text: { field: 'text' } },
      },
      {
        data: { values: line },
        mark: { type: 'line', color: '#333333', strokeWidth: 2, strokeDash: [5, 3], interpolate: 'linear' },
        encoding: {
          x: { field: 'x', ...x },
          y: { field: 'y', ...y },
          order: { field: 'y', type: 'quantitative' },
        },
      },
      {
        data: { values: line.slice(0, 1) },
        mark: {
          type: 'text',
          align: 'left',
          dx: 8,
          dy: 0,
          fontSize: 11,
          fontStyle: 'italic',
          color: '#333333',
        },
        encoding: { x: { field: 'x', ...x }, y: { field: 'y', ...y }, text: { value: 'break-even' } },
      },
      // Open rings, so that the colour of a cell is seen; a white rim first, so that they and names can be read on any.
      ...[
        { stroke: '#ffffff', strokeWidth: 4 },
        { stroke: '#111111', strokeWidth: 1.6 },
      ].map((rim) => ({
        data: { values: places },
        mark: { type: 'point', filled: false, size: 55, opacity: 1, ...rim },
        encoding: { x: { field: 'x', ...x }, y: { field: 'y', ...y } },
      })),
      ...[{ stroke: '#ffffff', strokeWidth: 3, opacity: 0.85 }, {}].map((rim) => ({
        data: { values: names },
        mark: {
          type: 'text',
          align: 'left',
          baseline: 'middle',
          fontSize: 11,
          fontWeight: 'bold',
          color: '#111111',
          ...rim,
        },
        encoding: { x: { field: 'x', ...x }, y: { field: 'y', ...y }, text: { field: 'text' } },
      })),
    ],
  } as unknown as TopLevelSpec;
}

/** A rectangle for each point, reaching half-way (in the logarithm) to its neighbours. */
function toCells(sweep: Sweep, caching: boolean): Cell[] {
  const [across = '', upwards = ''] = sweep.axes.map(({ name }) => name);
  const edges = (name: string) => {
    const values = [...new Set(sweep.points.map(({ params }) => Number(params[name])))].sort((a, b) => a - b);
    return new Map(
      values.map((value, index) => {
        const [before, after] = [values[index - 1], values[index + 1]];
        const step = before !== undefined ? value / before : after !== undefined ? after / value : 4;
        return [
          value,
          [
            before !== undefined
              ? Math.sqrt(before * value)
              : value / Math.sqrt(after ? after / value : step),
            after !== undefined ? Math.sqrt(value * after) : value * Math.sqrt(step),
          ],
        ];
      }),
    );
  };
  const [horizontal, vertical] = [edges(across), edges(upwards)];
  return sweep.points.flatMap((point) => {
    const ratio = decidedAt(point, caching)?.ratio?.value ?? null;
    const [x, y] = [Number(point.params[across]), Number(point.params[upwards])];
    const [[x1, x2], [y1, y2]] = [horizontal.get(x) ?? [], vertical.get(y) ?? []] as [number[], number[]];
    if (ratio === null || !x1 || !x2 || !y1 || !y2) return [];
    const fits = point.results.every((result) => result.fits);
    return [{ x, y, x1, x2, y1, y2, log: Math.log2(ratio), label: `${factor(ratio)}${fits ? '' : ' *'}` }];
  });
}

function factor(ratio: number): string {
  const times = Math.max(ratio, 1 / ratio);
  return `${times >= 10 ? Math.round(times).toLocaleString('en-US') : times.toFixed(1)}×`;
}

function titleOf(name: string): string {
  return { calls: 'tool calls', bytes: 'bytes of each result' }[name] ?? name;
}
