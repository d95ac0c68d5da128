import { errorModes } from './errors.ts';
import { idModes } from './ids.ts';
import { listingModes } from './listings.ts';
import type { Modes } from './mode.ts';
import { pauseModes } from './pauses.ts';
import { resultModes } from './results.ts';

/** All ways in which a server's messages can be hostile, over any wire; `well-behaved` is the control. */
export const messageModes: Modes = {
  'well-behaved': { exits: [0] },
  ...idModes,
  ...errorModes,
  ...resultModes,
  ...listingModes,
  ...pauseModes,
};
