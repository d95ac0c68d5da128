import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { makeFolder } from '../../harness/testing/command-line.ts';
import { runPage } from './page.ts';
import { browserFile, openBrowser, openPage, type Watched } from './testing/browser.ts';
import { classicTurns, codeTurns, makeRun, makeTrial } from './testing/run-files.ts';

const evil = `<img src=x onerror="window.hacked = 1"><b>bold</b>\u202egnp`;
const needle = 'wombat';

/** Three workflows: one of an attacker, one of many round trips, and one on which classic is cheaper. */
const trials = [
  makeTrial(
    { scenario: evil, variant: 'classic', pattern: 'classic' },
    classicTurns(6, { task: evil, text: (at) => `${evil} ${at}` }),
  ),
  makeTrial(
    { scenario: evil, variant: 'code', pattern: 'code' },
    codeTurns(30, { task: evil, code: `// ${evil}` }),
  ),
  makeTrial(
    { scenario: 'long', variant: 'classic', pattern: 'classic' },
    classicTurns(400, {
      text: (at) => JSON.stringify({ at, filler: 'x'.repeat(40), word: at === 250 ? needle : '' }),
    }),
  ),
  makeTrial({ scenario: 'long', variant: 'code', pattern: 'code' }, codeTurns(400)),
  makeTrial({ scenario: 'short', variant: 'classic', pattern: 'classic' }, classicTurns(1)),
  makeTrial({ scenario: 'short', variant: 'code', pattern: 'code' }, codeTurns(1)),
];

const flips = {
  assumptions: [
    { assume: 'uncached' as const, pattern: 'code' as const, ratio: { value: 0.5, low: 0.45, high: 0.55 } },
    { assume: 'warm' as const, pattern: 'either' as const, ratio: { value: 1.02, low: 0.97, high: 1.07 } },
  ],
  slack: [{ side: 'code' as const, mistake: 'failedProgram' as const, each: 0.003, most: 4 }],
  items: {
    param: 'contacts',
    now: 400,
    tried: [
      { at: 1, pattern: 'classic' as const, because: 'value' as const, padded: null },
      { at: 400, pattern: 'code' as const, because: 'value' as const, padded: null },
    ],
  },
};

const views = ['', '#workflow/long', '#trace/long/classic/code/1/3', '#trace/short/classic/code/2/2'];

const axeFile = join(import.meta.dirname, '../../node_modules/axe-core/axe.min.js');

/** Runs in the page: what axe finds that keeps people out. */
const seriousFaults = `axe.run({ resultTypes: ['violations'] }).then(({ violations }) => violations
  .filter(({ impact }) => impact === 'serious' || impact === 'critical')
  .map(({ id, nodes }) => id + ': ' + nodes.slice(0, 3).map(({ html }) => html.slice(0, 160)).join(' | ')))`;

/** Runs in the page: elements that reach beyond its edges, but for those inside something that scrolls. */
const cutOff = `[document.documentElement.scrollWidth > innerWidth ? 'the page scrolls sideways' : '',
  ...[...document.querySelectorAll('main :is(h1, h2, p, th, td, svg, button, .gauge)')]
    .filter((each) => !each.closest('.scroll, pre, .vh') && each.getClientRects().length > 0)
    .filter((each) => each.getBoundingClientRect().right > innerWidth + 1 || each.getBoundingClientRect().left < -1)
    .map((each) => each.outerHTML.slice(0, 120))].filter(Boolean)`;

describe.skipIf(browserFile === undefined)('the page in Chromium (left out where none is installed)', () => {
  let browser: Browser;
  let address: string;
  /** One window for all tests: to start a process that draws another takes longer than most of them. */
  let shown: Watched;
  /** Loads the page as one that was not there before, in a wide and light window. */
  const open = async (place = '', { width = 1280 } = {}) => {
    const { page, errors, requests } = shown;
    await page.setViewportSize({ width, height: 900 });
    await page.emulateMedia({ colorScheme: 'light' });
    await page.goto('about:blank');
    errors.length = 0;
    requests.length = 0;
    await page.goto(`${address}${place}`);
    await page.locator('html[data-place]').waitFor({ state: 'attached' });
    return shown;
  };
  /** Follows an address within the page, until the view stands that it names. */
  const go = async (page: Page, place: string) => {
    await page.goto(`${address}${place === '' ? '#' : place}`);
    await page.locator(`html[data-place=${JSON.stringify(place)}]`).waitFor({ state: 'attached' });
  };
  const rows = (page: Page) => page.locator('.verdicts tbody th a').allTextContents();

  beforeAll(async () => {
    const file = join(makeFolder({}), 'page.html');
    writeFileSync(file, runPage(makeRun(trials, { flips })));
    address = pathToFileURL(file).href;
    browser = await openBrowser();
    shown = await openPage(browser, address);
  });
  afterAll(() => browser?.close());

  test('is drawn whole at 400, 1,100 and 1,280 pixels, without an error and without a request', async () => {
    const { page, errors, requests } = await open();
    for (const width of [400, 1100, 1280]) {
      await page.setViewportSize({ width, height: 900 });
      for (const place of views) {
        await go(page, place);
        const cut = await page.evaluate(cutOff);
        expect({ width, place, cut }).toEqual({ width, place, cut: [] });
      }
    }
    expect({ errors, requests }).toEqual({ errors: [], requests: [] });
  });

  test('sorts its table both ways, and filters it by words and by advice', async () => {
    const { page } = await open();
    const before = await rows(page);
    expect(before).toHaveLength(3);
    const heading = page.getByRole('button', { name: 'Classic', exact: true });
    await heading.click();
    const rising = await rows(page);
    expect(await page.locator('th[aria-sort=ascending]').textContent()).toContain('Classic');
    expect(rising[0]).toBe('short');
    await page.getByRole('button', { name: /^Classic/ }).click();
    expect(await rows(page)).toEqual(rising.toReversed());
    await page.getByRole('searchbox', { name: 'Filter workflows' }).fill('LONG');
    expect(await rows(page)).toEqual(['long']);
    await page.getByRole('searchbox', { name: 'Filter workflows' }).fill('');
    await page.getByRole('button', { name: 'Use classic' }).click();
    expect(await rows(page)).toContain('short');
    expect(await rows(page)).not.toContain('long');
  });

  test('shows every amount for a month, for one tenant and for all', async () => {
    const { page } = await open('', { width: 1100 });
    const cell = page.locator('.verdicts tbody tr', { hasText: 'short' }).locator('td').nth(1);
    const one = Number((await cell.textContent())?.replace('$', ''));
    await page.getByRole('button', { name: 'a tenant’s month' }).click();
    const month = Number((await cell.textContent())?.replace(/[$,]/g, ''));
    expect(month / one).toBeCloseTo(1000, -1);
    await page.getByLabel('Tenants').fill('3');
    const [tenant, all] = await page
      .locator('[data-workload] tbody tr')
      .first()
      .locator('td')
      .allTextContents();
    const amounts = [tenant, all].map((text) => Number(text?.replace(/[$,]/g, '')));
    expect((amounts[1] ?? 0) / (amounts[0] ?? 1)).toBeCloseTo(3, 1);
  });

  test('opens a trace by keyboard alone, goes through it, and has an address for each round trip', async () => {
    const { page } = await open('#workflow/long');
    await page.locator('a.btn', { hasText: 'See every request' }).focus();
    await page.keyboard.press('Enter');
    await page.locator('.trace').waitFor();
    for (const key of ['j', 'j', 'Enter']) await page.keyboard.press(key);
    await page.locator('.pane.here .detail').waitFor();
    expect(page.url()).toContain('#trace/long/classic/code/1/3');
    const detail = page.locator('.pane.here .detail');
    expect(await detail.textContent()).toContain('Entered the context +240 tokens');
    await page.getByRole('button', { name: 'Exact request' }).click();
    const request = await page.locator('.exact pre').textContent();
    expect(request).toContain('"role": "assistant"');
    expect(request).toContain('"cache_control"');
    await page.keyboard.press('Escape');
    expect(await page.locator('.detail').count()).toBe(0);
    await page.keyboard.press('l');
    await page.keyboard.press('End');
    expect(page.url()).toContain('#trace/long/classic/code/2/3');
    await page.keyboard.press('Escape');
    await page.locator('.workflow').waitFor();
    expect(page.url()).toContain('#workflow/long');
  });

  test('shows a program with the calls made inside it, apart from what the model saw', async () => {
    const { page } = await open('#trace/long/classic/code/2/2');
    const nested = page.locator('.nested');
    expect(await nested.locator('h3').textContent()).toContain('400 calls made inside the program');
    expect(await nested.locator('.calls li').count()).toBe(20);
    expect(await nested.locator('.calls li').first().textContent()).toMatch(/500 B, 1 ms, sent 2 times$/);
    await nested.getByRole('button', { name: /Show more/ }).click();
    expect(await nested.locator('.calls li').count()).toBe(220);
    expect(await page.locator('.prog .p-call').first().textContent()).toBe('mcp.crm.get_contact');
  });

  test('finds a text inside messages, opens where it stands, and keeps few rows in the page', async () => {
    const { page } = await open('#trace/long');
    expect(await page.locator('.row').count()).toBeLessThan(60);
    await page.keyboard.press('/');
    await page.keyboard.type(needle);
    await page.locator('#found', { hasText: '1 round trip of classic, 0 round trips of code' }).waitFor();
    await page.keyboard.press('Enter');
    await page.locator('.pane.here .detail').waitFor();
    expect(page.url()).toContain('/1/251');
    expect(await page.locator('.pane.here .detail').textContent()).toContain(needle);
    expect(await page.locator('.row').count()).toBeLessThan(60);
  });

  test('puts any two trials of a workflow beside each other', async () => {
    const { page } = await open('#trace/long');
    await page.locator('[data-pick="1"]').selectOption('classic');
    await page.locator('.pane').nth(1).locator('[data-pick]').waitFor();
    expect(await page.locator('[data-pick="1"]').inputValue()).toBe('classic');
    expect(page.url()).toContain('#trace/long/classic/classic/2/1');
  });

  test('keeps text of scenarios, servers and models text', async () => {
    const { page, errors } = await open();
    const id = encodeURIComponent(evil);
    const places = ['', `#workflow/${id}`, `#trace/${id}/classic/code/1/2`, `#trace/${id}/classic/code/2/2`];
    for (const place of places) {
      await go(page, place);
      expect(await page.evaluate('window.hacked')).toBeUndefined();
      expect(await page.locator('main img, main b:text-is("bold")').count()).toBe(0);
      expect(await page.locator('main').textContent()).toContain('<b>bold</b>\\u{202e}gnp');
    }
    expect(errors).toEqual([]);
  });

  test('prints the overview and a sheet for each workflow, whichever view is on the screen', async () => {
    const { page } = await open('#trace/long');
    await page.evaluate(
      `addEventListener('beforeprint', () => { window.printed = document.querySelectorAll('.paper > section').length; })`,
    );
    const paper = await page.pdf({ format: 'A4' });
    expect(paper.subarray(0, 4).toString()).toBe('%PDF');
    expect(await page.evaluate('window.printed')).toBe(4);
    expect(paper.toString('latin1').match(/\/Type \/Page\b/g)?.length).toBeGreaterThanOrEqual(4);
    expect(await page.locator('.paper').count()).toBe(0);
  });

  test('says without scripts what the verdicts are', async () => {
    const context = await browser.newContext({ javaScriptEnabled: false });
    const page = await context.newPage();
    await page.goto(address);
    expect(await page.locator('h1').textContent()).toContain('Use code for two of three workflows.');
    expect(await page.locator('.verdicts tbody tr').count()).toBe(3);
    await context.close();
  });

  test('has no serious fault of accessibility, light or dark, wide or narrow', async () => {
    const { page } = await open();
    await page.evaluate(readFileSync(axeFile, 'utf8'));
    for (const [width, colorScheme] of [
      [400, 'dark'],
      [1280, 'light'],
    ] as const) {
      await page.setViewportSize({ width, height: 900 });
      await page.emulateMedia({ colorScheme });
      for (const place of views) {
        await go(page, place);
        const found = await page.evaluate(seriousFaults);
        expect({ width, colorScheme, place, found }).toEqual({ width, colorScheme, place, found: [] });
      }
    }
  });
});
