import { readFileSync } from 'node:fs';
import { html, Markup, type Picture } from '../text/markup.ts';

/** Pixels around a chart: on a page it has those of the page. */
const edge = 16;

const declared = /--([\w-]+):\s*([^;]+);/g;

/** The colours and fonts of pages: first those of light screens, then all of dark ones. */
function readVariables(): [light: Map<string, string>, dark: Map<string, string>] {
  const [light = '', dark = ''] = read('colours').split('@media');
  const found = (text: string) =>
    [...text.matchAll(declared)].map(([, name = '', value = '']) => [name, value] as const);
  return [new Map(found(light)), new Map([...found(light), ...found(dark)])];
}

function read(name: string): string {
  return readFileSync(new URL(`style/${name}.css`, import.meta.url), 'utf8');
}

/** The style of charts, with each variable replaced by its value: not every viewer of SVG knows variables. */
function chartStyle(): string {
  const rules = `.ground{fill:var(--bg)}${read('chart').replace(/\s+/g, ' ')}`;
  const [light, dark] = readVariables().map((values) =>
    rules.replace(/var\(--([\w-]+)\)/g, (_, name: string) => values.get(name) ?? ''),
  );
  return `${light}@media (prefers-color-scheme:dark){${dark}}`;
}

/**
 * A chart of the page as an SVG file that needs nothing else, for light and dark grounds. It is one image, so that the chart has no role
 * of its own, and links, which lead nowhere outside of the page, are plain groups. The same bytes for the same chart.
 */
export function toPicture(name: string, alt: string, chart: Markup): Picture {
  const [, width, height] = /^<svg [^>]*?width="([\d.]+)" height="([\d.]+)"/.exec(chart.text) ?? [];
  if (width === undefined) throw new Error(`${name} is no chart.`);
  const [across, down] = [Number(width) + 2 * edge, Math.ceil(Number(height)) + 2 * edge];
  const inner = chart.text
    .replace(/ role="\w+"/, '')
    .replaceAll(/<a href="[^"]*"/g, '<g')
    .replaceAll('</a>', '</g>');
  const { text } =
    html`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${across} ${down}" width="${across}" height="${down}" role="img">
<title>${alt}</title>
<style>${new Markup(chartStyle())}</style>
<rect class="ground" width="100%" height="100%"/>
<g transform="translate(${edge} ${edge})">${new Markup(inner)}</g>
</svg>
`;
  return { name, alt, svg: text };
}
