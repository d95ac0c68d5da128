import { signed } from '../../../harness/numbers.ts';
import { html, type Markup } from '../../text/markup.ts';
import { amount } from '../../text/words.ts';
import type { PageData, Workflow } from '../data.ts';
import { capital, px } from './marks.ts';
import { type State, scaleOf } from './state.ts';

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
export function drawWaterfall(workflow: Workflow, { by }: PageData, state: State, width: number): Markup {
  const { classic, code } = workflow.sides;
  const isNarrow = width < 560;
  const [rowHeight, left, right] = isNarrow ? [44, 0, 0] : [32, 178, 92];
  const factor = scaleOf(state);
  const write = (size: number) => amount(size, by);
  const start = (classic?.value ?? 0) * factor;
  const rows: { name: string; from: number; to: number; text: string; kind: string }[] = [
    {
      name: classic?.hypothetical ? 'Classic, no window' : capital(classic?.variant ?? 'classic'),
      from: 0,
      to: start,
      text: write(start),
      kind: 'total classic',
    },
  ];
  let at = start;
  for (const step of stepsOf(workflow)) {
    const size = step.by * factor;
    rows.push({
      name: step.name,
      from: at,
      to: at + size,
      text: signed(size, write),
      kind: size < 0 ? 'saves' : 'adds',
    });
    at += size;
  }
  const end = (code?.value ?? 0) * factor;
  rows.push({
    name: capital(code?.variant ?? 'code'),
    from: 0,
    to: end,
    text: write(end),
    kind: 'total code',
  });
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
