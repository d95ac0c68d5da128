import { InvalidArgumentError } from 'commander';
import { z } from 'zod';
import {
  type FaultKind,
  type FaultRates,
  faultKinds,
  faultRatesSchema,
  passingFaults,
} from '../results/conditions.ts';

/*
 * How the values of options are read: alike from the text of a command line and from a configuration, where numbers, lists and
 * switches may be what they are.
 */

const numeric = (message: string) =>
  z.union([z.number(), z.string().regex(/\S/).transform(Number)], { error: message });

/** A whole number within bounds. */
export function wholeNumber(min: number, max: number) {
  const message = `It is a whole number from ${min} to ${max}.`;
  return numeric(message).refine(
    (value) => Number.isSafeInteger(value) && value >= min && value <= max,
    message,
  );
}

/** A number above 0 within bounds. */
export function positive(min: number, max: number) {
  const message = `It is a number from ${min} to ${max}, above 0.`;
  return numeric(message).refine((value) => value >= min && value <= max && value !== 0, message);
}

/** A share from 0 to 1. */
export const share = numeric('It is a number from 0 to 1.').refine(
  (value) => value >= 0 && value <= 1,
  'It is a number from 0 to 1.',
);

const unitMs = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 };

const durations = new WeakSet<z.ZodType>();

/** A length of time with its unit, as milliseconds: `500ms`, `60s`, `10m`, `1h`. `most` is in milliseconds. */
export function duration(most: number) {
  const message = `It is a time with its unit, such as 500ms, 60s, 10m or 1h, of at most ${most / 1000}s.`;
  const schema = z.string({ error: message }).transform((text, context) => {
    const match = /^\s*(\d+(?:\.\d+)?)\s*(ms|s|m|h)\s*$/.exec(text);
    const value = match ? Number(match[1]) * unitMs[match[2] as keyof typeof unitMs] : 0;
    if (value >= 1 && value <= most) return value;
    context.addIssue({ code: 'custom', message });
    return z.NEVER;
  });
  durations.add(schema);
  return schema;
}

/** Whether a schema reads a length of time. */
export function isDuration(schema: z.ZodType): boolean {
  return durations.has(schema);
}

/** A list, in text separated by commas; each item once. */
export const list = z
  .union([z.array(z.string()), z.string().transform((text) => text.split(','))], {
    error: 'It is a list of names.',
  })
  .transform((items) => [...new Set(items.map((item) => item.trim()).filter(Boolean))])
  .refine((items) => items.length > 0, 'It names at least one.');

const rateForms = `It is a share of calls, or shares by kind, such as error=0.1,timeout=0.05. Kinds: ${faultKinds.join(', ')}.`;

/**
 * Shares of calls that fail: one for all, which the kinds that pass share evenly, or one for each kind that is named, as
 * `error=0.1,timeout=0.05`.
 */
export const rates = z
  .union([z.number(), z.record(z.string(), z.number()), z.string().transform(readRates)], {
    error: rateForms,
  })
  .transform((given): FaultRates | Record<string, number> => {
    if (typeof given !== 'number') return given;
    return Object.fromEntries(passingFaults.map((kind: FaultKind) => [kind, given / passingFaults.length]));
  })
  .pipe(faultRatesSchema);

function readRates(text: string, context: z.RefinementCtx): number | Record<string, number> {
  if (/^\s*[\d.]+\s*$/.test(text)) return Number(text);
  const entries = text.split(',').map((entry) => /^\s*([a-z]+)=([\d.]+)\s*$/.exec(entry) ?? []);
  const isKnown = ([, kind]: readonly (string | undefined)[]) => faultKinds.some((each) => each === kind);
  if (entries.every(isKnown))
    return Object.fromEntries(entries.map(([, kind = '', share]) => [kind, Number(share)]));
  context.addIssue({ code: 'custom', message: rateForms });
  return z.NEVER;
}

/** One of these words. */
export function oneOf<const Words extends readonly string[]>(words: Words) {
  return z.enum(words, { error: `It is one of ${words.join(', ')}.` });
}

/** One part of several: `2/4`, or `auto` for the part of this machine. */
export const part = z.string().transform((given, context) => {
  if (given === 'auto') return given;
  const [, index, of] = /^(\d{1,4})\/(\d{1,4})$/.exec(given) ?? [];
  const shard = { index: Number(index), of: Number(of) };
  if (shard.index >= 1 && shard.index <= shard.of) return shard;
  context.addIssue({
    code: 'custom',
    message: 'It is auto, or has the form i/n, such as 2/4, with i from 1 to n.',
  });
  return z.NEVER;
});

/** A switch: on or off. */
export const toggle = z.union([z.boolean(), z.enum(['true', 'false']).transform((text) => text === 'true')], {
  error: 'It is true or false.',
});

/** Any text but an empty one. */
export const text = z.string({ error: 'It is a text.' }).min(1, 'It is empty.');

/** One parameter as `name=value`, or several by name. */
export const parameters = z.union(
  [
    z.record(z.string(), z.union([z.string(), z.number(), z.boolean()]).transform(String)),
    z
      .string()
      .regex(/^[^=]+=/)
      .transform((given): Record<string, string> => {
        const at = given.indexOf('=');
        return { [given.slice(0, at)]: given.slice(at + 1) };
      }),
  ],
  { error: 'It has the form name=value.' },
);

/** Reads a text of the command line. Throws commander's `InvalidArgumentError` with what the value may be. */
export function readWith<T extends z.ZodType>(schema: T): (text: string) => z.output<T> {
  return (text) => {
    const { success, data, error } = schema.safeParse(text);
    if (success) return data;
    throw new InvalidArgumentError(error.issues[0]?.message ?? 'It is invalid.');
  };
}
