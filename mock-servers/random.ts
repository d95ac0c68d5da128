/** A deterministic stream of draws. Equal seeds and labels give equal streams on every machine. */
export type Random = {
  /** Uniform in [0, 1). */
  next(): number;
  /** A whole number from `min` to `max`, both included. */
  integer(min: number, max: number): number;
  chance(probability: number): boolean;
  /** One of `choices`, which must not be empty. */
  pick<T>(choices: readonly T[]): T;
  /** Standard normal, by the Box–Muller transform. */
  normal(): number;
};

/**
 * The stream of `seed` and `label`: one label per kind of data keeps a change in how one kind is drawn from shifting
 * the others. The generator is sfc32 of PractRand (Chris Doty-Humphrey, public domain), warmed up by 12 draws as
 * there; its three words of state come from an FNV-1a hash of label and seed. Throws a `RangeError` for a seed that is not a
 * whole number from 0.
 */
export function createRandom(seed: number, label: string): Random {
  if (!Number.isSafeInteger(seed) || seed < 0) {
    throw new RangeError(`The seed must be a whole number from 0, not ${seed}.`);
  }
  let a = fnv1a(`${label}/a/${seed}`);
  let b = fnv1a(`${label}/b/${seed}`);
  let c = fnv1a(`${label}/c/${seed}`);
  let counter = 1;
  function next(): number {
    const sum = (a + b + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (c << 21) | (c >>> 11);
    c = (c + sum) | 0;
    return (sum >>> 0) / 2 ** 32;
  }
  for (let draw = 0; draw < 12; draw++) next();
  return {
    next,
    integer: (min, max) => min + Math.floor(next() * (max - min + 1)),
    chance: (probability) => next() < probability,
    pick(choices) {
      const choice = choices[Math.floor(next() * choices.length)];
      if (choice === undefined) throw new RangeError('pick: no choices');
      return choice;
    },
    normal: () => Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next()),
  };
}

/** Draws from `choices` in proportion to their weights; made once, then logarithmic per draw. */
export function weighted<T>(choices: readonly (readonly [T, number])[]): (random: Random) => T {
  const first = choices[0];
  if (first === undefined) throw new RangeError('weighted: no choices');
  const limits: number[] = [];
  let total = 0;
  for (const [, weight] of choices) {
    total += weight;
    limits.push(total);
  }
  return (random) => {
    const point = random.next() * total;
    let low = 0;
    let high = limits.length - 1;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (point < (limits[middle] ?? total)) high = middle;
      else low = middle + 1;
    }
    return (choices[low] ?? first)[0];
  };
}

/** FNV-1a over UTF-16 code units, 32 bits. */
export function fnv1a(text: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index++) {
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  }
  return hash >>> 0;
}
