import { markdownTable } from 'markdown-table';
import { ratioAt } from '../harness/sweep/break-even.ts';
import type { BreakEven, Sweep } from '../harness/sweep/sweep-schema.ts';

/** A sweep as Markdown: where the patterns break even, and a row for every point. */
export function sweepMarkdown(sweep: Sweep): string {
  const { scenario, axes, points, model, compared } = sweep;
  const over = axes.map(({ name, from, to }) => `${name} from ${number(from)} to ${number(to)}`).join(', ');
  const fixed = Object.entries(sweep.fixed).map(([name, value]) => `${name}=${value}`);
  return `${[
    `## ${scenario} over ${over}${fixed.length > 0 ? ` (${fixed.join(', ')})` : ''}`,
    ...(sweep.status === 'partial' ? [`**Partial sweep: ${points.length} points have been measured.**`] : []),
    findingLines(sweep)
      .map((line) => `- ${line}`)
      .join('\n'),
    sweepTable(sweep),
    ...(sweep.placed.length > 0 ? [placedTable(sweep)] : []),
    `_Evidence: ${sweep.evidence}, seed ${sweep.seed}; ${model}, prices as documented ${sweep.pricesAsOf}; tokens ${sweep.tokenCounts}; model time modelled, profile ${sweep.latencyProfile}. Compared: ${compared.classic} and ${compared.code}. A row in parentheses did not fit the context window of ${number(sweep.contextWindow)} tokens: what it would have taken without one._`,
  ].join('\n\n')}\n`;
}

/** What the sweep found, a sentence each. */
export function findingLines(sweep: Sweep): string[] {
  const { breakEvens, overflow, points, axes, compared, by } = sweep;
  const lines = axes.length === 1 ? breakEvens.map((found) => breakEvenLine(found, by)) : borderLines(sweep);
  for (const caching of by === 'cost' ? [true, false] : [true]) {
    if (breakEvens.some((found) => found.caching === caching)) continue;
    const ratios = points.flatMap((point) => ratioAt(point, compared, { by, caching }) ?? []);
    if (ratios.length === 0) continue;
    const cheaper = ratios.every((ratio) => ratio < 1) ? compared.code : compared.classic;
    lines.push(
      `No break-even ${suffix(caching, by)}in this range: ${cheaper} takes less at every point (code to classic ${Math.min(...ratios).toFixed(3)} to ${Math.max(...ratios).toFixed(3)}).`,
    );
  }
  lines.push(...beside(sweep));
  for (const change of sweep.forced ?? []) lines.push(`Resumed although something had changed: ${change}.`);
  if (overflow) {
    lines.push(
      `${compared.classic} stops fitting the context window between ${overflow.axis} ${overflow.between.map(number).join(' and ')}.`,
    );
  } else if (axes.length === 1 && points.length > 0) {
    const fits = points.every(({ results }) => results.every((result) => result.fits));
    if (fits) lines.push('Everything fits the context window.');
  }
  return lines;
}

function breakEvenLine({ axis, at, between, above, caching }: BreakEven, by: Sweep['by']): string {
  return `Break-even ${suffix(caching, by)}near ${axis} ${number(at)} (measured at ${number(between[0])} and ${number(between[1])}); above it ${above} takes less.`;
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

/** On two axes, the border between the patterns: a line for each direction. */
function borderLines({ breakEvens, by }: Sweep): string[] {
  const groups = Map.groupBy(breakEvens, ({ caching, axis, above }) =>
    JSON.stringify([caching, axis, above]),
  );
  return [...groups.values()].flatMap((group) => {
    const [first] = group;
    if (!first?.other) return [];
    const places = group
      .toSorted((a, b) => (a.other?.value ?? 0) - (b.other?.value ?? 0))
      .map(({ at, other }) => `${number(at)} at ${first.other?.axis} ${number(other?.value ?? 0)}`);
    return [
      `Break-even ${suffix(first.caching, by)}in ${first.axis}: ${places.join(', ')}; above it ${first.above} takes less.`,
    ];
  });
}

function suffix(caching: boolean, by: Sweep['by']): string {
  if (by !== 'cost') return '';
  return caching ? 'with caching ' : 'without caching ';
}

function sweepTable(sweep: Sweep): string {
  const { axes, compared, by } = sweep;
  const variants = [...new Set(sweep.points.flatMap(({ results }) => results.map(({ variant }) => variant)))];
  const points = sweep.points.toSorted((a, b) => {
    for (const { name } of axes) {
      const difference = Number(a.params[name]) - Number(b.params[name]);
      if (difference !== 0) return difference;
    }
    return 0;
  });
  const header = [
    ...axes.map(({ name }) => name),
    ...variants.flatMap((variant) => [`${variant}: context tokens`, 'cost, cached', 'cost, uncached']),
    'code to classic',
    'verdict',
  ];
  const rows = points.map((point) => {
    const ratio = ratioAt(point, compared, { by, caching: true });
    return [
      ...axes.map(({ name }) => number(Number(point.params[name]))),
      ...variants.flatMap((variant) => {
        const result = point.results.find((each) => each.variant === variant);
        if (!result) return ['', '', ''];
        const mark = (text: string) => (result.fits ? text : `(${text})`);
        const { costUsd } = result;
        const cost = (kind: 'cached' | 'uncached') => mark(costUsd ? usd(costUsd[kind]) : 'unpriced');
        return [mark(number(result.tokens.context)), cost('cached'), cost('uncached')];
      }),
      ratio === null ? '' : ratio.toPrecision(3),
      point.verdict ?? '',
    ];
  });
  return markdownTable([header, ...rows], { align: header.map(() => 'r') });
}

function placedTable({ placed }: Sweep): string {
  return markdownTable(
    [
      ['scenario on the map', 'calls', 'bytes a result', 'its own verdict'],
      ...placed.map(({ scenario, calls, bytes, verdict }) => [
        scenario,
        number(calls),
        number(bytes),
        verdict,
      ]),
    ],
    { align: ['l', 'r', 'r', 'l'] },
  );
}

function number(value: number): string {
  return value.toLocaleString('en-US', { maximumFractionDigits: 1 });
}

function usd(amount: number): string {
  return `$${amount.toFixed(amount < 1 ? 4 : 2)}`;
}
