import { amounts, type Baseline, type BaselineVariant, isSampled } from '../../results/baseline.ts';
import { figureNames } from './change.ts';
import { trialsToShowFall, trialsToShowRise } from './evidence.ts';
import { defaultPolicy, findCheck } from './gate-policy.ts';

/** What a baseline of so few trials could never stop (`refused`), and what it could overlook (`weak`); in words. */
type Holding = { refused: string[]; weak: string[] };

/** A rise that every amount of a baseline should be able to show. */
const doubled = 2;

/**
 * Whether a baseline can hold what it says. A sampled result of which even a fall to no right answer would pass is refused,
 * and so is one with fewer than two trials, whose amounts have no spread. An amount whose doubling may pass is only named:
 * it is still judged, and a larger rise still stops. Computed results need one trial.
 */
export function examineHolding({ scenarios }: Baseline): Holding {
  const sampled = scenarios.flatMap(({ scenario, variants }) =>
    variants.filter(isSampled).map((variant) => ({ name: `${scenario} / ${variant.variant}`, variant })),
  );
  return {
    refused: sampled.flatMap(({ name, variant }) => refuse(name, variant)),
    weak: sampled.flatMap(({ name, variant }) => findWeak(name, variant)),
  };
}

/** Fewest trials of a sampled result, with any answers: with two, no check can stop anything. */
const fewest = 3;

function refuse(name: string, { trials, figures }: BaselineVariant): string[] {
  const right = Math.round((figures.correct ?? 0) * trials);
  const { gap } = findCheck(defaultPolicy, 'correctness', null);
  const needed = Math.max(fewest, trialsToShowFall({ right, trials }, gap) ?? 0);
  if (trials >= needed) return [];
  return [`${name}: ${right} of ${trials} right. To stop a fall to none, it takes ${needed} trials.`];
}

function findWeak(name: string, { trials, noise = {} }: BaselineVariant): string[] {
  const { relative } = findCheck(defaultPolicy, 'cost', null);
  const weak = amounts.flatMap((amount) => {
    const needed = trialsToShowRise(noise[amount] ?? 0, doubled, relative);
    return needed !== null && needed <= trials ? [] : [{ figure: figureNames[amount].name, needed }];
  });
  if (weak.length === 0) return [];
  const texts = weak.map(({ figure, needed }) => `${figure} (${needed ?? 'more than 10,000'} trials)`);
  return [`${name}: ${trials} trials vary too much to be sure to see these double: ${texts.join(', ')}.`];
}
