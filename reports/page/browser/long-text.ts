import { number } from '../../../harness/numbers.ts';
import { type Content, html, type Markup } from '../../text/markup.ts';

/** Characters of a text that are shown at first, and by one press more. */
const atFirst = 3_000;
const more = 100_000;

const texts: string[] = [];

/** A text as it stands in a message. Of a long one the beginning, and a button that shows more. */
export function preformatted(text: string, note?: Content): Markup {
  if (text.length <= atFirst) return html`<pre tabindex="0">${text}${note}</pre>`;
  const id = texts.push(text) - 1;
  return html`<pre tabindex="0" data-long="${id}">${text.slice(0, atFirst)}${moreButton(id, atFirst)}${note}</pre>`;
}

function moreButton(id: number, from: number): Content {
  const left = (texts[id]?.length ?? 0) - from;
  if (left <= 0) return false;
  const words =
    left > more
      ? `${number(more)} of ${number(left)} more characters`
      : `the other ${number(left)} characters`;
  return html`<button class="more" data-more="${id}" data-from="${from}">Show ${words}</button>`;
}

/** Shows more of the text that a button belongs to. */
export function showMore(button: HTMLElement): void {
  const [id, from] = [Number(button.dataset.more), Number(button.dataset.from)];
  const shownNow = html`${(texts[id] ?? '').slice(from, from + more)}${moreButton(id, from + more)}`;
  button.insertAdjacentHTML('beforebegin', shownNow.text);
  button.remove();
}

/** Shows the text around what was searched for, where that is further in than what is shown. */
export function showAround(element: HTMLElement, wanted: string): void {
  const id = Number(element.dataset.long);
  const text = texts[id] ?? '';
  if (element.textContent.toLowerCase().includes(wanted)) return;
  const at = text.toLowerCase().indexOf(wanted);
  if (at < 0) return;
  const from = Math.max(0, at - 400);
  element.innerHTML =
    html`<span class="skipped">${number(from)} characters before this</span>${text.slice(from, at + 2000)}${moreButton(id, at + 2000)}`.text;
}

/** JSON over several lines; any other text as it is. */
export function indented(text: string): string {
  if (!/^\s*[[{]/.test(text)) return text;
  try {
    return JSON.stringify(JSON.parse(text), null, 1);
  } catch {
    return text;
  }
}
