import { number, usd } from '../../../harness/numbers.ts';
import { type Content, html, htmlList, Markup } from '../../text/markup.ts';
import type { PageData, Side, Workflow } from '../data.ts';
import { drawDumbbell } from './dumbbell.ts';
import { adviceWords, glyph } from './marks.ts';
import { type State, traceAddress, units } from './state.ts';
import { drawTable } from './table.ts';

const numerals = 'no one two three four five six seven eight nine ten eleven twelve'.split(' ');
const inWords = (count: number) => numerals[count] ?? number(count);

/** The answer in a sentence, and what else is to be known at once. */
export function describeAll({ workflows, trials }: PageData): { first: string; rest: string } {
  const of = (advice: Workflow['advice']) => workflows.filter((workflow) => workflow.advice === advice);
  const most = of('code').length >= of('classic').length ? 'code' : 'classic';
  const [own, all] = [of(most).length, workflows.length];
  const noun = all === 1 ? 'workflow' : 'workflows';
  const first =
    all === 0
      ? 'Nothing has been run yet.'
      : own === 0
        ? `No pattern is recommended for ${all === 1 ? 'this' : `these ${inWords(all)}`} ${noun}.`
        : own === all
          ? `Use ${most} for ${all === 1 ? (workflows[0]?.name ?? '') : `all ${inWords(all)} ${noun}`}.`
          : `Use ${most} for ${inWords(own)} of ${inWords(all)} ${noun}.`;
  const name = (found: Workflow[]) =>
    found.length > 3 ? inWords(found.length) : found.map((workflow) => workflow.name).join(', ');
  const rest = (['classic', 'code', 'either', 'neither', 'insufficient', 'outstanding'] as const).flatMap(
    (advice) => {
      const found = of(advice);
      return advice === most || found.length === 0 ? [] : [`${adviceWords[advice]}: ${name(found)}.`];
    },
  );
  return { first, rest: [...rest, `${trials}.`].join(' ') };
}

/** The page that is seen first: verdicts as picture and table, cost in a month, what figures rest on. */
export function drawOverview(data: PageData, state: State, width: number): Markup {
  const { first, rest } = describeAll(data);
  const { by, method, partial, more, workflows } = data;
  return html`<section class="wrap overview">
<h1>${first}</h1><p class="lead">${rest}</p>
${partial !== undefined && html`<p class="notice">${partial}</p>`}
<div class="bar-tools"><p class="key">${glyph('classic', false)} <b>classic</b>: the model calls each tool ${glyph('code', false)} <b>code</b>: the model writes a program. <b>Filled: use this one.</b></p>
<div class="seg" role="group" aria-label="Amounts for">${Object.entries(units).map(([unit, words]) => html`<button data-unit="${unit}" aria-pressed="${String(unit === state.unit)}">${words}</button>`)}</div></div>
<figure data-chart="dumbbell">${drawDumbbell(data, state, width)}<figcaption>${captions[by]} The axis is logarithmic: equal distances are equal ratios. A cross gave no right answer; what it would have taken is dashed.</figcaption></figure>
${workflows.length > 1 && drawFilter(data, state)}
<div data-table>${drawTable(data, state)}</div>
<section class="trust"><h2>Cost in a month</h2>
<p class="sub"><label>Runs of each workflow, per tenant: <input id="runs" type="number" min="1" step="1" value="${state.runs}"></label> <label>Tenants: <input id="tenants" type="number" min="1" step="1" value="${state.tenants}"></label></p>
<div data-workload>${drawWorkload(data, state)}</div><p class="fn">Each run begins with a cold cache. <code>patternbench report --runs</code> also reckons with a warm one.</p></section>
${faults(data)}
<section class="trust"><h2>Before you rely on this</h2>${htmlList(method)}</section>
${new Markup(more)}
</section>`;
}

const captions = {
  cost: 'Cost in dollars, with prompt caching where that is cheaper.',
  tokens: 'Billed tokens of all requests.',
  latency: 'The model’s time, modelled.',
};

function drawFilter({ workflows }: PageData, { filter }: State): Markup {
  const advices = [...new Set(workflows.map(({ advice }) => advice))];
  const button = (advice: Workflow['advice'] | undefined, words: string) =>
    html`<button data-advice="${advice ?? ''}" aria-pressed="${String(filter.advice === advice)}">${words}</button>`;
  return html`<div class="bar-tools filter"><label class="find"><span class="vh">Filter workflows</span><input id="filter" type="search" placeholder="Filter workflows" autocomplete="off" spellcheck="false" value="${filter.text}"></label>
<div class="seg" role="group" aria-label="Show">${button(undefined, 'All')}${advices.map((advice) => button(advice, adviceWords[advice]))}</div></div>`;
}

/** Which of the variants that verdicts compare were not right, and why. */
function faults({ workflows }: PageData): Content {
  const found = workflows.flatMap(({ id, name, sides }) =>
    (['classic', 'code'] as const).flatMap((key, at) => {
      const side = sides[key];
      if (side?.fault === undefined) return [];
      const keys = [sides.classic, sides.code].map((each) => each?.variant ?? '');
      const place = traceAddress(id, keys, { side: at, index: (side.faultAt ?? 1) - 1 });
      return [{ name, place, variant: side.variant, fault: side.fault }];
    }),
  );
  if (found.length === 0)
    return html`<section class="note"><h2>Not right</h2><p>No variant that a verdict compares gave a wrong answer.</p></section>`;
  return html`<section class="note bad"><h2>Not right <span class="count">${found.length}</span></h2>${found.map(
    ({ name, place, variant, fault }) => html`<p><a href="${place}">${name}, ${variant}</a><br>${fault}</p>`,
  )}</section>`;
}

/** A way to give workflows their patterns: what one run of each costs in USD, null where that is not possible. */
type Mix = { name: string; usd: number | null; note: string };

/** What one run of all workflows costs: as recommended here, and with one pattern for all. */
export function mixesOf({ workflows }: PageData): Mix[] {
  return [
    mix('As recommended here', workflows, recommendedSide),
    mix('Classic for all', workflows, ({ sides }) => sides.classic),
    mix('Code for all', workflows, ({ sides }) => sides.code),
  ];
}

/** What that is in a month, for one tenant and for all. */
export function monthsOf({ usd: amount }: Mix, { runs, tenants }: Pick<State, 'runs' | 'tenants'>): string[] {
  return [runs, runs * tenants].map((factor) => (amount === null ? 'not possible' : usd(amount * factor)));
}

/** What all workflows cost in a month, as a table. */
export function drawWorkload(data: PageData, state: State): Markup {
  return html`<table class="figures"><caption class="vh">Cost of all workflows in a month</caption><thead><tr><th><span class="vh">Pattern</span></th><th scope="col" class="num">A tenant and month</th><th scope="col" class="num">All tenants, a month</th></tr></thead><tbody>${mixesOf(
    data,
  ).map(
    (each) =>
      html`<tr><th scope="row">${each.name}${each.note !== '' && html`<small>${each.note}</small>`}</th>${monthsOf(each, state).map((text) => html`<td class="num">${text}</td>`)}</tr>`,
  )}</tbody></table>`;
}

/** What a client pays that follows the verdict; of sides that cost the same, the cheaper one. */
function recommendedSide({ advice, sides }: Workflow): Side | undefined {
  if (advice === 'classic' || advice === 'code') return sides[advice];
  if (advice === 'neither') return undefined;
  const usable = [sides.classic, sides.code].flatMap((side) =>
    side && !side.failed && side.usd !== null ? [side] : [],
  );
  return usable.sort((a, b) => (a.usd ?? 0) - (b.usd ?? 0))[0];
}

/** One run of each workflow; null where a workflow has no right answer that way, or no price. */
function mix(
  name: string,
  workflows: readonly Workflow[],
  choose: (workflow: Workflow) => Side | undefined,
): Mix {
  const costs = workflows.map((workflow) => {
    const side = choose(workflow);
    return side && !side.failed ? side.usd : null;
  });
  const missing = costs.filter((cost) => cost === null).length;
  if (missing === 0)
    return { name, usd: costs.reduce<number>((sum, cost) => sum + (cost ?? 0), 0), note: '' };
  return {
    name,
    usd: null,
    note: `${missing === 1 ? 'one workflow has' : `${missing} workflows have`} no right answer or no price that way`,
  };
}
