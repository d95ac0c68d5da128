import type { Modes } from '../messages/mode.ts';
import { messageModes } from '../messages/modes.ts';
import { lifetimeModes } from './lifetimes.ts';
import { noiseModes } from './noise.ts';

/** All ways in which the stdio server can be hostile, by name. */
export const stdioModes: Modes = { ...messageModes, ...lifetimeModes, ...noiseModes };
