import { expect, test } from 'vitest';
import { unbalanced } from '../testing/markup.ts';
import { toArticle } from './article.ts';
import type { PageData, Sizes } from './data.ts';
import { describePage } from './page.ts';
import { classicTurns, codeTurns, makeRun, makeTrial } from './testing/run-files.ts';

const evil = '<b>bold</b> | [x](y) "quoted" & more';
const sizes: Sizes = {
  param: 'contacts',
  now: 400,
  tried: [
    { at: 4, advice: 'classic' },
    { at: 400, advice: 'code' },
  ],
  lines: (['classic', 'code'] as const).map((pattern) => ({
    variant: pattern,
    pattern,
    points: [
      { at: 4, value: 0.01, ok: true },
      { at: 400, value: pattern === 'code' ? 0.02 : 0.3, ok: pattern === 'code' },
    ],
  })),
};

function dataOf(more: Partial<PageData> = {}): PageData {
  const both = (scenario: string, calls: number) => [
    makeTrial({ scenario, variant: 'classic', pattern: 'classic' }, classicTurns(calls)),
    makeTrial({ scenario, variant: 'code', pattern: 'code' }, codeTurns(calls)),
  ];
  const data = describePage(makeRun([...both('many', 40), ...both(evil, 1)]));
  const [first, ...others] = data.workflows;
  return { ...data, workflows: first ? [{ ...first, sizes }, ...others] : [], ...more };
}

test('an article says the answer first, shows its pictures, and has a row and a section for each workflow', () => {
  const { text, pictures } = toArticle(dataOf(), 'post');
  expect(text.split('\n')[0]).toMatch(/^# Use (code|classic) for one of two workflows\.$/);
  expect([...text.matchAll(/!\[[^\n]*\]\((.+)\.svg\)/g)].map(([, name]) => name)).toEqual(
    pictures.map(({ name }) => name),
  );
  expect(pictures.map(({ name }) => name)).toEqual(['post-overview', 'post-1-sizes']);
  const rows = text.split('\n').filter((line) => line.startsWith('| '));
  expect(rows).toHaveLength(4);
  expect(text.match(/^## /gm)).toHaveLength(3);
  expect(text).not.toContain('<b>');
  expect(text).not.toContain('Cost in a month');
  expect(toArticle(dataOf(), 'post')).toEqual({ text, pictures });
});

test('pictures are whole without the page: no variable, no link, and text of others stays text', () => {
  const { pictures } = toArticle(dataOf(), 'post');
  for (const { svg } of pictures) {
    expect(unbalanced(svg)).toEqual([]);
    expect(svg).toMatch(/^<svg xmlns="http:\/\/www\.w3\.org\/2000\/svg"/);
    expect(svg).not.toMatch(/var\(|<a |href|<b>|url\(|NaN|undefined/);
    expect(svg).toMatch(/\.ground ?\{ ?fill: ?#fff.*prefers-color-scheme:dark.*\.ground ?\{ ?fill: ?#121417/);
  }
  expect(pictures[0]?.svg).toContain('>&#60;b&#62;bold');
});

test('the strip of a chart has a word for a single size, too, where there is room', () => {
  const { pictures } = toArticle(dataOf(), 'post');
  const words = [...(pictures[1]?.svg ?? '').matchAll(/y="9"[^>]*>([^<]+)</g)].map(([, text]) => text);
  expect(words).toEqual(['Use classic', 'Use code']);
});

test('with a workload, an article says what a tenant and all of them cost in a month', () => {
  const { text } = toArticle(dataOf({ workload: { runs: 500, tenants: 40 } }), 'post');
  expect(text).toContain('500 runs of each workflow for each of 40 tenants');
  const [, tenant, all] = /\| As recommended here +\| +\$([\d.]+) \| +\$([\d.]+) \|/.exec(text) ?? [];
  expect(Number(all) / Number(tenant)).toBeCloseTo(40, 0);
});

test('without one, it says what a scenario assumes of a month', () => {
  const data = dataOf();
  const workflows = data.workflows.map((each) => ({ ...each, month: 'classic $1.60; 160 runs, assumed' }));
  expect(toArticle({ ...data, workflows }, 'post').text).toContain(
    'A month: classic $1.60; 160 runs, assumed.',
  );
});
