import { bound, counted, number, seconds, share, signed, whole } from '../../../harness/numbers.ts';
import { type Content, html, htmlList, Markup } from '../../text/markup.ts';
import { amount } from '../../text/words.ts';
import type { Advice, PageData, Side, Turn, Workflow } from '../data.ts';
import { inOrder } from './dumbbell.ts';
import { capital, glyph, logScale, mark, px, rightWords, shorten, thenUse, tick, ticksOf } from './marks.ts';
import { drawSizes } from './sizes.ts';
import { type State, scaleOf, shown, traceAddress, units, workflowAddress } from './state.ts';

/** One workflow: its verdict, what decides it, what it hangs on, and all its figures. */
export function drawWorkflow(workflow: Workflow, data: PageData, state: State, width: number): Markup {
  const { id, name, params, advice, verdict, why, sizes, trend, task, changes, holds, details, month } =
    workflow;
  const isWide = width >= 900;
  const first = isWide ? Math.round(width * 0.56) : width;
  const sequence = inOrder(data.workflows);
  const at = sequence.indexOf(workflow);
  return html`<section class="wrap workflow">
<p class="eyebrow">${name} <span>${params.join(' · ')}</span></p>
<h1>${glyph(advice)} ${verdict}</h1>${why !== '' && html`<p class="lead">${why}</p>`}
${drawSince(workflow, data)}
<div class="two" style="--a:${first}px">
<figure><h2>What decides</h2>${waterfall(workflow, data, state, first)}</figure>
<section><h2>Key figures</h2>${keyFigures(workflow, data, state)}${month !== undefined && html`<p class="sub">A month: ${month}.</p>`}
<p class="acts"><a class="btn" href="${traceAddress(id)}">See every request</a></p></section>
</div>
<div class="two" style="--a:${first}px">
<figure><h2>Under other assumptions</h2><p class="sub">Ratio of code to classic, with its interval. In the shaded band a difference does not count.</p><div>${drawBand(workflow, first)}</div></figure>
<section><h2>What would change it</h2>${changes.length > 0 ? htmlList(changes.map(capital)) : html`<p class="sub">Nothing that was tried.</p>`}${holds.length > 0 && html`<details class="task"><summary>It holds under ${number(holds.length)} ${holds.length === 1 ? 'change' : 'changes'}</summary>${htmlList(holds.map(capital))}</details>`}${slackTable(workflow, data)}</section>
</div>
${sizes && html`<figure class="sizes"><h2>From how many ${sizes.param} on?</h2><p class="sub">What ${units[state.unit]} takes. Marks are sizes that were run; the strip above says what is recommended there. It is ${number(sizes.now)} now.</p><div>${drawSizes({ ...workflow, sizes }, data, state, width)}</div></figure>`}
${trend && html`<figure class="trend"><h2>Over ${number(trend.names.length)} runs</h2><p class="sub">What ${units[state.unit]} takes with the best variant of each pattern. The strip above says what was recommended. A cross was right too seldom.${trend.leftOut > 0 && ` ${counted(trend.leftOut, 'stored run')} of another model, measure, size or kind of evidence ${trend.leftOut === 1 ? 'is' : 'are'} left out.`}</p><div>${drawSizes({ ...workflow, sizes: trend }, data, state, width)}</div></figure>`}
${task !== undefined && task !== '' && html`<details class="task"><summary>The task, as the model reads it</summary><blockquote>${task}</blockquote></details>`}
<details class="all"><summary>All figures</summary>${new Markup(details)}</details>
<nav class="pn" aria-label="Other workflows">${neighbour(sequence[at - 1], '← ', '')}${neighbour(sequence[at + 1], '', ' →')}</nav>
</section>`;
}

function neighbour(workflow: Workflow | undefined, before: string, after: string): Markup {
  return workflow
    ? html`<a href="${workflowAddress(workflow.id)}">${before}${workflow.name}${after}</a>`
    : html`<a href="#">${before}Overview${after}</a>`;
}

function waterfall(workflow: Workflow, data: PageData, state: State, width: number): Markup {
  if (!workflow.causes)
    return html`<p class="sub">Without a bill of both sides there is nothing to compare.</p>`;
  const hypothetical = workflow.sides.classic?.hypothetical || workflow.sides.code?.hypothetical;
  return html`<p class="sub">${describeCauses(workflow, data, state)}</p><div>${drawWaterfall(workflow, data, state, width)}</div><figcaption>◂ code takes less, ▸ code takes more; amounts for ${units[state.unit]}.${hypothetical && ' What did not fit its window is shown as if there were none.'}</figcaption>`;
}

function keyFigures({ id, advice, sides }: Workflow, data: PageData, state: State): Markup {
  const columns = (['classic', 'code'] as const).flatMap((key) =>
    sides[key] ? [{ key, side: sides[key] }] : [],
  );
  const row = (name: string, cell: (side: Side) => Content) =>
    html`<tr><th scope="row">${name}</th>${columns.map(({ side }) => html`<td class="num">${side.right === null ? '–' : cell(side)}${side.hypothetical && side.right !== null && '*'}</td>`)}</tr>`;
  const names = { cost: 'Cost', tokens: 'Billed', latency: 'Model time' };
  const isHypothetical = columns.some(({ side }) => side.hypothetical);
  return html`<table class="figures"><thead><tr><th><span class="vh">Figure</span></th>${columns.map(({ key, side }) => html`<th scope="col" class="num">${glyph(key, advice === key)} ${capital(side.variant)}</th>`)}</tr></thead><tbody>
${row(`${names[data.by]}, ${units[state.unit]}`, ({ value }) => (value === null ? 'unpriced' : shown(value, data.by, state)))}
<tr><th scope="row">Answer</th>${columns.map(({ side }) => html`<td class="num">${tick(!side.failed && side.right !== null)} ${rightWords(side)}</td>`)}</tr>
${data.by !== 'latency' && row('Model time, modelled', (side) => seconds(side.seconds * 1000))}
${row('Round trips', ({ roundTrips }) => html`<a href="${traceAddress(id)}">${number(roundTrips)}</a>`)}
${row('Tool calls', ({ toolCalls }) => number(toolCalls))}
${data.by !== 'tokens' && row('Tokens billed', ({ billed }) => whole(billed))}
${row('Largest request, of window', ({ largest }) => share(largest / data.window))}</tbody></table>${isHypothetical && html`<p class="fn">* Hypothetical: had there been no window.</p>`}`;
}

/** How many mistakes of each kind the recommended side may make, and what one takes of either. */
function slackTable({ slack, advice, sides }: Workflow, { by }: PageData): Content {
  if (slack.length === 0) return false;
  const kinds = [...new Set(slack.map(({ words }) => words))];
  const columns = (['classic', 'code'] as const).filter((side) => slack.some((each) => each.side === side));
  const cell = (words: string, side: 'classic' | 'code') => {
    const found = slack.find((each) => each.side === side && each.words === words);
    if (!found) return html`<td class="num dim">–</td>`;
    const { most, each, isLeast, variant } = found;
    const may =
      most === null
        ? 'any number'
        : most === undefined
          ? ''
          : most === 0 && !isLeast
            ? 'none'
            : `up to ${number(most)}${isLeast ? ' or more' : ''}`;
    return html`<td class="num">${may !== '' && html`<b>${may}</b><br>`}<span class="dim">${amount(each, by)} each${variant !== undefined && `, of ${variant}`}</span></td>`;
  };
  return html`<h2 class="slack">How much may go wrong</h2><p class="sub">${slack.some(({ most }) => most !== undefined) ? `Of each kind alone, before ${advice === 'either' ? 'it is no longer a tie' : `${advice} is no longer recommended`}.` : 'What one mistake takes.'}</p>
<table class="figures"><thead><tr><th><span class="vh">Mistake</span></th>${columns.map((side) => html`<th scope="col" class="num">${capital(sides[side]?.variant ?? side)}</th>`)}</tr></thead><tbody>${kinds.map((words) => html`<tr><th scope="row">${capital(words)}</th>${columns.map((side) => cell(words, side))}</tr>`)}</tbody></table>`;
}

/** What changed since the run that this one is held against, with the requests of both runs beside each other. */
function drawSince({ id, since, traces }: Workflow, { held }: PageData): Content {
  if (since === undefined || !held) return false;
  const pairs = traces.filter(
    ({ key, blocks }) => blocks && traces.some((entry) => entry.key === `before:${key}` && entry.blocks),
  );
  return html`<section class="since"><h2>Since ${held.run}</h2>${htmlList(held.notes)}${new Markup(since)}${pairs.length > 0 && html`<p class="acts">${pairs.map(({ key }) => html`<a class="btn" href="${traceAddress(id, [`before:${key}`, key])}">${key}, before and after</a>`)}</p>`}</section>`;
}

/**
 * How the verdict stands under each assumption: the ratio of code to classic with its interval, on one logarithmic axis. Inside the
 * shaded band a difference does not count.
 */
function drawBand(workflow: Workflow, width: number): Markup {
  const { margin, advice } = workflow;
  const own: Turn[] =
    advice === 'outstanding' ? [] : [{ words: 'as it was run', advice, ratio: workflow.ratio }];
  const rows = [...own, ...workflow.turns].flatMap((turn) =>
    turn.ratio && turn.ratio.value > 0 ? [{ ...turn, ratio: turn.ratio }] : [],
  );
  if (rows.length === 0) return html`<p class="sub">Without a ratio there is nothing to draw.</p>`;
  const isNarrow = width < 560;
  const [left, right, rowHeight, top] = isNarrow ? [8, 8, 42, 26] : [250, 84, 26, 26];
  const [low, high] = [1 / (1 + margin), 1 + margin];
  const values = rows.flatMap(({ ratio }) =>
    [ratio.low, ratio.value, ratio.high].filter((value) => value > 0),
  );
  const axis = logScale([...values, low / 1.25, high * 1.25], [left, width - right]);
  const height = top + rows.length * rowHeight + 24;
  const ticks = ticksOf(axis)
    .filter((value, index, all) => all.length < 9 || index % Math.ceil(all.length / 8) === 0 || value === 1)
    .map(
      (value) =>
        html`<line class="grid" x1="${px(axis.at(value))}" x2="${px(axis.at(value))}" y1="${top - 6}" y2="${height - 22}"/><text class="ax" x="${px(axis.at(value))}" y="${height - 6}" text-anchor="middle">${bound(value)}</text>`,
    );
  const drawn = rows.map(({ words, advice: then, ratio }, index) => {
    const y = top + index * rowHeight + (isNarrow ? 30 : 13);
    const turns = then !== workflow.advice;
    const at = axis.at(ratio.value);
    const interval = html`<line class="whisker" x1="${px(axis.at(Math.max(ratio.low, 10 ** axis.low)))}" x2="${px(axis.at(ratio.high))}" y1="${y}" y2="${y}"/>`;
    const label = turns ? thenUse(then) : 'holds';
    return html`<text class="lab${turns && ' strong'}" x="0" y="${isNarrow ? y - 14 : y + 4.5}">${shorten(capital(words), isNarrow ? 46 : 36)}<title>${words}</title></text>${interval}${pointOf(then, at, y)}<text class="val${turns && ' strong'}" x="${width}" y="${isNarrow ? y - 14 : y + 4.5}" text-anchor="end">${index === 0 && own.length > 0 ? '' : label}</text>`;
  });
  const words = rows
    .map(
      ({ words: assumption, advice: then, ratio }) =>
        `${assumption}: code to classic ${bound(ratio.value)}, ${thenUse(then)}`,
    )
    .join('; ');
  return html`<svg class="chart" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img" aria-label="The verdict under each assumption. ${words}"><rect class="tie" x="${px(axis.at(low))}" width="${px(axis.at(high) - axis.at(low))}" y="${top - 6}" height="${height - 16 - top}"/>${ticks}<text class="ax" x="${px(Math.max(axis.at(1) - 8, left))}" y="12" text-anchor="${axis.at(1) - left > 110 ? 'end' : 'start'}">${axis.at(1) - left > 110 && '← code takes less'}</text>${width - right - axis.at(1) > 120 && html`<text class="ax" x="${px(axis.at(1) + 8)}" y="12">classic takes less →</text>`}${drawn}</svg>`;
}

function pointOf(advice: Advice, x: number, y: number): Markup {
  if (advice === 'classic' || advice === 'code') return mark(advice, x, y, true, 4);
  return html`<rect class="open" x="${px(x - 4)}" y="${y - 4}" width="8" height="8"/>`;
}

type Step = { name: string; by: number };

/** What code takes more of, or less, by cause; what weighs most first. */
function stepsOf({ causes = [] }: Workflow): Step[] {
  return causes
    .map(({ name, classic, code }) => ({ name, by: code - classic }))
    .filter(({ by }) => Math.abs(by) > 1e-12)
    .sort((a, b) => Math.abs(b.by) - Math.abs(a.by));
}

/** The causes that weigh most, in a sentence. */
export function describeCauses(workflow: Workflow, { by }: PageData, state: State): string {
  const steps = stepsOf(workflow);
  const total = steps.reduce((sum, step) => sum + step.by, 0);
  const main = steps
    .filter((step) => Math.sign(step.by) === Math.sign(total))
    .slice(0, 2)
    .filter((step, index) => index === 0 || Math.abs(step.by) > 0.1 * Math.abs(total));
  if (main.length === 0) return 'Both take the same.';
  const words = main.map(
    ({ name, by: size }) => `${lower(name)} (${amount(Math.abs(size) * scaleOf(state), by)})`,
  );
  return `What code ${total < 0 ? 'saves' : 'adds'} is mostly ${words.join(' and ')}.`;
}

/** From what classic takes to what code takes, cause by cause, on a linear axis from zero. */
function drawWaterfall(workflow: Workflow, { by }: PageData, state: State, width: number): Markup {
  const isNarrow = width < 560;
  const [rowHeight, left, right] = isNarrow ? [44, 0, 0] : [32, 178, 92];
  const factor = scaleOf(state);
  const write = (size: number) => amount(size, by);
  const total = (pattern: 'classic' | 'code') => {
    const { variant = pattern, value } = workflow.sides[pattern] ?? {};
    const to = (value ?? 0) * factor;
    return { name: capital(variant), from: 0, to, text: write(to), kind: `total ${pattern}` };
  };
  const first = total('classic');
  if (workflow.sides.classic?.hypothetical) first.name = 'Classic, no window';
  let at = first.to;
  const steps = stepsOf(workflow).map((step) => {
    const size = step.by * factor;
    const from = at;
    at += size;
    return { name: step.name, from, to: at, text: signed(size, write), kind: size < 0 ? 'saves' : 'adds' };
  });
  const rows = [first, ...steps, total('code')];
  const most = Math.max(...rows.flatMap(({ from, to }) => [from, to]));
  const x = (value: number) => left + (Math.max(0, value) / (most || 1)) * (width - left - right - 4);
  const height = rows.length * rowHeight + 4;
  const bars = rows.map(({ name, from, to, text, kind }, index) => {
    const y = index * rowHeight + (isNarrow ? 20 : 6);
    const [begin, stop] = [x(Math.min(from, to)), x(Math.max(from, to))];
    const size = Math.max(stop - begin, 2);
    const isTotal = kind.startsWith('total');
    const textY = isNarrow ? y - 6 : y + 13.5;
    const arrow =
      !isTotal &&
      size > 14 &&
      html`<path class="arr" d="${to < from ? `M${px(begin + 9)} ${y + 5}l-5 4l5 4` : `M${px(stop - 9)} ${y + 5}l5 4l-5 4`}"/>`;
    const link =
      index < rows.length - 1 &&
      !isNarrow &&
      html`<line class="conn" x1="${px(x(to))}" x2="${px(x(to))}" y1="${y + 18}" y2="${y + rowHeight}"/>`;
    return html`<text class="${isTotal ? 'name' : 'lab'}" x="0" y="${textY}">${name}</text><text class="val${isTotal && ' strong'}" x="${width}" y="${textY}" text-anchor="end">${text}</text><rect class="w ${kind}" x="${px(begin)}" y="${y}" width="${px(size)}" height="18" rx="1.5"/>${arrow}${link}`;
  });
  const words = rows.map(({ name, text }) => `${name} ${text}`).join(', ');
  return html`<svg class="chart" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img" aria-label="From classic to code, by cause: ${words}"><line class="rule" x1="${left}" x2="${left}" y1="0" y2="${height}"/>${bars}</svg>`;
}

function lower(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}
