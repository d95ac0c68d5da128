import { errorModes } from './errors.ts';
import { idModes } from './ids.ts';
import { lifetimeModes } from './lifetimes.ts';
import { listingModes } from './listings.ts';
import type { StdioModes } from './mode.ts';
import { noiseModes } from './noise.ts';
import { resultModes } from './results.ts';

/** All ways in which the stdio server can be hostile, by name; `well-behaved` is the control. */
export const stdioModes: StdioModes = {
  'well-behaved': { exits: [0] },
  ...idModes,
  ...errorModes,
  ...resultModes,
  ...listingModes,
  ...lifetimeModes,
  ...noiseModes,
};
