import { bound, bytes, number, percent, seconds, times } from '../../harness/numbers.ts';
import type { Verdict } from '../../harness/results/summary.ts';
import {
  type Bands,
  type ItemFlip,
  inverse,
  leadOf,
  type Ratio,
  type VerdictPattern,
} from '../../harness/results/verdict.ts';
import { present } from '../text/table.ts';
import { standing, verbs } from '../text/words.ts';
import type { WriteForeign } from './notes.ts';

type Flips = NonNullable<Verdict['flips']>;
type Turned = Flips['assumptions'][number];
type Slack = NonNullable<NonNullable<Flips['slack']>[number]>;

/** One assumption in words: with what the verdict then is, where that is another one; and the same of other sizes of work. */
type Phrase = { flips: boolean; text: string; sizes?: string };

/**
 * What a verdict depends on, each a phrase without a full stop: what would change it, and under what it holds. Undefined where
 * there is nothing to change.
 */
export function splitFlips(verdict: Verdict, write: WriteForeign) {
  const { flips } = verdict;
  if (!flips) return undefined;
  const phrases = [
    ...slackPhrases(verdict, flips),
    ...(flips.items ? itemPhrases(verdict, flips.items, write) : []),
    ...assumptionPhrases(verdict, flips),
    ...windowPhrases(flips),
    ...(flips.bytesPerResult ? [bandPhrase(verdict, flips.bytesPerResult, sizeOfResults)] : []),
    ...(flips.overheadSeconds ? [bandPhrase(verdict, flips.overheadSeconds, overheadOfModel)] : []),
  ];
  const textsOf = (isMeant: (phrase: Phrase) => boolean) => phrases.filter(isMeant).map(({ text }) => text);
  return {
    would: textsOf((each) => each.flips),
    wouldNot: textsOf((each) => !each.flips),
    /** What would change it with the same work, and with work of another size: `would` has both. */
    close: textsOf((each) => each.flips && each.sizes === undefined),
    sizes: present(phrases.map((each) => each.flips && each.sizes)),
  };
}

/** The same as sentences: at most one of what would change the verdict, and one of what it holds under. */
export function flipSentences({ would, wouldNot }: Record<'would' | 'wouldNot', string[]>): string[] {
  return present(
    would.length > 0 && `Changes ${would.join('; ')}.`,
    wouldNot.length > 0 && `Holds ${wouldNot.join('; ')}.`,
  );
}

const assumptionWords: Record<Turned['assume'], string> = {
  uncached: 'without caching',
  warm: 'with a warm cache',
  cold: 'with a cold cache',
  minimumHigher: 'if prompts are longer than counted, against the model’s cache minimum',
  minimumLower: 'if prompts are shorter than counted, against the model’s cache minimum',
  padded: 'if the client pads its prompt to the model’s cache minimum',
  oneCall: 'with one call a message',
  observedCalls: 'with as many calls a message as real agents ask for (1.9 on average)',
  allCalls: 'with all calls at once',
  requestsHigher: 'if requests are larger than counted',
  requestsLower: 'if requests are smaller than counted',
};

/** Assumptions that are told as one where the verdict holds under all of them. */
const together: [Turned['assume'][], string][] = [
  [['minimumHigher', 'minimumLower', 'padded'], 'with any count near the model’s cache minimum'],
  [['oneCall', 'observedCalls', 'allCalls'], 'with one call a message or all at once'],
];

function assumptionPhrases(verdict: Verdict, { assumptions, window }: Flips): Phrase[] {
  // How full the window is says more than that requests are counted for more or less.
  const told = assumptions.filter(
    ({ assume }) => !assume.startsWith('requests') || (!window && flipsAt(assume)),
  );
  function flipsAt(assume: Turned['assume']): boolean {
    const found = assumptions.find((each) => each.assume === assume);
    return found !== undefined && found.pattern !== verdict.pattern;
  }
  return told.flatMap((turned): Phrase[] => {
    const { assume } = turned;
    const words = assumptionWords[assume];
    if (flipsAt(assume)) return [{ flips: true, text: `${words}: ${outcome(verdict, turned)}` }];
    const group = together.find(([members]) => members.includes(assume));
    if (!group || group[0].some(flipsAt)) return [{ flips: false, text: words }];
    const isFirst = told.find((each) => group[0].includes(each.assume)) === turned;
    return isFirst ? [{ flips: false, text: group[1] }] : [];
  });
}

/** What is recommended then, with how much more the other takes where that is why. */
function outcome({ by }: Verdict, { pattern, ratio, variants }: Turned): string {
  if (pattern === 'classic' && ratio && ratio.low > 1) return more(variants?.code ?? 'code', ratio, by);
  if (pattern === 'code' && ratio && ratio.high < 1) {
    return more(variants?.classic ?? 'classic', inverse(ratio), by);
  }
  return pattern === 'classic' || pattern === 'code' ? `use ${pattern}` : standing(pattern, by);
}

function more(variant: string, { value, low, high }: Ratio, by: Verdict['by']): string {
  const { takes, much } = verbs[by];
  return `${variant} ${takes} ${times(value)} times ${much} (${bound(low)} to ${bound(high)})`;
}

/** A stretch of values with one verdict, from the first that is known to have it to the last. */
type Stretch = { first: number; last: number; pattern: VerdictPattern };

/**
 * Neighbouring values with the same verdict as one stretch, in the order of the values. Where both take the same and where it
 * is too close to call are one stretch, too close to call where any of it is.
 */
function toStretches(tried: readonly { at: number; pattern: VerdictPattern }[]): Stretch[] {
  const stretches: Stretch[] = [];
  for (const { at, pattern } of tried) {
    const last = stretches.at(-1);
    if (last && leadOf(last.pattern) === leadOf(pattern)) {
      last.last = at;
      if (pattern === 'insufficient') last.pattern = pattern;
    } else {
      stretches.push({ first: at, last: at, pattern });
    }
  }
  return stretches;
}

/** The verdict at other numbers of items: with both edges of each stretch, and only as far as was tried. */
function itemPhrases(verdict: Verdict, { param: name, now, tried }: ItemFlip, write: WriteForeign): Phrase[] {
  const param = write(name);
  const stretches = toStretches(tried);
  const [only] = stretches;
  if (!only) return [];
  if (stretches.length === 1) {
    const sizes = tried.map(({ at }) => number(at)).join(', ');
    const text = `from ${number(only.first)} to ${number(only.last)} ${param} (tried: ${sizes})`;
    return [{ flips: false, text }];
  }
  const rangeOf = ({ first, last }: Stretch, index: number) => {
    if (index === 0) return `up to ${number(last)}`;
    if (index === stretches.length - 1) return `from ${number(first)}`;
    return first === last ? `at ${number(first)}` : `from ${number(first)} to ${number(last)}`;
  };
  const parts = stretches.map(
    (stretch, index) => `${leadWords(stretch, tried, verdict.by)} ${rangeOf(stretch, index)}`,
  );
  // Padded to the minimum, all sizes must have one verdict: else it changes elsewhere, and not only because of that.
  const padded = new Set(tried.map((each) => each.padded && leadOf(each.padded)));
  const cliff = padded.size === 1 && !padded.has(null);
  const why = cliff ? ', only because a longer prompt reaches the model’s cache minimum' : '';
  const sizes = `${parts.join(', ')} ${param} (now ${number(now)})${why}`;
  return [{ flips: true, text: `with size: ${sizes}`, sizes }];
}

function leadWords({ first, pattern }: Stretch, tried: ItemFlip['tried'], by: Verdict['by']): string {
  const because = tried.find(({ at }) => at === first)?.because;
  if (pattern !== 'classic' && pattern !== 'code') return standing(pattern, by);
  if (because === 'value') return pattern;
  return because === 'window' ? `only ${pattern} fits its context window` : `only ${pattern} is right`;
}

/** Whether it takes another count of tokens for a variant to fit its context window, or to do so no more. */
function windowPhrases({ window = [] }: Flips): Phrase[] {
  return window.map(({ variant, filled, uncertainty, hangs }) => ({
    flips: hangs,
    text: `with a count of tokens that is ${percent(uncertainty)} off (the largest request of ${variant} takes ${percent(filled)} of the context window)`,
  }));
}

type Axis = {
  smaller: (value: string) => string;
  larger: (value: string) => string;
  any: string;
  write: (value: number) => string;
};

const sizeOfResults: Axis = {
  smaller: (value) => `for results under about ${value}`,
  larger: (value) => `for results over about ${value}`,
  any: 'for results of any size, up to 64 times as large',
  write: bytes,
};
const overheadOfModel: Axis = {
  smaller: (value) => `under ${value} of model overhead a round trip`,
  larger: (value) => `over ${value} of model overhead a round trip`,
  any: 'with any overhead a round trip, up to 12.8 s',
  write: (value) => seconds(value * 1000),
};

/** The nearest values on both sides from which another verdict holds. */
function bandPhrase({ pattern, by }: Verdict, { now, bands }: Bands, axis: Axis): Phrase {
  const { write } = axis;
  const at = bands.findIndex(({ from, to }) => now >= from && (to === null || now <= to));
  const decided = ({ pattern: each }: { pattern: VerdictPattern }) =>
    each !== pattern && each !== 'insufficient';
  const below = bands.slice(0, Math.max(0, at)).findLast(decided);
  const above = bands.slice(at + 1).find(decided);
  const words = (each: VerdictPattern) =>
    each === 'classic' || each === 'code' ? `use ${each}` : standing(each, by);
  const parts = present(
    below && `${axis.smaller(write(below.to ?? 0))}: ${words(below.pattern)}`,
    above && `${axis.larger(write(above.from))}: ${words(above.pattern)}`,
  );
  if (parts.length === 0) return { flips: false, text: `${axis.any} (now ${write(now)})` };
  const sizes = `${parts.join(', ')} (now ${write(now)})`;
  return { flips: true, text: sizes, sizes };
}

/** Each kind of mistake, one and several. */
export const mistakeWords: Record<Slack['mistake'], [one: string, many: string]> = {
  failedProgram: ['failed program', 'failed programs'],
  wastedLookUp: ['wasted look-up', 'wasted look-ups'],
  repeatedCall: ['repeated call', 'repeated calls'],
  idleRoundTrip: ['round trip that only announces', 'round trips that only announce'],
};

function nameOf(mistake: Slack['mistake'], times: number): string {
  const [one, many] = mistakeWords[mistake];
  return times === 1 ? one : many;
}

/**
 * Mistakes use up what the recommended pattern saves, or turn a tie: how many of each kind it may make. Whose they are is said
 * where it is not the variant that is compared, and in a tie.
 */
function slackPhrases({ pattern, sides }: Verdict, { slack = [] }: Flips): Phrase[] {
  const own = slack.filter(({ most }) => most != null);
  const whose = ({ side, variant }: Slack) => {
    if (variant !== undefined) return ` (by ${variant} alone)`;
    return pattern === 'either' ? ` (by ${sides[side]?.name ?? side})` : '';
  };
  const words = (each: Slack) => {
    const { mistake, most, isLeast } = each;
    return `${number(most ?? 0)}${isLeast ? ' (or more)' : ''} ${nameOf(mistake, most ?? 0)}${whose(each)}`;
  };
  const turning = own
    .filter(({ most, isLeast }) => most === 0 && !isLeast)
    .map((each) => `one ${nameOf(each.mistake, 1)}${whose(each)}`);
  const holding = own.filter(({ most }) => most !== 0).map(words);
  const phrases: Phrase[] = [];
  if (turning.length > 0) {
    const then = pattern === 'either' ? 'no longer a tie' : `no longer ${pattern}`;
    phrases.push({ flips: true, text: `with ${turning.join(' or ')} a run: ${then}` });
  }
  if (holding.length > 0) {
    phrases.push({ flips: false, text: `with up to ${holding.join(' or ')} a run` });
  }
  return phrases;
}
