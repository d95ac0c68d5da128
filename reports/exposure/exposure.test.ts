import { expect, test } from 'vitest';
import {
  type Exposure,
  type ExposureCell,
  exposureFormat,
  type ScenarioExposure,
} from '../../harness/results/exposure.ts';
import { exposureHtml, exposureMarkdown } from './exposure.ts';
import {
  classesTable,
  defencesTable,
  differingTable,
  placesTable,
  sumDefences,
  tokensTable,
  workflowDefencesTable,
} from './overview.ts';

/** A cell: the request in which the text arrived, 0 for never, undefined for a text that was not sent. */
const cell = (variant: string, trip: number | undefined, whole = true): ExposureCell => ({
  ...{ variant, sent: trip !== undefined, flows: false, status: 'completed' },
  reached: trip ? { roundTrip: trip, source: 'results', whole } : null,
});

/** A workflow with one title, one description and one result field, in two variants. */
const workflow = (
  scenario: string,
  trips: Record<'title' | 'description' | 'field', [number | undefined, number | undefined]>,
  billed = 10,
): ScenarioExposure => ({
  scenario,
  params: {},
  server: 'crm',
  used: 'list_notes',
  fields: { unused: 'list_notes.notes[].body' },
  untrusted: ['classic', 'code'].map((variant) => ({
    ...{ variant, requests: 2, once: 5, billed, quotes: 3 },
    sources: { instructions: 1, definitions: 2, discovery: 0, results: 2, program: 0 },
  })),
  places: Object.entries(trips).map(([place, [classic, code]]) => ({
    ...{
      place,
      lookAlike: null,
      pinned: place === 'field' ? null : true,
      warned: place === 'field' ? null : false,
    },
    group: place === 'field' ? 'result' : 'definition',
    cells: [cell('classic', classic), cell('code', code)],
  })),
});

const exposureOf = (scenarios: ScenarioExposure[], leftOut: Exposure['leftOut'] = []): Exposure => ({
  ...{ format: exposureFormat, evidence: 'scripted', model: 'm', counting: 'characters' },
  ...{ attackTokens: 48, seed: 1, quoted: false, scenarios, leftOut },
});

const usual = { title: [0, 0], description: [1, 3], field: [2, 0] } satisfies Parameters<typeof workflow>[1];
const three = exposureOf([
  workflow('one', usual, 10),
  workflow('two', { ...usual, description: [1, 2] }, 20),
  workflow('three', { ...usual, field: [undefined, 4] }, 90),
]);

test('a field inside a list reads the same in Markdown and in HTML, each by its own escapes', () => {
  const exposure = exposureOf([workflow('notes', usual)]);
  expect(exposureMarkdown(exposure)).toContain('Result field: list_notes.notes\\[\\].body.');
  const page = exposureHtml(exposure);
  expect(page).toContain('Result field: list_notes.notes[].body.');
  expect(page).toContain("content=\"default-src 'none'; style-src 'unsafe-inline'; img-src data:\"");
});

test('a place counts the workflows that it reached, of those to which its text was sent', () => {
  expect(placesTable(three).rows).toEqual([
    ['title', 'yes', 'no', '0 of 3', '0 of 3'],
    ['description', 'yes', 'no', '3 of 3 (1)', '3 of 3 (2–3)'],
    ['field', '', '', '2 of 2 (2)', '1 of 3 (4)'],
  ]);
});

test('a class counts the workflows that any of its texts reached, and places that are alike share a row', () => {
  expect(classesTable(three).rows).toEqual([
    ['definition', '2', '3 of 3 (1)', '3 of 3 (2–3)'],
    ['result', '1', '2 of 2 (2)', '1 of 3 (4)'],
  ]);
  const alike = exposureOf([workflow('one', { ...usual, title: [1, 3] })]);
  expect(placesTable(alike).rows.map(([place]) => place)).toEqual(['title, description', 'field']);
});

test('a text that only came in part says so', () => {
  const cut = workflow('cut', usual);
  cut.places = [
    {
      place: 'field',
      group: 'result',
      pinned: null,
      warned: null,
      lookAlike: null,
      cells: [cell('code', 2, false)],
    },
  ];
  expect(placesTable(exposureOf([cut])).rows[0]?.at(-1)).toBe('1 of 1 (2, cut)');
});

test('tokens are summed over the workflows that have a figure for every variant', () => {
  const partly = workflow('four', usual, 1_000);
  partly.untrusted = partly.untrusted.slice(0, 1);
  const { rows } = tokensTable(exposureOf([...three.scenarios, partly]));
  expect(rows[0]).toEqual(['classic', '3', '3', '6', '0', '6', '0', '15', '120', '20', '9']);
});

test('of a workflow with several servers each counts, and its tokens count once', () => {
  const files = { ...workflow('two', { ...usual, field: [0, 0] }, 20), server: 'files' };
  const exposure = exposureOf([...three.scenarios, files]);
  expect(placesTable(exposure).rows.at(-1)).toEqual(['field', '', '', '2 of 3 (2)', '1 of 4 (4)']);
  expect(differingTable(exposure).rows).toContainEqual(['field', 'never', 'classic', 'two (files)']);
  expect(tokensTable(exposure).rows).toEqual(tokensTable(three).rows);
  expect(exposureMarkdown(exposure)).toContain('## Over 4 servers of 3 workflows');
});

test('workflows that differ from most are named with what is otherwise there', () => {
  expect(differingTable(three).rows).toEqual([['field', 'reached', 'code', 'three']]);
});

test('Markdown and HTML show the same overview, and what was left out with its reason', () => {
  const leftOut = [{ scenario: 'five', variant: 'classic', reason: 'ends as context_overflow' }];
  const exposure = exposureOf(three.scenarios, leftOut);
  const [markdown, page] = [exposureMarkdown(exposure), exposureHtml(exposure)];
  for (const { rows } of [classesTable(exposure), placesTable(exposure), tokensTable(exposure)]) {
    for (const [head = '', ...cells] of rows) {
      const line = markdown
        .split('\n')
        .find((each) => cells.every((one) => each.includes(one)) && each.includes(head));
      expect(line, head).toBeDefined();
      expect(page).toContain(`<th scope="row">${head}</th>`);
      for (const one of cells) expect(page).toContain(`>${one}</td>`);
    }
  }
  expect(markdown).toMatch(/\| five +\| classic +\| ends as context_overflow \|/);
  expect(page).toContain('<summary>three</summary>');
});

test('of many workflows Markdown shows only what they come to', () => {
  const many = Array.from({ length: 4 }, (_, at) => workflow(`w${at}`, usual));
  expect(exposureMarkdown(exposureOf(many.slice(1)))).toContain('## w3');
  expect(exposureMarkdown(exposureOf(many))).not.toContain('## w3');
  expect(exposureHtml(exposureOf(many))).toContain('<summary>w3</summary>');
});

test('defences are summed over workflows by variant, and over variants by workflow with what they cost', () => {
  const defence = (name: string, effects: string[], tokens: number) => ({
    defence: name,
    cells: ['classic', 'code'].map((variant) => ({
      variant,
      obeyed: ['title', 'field'],
      effects,
      tokens,
      works: tokens > 80,
    })),
  });
  const defended = ['one', 'two'].map((name, at) => ({
    ...workflow(name, usual),
    defences: [defence('none', ['title', 'field'], 100), defence('pin', at === 0 ? ['field'] : [], 80)],
  }));
  const beside = { ...defended[0], server: 'files' } as ScenarioExposure;
  expect(defencesTable(sumDefences([...defended, beside])).rows[0]).toEqual([
    'none',
    ...['6 of 6, 200 tokens', '6 of 6, 200 tokens'],
  ]);
  const without = { ...workflow('three', usual), defences: [defence('none', [], 100)] };
  expect(defencesTable(sumDefences(defended)).rows).toEqual([
    ['none', '4 of 4, 200 tokens', '4 of 4, 200 tokens'],
    ['pin', '1 of 4, 160 tokens', '1 of 4, 160 tokens'],
  ]);
  expect(workflowDefencesTable([...defended, without])).toMatchObject({
    headings: ['defence', 'one', 'two', 'three'],
    rows: [
      ['none', '4 of 4', '4 of 4', '0 of 4'],
      ['pin', '2 of 4 (−20 %), work stopped', '0 of 4 (−20 %), work stopped', '–'],
    ],
  });
});
