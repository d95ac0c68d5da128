import { messageModes } from '../messages/modes.ts';
import { bodyModes } from './bodies.ts';
import type { HttpModes } from './mode.ts';
import { overHttp } from './spoken.ts';
import { statusModes } from './statuses.ts';
import { streamModes } from './streams.ts';

/** All ways in which the HTTP server can be hostile, by name: those of messages, and those of HTTP itself. */
export const httpModes: HttpModes = {
  ...Object.fromEntries(Object.entries(messageModes).map(([name, mode]) => [`http-${name}`, overHttp(mode)])),
  ...statusModes,
  ...bodyModes,
  ...streamModes,
};
