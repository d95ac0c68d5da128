import { writeFileSync } from 'node:fs';
import { controls, listVariants } from '../harness/agent/variants.ts';
import { type Listing, listingFile } from '../harness/scenario/find.ts';
import { loadHeads } from '../harness/scenario/load.ts';

/** What the scenarios and variants say of themselves, for `list` and for the core of a run. */
export async function makeListing(): Promise<string> {
  const listing: Listing = {
    scenarios: (await loadHeads()).map(
      ({ name, title, description, params, core, stresses = [], prediction, surprise }) => ({
        name,
        title,
        description,
        params,
        core,
        stresses,
        ...(prediction ? { prediction: prediction.pattern, because: prediction.because } : {}),
        ...(surprise ? { surprise } : {}),
      }),
    ),
    variants: [...listVariants(), ...controls].map(({ name, pattern, description }) => ({
      name,
      pattern,
      description,
    })),
  };
  return `${JSON.stringify(listing, null, 2)}\n`;
}

if (import.meta.main) writeFileSync(listingFile, await makeListing());
