import { percent, times } from '../../../harness/numbers.ts';
import type { Measure } from '../../../harness/results/codes.ts';
import { html, type Markup } from '../../text/markup.ts';
import { verbs } from '../../text/words.ts';
import type { Advice, PageData, Workflow } from '../data.ts';
import { adviceWords, cross, logScale, mark, px, shorten, ticksOf, tickText } from './marks.ts';
import { type State, scaleOf, shown, workflowAddress } from './state.ts';

const order: Advice[] = ['code', 'either', 'classic', 'neither', 'insufficient', 'outstanding'];

/** Workflows by what is recommended, and in it by how much the other side takes. */
export function inOrder(workflows: readonly Workflow[]): Workflow[] {
  const factor = (workflow: Workflow) => dearer(workflow)?.factor ?? 0;
  return [...workflows].sort(
    (a, b) => order.indexOf(a.advice) - order.indexOf(b.advice) || factor(b) - factor(a),
  );
}

/** Which side takes more, and how many times as much. */
export function dearer({
  sides: { classic, code },
}: Workflow): { side: 'classic' | 'code'; factor: number } | undefined {
  const [left, right] = [classic?.value, code?.value];
  if (!left || !right) return undefined;
  return left >= right ? { side: 'classic', factor: left / right } : { side: 'code', factor: right / left };
}

/** How both sides stand to each other, in the fewest words. */
function standing(workflow: Workflow, by: Measure): string {
  const { advice, margin, sides } = workflow;
  const failed = (['classic', 'code'] as const).filter((side) => sides[side]?.failed);
  if (failed.length === 1)
    return `${failed[0]} ${sides[failed[0] as 'classic']?.hypothetical ? 'gave no answer' : 'is not right'}`;
  if (advice === 'either') return `within ${percent(margin)}`;
  const found = dearer(workflow);
  return found ? `${found.side} ${verbs[by].takes} ${times(found.factor)}×` : '';
}

/** What a run takes with both patterns, all workflows on one logarithmic axis, the recommended side filled. */
export function drawDumbbell(data: PageData, state: State, width: number): Markup {
  const { by } = data;
  const isNarrow = width < 680;
  const [left, right] = isNarrow ? [4, 4] : width < 860 ? [160, 142] : [width < 1000 ? 200 : 240, 166];
  const pad = isNarrow ? 70 : 72;
  const values = data.workflows.flatMap(({ sides }) =>
    [sides.classic, sides.code].flatMap((side) =>
      side?.value ? [side.value, side.low ?? side.value, side.high ?? side.value] : [],
    ),
  );
  if (values.length === 0) return html`<p class="sub">Nothing was measured that could be drawn.</p>`;
  const scale = scaleOf(state);
  const axis = logScale(values, [left + pad, width - right - pad]);
  const rowHeight = isNarrow ? 56 : 34;
  const top = 30;
  let y = top;
  const rows: Markup[] = [];
  for (const [advice, workflows] of Map.groupBy(inOrder(data.workflows), (workflow) => workflow.advice)) {
    rows.push(
      html`<text class="gh" x="0" y="${y + 17}">${adviceWords[advice]}<tspan class="dim" dx="6">${workflows.length}</tspan></text><line class="rule" x1="0" x2="${width}" y1="${y + 25}" y2="${y + 25}"/>`,
    );
    y += 28;
    for (const workflow of workflows) {
      rows.push(drawRow(workflow, { data, state, width, isNarrow, y, rowHeight, left, at: axis.at }));
      y += rowHeight;
    }
    y += 10;
  }
  const ticks = ticksOf(
    logScale(
      values.map((value) => value * scale),
      [axis.at(10 ** axis.low), axis.at(10 ** axis.high)],
    ),
  );
  const grid = ticks.map((value) => {
    const at = px(axis.at(value / scale));
    return html`<line class="grid" x1="${at}" x2="${at}" y1="${top - 6}" y2="${y - 6}"/><text class="ax" x="${at}" y="${top - 14}" text-anchor="middle">${tickText(value, by)}</text>`;
  });
  return html`<svg class="chart" width="${width}" height="${y}" viewBox="0 0 ${width} ${y}" role="group" aria-label="What each workflow takes with both patterns, on one logarithmic axis">${grid}${rows}</svg>`;
}

type Row = {
  data: PageData;
  state: State;
  width: number;
  isNarrow: boolean;
  y: number;
  rowHeight: number;
  left: number;
  at: (value: number) => number;
};

function drawRow(workflow: Workflow, { data, state, width, isNarrow, y, rowHeight, left, at }: Row): Markup {
  const { advice, id, name, sides } = workflow;
  const { by } = data;
  const middle = isNarrow ? y + 38 : y + rowHeight / 2;
  const { classic, code } = sides;
  const places = {
    classic: classic?.value ? at(classic.value) : undefined,
    code: code?.value ? at(code.value) : undefined,
  };
  const end = (key: 'classic' | 'code') => {
    const [side, x] = [sides[key], places[key]];
    if (!side || x === undefined) return '';
    const whisker =
      side.low !== undefined &&
      side.high !== undefined &&
      html`<line class="whisker" x1="${px(at(side.low))}" x2="${px(at(side.high))}" y1="${middle}" y2="${middle}"/>`;
    return html`${whisker}${side.failed ? cross(x, middle) : mark(key, x, middle, advice === key)}`;
  };
  const value = (key: 'classic' | 'code') => {
    const [side, x] = [sides[key], places[key]];
    if (!side?.value || x === undefined) return '';
    const other = places[key === 'classic' ? 'code' : 'classic'];
    const isLeft = other === undefined || x < other || (x === other && key === 'classic');
    return html`<text class="val" x="${px(x + (isLeft ? -13 : 13))}" y="${middle + 4}" text-anchor="${isLeft ? 'end' : 'start'}">${shown(side.value, by, state)}</text>`;
  };
  const isHypothetical = classic?.hypothetical || code?.hypothetical;
  const bar =
    places.classic !== undefined &&
    places.code !== undefined &&
    html`<line class="bar${isHypothetical && ' hyp'}" x1="${px(Math.min(places.classic, places.code))}" x2="${px(Math.max(places.classic, places.code))}" y1="${middle}" y2="${middle}"/>`;
  // Where marks coincide, both are seen: the recommended one is drawn last, and of two alike the diamond.
  const ends = (['classic', 'code'] as const).map(end);
  if (advice === 'classic') ends.reverse();
  const textY = isNarrow ? y + 20 : middle + 4.5;
  const most = Math.floor((isNarrow ? width * 0.6 : left - 8) / 7.1);
  return html`<a href="${workflowAddress(id)}" class="drow"><title>${name}</title><rect class="hit" x="0" y="${y}" width="${width}" height="${rowHeight}"/><text class="name" x="0" y="${textY}">${shorten(name, most)}</text><text class="by" x="${width}" y="${textY}" text-anchor="end">${standing(workflow, by)}</text>${bar}<g class="${advice === 'either' && 'both'}">${ends}</g>${value('classic')}${value('code')}</a>`;
}
