import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { listingFile } from '../harness/scenario/find.ts';
import { makeListing } from './listing.ts';
import { bundlePage, scriptFile } from './page-script.ts';

test('the script of the page is made of its modules as they are (npm run page)', async () => {
  const bundled = await bundlePage();
  expect(readFileSync(scriptFile, 'utf8')).toBe(bundled);
  // It is part of every report.
  expect(bundled.length).toBeLessThan(120_000);
});

test('the checked-in listing is what scenarios and variants say (npm run listing writes it)', async () => {
  expect(readFileSync(listingFile, 'utf8')).toBe(await makeListing());
});
