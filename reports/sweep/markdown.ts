import { decidedAt, valueAt } from '../../harness/analysis/sweep.ts';
import { number, ratio, usd } from '../../harness/numbers.ts';
import type { Measure } from '../../harness/results/codes.ts';
import type { BreakEven, PointResult, Sweep, SweepPoint } from '../../harness/results/sweep.ts';
import { type VerdictPattern, verdictPattern } from '../../harness/results/verdict.ts';
import { type Picture, showPicture, toMarkdownTable } from '../text/markup.ts';
import { bullets, paragraphs, present, type Table, tableOf } from '../text/table.ts';
import { indentedTable, type Screen, wrap } from '../text/terminal.ts';
import { amount, marks, standing } from '../text/words.ts';

/** A sweep as Markdown: where the patterns break even, pictures in files beside it, and a row for every point. */
export function sweepMarkdown(sweep: Sweep, pictures: readonly Omit<Picture, 'svg'>[] = []): string {
  const fixed = fixedParams(sweep).join(', ');
  return `${paragraphs(
    `## ${sweep.scenario} over ${describeAxes(sweep)}${fixed && ` (${fixed})`}`,
    sweep.status === 'partial' && `**Partial sweep: ${sweep.points.length} points have been measured.**`,
    pictures.map(showPicture),
    bullets(findingLines(sweep)),
    sweepTables(sweep).map(({ table }) => toMarkdownTable(table)),
    `_${sweepMethod(sweep)}_`,
  )}\n`;
}

const fixedParams = ({ fixed }: Sweep) => Object.entries(fixed).map(([name, value]) => `${name}=${value}`);

/** A sweep on a terminal: where the patterns break even last, after a row for every point. */
export function sweepText(sweep: Sweep, screen: Screen): string {
  const { columns, paint } = screen;
  const lines = (text: string) => wrap(text, { columns, first: '  ', indent: '  ' }).join('\n');
  const isDrawn = sweep.axes.length === 2;
  const show = (table: Table) => indentedTable(table, screen).join('\n');
  const over = [`over ${describeAxes(sweep)}`, ...fixedParams(sweep)].join(' ');
  return `\n${paragraphs(
    lines(`${paint('strong', sweep.scenario)}  ${over}`),
    isDrawn
      ? mapTables(sweep).flatMap(({ says, table }) => [lines(says), show(table)])
      : show(pointTable(sweep, weighed(sweep))),
    sweep.placed.length > 0 && show(placedTable(sweep)),
    lines(
      `${isDrawn ? legend(sweep) : weighedWords[sweep.by]} --md FILE has all figures. ${sweepMethod(sweep)}`,
    )
      .split('\n')
      .map((line) => paint('faint', line))
      .join('\n'),
    sweep.status === 'partial' &&
      lines(paint('bad', `Partial: ${sweep.points.length} points have been measured.`)),
    findingLines(sweep, isDrawn ? [] : cachings(sweep))
      .flatMap((line) => wrap(line, { columns, first: '  - ', indent: '    ' }))
      .join('\n'),
  )}\n`;
}

/** What was swept, in words. */
export function describeAxes({ axes }: Sweep): string {
  return axes.map(({ name, from, to }) => `${name} from ${number(from)} to ${number(to)}`).join(', ');
}

/** How a sweep's figures came about. */
export function sweepMethod(sweep: Sweep): string {
  return `Evidence: ${sweep.evidence}, seed ${sweep.seed}; ${sweep.model}, prices as documented ${sweep.pricesAsOf}; tokens ${sweep.tokenCounts}; model time modelled, profile ${sweep.latencyProfile}. Each point has the verdict of an ordinary run; code to classic is that of the best variants. What stands in parentheses did not fit the context window of ${number(sweep.contextWindow)} tokens, and is what it would have been without one.`;
}

/** A row for every point, and the scenarios that were placed on the map. */
export function sweepTables(sweep: Sweep): { label: string; table: Table }[] {
  return [
    { label: 'All points', table: pointTable(sweep, allFigures) },
    ...(sweep.placed.length > 0 ? [{ label: 'Scenarios on the map', table: placedTable(sweep) }] : []),
  ];
}

/** Whether verdicts were decided with caching, and where money is weighed without it, too. */
const cachings = ({ by }: Sweep) => (by === 'cost' ? [true, false] : [true]);

/** What the sweep found, a sentence each; where verdicts change under each of these assumptions on caching. */
export function findingLines(sweep: Sweep, under = cachings(sweep)): string[] {
  const { overflow, points, axes, forced } = sweep;
  const hasOverflow = overflow.length > 0 || points.some(({ results }) => results.some(({ fits }) => !fits));
  return present(
    under.map((caching) => verdictLines(sweep, caching)),
    beside(sweep),
    forced?.map((change) => `Resumed although something had changed: ${change}.`),
    overflow.map(
      ({ variant, axis, between }) =>
        `${variant} stops fitting the context window between ${axis} ${between.map(number).join(' and ')}.`,
    ),
    !hasOverflow && axes.length === 1 && points.length > 0 && 'Everything fits the context window.',
  );
}

/** Where the verdict changes; where it does nowhere, the one that holds at every point that has any. */
function verdictLines({ breakEvens, points, axes, by }: Sweep, caching: boolean): string[] {
  const own = breakEvens.filter((found) => found.caching === caching);
  if (own.length > 0) {
    return axes.length === 1 ? own.map((found) => edgeLine(found, by)) : borderLines(own, by);
  }
  const decided = points.flatMap((point) => decidedAt(point, caching) ?? []);
  const [pattern, ...others] = new Set(decided.map((each) => each.pattern));
  if (pattern === undefined || others.length > 0) return [];
  const ratios = decided.flatMap((each) => each.ratio?.value ?? []);
  const range =
    ratios.length > 0
      ? ` (code to classic ${ratio(Math.min(...ratios))} to ${ratio(Math.max(...ratios))})`
      : '';
  return [`${start(caching, by)}the same at every point: ${standing(pattern, by)}${range}.`];
}

function edgeLine({ axis, between, below, above, caching }: BreakEven, by: Sweep['by']): string {
  const [from, to] = between.map(number);
  return `${start(caching, by)}${axis} ${from}: ${standing(below, by)}; ${axis} ${to}: ${standing(above, by)}.`;
}

/** Scenarios on the map that lie beside what was swept, and the ranges that would take them in. */
function beside({ placed, axes }: Sweep): string[] {
  return placed.flatMap((place) => {
    const wider = axes.flatMap(({ name, from, to }) => {
      const value = name === 'calls' ? place.calls : place.bytes;
      return value < from || value > to ? [`${name}=${Math.min(from, value)}..${Math.max(to, value)}`] : [];
    });
    return wider.length > 0
      ? [`${place.scenario} lies beside what was swept; --param ${wider.join(' --param ')} takes it in.`]
      : [];
  });
}

/** On two axes, the borders between verdicts: a line for each direction and pair of verdicts. */
function borderLines(found: readonly BreakEven[], by: Sweep['by']): string[] {
  const groups = Map.groupBy(found, ({ axis, below, above }) => JSON.stringify([axis, below, above]));
  return [...groups.values()].flatMap((group) => {
    const [first] = group;
    if (!first?.other) return [];
    const places = group
      .toSorted((a, b) => (a.other?.value ?? 0) - (b.other?.value ?? 0))
      .map(
        ({ between, other }) =>
          `${between.map(number).join(' to ')} at ${first.other?.axis} ${number(other?.value ?? 0)}`,
      );
    const words = (pattern: VerdictPattern) => standing(pattern, by);
    return [
      `${start(first.caching, by)}from “${words(first.below)}” to “${words(first.above)}” in ${first.axis}: ${places.join(', ')}.`,
    ];
  });
}

function start(caching: boolean, by: Sweep['by']): string {
  if (by !== 'cost') return '';
  return caching ? 'With caching, ' : 'Without caching, ';
}

/** What a table says of each variant: a column each. */
type Figure = { heading: (variant: string) => string; write: (result: PointResult) => string };

const cost = ({ costUsd }: PointResult, kind: 'cached' | 'uncached') =>
  costUsd ? usd(costUsd[kind]) : 'unpriced';

const allFigures: readonly Figure[] = [
  { heading: (variant) => `${variant}: context tokens`, write: ({ tokens }) => number(tokens.context) },
  { heading: () => 'cost, cached', write: (result) => cost(result, 'cached') },
  { heading: () => 'cost, uncached', write: (result) => cost(result, 'uncached') },
];

/** What the sweep weighs by alone: a terminal has no room for more. */
function weighed({ by }: Sweep): readonly Figure[] {
  const write = (result: PointResult) => {
    const value = valueAt(result, { by, caching: true });
    if (value === null) return 'unpriced';
    return by === 'tokens' ? number(value) : amount(value, by);
  };
  return [{ heading: (variant) => variant, write }];
}

const weighedWords: Record<Measure, string> = {
  cost: 'Dollars a run, with caching where that is cheaper.',
  tokens: 'Tokens billed a run.',
  latency: 'Time of a run.',
};

function pointTable(sweep: Sweep, figures: readonly Figure[]): Table {
  const { axes } = sweep;
  const variants = [...new Set(sweep.points.flatMap(({ results }) => results.map(({ variant }) => variant)))];
  const points = sweep.points.toSorted((a, b) => {
    const differences = axes.map(({ name }) => Number(a.params[name]) - Number(b.params[name]));
    return differences.find((difference) => difference !== 0) ?? 0;
  });
  const headings = [
    ...axes.map(({ name }) => name),
    ...variants.flatMap((variant) => figures.map(({ heading }) => heading(variant))),
    'code to classic',
    'verdict',
  ];
  const rows = points.map((point) => {
    const against = point.verdict?.ratio?.value ?? null;
    return [
      ...axes.map(({ name }) => number(Number(point.params[name]))),
      ...variants.flatMap((variant) => {
        const result = point.results.find((each) => each.variant === variant);
        if (!result) return figures.map(() => '');
        return figures.map(({ write }) => (result.fits ? write(result) : `(${write(result)})`));
      }),
      against === null ? '' : ratio(against),
      point.verdict?.pattern ?? '',
    ];
  });
  return { headings, align: headings.map(() => 'r'), rows };
}

/**
 * A sweep over two axes as a map, one axis down and one across: at each point the ratio of code to classic with the mark of the
 * verdict, in parentheses where a variant did not fit the window. One map with caching, one without where that was looked at.
 */
function mapTables(sweep: Sweep): { says: string; table: Table }[] {
  const [down, across] = sweep.axes.map(({ name }) => ({
    name,
    values: [...new Set(sweep.points.map(({ params }) => Number(params[name])))].sort((a, b) => a - b),
  }));
  if (!down || !across) return [];
  return cachings(sweep).map((caching) => {
    const cell = (row: number, column: number) => {
      const point = sweep.points.find(
        ({ params }) => Number(params[down.name]) === row && Number(params[across.name]) === column,
      );
      const decided = point && decidedAt(point, caching);
      if (!decided) return '';
      const text = decided.ratio ? ratio(decided.ratio.value) : '';
      const shown = point.results.every(({ fits }) => fits) ? text : `(${text})`;
      return `${shown} ${marks[decided.pattern]}`;
    };
    const assumed = sweep.by === 'cost' ? `, caching ${caching ? 'on' : 'off'}` : '';
    // A value stands over the ratios of its column, and so leaves room for the marks.
    const headings = [
      `${down.name} \\ ${across.name}`,
      ...across.values.map((value) => `${number(value)}  `),
    ];
    const rows = down.values.map((row) => [number(row), ...across.values.map((column) => cell(row, column))]);
    const align = headings.map(() => 'r' as const);
    return { says: `Code to classic${assumed}`, table: { headings, align, rows } };
  });
}

/** What a map shows, with the marks that stand on it. */
function legend(sweep: Sweep): string {
  const decided = new Set(
    sweep.points.flatMap((point) => cachings(sweep).map((caching) => decidedAt(point, caching)?.pattern)),
  );
  const words = verdictPattern.options
    .filter((pattern) => decided.has(pattern))
    .map((pattern) => `${marks[pattern]} ${standing(pattern, sweep.by)}`);
  return `${words.join(', ')}.`;
}

function placedTable({ placed }: Sweep): Table {
  return tableOf(placed, [
    ['scenario on the map', ({ scenario }) => scenario],
    ['calls', ({ calls }) => number(calls)],
    ['bytes a result', ({ bytes }) => number(bytes)],
    ['its own verdict', ({ verdict }) => verdict, 'l'],
  ]);
}

/** What each variant cost at a point, on one line. */
export function describeCosts({ results }: SweepPoint): string {
  return results
    .map((result) => `${result.variant} ${cost(result, 'cached')}${result.fits ? '' : ' (does not fit)'}`)
    .join(', ');
}
