import { number, share } from '../../harness/numbers.ts';
import { type Category, categories } from '../../harness/results/codes.ts';
import type { Result } from '../../harness/results/summary.ts';
import { type Content, html, htmlTable, type Markup } from '../text/markup.ts';
import { type Column, toColumns } from './tables.ts';

/** What a bar is made of: the ledger's categories, and what a provider billed that no row of the ledger explains. */
type Part = Category | 'remainder';

/** Each part of a bar has a letter, also next to its name, for readers who cannot tell the colours apart. */
export const partNames: Record<Part, { name: string; letter: string }> = {
  tool_definitions: { name: 'tool definitions', letter: 'D' },
  instructions: { name: 'instructions', letter: 'I' },
  discovery: { name: 'tool discovery', letter: 'S' },
  tool_calls: { name: 'tool calls', letter: 'C' },
  tool_results: { name: 'tool results', letter: 'R' },
  code: { name: 'programs written', letter: 'P' },
  program_output: { name: 'program output', letter: 'O' },
  reasoning: { name: 'reasoning', letter: 'T' },
  answer: { name: 'final answer', letter: 'A' },
  frame: { name: 'framing', letter: 'F' },
  remainder: { name: 'not explained by the estimate', letter: '?' },
};

type Bar = { column: Column; tokens: Map<Part, number>; total: number; resent: number };

/** Bars that are further apart than this get a scale each: on a common one the shorter would show nothing. */
const greatestRatio = 20;

/** A part narrower than this share of the width has no room for its letter, on a telephone either. */
const leastLettered = 3.5;

/**
 * Billed tokens by category, a bar for each variant, with the figures below. Evidence of different kinds is never in one
 * figure. `id` tells the figure's elements from those of other figures on the page.
 */
export function billChart(results: readonly Result[], id: string): Content {
  const kinds = Map.groupBy(results.flatMap(toColumns), ({ result }) => result.evidence);
  return [...kinds].map(([evidence, columns], at) => figure(columns.map(toBar), evidence, `${id}-${at + 1}`));
}

function toBar(column: Column): Bar {
  const { ledger, tokens: bill } = column.figures;
  const tokens = new Map<Part, number>();
  for (const category of categories) {
    const sum = ledger.reduce((total, row) => total + (row.category === category ? row.tokens : 0), 0);
    if (sum > 0) tokens.set(category, sum);
  }
  // The remainder is that of the whole bill; what would have been billed without a window was not billed.
  const remainder = column.wouldBeRight === undefined ? (column.result.remainder ?? 0) : 0;
  if (remainder !== 0) tokens.set('remainder', remainder);
  const resent = ledger.reduce(
    (total, row) => total + (row.direction === 'input' && row.history === 'resent' ? row.tokens : 0),
    0,
  );
  return { column, tokens, total: bill.billed, resent };
}

function figure(bars: readonly Bar[], evidence: string, id: string): Markup {
  const lengths = bars.map(lengthOf).filter((length) => length > 0);
  const [least, most] = [Math.min(...lengths), Math.max(...lengths)];
  if (lengths.length === 0) {
    return html`<p class="caption">No bill is drawn: nothing was billed.</p>\n`;
  }
  const isCommon = most / least <= greatestRatio;
  const step = tickStep(most);
  const end = Math.ceil(most / step) * step;
  const scale = isCommon
    ? 'The axis is linear.'
    : `The longest bar stands for ${number(Math.round(most / least))} times as much as the shortest, so that each is drawn to a scale of its own; the thin line below a bar is its length on a common, linear scale.`;
  const of = bars.some(({ column }) => column.result.trials > 1) ? ', means over the trials' : '';
  const drawn = bars.map((bar, at) =>
    drawBar(bar, isCommon ? end : lengthOf(bar), isCommon ? undefined : most, `${id}-${at + 1}`),
  );
  return html`<figure class="bill">
<figcaption><strong>Billed tokens by category</strong> (${evidence}${of}): all requests, what is sent again included. ${scale}</figcaption>
${drawn}${isCommon && drawAxis(end, step)}
${breakdown(bars)}
</figure>
`;
}

/** What the parts of a bar come to; more than the bill where the estimate is above it. */
function lengthOf({ tokens }: Bar): number {
  return [...tokens.values()].reduce((sum, value) => sum + Math.max(0, value), 0);
}

function drawBar(bar: Bar, end: number, longest: number | undefined, id: string): Markup {
  const { column, tokens, total } = bar;
  const isHypothetical = column.wouldBeRight !== undefined;
  const title = `${column.heading}: ${number(total)} billed tokens`;
  const listed = [...tokens]
    .map(([part, value]) => `${partNames[part].name} ${shareOf(value, total)}`)
    .join(', ');
  let start = 0;
  const segments = [...tokens].flatMap(([part, value]) => {
    if (value <= 0) return [];
    const [x, width] = [(start / end) * 100, (value / end) * 100];
    start += value;
    const { name, letter } = partNames[part];
    const rect = html`<rect class="${part}" x="${at(x)}" width="${at(width)}" height="28"><title>${name}: ${number(value)} tokens, ${shareOf(value, total)}</title></rect>`;
    const text = html`<text class="on-${part}" x="${at(x + width / 2)}" y="19" aria-hidden="true">${letter}</text>`;
    return width >= leastLettered ? [rect, text] : [rect];
  });
  const scaled = longest === undefined ? undefined : (lengthOf(bar) / longest) * 100;
  return html`<div class="bar">
<p><strong>${column.heading}</strong> <span>${tokens.size > 0 ? `${number(total)} tokens` : 'nothing billed'}</span></p>
<svg width="100%" height="28" role="img" aria-labelledby="${id}"><title id="${id}">${tokens.size > 0 ? `${title}. ${listed}` : title}</title>${segments}${isHypothetical && tokens.size > 0 && html`<rect class="hypothetical" x="0.00%" y="1" width="${at((start / end) * 100)}" height="26"/>`}</svg>${scaled !== undefined && html`\n<div class="scale" style="width:max(2px,${at(scaled)})"></div>`}
</div>
`;
}

function drawAxis(end: number, step: number): Markup {
  const ticks = Array.from({ length: Math.round(end / step) + 1 }, (_, index) => index * step);
  const anchor = (tick: number) => (tick === 0 ? 'start' : tick === end ? 'end' : 'middle');
  const marks = ticks.map((tick) => {
    const x = at((tick / end) * 100);
    return html`<line x1="${x}" x2="${x}" y1="1" y2="6"/><text x="${x}" y="19" text-anchor="${anchor(tick)}">${number(tick)}</text>`;
  });
  // Every bar tells its figures in words; to those who do not see the bars, ticks say nothing.
  return html`<svg class="axis" width="100%" height="22" aria-hidden="true"><line x1="0" x2="100%" y1="1" y2="1"/>${marks}</svg>\n`;
}

/** The figures behind the bars, and the key to their colours and letters. */
function breakdown(bars: readonly Bar[]): Markup {
  const occurring = (Object.keys(partNames) as Part[]).filter((part) =>
    bars.some(({ tokens }) => tokens.has(part)),
  );
  const rows = occurring.map((part) => [
    html`<svg class="key" width="18" height="18" aria-hidden="true"><rect class="${part}" width="18" height="18"/><text class="on-${part}" x="9" y="13">${partNames[part].letter}</text></svg> ${partNames[part].name}`,
    ...bars.map(({ tokens, total }) => cell(tokens.get(part) ?? 0, total)),
  ]);
  return htmlTable(
    {
      headings: ['category', ...bars.map(({ column }) => column.heading)],
      align: ['l', ...bars.map(() => 'r' as const)],
      rows: [
        ...rows,
        ['billed tokens', ...bars.map(({ total }) => cell(total, total))],
        ['of these sent again', ...bars.map(({ resent, total }) => cell(resent, total))],
      ],
    },
    'Billed tokens by category',
  );
}

function cell(tokens: number, total: number): Markup {
  return html`${number(tokens)} <span class="share">${shareOf(tokens, total)}</span>`;
}

/** Of nothing there is no share. */
function shareOf(tokens: number, total: number): string {
  return tokens === 0 || total === 0 ? '' : share(tokens / total);
}

/** 1, 2 or 5 times a power of ten, so that there are three to five steps. */
function tickStep(most: number): number {
  const power = 10 ** Math.floor(Math.log10(most / 2.5));
  const step = [1, 2, 5].findLast((factor) => factor * power <= most / 2.5) ?? 1;
  return step * power;
}

function at(percentage: number): string {
  return `${percentage.toFixed(2)}%`;
}
