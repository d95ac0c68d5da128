import { usd } from '../../../harness/numbers.ts';
import { html, type Markup } from '../../text/markup.ts';
import type { PageData, Side, Workflow } from '../data.ts';
import type { State } from './state.ts';

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
