import { existsSync } from 'node:fs';
import { type Browser, chromium, type Page } from 'playwright-core';

/** Where systems keep Chromium; `CHROMIUM` names another place. */
const places = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];

/** The browser that tests open pages in; undefined where there is none. */
export const browserFile = [process.env.CHROMIUM ?? '', ...places].find(
  (place) => place !== '' && existsSync(place),
);

export function openBrowser(): Promise<Browser> {
  // Within a container there are no namespaces for Chromium's own sandbox; the pages are of the tests.
  return chromium.launch({
    ...(browserFile !== undefined && { executablePath: browserFile }),
    args: ['--no-sandbox'],
  });
}

/** What a page did that it should not: errors it met, and requests it made. */
export type Watched = { page: Page; errors: string[]; requests: string[] };

/** Opens a file in a window of its own and waits until its script has drawn it. */
export async function openPage(
  browser: Browser,
  address: string,
  { width = 1280, height = 900, dark = false } = {},
): Promise<Watched> {
  const context = await browser.newContext({
    viewport: { width, height },
    colorScheme: dark ? 'dark' : 'light',
  });
  const page = await context.newPage();
  const errors: string[] = [];
  const requests: string[] = [];
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') errors.push(message.text());
  });
  page.on('pageerror', (error) => errors.push(error.message));
  page.on('request', (request) => {
    if (request.url().split('#')[0] !== address.split('#')[0] && !request.url().startsWith('data:')) {
      requests.push(request.url());
    }
  });
  await page.goto(address);
  await page.locator('html[data-place]').waitFor({ state: 'attached' });
  return { page, errors, requests };
}
