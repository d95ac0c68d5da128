import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { PatternName } from '../results/codes.ts';
import type { ScenarioHead } from './load.ts';

/** What comes along: every bundled scenario, and every variant. */
export type Listing = {
  scenarios: (Pick<
    ScenarioHead,
    'name' | 'title' | 'description' | 'core' | 'stresses' | 'surprise' | 'params'
  > & {
    prediction?: string;
    because?: string;
  })[];
  variants: { name: string; pattern: PatternName; description: string }[];
};

/** Where it stands; `npm run listing` writes it. */
export const listingFile = resolve(import.meta.dirname, '../../scenarios/listing.json');

/** What comes along, as it was written down: to load every scenario for it takes half a second. */
export function readListing(): Listing {
  return JSON.parse(readFileSync(listingFile, 'utf8')) as Listing;
}
