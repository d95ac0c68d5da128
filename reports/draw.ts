import type { TopLevelSpec } from 'vega-lite';

/** One colour a pattern, in shades where several variants of it are drawn; readable for colour-blind people. */
const shades: Record<string, string[]> = {
  classic: ['#c2500a', '#e58a3a', '#8f3a05', '#f0b27a', '#6b2b04'],
  code: ['#1f5fbf', '#6a9be0', '#123d80', '#a3c3ee'],
  hybrid: ['#6b3fa0'],
};

/** A colour for each variant, in the order given. */
export function variantColours(variants: readonly { variant: string; pattern: string }[]): string[] {
  const used: Record<string, number> = {};
  return variants.map(({ pattern }) => {
    const at = used[pattern] ?? 0;
    used[pattern] = at + 1;
    const own = shades[pattern] ?? ['#444444'];
    return own[at % own.length] ?? '#444444';
  });
}

const font = 'system-ui, "Segoe UI", Helvetica, Arial, sans-serif';

/** What all charts look like. */
export const look = {
  background: '#ffffff',
  padding: 12,
  font,
  title: { anchor: 'start', fontSize: 15, subtitleFontSize: 12, subtitleColor: '#555555', offset: 14 },
  axis: {
    labelFontSize: 11,
    titleFontSize: 12,
    titleFontWeight: 'normal',
    gridColor: '#ececec',
    domainColor: '#999999',
    tickColor: '#999999',
    titlePadding: 8,
  },
  view: { stroke: null },
} as const;

/** Values to mark on a logarithmic axis: decades, with twos and fives between where there are few of them. */
export function logTicks(values: readonly number[]): number[] {
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const decades = Math.log10(high / low);
  const steps = decades <= 2.2 ? [1, 2, 5] : [1];
  const ticks: number[] = [];
  for (let power = Math.floor(Math.log10(low)); power <= Math.ceil(Math.log10(high)); power += 1) {
    for (const step of steps) ticks.push(Number((step * 10 ** power).toPrecision(1)));
  }
  return ticks.filter((tick) => tick >= low * 0.99 && tick <= high * 1.01);
}

/** Renders a Vega-Lite specification as an SVG document, without a browser. */
export async function toSvg(spec: TopLevelSpec): Promise<string> {
  // Loaded here alone: the libraries take a third of a second, and most commands draw nothing.
  const [{ compile }, vega] = await Promise.all([import('vega-lite'), import('vega')]);
  const view = new vega.View(vega.parse(compile(spec).spec), { renderer: 'none' });
  try {
    return await view.toSVG();
  } finally {
    view.finalize();
  }
}
