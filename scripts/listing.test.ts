import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { listingFile } from '../harness/scenario/listing.ts';
import { makeListing } from './listing.ts';

test('the checked-in listing is what scenarios and variants say (npm run listing writes it)', async () => {
  expect(readFileSync(listingFile, 'utf8')).toBe(await makeListing());
});
