import { InvalidArgumentError } from 'commander';
import type { z } from 'zod';
import type { GatePolicy, gatePolicySchema } from '../analysis/gate/gate-policy.ts';
import { UsageError } from '../errors.ts';
import { isRecord } from '../json.ts';
import { type FaultKind, faultKinds, faultRatesFit, passingFaults, tooManyFaults } from '../results/codes.ts';

/*
 * How the values of options are read: alike from the text of a command line and from a configuration, where numbers, lists and
 * switches may be what they are. It loads no schemas, so that a wrong value is shown at once.
 */

/**
 * Reads a value of type `Out`, or throws an `InvalidArgumentError` that says what it may be. `In` is what a configuration may
 * hold.
 */
export type Reader<Out, In> = {
  read: (given: unknown) => Out;
  /** Known to the type checker alone. */
  takes?: In;
  /** The words that it may be, where these are all. */
  words?: readonly string[];
  /** Present where it is a length of time. */
  isTime?: true;
  /** Present where it names a file or folder, which is then made absolute: the words that are none. */
  path?: readonly string[];
};

/** What a reader makes of a value. */
export type Read<R> = R extends { read: (given: never) => infer Out } ? Awaited<Out> : never;
/** What a configuration may hold for it. */
export type Taken<R> = R extends { takes?: infer In } ? NonNullable<In> : never;

function refuse(message: string): never {
  throw new InvalidArgumentError(message);
}

/** A number, also written as text; `NaN` for anything else. */
function toNumber(given: unknown): number {
  if (typeof given === 'number') return given;
  return typeof given === 'string' && given.trim() !== '' ? Number(given) : Number.NaN;
}

function numeric(fits: (value: number) => boolean, message: string): Reader<number, number | string> {
  return {
    read: (given) => {
      const value = toNumber(given);
      return Number.isFinite(value) && fits(value) ? value : refuse(message);
    },
  };
}

/** A whole number within bounds. `or` names what else it may be. */
export function wholeNumber(min: number, max: number, or = '') {
  return numeric(
    (value) => Number.isSafeInteger(value) && value >= min && value <= max,
    `It is ${or}a whole number from ${min} to ${max}.`,
  );
}

/** A number above 0 within bounds. */
export function positive(min: number, max: number) {
  return numeric(
    (value) => value >= min && value <= max && value !== 0,
    `It is a number from ${min} to ${max}, above 0.`,
  );
}

/** A share from 0 to 1. */
export const share = numeric((value) => value >= 0 && value <= 1, 'It is a number from 0 to 1.');

/** One word, or a whole number within bounds. */
export function wordOrNumber<const Word extends string>(
  word: Word,
  min: number,
  max: number,
): Reader<Word | number, Word | number | string> {
  const { read } = wholeNumber(min, max, `${word}, or `);
  return { read: (given) => (given === word ? word : read(given)) };
}

const unitMs = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 };

/** A length of time with its unit, as milliseconds: `500ms`, `60s`, `10m`, `1h`. `most` is in milliseconds. */
export function duration(most: number): Reader<number, string> {
  return {
    isTime: true,
    read: (given) => {
      const match = /^\s*(\d+(?:\.\d+)?)\s*(ms|s|m|h)\s*$/.exec(typeof given === 'string' ? given : '');
      const value = match ? Number(match[1]) * unitMs[match[2] as keyof typeof unitMs] : 0;
      if (value >= 1 && value <= most) return value;
      return refuse(`It is a time with its unit, such as 500ms, 60s, 10m or 1h, of at most ${most / 1000}s.`);
    },
  };
}

/** A list, in text separated by commas; each item once. */
export const list: Reader<string[], string | string[]> = {
  read: (given) => {
    const items: unknown = typeof given === 'string' ? given.split(',') : given;
    if (!Array.isArray(items) || !items.every((item) => typeof item === 'string')) {
      return refuse('It is a list of names.');
    }
    const names = [...new Set(items.map((item) => item.trim()).filter(Boolean))];
    return names.length > 0 ? names : refuse('It names at least one.');
  },
};

/**
 * Shares of calls that fail: one for all, which the kinds that pass share evenly, or one for each kind that is named, as
 * `error=0.1,timeout=0.05`.
 */
export const rates: Reader<
  Partial<Record<FaultKind, number>>,
  number | string | Partial<Record<FaultKind, number>>
> = {
  read: (given) => {
    const all = toNumber(given);
    const shares = Number.isNaN(all)
      ? typeof given === 'string'
        ? given.split(',').map((entry) => entry.split('='))
        : Object.entries(isRecord(given) ? given : { given })
      : passingFaults.map((kind) => [kind, all / passingFaults.length]);
    const read: [FaultKind, number][] = shares.map(([name, value, ...more]) => {
      const kind = faultKinds.find((each) => each === String(name).trim());
      const rate = toNumber(value);
      if (kind !== undefined && rate >= 0 && rate <= 1 && more.length === 0) return [kind, rate];
      return refuse(
        `It is a share of calls, or shares by kind, such as error=0.1,timeout=0.05. Kinds: ${faultKinds.join(', ')}.`,
      );
    });
    const found = Object.fromEntries(read) as Partial<Record<FaultKind, number>>;
    if (Object.keys(found).length < read.length) refuse('It names a kind twice.');
    return faultRatesFit(found) ? found : refuse(tooManyFaults);
  },
};

/** One of these words. */
export function oneOf<const Word extends string>(words: readonly Word[]): Reader<Word, Word> {
  return {
    words,
    read: (given) => words.find((word) => word === given) ?? refuse(`It is one of ${words.join(', ')}.`),
  };
}

/** One part of several: `2/4`, or `auto` for the part of this machine. */
export const part: Reader<'auto' | { index: number; of: number }, string> = {
  read: (given) => {
    if (given === 'auto') return given;
    const [, index, of] = /^(\d{1,4})\/(\d{1,4})$/.exec(String(given)) ?? [];
    const shard = { index: Number(index), of: Number(of) };
    if (shard.index >= 1 && shard.index <= shard.of) return shard;
    return refuse('It is auto, or has the form i/n, such as 2/4, with i from 1 to n.');
  },
};

/** A switch: on or off. */
export const toggle: Reader<boolean, boolean | 'true' | 'false'> = {
  read: (given) =>
    given === true || given === 'true'
      ? true
      : given === false || given === 'false'
        ? false
        : refuse('It is true or false.'),
};

/** Any text but an empty one. */
export const text: Reader<string, string> = {
  read: (given) =>
    typeof given !== 'string' ? refuse('It is a text.') : given === '' ? refuse('It is empty.') : given,
};

/** A file or folder, or one of these words. */
export const fileOr = (...path: string[]): Reader<string, string> => ({ ...text, path });
export const file = fileOr();

/** Folders, of which those without a slash are names of something else. */
export const foldersOrNames: typeof list = { ...list, path: [] };

/** One parameter as `name=value`, or several by name. */
export const parameters: Reader<
  Record<string, string>,
  string | Record<string, string | number | boolean>
> = {
  read: (given) => {
    const [, name, value] = typeof given === 'string' ? (/^([^=]+)=(.*)$/s.exec(given) ?? []) : [];
    if (name !== undefined && value !== undefined) return { [name]: value };
    const isValue = (each: unknown) => ['string', 'number', 'boolean'].includes(typeof each);
    if (!isRecord(given) || !Object.values(given).every(isValue)) {
      return refuse('It has the form name=value.');
    }
    return Object.fromEntries(Object.entries(given).map(([key, each]) => [key, String(each)]));
  },
};

/** Parameters and one more. The same name twice is refused, since one of the values would be lost. */
export function mergeParameters(
  before: Record<string, string>,
  more: Record<string, string>,
): Record<string, string> {
  const twice = Object.keys(more).find((name) => Object.hasOwn(before, name));
  if (twice !== undefined) throw new UsageError(`${twice} is given twice.`);
  return { ...before, ...more };
}

/** A file, or what would stand in it. Its schema is loaded only where it is written out. */
export const policy: Reader<string | Promise<GatePolicy>, string | z.input<typeof gatePolicySchema>> = {
  path: [],
  read: (given) => (isRecord(given) ? readPolicy(given) : text.read(given)),
};

async function readPolicy(given: object): Promise<GatePolicy> {
  const { gatePolicySchema } = await import('../analysis/gate/gate-policy.ts');
  const { data, error } = gatePolicySchema.safeParse(given);
  if (data) return data;
  const [issue] = error.issues;
  const place = issue === undefined || issue.path.length === 0 ? '' : `At ${issue.path.join('.')}: `;
  return refuse(`${place}${issue?.message}. It is as in gate --help.`);
}
