import { bodyModes } from './bodies.ts';
import type { HttpModes } from './mode.ts';
import { statusModes } from './statuses.ts';
import { streamModes } from './streams.ts';

/** All ways in which the HTTP server can be hostile, by name; `http-well-behaved` is the control. */
export const httpModes: HttpModes = {
  'http-well-behaved': { exits: [0] },
  ...statusModes,
  ...bodyModes,
  ...streamModes,
};
