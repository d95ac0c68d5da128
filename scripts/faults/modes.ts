import { bodyModes } from './http/bodies.ts';
import type { HttpModes } from './http/mode.ts';
import { overHttp } from './http/mode.ts';
import { statusModes } from './http/statuses.ts';
import { streamModes } from './http/streams.ts';
import { errorModes } from './messages/errors.ts';
import { idModes } from './messages/ids.ts';
import { listingModes } from './messages/listings.ts';
import type { Modes } from './messages/mode.ts';
import { pauseModes } from './messages/pauses.ts';
import { resultModes } from './messages/results.ts';
import { lifetimeModes } from './stdio/lifetimes.ts';
import { noiseModes } from './stdio/noise.ts';

/** Hostile messages over any wire, by what the server does in words. */
const messageKinds: [string, Modes][] = [
  ['a server that behaves', { 'well-behaved': { exits: [0] } }],
  ['ids that are forged, doubled or of another kind', idModes],
  ['JSON-RPC errors', errorModes],
  ['results', resultModes],
  ['lists of tools', listingModes],
  ['answers that come late, slowly or not', pauseModes],
];

function spokenOverHttp(modes: Modes): HttpModes {
  return Object.fromEntries(Object.entries(modes).map(([name, mode]) => [`http-${name}`, overHttp(mode)]));
}

/** All hostile servers, by what they do and over which transport; in the order of the report. */
export const groups: ({ kind: string } & (
  | { over: 'stdio'; modes: Modes }
  | { over: 'HTTP'; modes: HttpModes }
))[] = [
  ...messageKinds.flatMap(([kind, modes]) => [
    { kind, over: 'stdio' as const, modes },
    { kind, over: 'HTTP' as const, modes: spokenOverHttp(modes) },
  ]),
  { kind: 'servers that end, or will not', over: 'stdio', modes: lifetimeModes },
  { kind: 'what is no message, on standard output and error', over: 'stdio', modes: noiseModes },
  { kind: 'HTTP statuses and redirects', over: 'HTTP', modes: statusModes },
  { kind: 'HTTP bodies and compression', over: 'HTTP', modes: bodyModes },
  { kind: 'streams of events', over: 'HTTP', modes: streamModes },
];

/** All ways in which the stdio server can be hostile, by name. */
export const stdioModes: Modes = Object.assign(
  {},
  ...groups.map((each) => each.over === 'stdio' && each.modes),
);
/** All ways in which the HTTP server can be hostile, by name: those of messages, and those of HTTP itself. */
export const httpModes: HttpModes = Object.assign(
  {},
  ...groups.map((each) => each.over === 'HTTP' && each.modes),
);
