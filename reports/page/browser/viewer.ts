import { compact, counted, number, usd } from '../../../harness/numbers.ts';
import { type Content, html, type Markup } from '../../text/markup.ts';
import { type PageData, partNames, parts, type TraceEntry, type Workflow } from '../data.ts';
import { glyph, tick } from '../view/marks.ts';
import { traceAddress, workflowAddress } from '../view/state.ts';
import { showAround } from './detail.ts';
import { around, find, findAll } from './dom.ts';
import { Pane } from './pane.ts';
import type { Story } from './story.ts';
import { Timeline } from './timeline.ts';

export type Lane = { entry: TraceEntry; story: Story };

/** Most places that are coloured at a time. */
const mostHighlighted = 500;

/** Two trials beside each other, request by request. */
export class Viewer {
  readonly workflow: Workflow;
  readonly lanes: readonly Lane[];
  lane = 0;
  readonly #data: PageData;
  readonly #main: HTMLElement;
  readonly #panes: Pane[];
  readonly #timeline: Timeline;
  readonly #stop = new AbortController();
  #against: 'largest' | 'window' = 'largest';
  #wanted = '';
  #waiting: ReturnType<typeof setTimeout> | undefined;
  #hit: [lane: number, index: number] | undefined;

  constructor(main: HTMLElement, data: PageData, workflow: Workflow, lanes: readonly Lane[]) {
    this.#main = main;
    this.#data = data;
    this.workflow = workflow;
    this.lanes = lanes;
    main.innerHTML = this.#frame().text;
    const roots = findAll('.pane', main);
    this.#panes = lanes.map(
      ({ entry, story }, lane) =>
        new Pane(
          roots[lane] as HTMLElement,
          {
            scale: () => this.#scale(),
            chosen: () => this.#choose(lane),
            drawn: () => this.#highlight(),
            linkTo: (index) => this.#address(lane, index),
          },
          data,
          entry,
          story,
        ),
    );
    this.#timeline = new Timeline(find('.strip', main), this.#panes, nameLanes(lanes));
    this.#listen();
    this.#drawTimeline();
  }

  #listen(): void {
    const { signal } = this.#stop;
    const box = find<HTMLInputElement>('#q', this.#main);
    box.addEventListener('input', () => {
      clearTimeout(this.#waiting);
      this.#waiting = setTimeout(() => this.#search(box.value.trim()), 120);
    });
    box.addEventListener('keydown', (event) => {
      if (event.key !== 'Enter') return;
      event.preventDefault();
      clearTimeout(this.#waiting);
      if (box.value.trim() !== this.#wanted) this.#search(box.value.trim());
      this.#nextHit(event.shiftKey ? -1 : 1);
    });
    this.#main.addEventListener(
      'change',
      (event) => {
        if (event.target instanceof HTMLSelectElement) this.#pick(event.target);
      },
      { signal },
    );
    this.#main.addEventListener('click', (event) => this.#click(event), { signal });
    addEventListener('resize', () => this.#drawTimeline(), { signal });
  }

  /** Leaves the page to others. */
  close(): void {
    this.#stop.abort();
    clearTimeout(this.#waiting);
    for (const pane of this.#panes) pane.close();
  }

  #address(lane: number, index: number): string {
    const keys = this.lanes.map(({ entry }) => entry.key);
    return traceAddress(this.workflow.id, keys, { side: lane, index });
  }

  #scale(): number {
    return this.#against === 'window'
      ? this.#data.window
      : Math.max(...this.lanes.map(({ story }) => story.largest));
  }

  get #pane(): Pane {
    return this.#panes[this.lane] as Pane;
  }

  #pick(select: HTMLSelectElement): void {
    if (select.id === 'pick') {
      location.hash = traceAddress(select.value);
      return;
    }
    const changed = Number(select.dataset.pick);
    const keys = this.lanes.map(({ entry }, lane) => (lane === changed ? select.value : entry.key));
    location.hash = traceAddress(this.workflow.id, keys, { side: changed, index: 0 });
  }

  #click(event: MouseEvent): void {
    const against = around(event, '[data-against]')?.dataset.against;
    if (against === 'largest' || against === 'window') {
      this.#against = against;
      for (const button of findAll('[data-against]', this.#main)) {
        button.setAttribute('aria-pressed', String(button.dataset.against === against));
      }
      for (const pane of this.#panes) pane.redraw();
      this.#drawTimeline();
    }
    const tab = around(event, '[data-tab]')?.dataset.tab;
    if (tab !== undefined) this.show(Number(tab));
    const found = this.#timeline.at(event);
    if (found) this.go(found.lane, found.index, { focus: false });
  }

  #drawTimeline(): void {
    const scale = this.#scale();
    this.#timeline.draw(scale, this.#data.window);
    find('.legend .lim', this.#main).hidden = !(this.#data.window < scale);
    this.#timeline.mark(this.lane);
  }

  #choose(lane: number): void {
    if (lane !== this.lane) this.show(lane);
    history.replaceState(null, '', this.#address(lane, this.#pane.active));
    this.#timeline.mark(this.lane);
  }

  /** Makes a side the active one; on a telephone the other is hidden. */
  show(lane: number): void {
    this.lane = lane;
    for (const [at, { root }] of this.#panes.entries()) root.classList.toggle('here', at === lane);
    for (const button of findAll('[data-tab]', this.#main)) {
      button.setAttribute('aria-pressed', String(Number(button.dataset.tab) === lane));
    }
    this.#pane.draw();
    this.#timeline.mark(lane);
  }

  /** Goes to a round trip; `open` shows all of it. */
  go(lane: number, index: number, { focus = true, open = false } = {}): void {
    this.show(lane);
    this.#pane.go(index, { focus });
    if (open) this.#pane.toggle(this.#pane.active, true);
  }

  #search(wanted: string): void {
    this.#wanted = wanted;
    this.#hit = undefined;
    for (const pane of this.#panes) pane.search(wanted);
    const found = this.#panes.map(
      ({ hits }, lane) => `${counted(hits?.size ?? 0, 'round trip')} of ${this.lanes[lane]?.entry.variant}`,
    );
    find('#found', this.#main).textContent = wanted === '' ? '' : found.join(', ');
    this.#timeline.mark(this.lane);
    this.#highlight();
  }

  #nextHit(direction: 1 | -1): void {
    const all = this.#panes.flatMap(({ hits }, lane) =>
      [...(hits?.keys() ?? [])].sort((a, b) => a - b).map((index): [number, number] => [lane, index]),
    );
    if (all.length === 0) return;
    const last = this.#hit ?? (direction > 0 ? [-1, -1] : [0, 0]);
    const at = all.findIndex(([lane, index]) => lane === last[0] && index === last[1]);
    const next = all[(at + direction + all.length) % all.length] as [number, number];
    this.#hit = next;
    const isSearching = document.activeElement?.id === 'q';
    this.go(...next, { focus: !isSearching, open: true });
    const first = this.#highlight().find((range) => this.#pane.root.contains(range.startContainer));
    if (first) this.#pane.reveal(first);
  }

  /** Colours what was searched for where it is shown, without touching the text. */
  #highlight(): Range[] {
    const ranges: Range[] = [];
    const wanted = this.#wanted.toLowerCase();
    if (wanted !== '') {
      for (const detail of findAll('.detail', this.#main)) {
        for (const text of findAll('pre[data-long]', detail)) showAround(text, wanted);
        const walker = document.createTreeWalker(detail, NodeFilter.SHOW_TEXT);
        for (
          let node = walker.nextNode();
          node && ranges.length < mostHighlighted;
          node = walker.nextNode()
        ) {
          const text = (node.textContent ?? '').toLowerCase();
          for (let at = text.indexOf(wanted); at >= 0; at = text.indexOf(wanted, at + wanted.length)) {
            const range = new Range();
            range.setStart(node, at);
            range.setEnd(node, at + wanted.length);
            ranges.push(range);
          }
        }
      }
    }
    if (typeof Highlight !== 'undefined') CSS.highlights.set('found', new Highlight(...ranges));
    return ranges;
  }

  /** Whether a key was one of the viewer's. */
  press(key: string): boolean {
    const pane = this.#pane;
    const steps: Record<string, number> = {
      j: 1,
      ArrowDown: 1,
      k: -1,
      ArrowUp: -1,
      PageDown: 10,
      PageUp: -10,
      Home: Number.NEGATIVE_INFINITY,
      End: Number.POSITIVE_INFINITY,
    };
    const step = steps[key];
    if (step !== undefined) pane.go(pane.active + step);
    else if (key === 'h' || key === 'ArrowLeft') this.go(0, this.#panes[0]?.active ?? 0);
    else if (key === 'l' || key === 'ArrowRight') this.go(1, this.#panes[1]?.active ?? 0);
    else if (key === 'n' || key === 'N') this.#nextHit(key === 'N' ? -1 : 1);
    else if (key === '/') find('#q', this.#main).focus();
    else if (key === 'Enter' && document.activeElement?.matches('body, main, .scroller')) {
      pane.go(pane.active);
      pane.toggle(pane.active);
    } else if (key === 'Escape') this.#escape(pane);
    else return false;
    return true;
  }

  #escape(pane: Pane): void {
    const box = find<HTMLInputElement>('#q', this.#main);
    if (document.activeElement === box || this.#wanted !== '') {
      box.value = '';
      this.#search('');
      pane.go(pane.active);
    } else if (pane.open >= 0) pane.toggle(pane.open, false);
    else location.hash = workflowAddress(this.workflow.id);
  }

  #frame(): Markup {
    const { name, id } = this.workflow;
    const { workflows, window } = this.#data;
    return html`<section class="trace"><h1 class="vh">Every request of ${name}</h1>
<div class="tools"><label class="vh" for="pick">Workflow</label><select id="pick">${workflows.map((workflow) => html`<option value="${workflow.id}"${workflow.id === id && html` selected`}>${workflow.name}</option>`)}</select>
<div class="find"><label class="vh" for="q">Search inside messages</label><input id="q" type="search" placeholder="Search inside messages" autocomplete="off" spellcheck="false"><kbd>/</kbd></div><output id="found" aria-live="polite"></output>
<div class="seg scale" role="group" aria-label="Bars against"><button data-against="largest" aria-pressed="true">largest request</button><button data-against="window" aria-pressed="false">window ${compact(window)}</button></div>
<div class="seg tabs" role="group" aria-label="Side">${this.lanes.map(({ entry }, lane) => html`<button data-tab="${lane}" aria-pressed="${String(lane === 0)}">${entry.variant}</button>`)}</div></div>
<div class="strip"></div>
<ul class="legend">${parts.flatMap((part, at) => (this.#occurs(at) ? [html`<li><i class="seg-${part}"></i>${partNames[part]}</li>`] : []))}<li class="lim"><i class="limit"></i>the window, ${compact(window)}</li></ul>
<div class="panes">${this.lanes.map(({ entry }, lane) => html`<section class="pane" data-pattern="${entry.pattern}" aria-label="${lane === 0 ? 'Left' : 'Right'}: ${entry.variant}">${this.#head(entry, lane)}<div class="scroller" tabindex="-1"><div class="spacer" role="list"></div></div></section>`)}</div>
<p class="keys"><span><kbd>j</kbd><kbd>k</kbd> next, previous</span><span><kbd>h</kbd><kbd>l</kbd> left, right</span><span><kbd>Enter</kbd> open</span><span><kbd>/</kbd> search</span><span><kbd>n</kbd> next hit</span><span><kbd>Esc</kbd> close, back</span></p></section>`;
  }

  /** Whether a part, by its place in `parts`, is in any request. */
  #occurs(at: number): boolean {
    return this.lanes.some(({ story }) => story.scenes.some(({ trip }) => (trip.prompt[at] ?? 0) > 0));
  }

  #head(entry: TraceEntry, lane: number): Markup {
    const { traces, sides, advice } = this.workflow;
    const isUsed = (advice === 'classic' || advice === 'code') && sides[advice]?.variant === entry.variant;
    const isHypothetical = this.lanes[lane]?.story.scenes.some(({ trip }) => trip.hypothetical);
    const options = traces
      .filter(({ blocks }) => blocks)
      .map(
        (each) =>
          html`<option value="${each.key}"${each.key === entry.key && html` selected`}>${nameOf(each)}</option>`,
      );
    const answer: Content =
      entry.right === null
        ? 'not measured'
        : html`${tick(entry.right)} ${entry.right ? 'right' : isHypothetical ? 'no answer' : 'not right'}`;
    return html`<header>${glyph(entry.pattern, isUsed)} <label><span class="vh">${lane === 0 ? 'Left' : 'Right'} trial</span><select data-pick="${lane}">${options}</select></label> <span>${counted(entry.roundTrips, 'round trip')}, ${entry.usd === null ? 'unpriced' : usd(entry.usd)}${isHypothetical && ' hypothetical'}</span> <span class="ans">${answer}</span></header>`;
  }
}

function nameOf({ variant, repeat, isBefore }: TraceEntry): string {
  return `${variant}${repeat === 1 ? '' : `, trial ${number(repeat)}`}${isBefore ? ', before' : ''}`;
}

/** What tells the two trials apart in a word: pattern, run, or the side on which they stand. */
function nameLanes(lanes: readonly Lane[]): string[] {
  const [first, second] = lanes.map(({ entry }) => entry);
  if (first?.pattern !== second?.pattern) return lanes.map(({ entry }) => entry.pattern);
  if (first?.isBefore !== second?.isBefore)
    return lanes.map(({ entry }) => (entry.isBefore ? 'before' : 'after'));
  return ['left', 'right'];
}
