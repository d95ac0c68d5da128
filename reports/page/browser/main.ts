import { html, type Markup } from '../../text/markup.ts';
import type { Advice, PageData, TraceEntry, Workflow } from '../data.ts';
import { describeAll, drawOverview, drawWorkload } from '../view/overview.ts';
import { type SortKey, startState, traceAddress, type Unit, workflowAddress } from '../view/state.ts';
import { drawTable } from '../view/table.ts';
import { drawWorkflow } from '../view/workflow.ts';
import { around, find, findAll, loadData, loadTrace } from './dom.ts';
import { tell } from './story.ts';
import { type Lane, Viewer } from './viewer.ts';

const data: PageData = await loadData();
const state = startState(data);
const main = find('#main');
let viewer: Viewer | undefined;
let drawnWidth = 0;
/** Addresses are followed one after another: a trace may take longer to load than a reader to go on. */
let asked = 0;

function widthNow(): number {
  const gutters = 2 * (innerWidth < 761 ? 18 : 32);
  return Math.max(280, Math.min(main.clientWidth, 1120) - gutters);
}

function whereTo() {
  const [kind = '', id = '', ...rest] = location.hash.slice(1).split('/').map(decode);
  return { kind, workflow: data.workflows.find((workflow) => workflow.id === id), rest };
}

/** An address may be typed by anyone. */
function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** Shows what the address names; `data-place` of the document then says which it was. */
async function follow(how: { isFirst?: boolean } = {}): Promise<void> {
  const { hash } = location;
  await show(how);
  document.documentElement.dataset.place = hash;
}

async function show({ isFirst = false }: { isFirst?: boolean }): Promise<void> {
  asked += 1;
  const mine = asked;
  const { kind, workflow, rest } = whereTo();
  const isTrace = kind === 'trace' && workflow !== undefined;
  if (isTrace && viewer?.workflow === workflow && isShown(viewer, rest)) {
    moveTo(viewer, rest);
    return;
  }
  const lanes = isTrace ? await openLanes(workflow, rest) : undefined;
  if (mine !== asked) return;
  viewer?.close();
  viewer = undefined;
  document.body.classList.toggle('is-trace', lanes !== undefined);
  drawCrumbs(kind, workflow);
  if (lanes && workflow) {
    viewer = new Viewer(main, data, workflow, lanes);
    moveTo(viewer, rest, { focus: !isFirst });
    return;
  }
  if (isTrace)
    main.innerHTML =
      html`<section class="wrap"><h1>No request can be shown.</h1><p class="lead">The page holds no trace of ${workflow.name}. The run’s own files may: ${listFiles(workflow.traces)}</p></section>`.text;
  else paint();
  if (isFirst) return;
  scrollTo(0, 0);
  main.focus({ preventScroll: true });
}

function listFiles(traces: readonly TraceEntry[]): string {
  return traces.length === 0 ? 'it kept none.' : `${traces.map(({ file }) => file).join(', ')}.`;
}

/** The trials that an address names, else those that the verdict compares. */
function chooseEntries({ traces, sides }: Workflow, [left, right]: readonly string[]): TraceEntry[] {
  const held = traces.filter(({ blocks }) => blocks);
  const named = (key: string | undefined) => held.find((entry) => entry.key === key);
  const first =
    named(left) ??
    named(sides.classic?.variant) ??
    held.find(({ pattern }) => pattern === 'classic') ??
    held[0];
  const second =
    named(right) ??
    named(sides.code?.variant) ??
    held.find(({ pattern }) => pattern !== first?.pattern) ??
    first;
  return first && second ? [first, second] : [];
}

async function openLanes(workflow: Workflow, rest: readonly string[]): Promise<Lane[] | undefined> {
  const entries = chooseEntries(workflow, rest);
  const lanes = await Promise.all(
    entries.map(async (entry) => {
      const trace = await loadTrace(workflow.id, entry);
      return trace && { entry, story: tell(trace) };
    }),
  );
  return lanes.length > 0 && lanes.every((lane) => lane !== undefined) ? (lanes as Lane[]) : undefined;
}

function isShown({ workflow, lanes }: Viewer, rest: readonly string[]): boolean {
  const entries = chooseEntries(workflow, rest);
  return lanes.every(({ entry }, at) => entry === entries[at]);
}

function moveTo(to: Viewer, [, , side, number]: readonly string[], { focus = true } = {}): void {
  const lane = side === '2' && to.lanes.length > 1 ? 1 : 0;
  const index = (Number(number) || 1) - 1;
  to.go(lane, index, { focus: focus || index > 0, open: Number(number) > 0 });
}

function drawCrumbs(kind: string, workflow: Workflow | undefined): void {
  const here = (is: boolean) => is && html` aria-current="page"`;
  const crumbs: Markup[] = [html`<a href="#"${here(!workflow)}>Overview</a>`];
  if (workflow) {
    crumbs.push(
      html`<a href="${workflowAddress(workflow.id)}"${here(kind !== 'trace')}>${workflow.name}</a>`,
    );
    if (kind === 'trace')
      crumbs.push(
        html`<a class="last" href="${traceAddress(workflow.id)}" aria-current="page">Every request</a>`,
      );
  }
  find('#crumbs').innerHTML = html`${crumbs}`.text;
  document.title = workflow
    ? `${workflow.name}: ${workflow.verdict}`
    : `${describeAll(data).first} patternbench`;
}

function paint(): void {
  const { kind, workflow } = whereTo();
  drawnWidth = widthNow();
  const drawn =
    workflow && kind === 'workflow'
      ? drawWorkflow(workflow, data, state, drawnWidth)
      : drawOverview(data, state, drawnWidth);
  main.innerHTML = drawn.text;
}

function drawTableAgain(): void {
  find('[data-table]').innerHTML = drawTable(data, state).text;
}

document.addEventListener('click', (event) => {
  const key = around(event, '[data-sort]')?.dataset.sort as SortKey | undefined;
  if (key !== undefined) {
    const { sort } = state;
    if (sort?.key !== key) state.sort = { key, direction: 1 };
    else if (sort.direction > 0) state.sort = { key, direction: -1 };
    else delete state.sort;
    drawTableAgain();
    find(`[data-sort="${key}"]`).focus();
  }
  const unit = around(event, '[data-unit]')?.dataset.unit as Unit | undefined;
  if (unit !== undefined) {
    state.unit = unit;
    paint();
    find(`[data-unit="${unit}"]`).focus();
  }
  const advice = around(event, '[data-advice]')?.dataset.advice as Advice | '' | undefined;
  if (advice !== undefined) {
    if (advice === '') delete state.filter.advice;
    else state.filter.advice = advice;
    for (const button of findAll('[data-advice]')) {
      button.setAttribute('aria-pressed', String(button.dataset.advice === advice));
    }
    drawTableAgain();
  }
});

document.addEventListener('input', (event) => {
  if (!(event.target instanceof HTMLInputElement)) return;
  const { id, value } = event.target;
  if (id === 'filter') {
    state.filter.text = value;
    drawTableAgain();
  }
  if (id === 'runs' || id === 'tenants') {
    state[id] = Math.max(1, Math.round(Number(value)) || 1);
    find('[data-workload]').innerHTML = drawWorkload(data, state).text;
  }
});

// The whole page is drawn for another workload only when it is complete: a reader types digit by digit.
document.addEventListener('change', (event) => {
  if (!(event.target instanceof HTMLInputElement)) return;
  const { id } = event.target;
  if ((id === 'runs' || id === 'tenants') && state.unit !== 'run') paint();
});

const ofOthers = 'select, input, textarea';
const ofViewer = '.rowb, body, main, .scroller';

document.addEventListener('keydown', (event) => {
  if (!viewer || event.metaKey || event.ctrlKey || event.altKey) return;
  const active = document.activeElement;
  if (active?.matches(ofOthers) && !(event.key === 'Escape' && active.id === 'q')) return;
  const isScrolling = /^(Arrow|Page|Home$|End$)/.test(event.key);
  if (isScrolling && active && !active.matches(ofViewer)) return;
  if (viewer.press(event.key)) event.preventDefault();
});

addEventListener('resize', () => {
  if (!viewer && whereTo().kind !== 'trace' && widthNow() !== drawnWidth) paint();
});

// On paper: the overview and every workflow, whichever was on the screen.
let paper: HTMLElement | undefined;
addEventListener('beforeprint', () => {
  paper = document.createElement('div');
  paper.className = 'paper';
  paper.innerHTML =
    html`${drawOverview(data, state, 680)}${data.workflows.map((workflow) => drawWorkflow(workflow, data, state, 830))}`.text;
  document.body.append(paper);
});
addEventListener('afterprint', () => paper?.remove());

addEventListener('hashchange', () => void follow());
await follow({ isFirst: true });
