import { editDistance } from '../../nearest.ts';

/** Letters of other scripts, and digits, that are read as a Latin letter in most fonts. */
const readAs: Record<string, string> = Object.fromEntries(
  Object.entries({
    a: 'аɑα4@',
    b: 'ЬВвβ8',
    c: 'сϲ',
    d: 'ԁ',
    e: 'еєε3',
    g: 'ɡ9',
    h: 'һнΗ',
    j: 'јϳ',
    k: 'кκ',
    l: 'іıιi1|ӏǀ',
    m: 'мΜ',
    n: 'ոηп',
    o: 'оοσօ0',
    p: 'рρ',
    q: 'ԛ',
    r: 'гΓ',
    s: 'ѕ5$',
    t: 'тτ7',
    u: 'υսц',
    v: 'ѵν',
    w: 'ԝѡω',
    x: 'хχ',
    y: 'уүγ',
    z: 'ᴢ2ζ',
  }).flatMap(([latin, others]) => [...others].map((other) => [other, latin])),
);

/**
 * What a name looks like at a glance: compatibility forms, case, separators, hidden characters, digits for letters and
 * letters of other scripts do not count.
 */
export function skeleton(name: string): string {
  const letters = [...name.slice(0, 128).normalize('NFKC').toLowerCase()].map(
    (letter) => readAs[letter] ?? letter,
  );
  return letters
    .join('')
    .normalize('NFD')
    .replaceAll(/[\p{M}\p{Cf}\p{Cc}\p{Default_Ignorable_Code_Point}\p{Z}\p{Pd}\p{Pc}.]/gu, '')
    .replaceAll('rn', 'm')
    .replaceAll('vv', 'w');
}

/** True for two different names that look the same. */
export function isLookAlike(name: string, other: string): boolean {
  return name !== other && skeleton(name) === skeleton(other);
}

/**
 * True for two different names that look the same or are a slip of the finger apart: two edits where the shorter has at
 * least eight characters, one where it has at least five. Closer than that, honest names meet by chance (git, gut).
 */
export function isImitation(name: string, other: string): boolean {
  if (name === other) return false;
  const [a, b] = [skeleton(name), skeleton(other)];
  const shorter = Math.min(a.length, b.length);
  const allowed = shorter >= 8 ? 2 : shorter >= 5 ? 1 : 0;
  return editDistance(a, b) <= allowed && a.slice(64) === b.slice(64);
}
