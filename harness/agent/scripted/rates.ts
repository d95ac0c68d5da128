import { UsageError } from '../../errors.ts';
import { tellNearest } from '../../nearest.ts';

/** The mistakes that a scripted model can be told to make. */
export const mistakes = ['failed-program', 'wasted-discovery', 'forgotten-page', 'repeated-call'] as const;

export type Mistake = (typeof mistakes)[number];

/** How likely each mistake is, from 0 to 1, at every opportunity for it; see `createImperfect` for what those are. */
export type Rates = Partial<Record<Mistake, number>>;

/** Reads `failed-program=0.3,repeated-call=0.05`. Throws a `UsageError` that names what is wrong. */
export function parseRates(text: string): Rates {
  const rates: Rates = {};
  for (const part of text.split(',')) {
    const [name = '', value = ''] = part.split('=').map((piece) => piece.trim());
    const mistake = mistakes.find((known) => known === name);
    if (!mistake) {
      throw new UsageError(
        `Unknown imperfection "${name}".${tellNearest(name, mistakes, 1)} Known: ${mistakes.join(', ')}.`,
      );
    }
    const rate = Number(value);
    if (value === '' || !(rate >= 0 && rate <= 1)) {
      throw new UsageError(`The rate of ${mistake} is a number from 0 to 1; got "${value}".`);
    }
    if (rates[mistake] !== undefined) throw new UsageError(`The rate of ${mistake} is given twice.`);
    rates[mistake] = rate;
  }
  return rates;
}
