import { readFileSync } from 'node:fs';
import { bound, number, times } from '../../harness/numbers.ts';
import { html, inline, Markup, type Picture, showPicture, toMarkdownTable } from '../text/markup.ts';
import { bullets, type Part, paragraphs, present, type Table, tableOf } from '../text/table.ts';
import { verbs } from '../text/words.ts';
import type { PageData, Workflow } from './data.ts';
import { drawDumbbell, inOrder } from './view/dumbbell.ts';
import { adviceNames, capital, rightWords } from './view/marks.ts';
import { describeAll, mixesOf, monthsOf } from './view/overview.ts';
import { drawSizes } from './view/sizes.ts';
import { shown, startState } from './view/state.ts';
import { describeCauses } from './view/workflow.ts';

/** Pixels: wide enough for the names of workflows, and for a column of text on most sites. */
const widths = { overview: 1000, sizes: 720 };

/** A run to be published: Markdown, and the pictures that it shows from files beside it. */
type Article = { text: string; pictures: Picture[] };

/** What each workflow takes with both patterns, as a file. */
export function overviewPicture(data: PageData, name: string): Picture {
  const alt = `What each workflow takes with both patterns. ${describeAll(data).first}`;
  return toPicture(name, alt, drawDumbbell(data, startState(data), widths.overview));
}

/** What both patterns take at other sizes of a workflow, as a file; undefined where no other was run. */
function sizesPicture(workflow: Workflow, data: PageData, name: string): Picture | undefined {
  const { sizes } = workflow;
  if (!sizes || sizes.lines.every(({ points }) => points.length === 0)) return undefined;
  const alt = `${workflow.name}: what each pattern takes, by number of ${sizes.param}.`;
  return toPicture(name, alt, drawSizes({ ...workflow, sizes }, data, startState(data), widths.sizes));
}

/**
 * A run as an article: the answer, a picture of all workflows, a table, and why, workflow by workflow. `stem` begins the names of
 * its pictures. The same text for the same run.
 */
export function toArticle(data: PageData, stem: string): Article {
  const { first, rest } = describeAll(data);
  const overview = data.workflows.some(({ sides }) => sides.classic?.value || sides.code?.value)
    ? [overviewPicture(data, `${stem}-overview`)]
    : [];
  const sections = inOrder(data.workflows).map((workflow, at) =>
    describe(workflow, data, `${stem}-${at + 1}-sizes`),
  );
  const text = paragraphs(
    `# ${inline(first)}`,
    data.partial !== undefined && `**${inline(data.partial)}**`,
    inline(rest),
    overview.map(showPicture),
    overview.length > 0 && key(data),
    toMarkdownTable(verdictTable(data)),
    month(data),
    sections.map(({ blocks }) => blocks),
    '## How the figures came about',
    bullets(data.method.map((line) => inline(line))),
    `Model ${inline(data.model)}, ${inline(data.evidence)}. Made with patternbench.`,
  );
  return {
    text: `${text}\n`,
    pictures: [...overview, ...sections.flatMap(({ picture }) => picture ?? [])],
  };
}

const key = ({ by }: PageData) =>
  `_What one run ${verbs[by].takes}, on a logarithmic axis. ${[
    'Circle: classic, the model calls each tool.',
    'Diamond: code, the model writes a program.',
    'Filled: use this one.',
    'A cross gave no right answer.',
  ].join(' ')}_`;

function describe(workflow: Workflow, data: PageData, name: string) {
  const { params, verdict, why, changes, causes, month } = workflow;
  const picture = sizesPicture(workflow, data, name);
  const blocks: Part = [
    `## ${inline(workflow.name)}${params.length > 0 ? ` (${inline(params.join(', '))})` : ''}`,
    present(
      `**${inline(verdict)}**`,
      inline(why),
      causes && describeCauses(workflow, data, startState()),
    ).join(' '),
    picture && [
      showPicture(picture),
      '_The strip above the lines says what is recommended at each size that was run._',
    ],
    month !== undefined && `A month: ${inline(month)}.`,
    changes.length > 0 && `What would change it:\n\n${bullets(changes.map((each) => capital(inline(each))))}`,
  ];
  return { blocks, picture };
}

function verdictTable(data: PageData): Table {
  const { workflows, by } = data;
  const amountOf = ({ sides }: Workflow, side: 'classic' | 'code') => {
    const { value = null, hypothetical = false } = sides[side] ?? {};
    return value === null ? '–' : `${shown(value, by, startState())}${hypothetical ? ' *' : ''}`;
  };
  const rightOf = ({ sides }: Workflow) =>
    (['classic', 'code'] as const)
      .flatMap((side) => (sides[side] ? [`${side} ${rightWords(sides[side])}`] : []))
      .join(', ');
  const usedIn = ({ advice, sides }: Workflow) =>
    (advice === 'classic' || advice === 'code' ? sides[advice]?.variant : undefined) ??
    adviceNames[advice].toLowerCase();
  return tableOf(inOrder(workflows), [
    ['workflow', ({ name }) => inline(name)],
    ['use', usedIn, 'l'],
    ['classic', (workflow) => amountOf(workflow, 'classic')],
    ['code', (workflow) => amountOf(workflow, 'code')],
    [
      `the other ${verbs[by].takes}`,
      ({ dearerBy }) =>
        dearerBy ? `${times(dearerBy.value)}× (${bound(dearerBy.low)} to ${bound(dearerBy.high)})` : '–',
    ],
    ['answers', rightOf, 'l'],
  ]);
}

/** What all of it costs in a month, where a workload is configured. */
function month(data: PageData): string[] {
  const { workload } = data;
  if (!workload) return [];
  const table = tableOf(mixesOf(data), [
    ['pattern', ({ name, note }) => (note === '' ? name : `${name}: ${note}`)],
    ['a tenant and month', (mix) => monthsOf(mix, workload)[0] ?? ''],
    ['all tenants, a month', (mix) => monthsOf(mix, workload)[1] ?? ''],
  ]);
  return [
    '## Cost in a month',
    `${number(workload.runs)} runs of each workflow for each of ${number(workload.tenants)} tenants, each with a cold cache.`,
    toMarkdownTable(table),
  ];
}

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
 * A chart of the page as an SVG file that needs nothing else, for light and dark grounds. It is one image, so that the chart
 * has no role of its own, and links, which lead nowhere outside of the page, are plain groups. The same bytes for the same
 * chart.
 */
function toPicture(name: string, alt: string, chart: Markup): Picture {
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
