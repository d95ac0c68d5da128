/**
 * Makes the pictures of the README from a stored run: `npm run pictures -- DIR` writes docs/pictures/terminal.svg, what `report
 * DIR` prints, and docs/pictures/page.png, the top of its page. The second needs Chromium (`CHROMIUM` names one).
 */
import { mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { main } from '../harness/cli/main.ts';
import { InfrastructureError, UsageError } from '../harness/errors.ts';
import { openBrowser, openPage } from '../reports/page/testing/browser.ts';
import { terminalPicture } from './pictures/terminal.ts';

const [directory] = process.argv.slice(2);
if (directory === undefined) throw new UsageError('Name the directory of a run: npm run pictures -- DIR.');

const run = resolve(directory);
const pictures = resolve(import.meta.dirname, '../docs/pictures');
/** A picture that everybody loads who opens the README. */
const mostBytes = 120 * 1024;

/** Reports the run, and returns what a terminal of 88 columns would show. */
async function report(...args: string[]): Promise<string> {
  let printed = '';
  const stdout = { write: (text: string) => (printed += text), isTTY: true, columns: 88 };
  const code = await main(['report', basename(run), ...args], {
    ...{ cwd: dirname(run), env: { TERM: 'xterm' }, stdout, stderr: process.stderr },
  });
  if (code !== 0) throw new InfrastructureError(`report ended with ${code}.`);
  return printed;
}

const folder = mkdtempSync(join(tmpdir(), 'patternbench-pictures-'));
try {
  mkdirSync(pictures, { recursive: true });
  const terminal = terminalPicture(
    'patternbench run: which pattern to use, and what each costs',
    await report(),
  );
  writeFileSync(join(pictures, 'terminal.svg'), terminal);
  const html = join(folder, 'page.html');
  await report('--html', html);
  const browser = await openBrowser();
  try {
    const { page } = await openPage(browser, pathToFileURL(html).href, { width: 1100, height: 760 });
    const file = join(pictures, 'page.png');
    await page.screenshot({ path: file });
    const { size } = statSync(file);
    if (size > mostBytes)
      throw new InfrastructureError(`${file} has ${size} bytes; at most ${mostBytes} are wanted.`);
  } finally {
    await browser.close();
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
