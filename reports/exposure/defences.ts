import { number, share, signed } from '../../harness/numbers.ts';
import type { DefenceExposure, ScenarioExposure } from '../../harness/results/exposure.ts';
import type { Table } from '../text/markup.ts';
import { labelOf } from './overview.ts';

/** What the figures of defences are, and what they assume. */
export const aboutDefences =
  'What each defence alone leaves, with a model that obeys every order it reads: places that took effect of those obeyed, and tokens of text that servers wrote over all requests. That it obeys is an assumption, not a result. So is that it obeys nothing that is quoted: the most that quoting can stop, where the least is nothing. So is an approver who reads each call and knows the work; calls are asked for by what a tool says of itself.';

/** A row for each defence, by variant. */
export function defencesTable(defences: readonly DefenceExposure[]): Table {
  const variants = defences[0]?.cells.map(({ variant }) => variant) ?? [];
  return {
    headings: ['defence', ...variants],
    align: ['l', ...variants.map(() => 'r' as const)],
    rows: defences.map(({ defence, cells }) => [
      defence,
      ...cells.map(
        ({ effects, obeyed, tokens }) => `${effects.length} of ${obeyed.length}, ${number(tokens)} tokens`,
      ),
    ]),
  };
}

/** The defences of all workflows as those of one: places are told apart by their workflow and server. */
export function sumDefences(scenarios: readonly ScenarioExposure[]): DefenceExposure[] {
  const all = scenarios.flatMap((one) =>
    (one.defences ?? []).map((each) => ({ ...each, scenario: one.scenario, label: labelOf(one, scenarios) })),
  );
  return [...Map.groupBy(all, ({ defence }) => defence)].map(([defence, own]) => {
    const cells = own.flatMap((each) =>
      each.cells.map(({ obeyed, effects, ...cell }) => {
        const ofServer = (place: string) => `${each.label} ${place}`;
        return {
          ...cell,
          scenario: each.scenario,
          obeyed: obeyed.map(ofServer),
          effects: effects.map(ofServer),
        };
      }),
    );
    return {
      defence,
      cells: [...Map.groupBy(cells, ({ variant }) => variant)].map(([variant, same]) => ({
        variant,
        obeyed: same.flatMap(({ obeyed }) => obeyed),
        effects: same.flatMap(({ effects }) => effects),
        // The work without attacks is the same whichever of its servers is poisoned.
        tokens: [...new Map(same.map(({ scenario, tokens }) => [scenario, tokens])).values()].reduce(
          (sum, tokens) => sum + tokens,
          0,
        ),
        works: same.every(({ works }) => works),
      })),
    };
  });
}

/** What the table of defences by workflow shows. */
export const defencesByWorkflow =
  'The same by workflow, over all variants; in brackets how many more tokens of text that servers wrote, and of quotes around it, its requests have, or fewer. Work stopped: the answer is no longer right, without any attack. –: the work gives the server no free text:';

/** A row for each defence, by workflow: effects of what was obeyed over all variants, and what the defence costs in tokens. */
export function workflowDefencesTable(scenarios: readonly ScenarioExposure[]): Table {
  const own = scenarios.filter(({ defences }) => defences !== undefined);
  const names = [...new Set(own.flatMap(({ defences = [] }) => defences.map(({ defence }) => defence)))];
  const sum = (counts: number[]) => counts.reduce((total, count) => total + count, 0);
  return {
    headings: ['defence', ...own.map((each) => labelOf(each, own))],
    align: ['l', ...own.map(() => 'r' as const)],
    rows: names.map((name) => [
      name,
      ...own.map(({ defences = [] }) => {
        const [none, found] = ['none', name].map((each) => defences.find(({ defence }) => defence === each));
        if (!found || !none) return '–';
        const tokensOf = ({ cells }: DefenceExposure) => sum(cells.map(({ tokens }) => tokens));
        const change = tokensOf(found) / tokensOf(none) - 1;
        const effects = sum(found.cells.map((cell) => cell.effects.length));
        const obeyed = sum(found.cells.map((cell) => cell.obeyed.length));
        const cost = Math.abs(change) < 0.0005 ? '' : ` (${signed(change, share)})`;
        const stopped = found.cells.every(({ works }) => works) ? '' : ', work stopped';
        return `${number(effects)} of ${number(obeyed)}${cost}${stopped}`;
      }),
    ]),
  };
}
