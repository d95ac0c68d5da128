import { sortedQuantile } from '../../harness/analysis/stats/bootstrap.ts';
import { number, share, signed } from '../../harness/numbers.ts';
import {
  type DefenceExposure,
  type Exposure,
  type ExposureCell,
  type PlaceExposure,
  type ScenarioExposure,
  untrustedSources,
} from '../../harness/results/exposure.ts';
import { type Column, type Table, tableOf } from '../text/table.ts';

/*
 * What the exposures of several workflows come to: counts of workflows, and those that differ from the rest. All of it follows
 * from the exposures of the workflows; nothing is measured here.
 */

/** What an exposure is of: a workflow, and which server of it is poisoned where several are in turn. */
export function labelOf({ scenario, server }: ScenarioExposure, all: readonly ScenarioExposure[]): string {
  return all.filter((each) => each.scenario === scenario).length > 1 ? `${scenario} (${server})` : scenario;
}

/** Names of variants, in the order in which they come up. */
function variantsOf(scenarios: readonly ScenarioExposure[]): string[] {
  return [...new Set(scenarios.flatMap(({ untrusted }) => untrusted.map(({ variant }) => variant)))];
}

/** The cells of a place or of several in a variant, one list for each server that sent one of their texts. */
function cellsOf(
  scenarios: readonly ScenarioExposure[],
  isMeant: (place: PlaceExposure) => boolean,
  variant: string,
): ExposureCell[][] {
  return scenarios.flatMap(({ places }) => {
    const cells = places.filter(isMeant).flatMap((place) => place.cells);
    const sent = cells.filter((cell) => cell.variant === variant && cell.sent);
    return sent.length > 0 ? [sent] : [];
  });
}

/** Of how many servers a text reached the model, of those that sent it, and in which requests first. */
function reach(servers: readonly ExposureCell[][]): string {
  if (servers.length === 0) return 'not sent';
  const first = servers.flatMap((cells) => {
    const trips = cells.flatMap(({ reached }) => (reached ? [reached.roundTrip] : []));
    return trips.length > 0 ? [Math.min(...trips)] : [];
  });
  const share = `${first.length} of ${servers.length}`;
  if (first.length === 0) return share;
  const [least, most] = [Math.min(...first), Math.max(...first)];
  const isCut = servers.every((cells) => cells.every(({ reached }) => !reached?.whole));
  return `${share} (${least === most ? least : `${least}–${most}`}${isCut ? ', cut' : ''})`;
}

/** How often something is so, of those where it can be: one word where it is always or never. */
function often(seen: readonly (boolean | null)[]): string {
  const known = seen.filter((each) => each !== null);
  const count = known.filter(Boolean).length;
  if (known.length === 0) return '';
  if (count === known.length) return 'yes';
  return count === 0 ? 'no' : `${count} of ${known.length}`;
}

/** A row for each class of places: whether any of its texts reached the model. */
export function classesTable({ scenarios }: Exposure): Table {
  const variants = variantsOf(scenarios);
  const places = scenarios.flatMap((each) => each.places);
  return tableOf(
    [...Map.groupBy(places, ({ group }) => group)],
    [
      ['class of places', ([group]) => group],
      ['places', ([, own]) => String(new Set(own.map(({ place }) => place)).size)],
      ...variants.map((variant): Column<[string, PlaceExposure[]]> => {
        const cells = (wanted: string) => cellsOf(scenarios, ({ group }) => group === wanted, variant);
        return [variant, ([group]) => reach(cells(group))];
      }),
    ],
  );
}

/** A row for each place; places that are alike in all columns share one. */
export function placesTable({ scenarios }: Exposure): Table {
  const variants = variantsOf(scenarios);
  const all = scenarios.flatMap(({ places }) => places);
  const rows = [...Map.groupBy(all, ({ place }) => place)].map(([name, places]) => {
    const own = places.filter(({ cells }) => cells.some(({ sent }) => sent));
    return {
      name,
      cells: [
        often(own.map(({ pinned }) => pinned)),
        often(own.map(({ warned }) => warned)),
        ...variants.map((variant) => reach(cellsOf(scenarios, ({ place }) => place === name, variant))),
      ],
    };
  });
  const alike = Map.groupBy(rows, ({ cells }) => JSON.stringify(cells));
  return {
    headings: ['place', 'pin', 'warned', ...variants],
    align: ['l', 'l', 'l'],
    rows: [...alike.values()].map((same) => [
      same.map(({ name }) => name).join(', '),
      ...(same[0]?.cells ?? []),
    ]),
  };
}

/** Tokens of text that servers wrote, by source, summed over the workflows that have a figure for every variant. */
export function tokensTable({ scenarios }: Exposure): Table {
  const variants = variantsOf(scenarios);
  const workflows = new Map(scenarios.map((each) => [each.scenario, each]));
  const whole = [...workflows.values()].filter(({ untrusted }) => untrusted.length === variants.length);
  const rows = variants.map((variant) => ({
    variant,
    own: whole.flatMap(({ untrusted }) => untrusted.filter((each) => each.variant === variant)),
  }));
  const sum =
    (of: (each: Untrusted) => number) =>
    ({ own }: (typeof rows)[number]) =>
      number(own.reduce((total, each) => total + of(each), 0));
  const medianOf = (own: readonly Untrusted[]) =>
    sortedQuantile(
      own.map(({ billed }) => billed).toSorted((a, b) => a - b),
      0.5,
    );
  return tableOf(rows, [
    ['variant', ({ variant }) => variant],
    ['workflows', ({ own }) => number(own.length)],
    ...untrustedSources.map((source): Column<(typeof rows)[number]> => {
      return [source, sum(({ sources }) => sources[source])];
    }),
    ['all, once', sum(({ once }) => once)],
    ['all requests', sum(({ billed }) => billed)],
    ['median, all requests', ({ own }) => number(Math.round(medianOf(own)))],
    ['quotes, all requests', sum(({ quotes }) => quotes)],
  ]);
}

type Untrusted = ScenarioExposure['untrusted'][number];

/**
 * The workflows, and servers of those with several, whose text reaches a variant that it does not reach in most, or the other
 * way round. Texts that differ alike share a row, and so do workflows with the same texts.
 */
export function differingTable({ scenarios }: Exposure): Table {
  const variants = variantsOf(scenarios);
  const names = [...new Set(scenarios.flatMap(({ places }) => places.map(({ place }) => place)))];
  const usually = new Map(
    names.flatMap((name) =>
      variants.map((variant) => {
        const cells = cellsOf(scenarios, ({ place }) => place === name, variant).flat();
        const isReached = cells.filter(({ reached }) => reached).length * 2 > cells.length;
        return [JSON.stringify([name, variant]), isReached] as const;
      }),
    ),
  );
  const differing = scenarios.flatMap((one) => {
    const found = one.places.flatMap(({ place, cells }) =>
      [true, false].flatMap((isReached) => {
        const own = cells.filter(
          ({ variant, sent, reached }) =>
            sent &&
            (reached !== null) === isReached &&
            usually.get(JSON.stringify([place, variant])) !== isReached,
        );
        return own.length > 0 ? [{ place, isReached, in: own.map(({ variant }) => variant).join(', ') }] : [];
      }),
    );
    const label = labelOf(one, scenarios);
    const groups = Map.groupBy(found, (each) => JSON.stringify([each.isReached, each.in])).values();
    return [...groups].map((same) => {
      const places = same.map(({ place }) => place).join(', ');
      return { label, cells: [places, same[0]?.isReached ? 'reached' : 'never', same[0]?.in ?? ''] };
    });
  });
  const alike = [...Map.groupBy(differing, ({ cells }) => JSON.stringify(cells)).values()];
  alike.sort((a, b) => b.length - a.length);
  return {
    headings: ['places', 'here', 'in', 'workflows'],
    align: ['l', 'l', 'l', 'l'],
    rows: alike.map((same) => [...(same[0]?.cells ?? []), same.map(({ label }) => label).join(', ')]),
  };
}

/** What the figures of defences are, and what they assume. */
export const aboutDefences =
  'What each defence alone leaves, with a model that obeys every order it reads: places that took effect of those obeyed, and tokens of text that servers wrote over all requests. That it obeys is an assumption, not a result. So is that it obeys nothing that is quoted: the most that quoting can stop, where the least is nothing. So is an approver who reads each call and knows the work; calls are asked for by what a tool says of itself.';

/** A row for each defence, by variant. */
export function defencesTable(defences: readonly DefenceExposure[]): Table {
  const variants = defences[0]?.cells.map(({ variant }) => variant) ?? [];
  return {
    headings: ['defence', ...variants],
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
  const tokensOf = ({ cells }: DefenceExposure) => sum(cells.map(({ tokens }) => tokens));
  const cellOf = (name: string, { defences = [] }: ScenarioExposure) => {
    const [none, found] = ['none', name].map((each) => defences.find(({ defence }) => defence === each));
    if (!found || !none) return '–';
    const change = tokensOf(found) / tokensOf(none) - 1;
    const effects = sum(found.cells.map((cell) => cell.effects.length));
    const obeyed = sum(found.cells.map((cell) => cell.obeyed.length));
    const cost = Math.abs(change) < 0.0005 ? '' : ` (${signed(change, share)})`;
    const stopped = found.cells.every(({ works }) => works) ? '' : ', work stopped';
    return `${number(effects)} of ${number(obeyed)}${cost}${stopped}`;
  };
  return tableOf(names, [
    ['defence', (name) => name],
    ...own.map((each): Column<string> => [labelOf(each, own), (name) => cellOf(name, each)]),
  ]);
}
