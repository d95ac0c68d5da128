import { seconds } from '../../../harness/numbers.ts';
import { html, type Markup } from '../../text/markup.ts';
import { px } from '../view/marks.ts';
import type { Pane } from './pane.ts';

const [left, right, laneHeight, gap] = [64, 78, 34, 8];

/** Both trials on one axis of modelled time. The width of a bar is the time of a request, the height its size. */
export class Timeline {
  readonly #box: HTMLElement;
  readonly #panes: readonly Pane[];
  readonly #labels: readonly string[];
  #x: (time: number) => number = () => 0;

  constructor(box: HTMLElement, panes: readonly Pane[], labels: readonly string[]) {
    this.#box = box;
    this.#panes = panes;
    this.#labels = labels;
  }

  /** `largest`: tokens of a bar of full height; the window is a line where it is lower. */
  draw(largest: number, window: number): void {
    const width = this.#box.clientWidth;
    const longest = Math.max(...this.#panes.map(({ story }) => story.seconds), 0.001);
    this.#x = (time) => left + (time / longest) * (width - left - right);
    const lanes = this.#panes.map((pane, lane) => this.#lane(pane, lane, largest, window, longest));
    const height = gap / 2 + this.#panes.length * (laneHeight + gap);
    const words = this.#panes
      .map(({ story }, lane) => `${this.#labels[lane]} ${seconds(story.seconds * 1000)}`)
      .join(', ');
    this.#box.innerHTML =
      html`<svg class="chart" width="${width}" height="${height}" role="img" aria-label="One time line of modelled model time: ${words}. Height is the size of the request.">${lanes}</svg>`.text;
  }

  #lane({ story, entry }: Pane, lane: number, largest: number, window: number, longest: number): Markup {
    const x = this.#x;
    const bottom = this.#bottom(lane);
    const heightOf = (tokens: number) => Math.max(3, Math.min(1, tokens / largest) * laneHeight);
    // One path for all requests of a kind: thousands of elements would take seconds.
    const path = (isHypothetical: boolean) => {
      const space = story.scenes.length > 150 ? 0 : 1.5;
      return story.scenes
        .filter(({ trip }) => (trip.hypothetical ?? false) === isHypothetical)
        .map(({ trip, start }) => {
          const from = px(x(start));
          const size = px(Math.max(1.2, x(start + trip.seconds) - x(start) - space));
          return `M${from} ${bottom}v${-px(heightOf(trip.bill.input))}h${size}V${bottom}`;
        })
        .join('');
    };
    const limit = px(bottom - (window / largest) * laneHeight);
    return html`<text class="lab" x="0" y="${bottom - 4}">${this.#labels[lane]}</text><line class="rule" x1="${left}" x2="${px(x(longest))}" y1="${bottom + 0.5}" y2="${bottom + 0.5}"/><g class="lane ${entry.pattern}" data-lane="${lane}"><rect class="hit" x="${left}" y="${bottom - laneHeight}" width="${px(Math.max(4, x(story.seconds) - left))}" height="${laneHeight}"/><path class="t" d="${path(false)}"/><path class="t hyp" d="${path(true)}"/></g><text class="val" x="${px(Math.max(x(story.seconds), left + 4) + 6)}" y="${bottom - 4}">${seconds(story.seconds * 1000)}</text>${window < largest && html`<line class="limit" x1="${left}" x2="${px(x(longest))}" y1="${limit}" y2="${limit}"/>`}<g data-marks="${lane}"></g>`;
  }

  #bottom(lane: number): number {
    return gap / 2 + lane * (laneHeight + gap) + laneHeight;
  }

  /** Marks the active round trip of a lane, and those that a search found. */
  mark(active: number): void {
    for (const [lane, { story, hits, scene }] of this.#panes.entries()) {
      const group = this.#box.querySelector(`[data-marks="${lane}"]`);
      if (!group) continue;
      const top = this.#bottom(lane) - laneHeight;
      const dots = [
        ...new Set(
          [...(hits?.keys() ?? [])].map((index) => px(this.#x(story.scenes[index]?.start ?? 0) + 2)),
        ),
      ];
      const current =
        lane === active &&
        scene &&
        html`<rect class="cur" x="${px(this.#x(scene.start) - 1)}" y="${top - 2}" width="${px(Math.max(4, this.#x(scene.start + scene.trip.seconds) - this.#x(scene.start) + 0.5))}" height="${laneHeight + 4}" rx="2"/>`;
      group.innerHTML =
        html`${dots.map((x) => html`<circle class="hitdot" cx="${x}" cy="${top}" r="2"/>`)}${current}`.text;
    }
  }

  /** The round trip at a place of the page; undefined beside the lanes. */
  at(event: MouseEvent): { lane: number; index: number } | undefined {
    const group = event.target instanceof Element ? event.target.closest<SVGGElement>('[data-lane]') : null;
    if (!group) return undefined;
    const lane = Number(group.dataset.lane);
    const x = event.clientX - this.#box.getBoundingClientRect().left;
    const scenes = this.#panes[lane]?.story.scenes ?? [];
    const index = scenes.findLastIndex(({ start }) => this.#x(start) <= x + 0.5);
    return index < 0 ? undefined : { lane, index };
  }
}
