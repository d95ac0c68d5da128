import { z } from 'zod';

/** The format line of a cassette. A file with another first line is not read. */
export const cassetteFormat = 'patternbench.cassette/v1';

const headerLine = z.strictObject({ format: z.literal(cassetteFormat) });

/**
 * A request as a line holds it: whole, or as what it adds to the request of an earlier line. Histories are re-sent with
 * every round trip; written whole, a trial of n round trips would fill the disk with n² messages.
 */
const storedRequest = z.strictObject({
  /** Key of the earlier request that this one extends; null where it stands alone. */
  base: z.string().nullable(),
  /** Leading messages taken over from `base`. */
  keep: z.int().nonnegative(),
  /** All fields but the messages; null where they are those of `base`. */
  fields: z.record(z.string(), z.unknown()).nullable(),
  /** The messages after the kept ones, without cache breakpoints. */
  messages: z.array(z.unknown()),
  /** Where the request's cache breakpoints were. */
  breakpoints: z.array(z.strictObject({ at: z.string(), value: z.unknown() })),
});

const timedEvent = z.strictObject({
  /** Arrival in milliseconds after the request was sent. Kept for study; a replay does not reproduce it. */
  offsetMs: z.number().nonnegative(),
  data: z.unknown(),
});

const exchangeLine = z.strictObject({
  /** SHA-256 of the canonical request. */
  key: z.string().regex(/^[0-9a-f]{64}$/),
  /** Which repeat of the trial asked. */
  repeat: z.int().nonnegative(),
  /** How often this repeat had asked the same before. */
  ask: z.int().nonnegative(),
  /** When the answer came, ISO 8601. */
  recordedAt: z.string(),
  /** Scheme, host and port that answered. */
  origin: z.string(),
  sdkVersion: z.string(),
  apiVersion: z.string(),
  status: z.int(),
  headers: z.record(z.string(), z.string()),
  /** The provider's counts; null where it did not count. */
  usage: z.record(z.string(), z.unknown()).nullable(),
  request: storedRequest,
  events: z.array(timedEvent).optional(),
  body: z.unknown().optional(),
});

/** Any line of a cassette: the first names the format, each other one is a request with the answer it got. */
export const cassetteRecord = z.union([headerLine, exchangeLine]);

export type ExchangeLine = z.infer<typeof exchangeLine>;

/** The format line, with its line feed. */
export const headerText = `${JSON.stringify({ format: cassetteFormat })}\n`;

/** Parses one line after the first. Throws what is wrong with it. */
export function parseExchangeLine(text: string): ExchangeLine {
  return exchangeLine.parse(JSON.parse(text));
}

/** Whether a text is the format line of a cassette that can be read here. */
export function isHeaderLine(text: string): boolean {
  try {
    return headerLine.safeParse(JSON.parse(text)).success;
  } catch {
    return false;
  }
}
