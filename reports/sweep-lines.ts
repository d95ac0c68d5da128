import type { TopLevelSpec } from 'vega-lite';
import { valueAt } from '../harness/sweep/break-even.ts';
import type { PointResult, Sweep } from '../harness/sweep/sweep-schema.ts';
import { logTicks, look, variantColours } from './draw.ts';

type Row = { size: number; value: number; variant: string; series: string; caching: string; fits: boolean };

const width = 620;
const height = 340;

/** Context tokens against size, with the context window as a line. */
export function tokensSpec(sweep: Sweep): TopLevelSpec {
  const rows = toRows(sweep, (result) => [{ caching: 'cached', value: result.tokens.context }]);
  const window = sweep.contextWindow;
  const top = Math.max(...rows.map(({ value }) => value), 0);
  // A window far above everything that was measured would squeeze the lines into a corner.
  const showsWindow = window < top * 20;
  return chart(sweep, rows, {
    title: `How full the context gets: ${sweep.scenario}`,
    subtitle: ['Tokens, each counted once; hollow points did not fit the context window'],
    format: '~s',
    valueTitle: 'context tokens',
    alsoShown: showsWindow ? [window] : [],
    marks: showsWindow
      ? [
          {
            data: { values: [{ window, label: `context window ${window.toLocaleString('en-US')}` }] },
            mark: { type: 'rule', strokeDash: [6, 4], color: '#b00020' },
            encoding: { y: { field: 'window', type: 'quantitative' } },
          },
          {
            data: {
              values: [
                { window, size: sizes(sweep)[0], label: `context window ${window.toLocaleString('en-US')}` },
              ],
            },
            mark: { type: 'text', align: 'left', baseline: 'bottom', dy: -3, color: '#b00020', fontSize: 11 },
            encoding: {
              x: { field: 'size', type: 'quantitative' },
              y: { field: 'window', type: 'quantitative' },
              text: { field: 'label' },
            },
          },
        ]
      : [],
  });
}

/** What the sweep weighs by against size, cost with and without caching, with the break-evens as vertical lines. */
export function valueSpec(sweep: Sweep): TopLevelSpec {
  const { by } = sweep;
  const rows = toRows(sweep, (result) =>
    (by === 'cost' ? [true, false] : [true]).flatMap((caching) => {
      const value = valueAt(result, { by, caching });
      return value === null ? [] : [{ caching: caching ? 'cached' : 'uncached', value }];
    }),
  );
  const top = Math.max(...rows.map(({ value }) => value), 0);
  const breakEvens = sweep.breakEvens.map(({ at, caching, below, above }, index) => ({
    at,
    y: top * 0.55 ** index,
    label: `${by === 'cost' ? (caching ? 'cached: ' : 'uncached: ') : ''}${below} to ${above}`,
  }));
  return chart(sweep, rows, {
    ...valueWords(sweep),
    alsoShown: [],
    marks: [
      {
        data: { values: breakEvens },
        mark: { type: 'rule', color: '#555555', strokeDash: [2, 3] },
        encoding: { x: { field: 'at', type: 'quantitative' } },
      },
      {
        data: { values: breakEvens },
        mark: { type: 'text', align: 'left', dx: 5, color: '#333333', fontSize: 11 },
        encoding: {
          x: { field: 'at', type: 'quantitative' },
          y: { field: 'y', type: 'quantitative' },
          text: { field: 'label' },
        },
      },
    ],
  });
}

function valueWords({ by, scenario }: Sweep): Pick<Parts, 'title' | 'subtitle' | 'format' | 'valueTitle'> {
  const hollow = 'hollow points are hypothetical: no window holds them';
  switch (by) {
    case 'cost':
      return {
        title: `What one run costs: ${scenario}`,
        subtitle: [`USD; solid with prompt caching, dashed without; ${hollow}`],
        format: '$~r',
        valueTitle: 'cost of one run',
      };
    case 'tokens':
      return {
        title: `What one run is billed for: ${scenario}`,
        subtitle: [`Tokens of all requests, re-sent history included; ${hollow}`],
        format: '~s',
        valueTitle: 'billed tokens',
      };
    case 'latency':
      return {
        title: `How long the model takes: ${scenario}`,
        subtitle: [`Seconds, modelled; tools and sandbox are not in it; ${hollow}`],
        format: '~r',
        valueTitle: 'modelled seconds',
      };
  }
}

type Parts = {
  title: string;
  subtitle: string[];
  format: string;
  valueTitle: string;
  alsoShown: number[];
  marks: object[];
};

function chart(sweep: Sweep, rows: Row[], parts: Parts): TopLevelSpec {
  const axis = sweep.axes[0]?.name ?? '';
  const values = [...rows.map(({ value }) => value), ...parts.alsoShown];
  const reach = [Math.min(...values) / 1.6, Math.max(...values) * 1.25];
  const variants = [
    ...new Map(
      sweep.points.flatMap(({ results }) => results.map((each) => [each.variant, each] as const)),
    ).values(),
  ];
  const colour = {
    field: 'variant',
    type: 'nominal',
    scale: { domain: variants.map(({ variant }) => variant), range: variantColours(variants) },
    legend: null,
  };
  const dash = {
    field: 'caching',
    type: 'nominal',
    scale: {
      domain: ['cached', 'uncached'],
      range: [
        [1, 0],
        [5, 3],
      ],
    },
    legend: null,
  };
  const x = {
    field: 'size',
    type: 'quantitative',
    scale: { type: 'log', nice: false },
    axis: { title: axis, format: '~s', values: logTicks(rows.map(({ size }) => size)), grid: false },
  };
  const y = {
    field: 'value',
    type: 'quantitative',
    scale: { type: 'log', nice: false, domain: reach },
    axis: { title: parts.valueTitle, format: parts.format, values: logTicks(reach) },
  };
  return {
    width,
    height,
    title: { text: parts.title, subtitle: parts.subtitle },
    config: look,
    data: { values: rows },
    layer: [
      ...parts.marks,
      {
        mark: { type: 'line', strokeWidth: 2, clip: false },
        encoding: { x, y, color: colour, strokeDash: dash, detail: { field: 'series' } },
      },
      {
        transform: [{ filter: 'datum.fits' }],
        mark: { type: 'point', filled: true, size: 34, opacity: 1 },
        encoding: { x, y, color: colour },
      },
      {
        transform: [{ filter: '!datum.fits' }],
        mark: { type: 'point', filled: true, size: 34, fill: '#ffffff', opacity: 1, strokeWidth: 1.6 },
        encoding: { x, y, stroke: { ...colour } },
      },
      {
        data: { values: endLabels(rows) },
        mark: { type: 'text', align: 'left', dx: 8, fontSize: 12, fontWeight: 'bold' },
        encoding: { x, y, text: { field: 'series' }, color: colour },
      },
    ],
  } as unknown as TopLevelSpec;
}

function toRows(sweep: Sweep, pick: (result: PointResult) => { caching: string; value: number }[]): Row[] {
  const axis = sweep.axes[0]?.name ?? '';
  const rows = sweep.points.flatMap((point) =>
    point.results.flatMap((result) => {
      const values = pick(result);
      return values.map(({ caching, value }) => ({
        size: Number(point.params[axis]),
        value,
        variant: result.variant,
        series: values.length > 1 ? `${result.variant}, ${caching}` : result.variant,
        caching,
        fits: result.fits,
      }));
    }),
  );
  return rows.filter(({ value }) => value > 0).sort((a, b) => a.size - b.size);
}

function sizes(sweep: Sweep): number[] {
  const axis = sweep.axes[0]?.name ?? '';
  return sweep.points.map(({ params }) => Number(params[axis])).sort((a, b) => a - b);
}

/** A label at the end of each line; where lines end close to each other, labels are moved apart. */
function endLabels(rows: Row[]): Row[] {
  const last = new Map(rows.map((row) => [row.series, row]));
  const values = rows.map(({ value }) => Math.log(value));
  const room = ((Math.max(...values) - Math.min(...values)) * 21) / height;
  let above = Number.NEGATIVE_INFINITY;
  return [...last.values()]
    .sort((a, b) => a.value - b.value)
    .map((row) => {
      above = Math.max(Math.log(row.value), above + room);
      return { ...row, value: Math.exp(above) };
    });
}
