import { expect, test } from 'vitest';
import { type PointVerdict, type Sweep, sweepFormat, sweepSchema } from '../../harness/results/sweep.ts';
import { unbalanced } from '../testing/markup.ts';
import { sweepText } from './markdown.ts';
import { drawSweep, sweepHtml } from './page.ts';

type Given = {
  params: Record<string, number>;
  classic: number;
  code: number;
  pattern: PointVerdict['pattern'];
  fits?: boolean;
};

function point({ params, classic, code, pattern, fits = true }: Given): Sweep['points'][number] {
  const ratio = { value: code / classic, low: code / classic, high: code / classic };
  const result = (name: 'classic' | 'code', usd: number) => ({
    variant: name,
    pattern: name,
    correct: 1,
    fits: name === 'code' || fits,
    roundTrips: 2,
    toolCalls: 2,
    bytesPerResult: 100,
    tokens: { context: usd * 1e6, billed: usd * 2e6 },
    costUsd: { cached: usd, uncached: usd * 2 },
    modelledSeconds: 3,
  });
  return {
    params,
    run: 'run',
    verdict: { pattern, because: 'value', ratio, uncached: { pattern, ratio }, padded: null },
    results: [result('classic', classic), result('code', code)],
  };
}

/** A sweep as it is read from disk, so that nothing is drawn that no sweep can leave. */
function sweep(points: Given[], more: Partial<Sweep> = {}): Sweep {
  const names = Object.keys(points[0]?.params ?? {});
  const axes = names.map((name) => {
    const values = points.map(({ params }) => params[name] ?? 0);
    return { name, from: Math.min(...values), to: Math.max(...values), whole: true };
  });
  return sweepSchema.parse({
    format: sweepFormat,
    status: 'complete',
    scenario: 'scene',
    fixed: {},
    axes,
    by: 'cost',
    model: 'claude-sonnet-5',
    contextWindow: 200_000,
    evidence: 'scripted',
    tokenCounts: 'some vocabulary',
    pricesAsOf: '2026-09-24',
    latencyProfile: 'default',
    seed: 1,
    points: points.map(point),
    breakEvens: [],
    overflow: [],
    placed: [],
    ...more,
  });
}

const oneAxis: Given[] = [
  { params: { calls: 100 }, classic: 0.3, code: 0.03, pattern: 'code', fits: false },
  { params: { calls: 1 }, classic: 0.01, code: 0.02, pattern: 'classic' },
  { params: { calls: 10 }, classic: 0.04, code: 0.02, pattern: 'code' },
];
const edge = {
  axis: 'calls',
  between: [1, 10] as [number, number],
  below: 'classic',
  above: 'code',
} as const;
const breakEvens = [true, false].map((caching) => ({ ...edge, caching, at: caching ? 3 : 4 }));
const lines = sweep(oneAxis, { breakEvens });

const twoAxes = sweep(
  [1, 10, 100].flatMap((calls) =>
    [100, 1000].map((bytes): Given => {
      const code = 10 / calls;
      return {
        params: { calls, bytes },
        classic: 1,
        code,
        pattern: code < 1 ? 'code' : code > 1 ? 'classic' : 'either',
      };
    }),
  ),
  { placed: [{ scenario: 'elsewhere', calls: 20, bytes: 5000, verdict: 'classic' }] },
);

const chart = (of: Sweep, name: string) => drawSweep(of).find((each) => each.name === name)?.svg ?? '';
const numbers = (text: string, pattern: RegExp) =>
  [...text.matchAll(pattern)].map(([, ...found]) => found.map(Number));

test('each chart is whole, needs nothing else, is read aloud, and is the same bytes for the same sweep', () => {
  const charts = [lines, twoAxes].flatMap(drawSweep);
  expect(charts.map(({ name }) => name)).toEqual(['tokens', 'cost', 'map-cached', 'map-uncached']);
  expect([lines, twoAxes].flatMap(drawSweep)).toEqual(charts);
  for (const { name, svg } of charts) {
    expect(unbalanced(svg)).toEqual([]);
    expect(svg).not.toMatch(/NaN|Infinity|undefined|\bnull\b|<script|url\(|https?:\/\/(?!www\.w3\.org)/);
    expect(svg).toContain(`role="img" aria-labelledby="${name}-title ${name}-text"`);
    expect(svg).toMatch(new RegExp(`<title id="${name}-title">[^<]+<`));
    expect(svg).toContain('prefers-color-scheme:dark');
  }
  expect(chart(lines, 'cost')).toContain(
    'With caching, calls 1: classic costs less; calls 10: code costs less.',
  );
});

test('lines go through their points on logarithmic axes, hollow where a point did not fit the window', () => {
  const svg = chart(lines, 'tokens');
  const [classic = '', code = ''] = [
    ...svg.matchAll(/<path d="(M[^"]+)" stroke="currentColor" stroke-width="2"/g),
  ].map(([, path]) => path);
  // 1, 10 and 100 calls stand at equal distances; 10,000 to 300,000 tokens rise, and the plot is downwards.
  expect(numbers(classic, /([\d.]+) [\d.]+/g)).toEqual([[0], [310], [620]]);
  const levels = numbers(classic, / ([\d.]+)/g).flat();
  expect(levels).toEqual(levels.toSorted((a, b) => b - a));
  expect(code).not.toBe(classic);
  expect(svg.match(/<circle [^>]*class="ground"/g)).toHaveLength(1);
  expect(svg).toContain('classic, calls 100: 300,000 (does not fit the context window)');
  expect(svg).toContain('context window 200,000');
});

test('a bar above the costs is divided where the verdict changes, with and without caching', () => {
  const svg = chart(lines, 'cost');
  const bars = numbers(svg, /<rect x="([\d.]+)" y="-\d+" width="([\d.]+)"/g);
  const at = (size: number) => Math.round((Math.log10(size) / 2) * 6200) / 10;
  expect(bars.map(([start]) => start)).toEqual([0, at(3), 0, at(4)]);
  expect(bars.map(([start = 0, width = 0]) => Math.round(start + width))).toEqual([
    Math.round(at(3)),
    620,
    Math.round(at(4)),
    620,
  ]);
  expect(svg).toContain('uncached, calls from about 4 to 100: code costs less');
});

test('labels at the ends of lines stay apart and in the order of the lines', () => {
  const close = sweep(
    [1, 10].map((calls) => ({ params: { calls }, classic: 0.0201, code: 0.02, pattern: 'either' })),
  );
  const labels = [...chart(close, 'cost').matchAll(/<text x="651" y="([-\d.]+)">([^<]+)</g)];
  const tops = new Map(labels.map(([, top, name = '']) => [name, Number(top)]));
  expect([...tops].sort(([, a], [, b]) => a - b).map(([name]) => name)).toEqual([
    'classic, uncached',
    'code, uncached',
    'classic, cached',
    'code, cached',
  ]);
  const sorted = [...tops.values()].sort((a, b) => a - b);
  for (const [index, top] of sorted.slice(1).entries())
    expect(top - (sorted[index] ?? 0)).toBeGreaterThanOrEqual(16);
});

test('a map colours cells by their verdict, draws where costs are equal, and places scenarios in the colour of their own', () => {
  const svg = chart(twoAxes, 'map-cached');
  const cells = [...svg.matchAll(/<rect class="([a-z0-9-]+)" x=/g)].map(([, colour]) => colour);
  expect(cells).toEqual(['classic-1', 'classic-1', 'even', 'even', 'code-1', 'code-1']);
  expect(svg).toContain('calls 1, bytes 100, with caching: classic costs less 10×');
  // Ratios are 10, 1 and 0.1: equal where there are 10 calls, from the lower edge of the cells to the upper one.
  const border = numbers(
    /<path d="(M[^"]+)" stroke="currentColor" stroke-width="2" stroke-linecap/.exec(svg)?.[1] ?? '',
    /([\d.]+) [\d.]+/g,
  );
  expect(new Set(border.flat())).toEqual(new Set([340]));
  expect(svg).toMatch(/<circle class="classic-1"/);
});

test('the page holds charts, tables and findings of a scenario whose name is nothing but text', () => {
  const evil = '<script>alert("1")</script>';
  const hostile = { ...lines, scenario: evil };
  const page = sweepHtml(hostile, drawSweep(hostile));
  expect(unbalanced(page)).toEqual([]);
  expect(page).not.toContain('<script');
  expect(page).toContain("content=\"default-src 'none'; style-src 'unsafe-inline'; img-src data:\"");
  const ids = [...page.matchAll(/ id="([^"]+)"/g)].map(([, id]) => id);
  expect(new Set(ids).size).toBe(ids.length);
  expect(page.match(/<svg/g)).toHaveLength(2);
  expect(page).toContain('<li>With caching, calls 1: classic costs less; calls 10: code costs less.</li>');
  expect(page).toMatch(/<th scope="row">100<\/th><td>\(300,000\)<\/td><td>\(\$0\.300\)<\/td>/);
});

test.each([
  ['cost', '$0.0439', '($1.56)'],
  ['tokens', '87,800', '(3,120,000)'],
] as const)('a terminal of 80 columns shows what four variants take in %s, uncut', (by, small, large) => {
  const two = sweep(
    [
      { params: { contacts: 10 }, classic: 0.0439, code: 0.0183, pattern: 'code' },
      { params: { contacts: 349 }, classic: 1.56, code: 0.0191, pattern: 'code', fits: false },
    ],
    { by },
  );
  const four = two.points.map((each) => ({
    ...each,
    results: each.results.flatMap((result) => [
      result,
      { ...result, variant: result.variant === 'code' ? 'code-typed' : 'classic-search' },
    ]),
  }));
  const text = sweepText({ ...two, points: four }, { columns: 80, paint: (_, shown) => shown });
  expect(text).not.toContain('…');
  expect(text.replaceAll(/\s+/g, ' ')).toContain(small);
  expect(text.replaceAll(/\s+/g, ' ')).toContain(large);
  for (const line of text.split('\n')) expect(line.length).toBeLessThanOrEqual(80);
});

test('over two axes, a terminal shows a map of ratios with the mark of each verdict, instead of borders in words', () => {
  const at = (calls: number, bytes: number, code: number, pattern: 'classic' | 'code', fits = true) => ({
    ...{ params: { calls, bytes }, classic: 1, code, pattern, fits },
  });
  const found = sweep([
    at(10, 8000, 0.19, 'code', false),
    at(1, 200, 1.75, 'classic'),
    at(10, 200, 0.82, 'code'),
    at(1, 8000, 1.03, 'classic'),
  ]);
  const text = sweepText(found, { columns: 80, paint: (_, shown) => shown });
  const rows = text.split('\n').map((line) => line.trim().replaceAll(/\s+/g, ' '));
  for (const caching of ['on', 'off']) {
    const first = rows.indexOf(`Code to classic, caching ${caching}`) + 2;
    expect(rows.slice(first, first + 3)).toEqual([
      'calls \\ bytes 200 8,000',
      '1 1.75 ○ 1.03 ○',
      '10 0.82 ◆ (0.19) ◆',
    ]);
  }
  expect(text).toContain('○ classic costs less, ◆ code costs less.');
  expect(text).not.toContain('With caching');
});
