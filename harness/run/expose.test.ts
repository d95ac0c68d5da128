import { expect, test } from 'vitest';
import { exposureMarkdown } from '../../reports/exposure/exposure.ts';
import type { Exposure } from '../results/exposure.ts';
import { createTrialDirectory } from '../scenario/servers.ts';
import { places } from '../tools/poison/places.ts';
import { noPoison } from '../tools/poison/wrap.ts';
import { type ExposeInput, expose } from './expose.ts';
import { openPoisoning } from './poisoned-trials.ts';
import { items, type Lookup, lookup } from './testing/exposed-lookup.ts';

const exposeLookup = async (own: Lookup, more: Partial<ExposeInput> = {}) =>
  expose({ ...(await lookup(own)), ...more });

/** The exposure of the usual look-up, found once for all tests that compare with it. */
let usual: Promise<Exposure> | undefined;
const exposeUsual = () => {
  usual ??= exposeLookup({});
  return usual;
};

/** A row for each place: the first round trip of each variant, with marks. */
function tableOf(exposure: Exposure): string {
  // Without the tokens, whose estimate is not what is tested here.
  const [places = ''] = exposureMarkdown(exposure).split('Text that servers wrote');
  const lines = places.split('\n');
  return lines.filter((line) => line.startsWith('|') && !line.includes('---')).join('\n');
}

/** The cell of a place in a variant. */
function cellOf({ scenarios }: Exposure, place: string, variant: string) {
  const row = scenarios[0]?.places.find((each) => each.place === place);
  return row?.cells.find((cell) => cell.variant === variant);
}

/** One variant of each pattern, for what is compared with the usual exposure. */
const variants = ['classic', 'code'];

/** An exposure as it would be of these variants alone. */
const ofVariants = (exposure: Exposure): Exposure => ({
  ...exposure,
  scenarios: exposure.scenarios.map(({ untrusted, places, ...scenario }) => {
    const own = <T extends { variant: string }>(cells: T[]) =>
      cells.filter(({ variant }) => variants.includes(variant));
    return {
      ...scenario,
      untrusted: own(untrusted),
      places: places.map((place) => ({ ...place, cells: own(place.cells) })),
    };
  }),
});

/** The places of an exposure with the cells of these variants. */
const placesOf = (exposure: Exposure) => ofVariants(exposure).scenarios[0]?.places;

test('where each text reaches the model is the same over two runs', async () => {
  const [first, again] = [await exposeUsual(), await exposeLookup({ variants })];
  expect(JSON.stringify(again)).toBe(JSON.stringify(ofVariants(first)));
  await expect(`${tableOf(first)}\n`).toMatchFileSnapshot('testing/exposed-lookup.txt');
});

test('folders of trials, which are named at random, count alike in two exposures', async () => {
  const directories = Array.from({ length: 8 }, createTrialDirectory);
  await Promise.all(directories.map(({ remove }) => remove()));
  await using poisoning = await openPoisoning(await lookup({ variants }));
  const counts = directories.map(({ path }) => poisoning.counter.count(`Read ${path}/settings.json`));
  expect(new Set(counts).size).toBe(1);
});

test('what reaches the model does not hang on the data', async () => {
  const other = await exposeLookup({ variants, seed: 7 });
  expect(placesOf(other)).toEqual(placesOf(await exposeUsual()));
});

test('each place alone shows what all at once show', async () => {
  const input = await items(variants);
  const [alone, together] = [await expose({ ...input, eachAlone: true }), await expose(input)];
  expect(alone).toEqual(together);
  // All calls are made at once, so that no later one finds the list changed.
  const absent = together.scenarios[0]?.places
    .filter(({ cells }) => !cells.some(({ sent }) => sent))
    .map(({ place }) => place);
  expect(absent).toEqual(['result-field-returned', 'result-field-passed', 'changed-later']);
});

test('places that change the course of a trial are found and measured apart from the others', async () => {
  const only = ['description-front', 'result-extra-field', 'result-key'];
  const exposure = await exposeLookup({ variants: ['code'], hints: true }, { only });
  // A program that meets a hint returns the further key as well, which it does not without.
  expect(cellOf(exposure, 'result-extra-field', 'code')?.reached).toMatchObject({ source: 'program' });
  expect(cellOf(exposure, 'result-key', 'code')?.reached).toBeNull();
  expect(cellOf(exposure, 'description-front', 'code')?.reached).toMatchObject({ source: 'discovery' });
});

test('each server of a workflow is poisoned in turn, or the one that is named', async () => {
  const own: Lookup = { variants: ['code'], tools: null, beside: true };
  const poisoned: string[] = [];
  const more = {
    only: ['description-front'],
    onServer: (_: string, server: string) => poisoned.push(server),
  };
  const { scenarios } = await exposeLookup(own, more);
  expect(poisoned).toEqual(['crm', 'backup']);
  expect(scenarios.map(({ server, used, places: [first] }) => [server, used, first?.cells[0]?.sent])).toEqual(
    [
      ['crm', 'get_contact', true],
      ['backup', 'get_contact', true],
    ],
  );
  const named = await exposeLookup(own, { ...more, server: 'backup' });
  expect(named.scenarios).toEqual(scenarios.slice(1));
  await expect(exposeLookup(own, { ...more, server: 'backups' })).rejects.toThrow(
    'No workflow has a server "backups"',
  );
});

test('a variant that fails without any attack is left out with its reason, and without any other nothing is measured', async () => {
  const only = ['instructions'];
  const { scenarios, leftOut } = await exposeLookup({ variants, calls: 1 }, { only });
  expect(leftOut).toEqual([
    {
      scenario: 'lookup',
      variant: 'code',
      reason: expect.stringMatching(/^ends as .* without any attack: /),
    },
  ]);
  expect(scenarios[0]?.places[0]?.cells.map(({ variant }) => variant)).toEqual(['classic']);
  expect(scenarios[0]?.untrusted.map(({ variant }) => variant)).toEqual(['classic']);
  await expect(exposeLookup({ variants: ['code'], calls: 1 }, { only })).rejects.toThrow(
    /^There is nothing to poison\.\nlookup in code: ends as /,
  );
});

test('an error that the program swallows reaches the model in classic, not in code', async () => {
  const exposure = await exposeLookup(
    { variants, repeats: false },
    { only: ['tool-error', 'protocol-error'] },
  );
  for (const place of ['tool-error', 'protocol-error']) {
    expect(cellOf(exposure, place, 'classic')?.reached).toMatchObject({ roundTrip: 2, source: 'results' });
    expect(cellOf(exposure, place, 'code')?.reached, place).toBeNull();
  }
});

test('an added tool or server reaches the model where the scenario allows all tools', async () => {
  const only = [
    ...['look-alike-server', 'look-alike-server-tool'],
    ...['shadowing-tool', 'look-alike-tool', 'tool-name'],
  ];
  const [named, all] = [
    await exposeLookup({ variants }, { only }),
    await exposeLookup({ variants, tools: null }, { only }),
  ];
  for (const place of only) {
    expect(cellOf(named, place, 'classic')?.reached, place).toBeNull();
    expect(cellOf(all, place, 'classic')?.reached, place).toMatchObject({ roundTrip: 1 });
  }
});

test('benign twins go where the orders go, are warned of nowhere, and end no trial', async () => {
  const twins = await exposeLookup({ variants }, { kind: 'twin' });
  const reached = (exposure: Exposure) =>
    placesOf(exposure)?.map(({ place, cells }) => [place, cells.map((cell) => cell.reached?.roundTrip)]);
  expect(reached(twins)).toEqual(reached(await exposeUsual()));
  for (const { place, warned, cells } of twins.scenarios[0]?.places ?? []) {
    // It resembles the name of another, with any text.
    if (!place.startsWith('look-alike')) expect(warned, place).not.toBe(true);
    if (place !== 'changed-later') expect(cells.every(({ status }) => status === 'completed')).toBe(true);
  }
});

test('benign twins change neither an answer nor a call', async () => {
  const input = await lookup({ variants });
  const [exposure, poisoning] = [await exposeUsual(), await openPoisoning(input)];
  await using _ = poisoning;
  const { used, unused } = exposure.scenarios[0] ?? {};
  const fields = {
    unused: { tool: 'get_contact', path: ['contact', 'notes'] },
    returned: undefined,
    passed: undefined,
  };
  const names = new Set(places.flatMap(({ name, alone }) => (alone === 'always' ? [] : [name])));
  const target = { server: 'crm', used: used ?? '', unused, fields };
  const [, clean] = await poisoning.run(input.trials, 'crm', noPoison);
  const [, twins] = await poisoning.run(input.trials, 'crm', { target, names, kind: 'twin' });
  for (const [at, { answer, calls, sent }] of twins.entries()) {
    expect(sent.size).toBe(names.size);
    expect([answer, calls]).toEqual([clean[at]?.answer, clean[at]?.calls]);
  }
});
