import { compact, counted, number, seconds, share, usd } from '../../../harness/numbers.ts';
import { html, type Markup } from '../../text/markup.ts';
import { callsInside, type PageData, partNames, parts, type TraceEntry } from '../data.ts';
import { callsAtFirst, callsMore, drawCalls, drawDetail, preformatted, showMore } from './detail.ts';
import { around, find } from './dom.ts';
import { requestOf, type Scene, type Story } from './story.ts';

/** What a pane asks of the viewer that holds both. */
type PaneHost = {
  /** Tokens that the full width of a bar stands for. */
  scale: () => number;
  /** The row was chosen. */
  chosen: () => void;
  /** A detail was drawn. */
  drawn: () => void;
  linkTo: (index: number) => string;
};

const rowHeight = 84;
/** Pixels above and below what is seen that are drawn, too. */
const beyond = 300;
/** Characters of an exact request that are shown. */
const mostOfRequest = 300_000;

/**
 * The round trips of one trial below each other, one of them open. Rows have one height, so a row's place is arithmetic. Only
 * those that are seen are in the page.
 */
export class Pane {
  readonly story: Story;
  readonly entry: TraceEntry;
  readonly root: HTMLElement;
  active = 0;
  open = -1;
  hits: Map<number, number> | undefined;
  readonly #host: PaneHost;
  readonly #data: PageData;
  readonly #scroller: HTMLElement;
  readonly #spacer: HTMLElement;
  readonly #rows = new Map<number, HTMLElement>();
  readonly #sizes: ResizeObserver;
  readonly #own: ResizeObserver;
  #openHeight = 0;
  #frame = 0;
  #texts: string[] | undefined;

  constructor(root: HTMLElement, host: PaneHost, data: PageData, entry: TraceEntry, story: Story) {
    this.root = root;
    this.#host = host;
    this.#data = data;
    this.entry = entry;
    this.story = story;
    this.#scroller = find('.scroller', root);
    this.#spacer = find('.spacer', root);
    this.#scroller.addEventListener('scroll', () => this.#soon(), { passive: true });
    this.#scroller.addEventListener('click', (event) => this.#click(event));
    this.#sizes = new ResizeObserver(() => {
      const height = this.#spacer.querySelector<HTMLElement>('.detail')?.offsetHeight ?? 0;
      if (height === this.#openHeight) return;
      this.#openHeight = height;
      this.draw();
    });
    this.#own = new ResizeObserver(() => this.draw());
    this.#own.observe(this.#scroller);
  }

  /** Stops watching the page. */
  close(): void {
    this.#sizes.disconnect();
    this.#own.disconnect();
    cancelAnimationFrame(this.#frame);
  }

  get scene(): Scene | undefined {
    return this.story.scenes[this.active];
  }

  #top(index: number): number {
    return index * rowHeight + (this.open >= 0 && index > this.open ? this.#openHeight : 0);
  }

  #indexAt(y: number): number {
    const last = this.story.scenes.length - 1;
    const isBelow = this.open >= 0 && y > this.#top(this.open) + rowHeight;
    const flat = isBelow ? Math.max(y - this.#openHeight, this.#top(this.open)) : y;
    return Math.max(0, Math.min(last, Math.floor(flat / rowHeight)));
  }

  #soon(): void {
    this.#frame ||= requestAnimationFrame(() => {
      this.#frame = 0;
      this.draw();
    });
  }

  /** Draws the rows that are seen, and those only. */
  draw(): void {
    const count = this.story.scenes.length;
    this.#spacer.style.height = `${count * rowHeight + (this.open >= 0 ? this.#openHeight : 0)}px`;
    if (count === 0) return;
    const { scrollTop, clientHeight } = this.#scroller;
    const wanted = new Set([this.active, ...(this.open >= 0 ? [this.open] : [])]);
    const last = this.#indexAt(scrollTop + clientHeight + beyond);
    for (let index = this.#indexAt(scrollTop - beyond); index <= last; index += 1) wanted.add(index);
    for (const [index, element] of this.#rows) {
      if (wanted.has(index)) continue;
      element.remove();
      this.#rows.delete(index);
    }
    for (const index of [...wanted].sort((a, b) => a - b)) this.#place(index);
  }

  /** Draws all rows again. */
  redraw(): void {
    for (const element of this.#rows.values()) element.remove();
    this.#rows.clear();
    this.draw();
  }

  #place(index: number): void {
    const element = this.#rows.get(index) ?? this.#add(index);
    element.style.transform = `translateY(${this.#top(index)}px)`;
    element.classList.toggle('on', index === this.active);
    element.classList.toggle('dimmed', this.hits !== undefined && !this.hits.has(index));
    const button = find('.rowb', element);
    button.tabIndex = index === this.active ? 0 : -1;
    button.setAttribute('aria-expanded', String(index === this.open));
    const hits = this.hits?.get(index) ?? 0;
    find('.hitn', element).textContent = hits > 0 ? counted(hits, 'hit') : '';
  }

  #add(index: number): HTMLElement {
    const element = document.createElement('div');
    element.className = 'row';
    element.setAttribute('role', 'listitem');
    element.setAttribute('aria-setsize', String(this.story.scenes.length));
    element.setAttribute('aria-posinset', String(index + 1));
    element.dataset.index = String(index);
    element.innerHTML = this.#row(this.story.scenes[index] as Scene).text;
    const after = [...this.#rows.keys()].filter((key) => key > index).sort((a, b) => a - b)[0];
    this.#rows.set(index, element);
    this.#spacer.insertBefore(element, after === undefined ? null : (this.#rows.get(after) ?? null));
    if (index === this.open) this.#fill(element, index);
    return element;
  }

  #row({ trip, index, came, went, grown, start }: Scene): Markup {
    const scale = this.#host.scale();
    const { window } = this.#data;
    const isOver = this.story.trace.overflow?.roundTrip === index + 1;
    const bar = parts.map((part, at) => {
      const tokens = trip.prompt[at] ?? 0;
      return tokens > 0
        ? html`<span class="seg-${part}" style="width:${((tokens / scale) * 100).toFixed(3)}%"></span>`
        : '';
    });
    const listed = parts.flatMap((part, at) =>
      trip.prompt[at] ? [`${partNames[part]} ${number(trip.prompt[at] ?? 0)}`] : [],
    );
    return html`<button class="rowb${trip.hypothetical && ' hyp'}" tabindex="-1" aria-expanded="false">
<span class="n">${index + 1}</span><span class="came"><b>${came}</b> <i>${grown < 0 ? '−' : '+'}${number(Math.abs(grown))}</i></span><span class="cost">${trip.usd === null ? 'unpriced' : usd(trip.usd)}</span>
<span class="gauge" title="${listed.join(' · ')}"><span class="track">${bar}${window < scale && html`<span class="limit" style="left:${((window / scale) * 100).toFixed(2)}%"></span>`}</span></span><span class="full">${trip.bill.input < 10_000 ? number(trip.bill.input) : compact(trip.bill.input)} <i>${share(trip.bill.input / window)}</i></span>
<span class="went"><span>${isOver ? html`<em>does not fit the window${trip.hypothetical && '; from here on hypothetical'}</em>` : `${trip.hypothetical ? 'would have ' : ''}${went}`}</span><span class="hitn"></span></span><span class="at">${seconds(start * 1000)}</span></button>`;
  }

  #fill(element: HTMLElement, index: number): void {
    const detail = document.createElement('div');
    detail.className = 'detail';
    detail.innerHTML = drawDetail(this.story, this.story.scenes[index] as Scene, this.entry).text;
    find<HTMLAnchorElement>('[data-link]', detail).href = this.#host.linkTo(index);
    element.append(detail);
    this.#sizes.disconnect();
    this.#sizes.observe(detail);
    this.#openHeight = detail.offsetHeight;
    this.#host.drawn();
  }

  /** Makes a round trip the active one and brings it into sight. */
  go(to: number, { focus = true } = {}): void {
    this.active = Math.max(0, Math.min(this.story.scenes.length - 1, to));
    const y = this.#top(this.active);
    const { scrollTop, clientHeight } = this.#scroller;
    if (y < scrollTop) this.#scroller.scrollTop = y;
    else if (y + rowHeight > scrollTop + clientHeight)
      this.#scroller.scrollTop = y + rowHeight - clientHeight + 8;
    this.draw();
    if (focus)
      this.#rows.get(this.active)?.querySelector<HTMLElement>('.rowb')?.focus({ preventScroll: true });
    this.#host.chosen();
  }

  /** Opens a round trip, or closes it; one is open at a time. */
  toggle(index: number, isWanted = this.open !== index): void {
    this.#rows.get(this.open)?.querySelector('.detail')?.remove();
    this.#openHeight = 0;
    this.open = isWanted ? index : -1;
    this.draw();
    if (!isWanted) return;
    const element = this.#rows.get(index);
    if (element && !element.querySelector('.detail')) this.#fill(element, index);
    this.draw();
    const top = this.#top(index);
    const { scrollTop, clientHeight } = this.#scroller;
    const isCut = top + rowHeight + Math.min(this.#openHeight, 300) > scrollTop + clientHeight;
    if (top < scrollTop || isCut) this.#scroller.scrollTop = top;
    this.draw();
  }

  /** Looks for a text in all messages and calls; empty ends the search. */
  search(wanted: string): void {
    this.hits = undefined;
    if (wanted !== '') {
      // As it stands in JSON, where messages are kept.
      const needle = JSON.stringify(wanted.toLowerCase()).slice(1, -1);
      this.#texts ??= this.story.scenes.map((scene) => searchable(this.story, scene));
      this.hits = new Map(
        this.#texts.flatMap((text, index) => {
          const count = countOf(text, needle);
          return count > 0 ? [[index, count]] : [];
        }),
      );
    }
    this.draw();
  }

  /** Brings a place inside the open round trip into sight. */
  reveal(range: Range): void {
    const element = range.startContainer.parentElement;
    for (let folded = element?.closest<HTMLDetailsElement>('details:not([open])'); folded; ) {
      folded.open = true;
      folded = folded.parentElement?.closest<HTMLDetailsElement>('details:not([open])') ?? null;
    }
    const text = element?.closest('pre');
    if (text) text.scrollTop += range.getBoundingClientRect().top - text.getBoundingClientRect().top - 80;
    const place = range.getBoundingClientRect();
    const box = this.#scroller.getBoundingClientRect();
    if (place.top > box.bottom - 60 || place.top < box.top)
      this.#scroller.scrollTop += place.top - box.top - 140;
  }

  #click(event: Event): void {
    const button = around(event, 'button, [data-link]');
    if (!button) return;
    const { more, calls, exact, link } = button.dataset;
    if (button.classList.contains('rowb')) {
      const index = Number(button.parentElement?.dataset.index);
      this.go(index, { focus: false });
      this.toggle(index);
    } else if (more !== undefined) {
      showMore(button);
      this.#host.drawn();
    } else if (calls !== undefined) {
      this.#showCalls(button);
    } else if (exact !== undefined) {
      this.#showRequest(Number(exact));
    } else if (link !== undefined) {
      void navigator.clipboard?.writeText((button as HTMLAnchorElement).href).catch(() => {});
    }
  }

  #showCalls(button: HTMLElement): void {
    const section = button.closest<HTMLElement>('[data-program]');
    if (!section) return;
    const from = Number(button.dataset.from);
    const { calls = [] } = this.story.scenes[Number(button.dataset.calls)] ?? {};
    const all = callsInside({ sha256: section.dataset.program ?? '' }, calls);
    const next = Math.max(from, callsAtFirst) + callsMore;
    find('.calls', section).insertAdjacentHTML('beforeend', html`${drawCalls(all, from, next)}`.text);
    if (next >= all.length) button.remove();
    else button.dataset.from = String(next);
  }

  #showRequest(index: number): void {
    const box = find('.exact', this.#spacer);
    if (box.innerHTML !== '') {
      box.innerHTML = '';
      return;
    }
    const json = JSON.stringify(requestOf(this.story.trace, index), null, 1);
    const isCut = json.length > mostOfRequest;
    box.innerHTML =
      html`<p class="fn">${number(json.length)} characters. Everything sent before is part of it.${isCut && ` The first ${number(mostOfRequest)} are shown.`}</p>${preformatted(json.slice(0, mostOfRequest))}`.text;
  }
}

/** What is searched of a round trip: its messages and calls, in small letters. */
function searchable({ trace }: Story, { trip, index, calls }: Scene): string {
  const nested = calls
    .filter(({ program }) => program !== undefined)
    .map(({ tool, arguments: given }) => [tool, given]);
  const head = index === 0 ? [trace.head.system, trace.head.tools] : [];
  return JSON.stringify([
    trip.added,
    trip.wrote,
    nested,
    head,
    trip.programs.map(({ error }) => error ?? ''),
  ]).toLowerCase();
}

function countOf(text: string, needle: string): number {
  let count = 0;
  for (let at = text.indexOf(needle); at >= 0 && count < 999; at = text.indexOf(needle, at + needle.length))
    count += 1;
  return count;
}
