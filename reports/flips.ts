import type { Result, Verdict } from '../harness/run/summary.ts';
import type { ItemFlip } from '../harness/verdict/verdict-schema.ts';
import type { WriteForeign } from './evidence.ts';
import { amount, times, verbs } from './measure-words.ts';
import { percent } from './numbers.ts';

/** What a recommendation hangs on, each a phrase without an end: what would flip it, what would not, and what nobody looked at. */
export type FlipPhrases = { would: string[]; wouldNot: string[]; notLookedAt: string[] };

type Flips = NonNullable<Verdict['flips']>;
type Elsewhere = NonNullable<Flips['uncached']>;

/** A circumstance: what is recommended in it, where that is something else, or that it changes nothing. */
type Circumstance = { flips: boolean; phrase: string };

/**
 * Splits the circumstances of a verdict by whether they would flip it; undefined where there is no recommendation to flip.
 * `results` are those that the verdict was made from.
 */
export function splitFlips(
  verdict: Verdict,
  results: readonly Result[],
  write: WriteForeign,
): FlipPhrases | undefined {
  const { flips, pattern } = verdict;
  if (!flips || pattern === 'neither' || pattern === 'insufficient') return undefined;
  const { uncached, warmPrefix, otherTokenizer } = flips;
  const circumstances = [
    ...at(verdict, 'without caching', uncached),
    ...at(verdict, 'with tools and system prompt cached beforehand', warmPrefix),
    ...at(verdict, `counted with the ${otherTokenizer?.method}`, otherTokenizer),
    ...(flips.items ? [itemCount(verdict, flips.items, write)] : []),
    ...windowFills(flips),
    ...resultSize(verdict, flips),
    ...overhead(verdict, flips),
    ...failedPrograms(verdict, flips),
  ];
  // Where a provider counted, no local tokenizer has a say.
  const isEstimated = !results.some(({ provider }) => provider);
  return {
    would: circumstances.filter((each) => each.flips).map(({ phrase }) => phrase),
    wouldNot: circumstances.filter((each) => !each.flips).map(({ phrase }) => phrase),
    notLookedAt:
      isEstimated && !otherTokenizer && !results.some((result) => result.otherTokenizer)
        ? ['another tokenizer (run it without --no-sensitivity)']
        : [],
  };
}

/** The same as sentences: first what would flip the verdict, then in one line what would not. */
export function flipSentences({ would, wouldNot, notLookedAt }: FlipPhrases): string[] {
  const open = notLookedAt.length > 0 ? ` Not looked at: ${notLookedAt.join('; ')}.` : '';
  if (would.length === 0) {
    return [
      `Nothing that was looked at would flip it${wouldNot.length > 0 ? `: ${wouldNot.join('; ')}` : ''}.${open}`,
    ];
  }
  const not = wouldNot.length > 0 ? `What would not: ${wouldNot.join('; ')}.` : '';
  return [`What would flip it: ${would.join('; ')}.`, ...(not || open ? [`${not}${open}`.trim()] : [])];
}

function at(verdict: Verdict, what: string, elsewhere: Elsewhere | undefined): Circumstance[] {
  if (!elsewhere) return [];
  if (elsewhere.pattern === verdict.pattern) return [{ flips: false, phrase: what }];
  return [{ flips: true, phrase: `${what}: ${outcome(verdict, elsewhere)}` }];
}

function outcome({ by, sides }: Verdict, { pattern, ratio }: Elsewhere): string {
  if (pattern === 'either') return `either, code at ${ratio} of classic`;
  if (pattern === 'insufficient') return `too close to call, code at ${ratio} of classic`;
  const dear = pattern === 'classic' ? (sides.code?.name ?? 'code') : (sides.classic?.name ?? 'classic');
  const factor = pattern === 'classic' ? ratio : 1 / ratio;
  return `${pattern}, ${dear} ${verbs[by].takes} ${times(factor)} ${verbs[by].much}`;
}

/** At how many items another side leads, and which numbers were tried. */
function itemCount(
  { by }: Verdict,
  { param: name, now, at, between, above, turns, tried }: ItemFlip,
  write: WriteForeign,
): Circumstance {
  const number = (value: number) => value.toLocaleString('en-US');
  const param = write(name);
  const items = (value: number) => `${number(value)} ${param}`;
  if (at === null || !between) {
    const [least = now, most = now] = [tried[0], tried.at(-1)];
    return {
      flips: false,
      phrase: `${number(least)} to ${items(most)} (tried at ${tried.map(number).join(', ')})`,
    };
  }
  // Costs may rise in steps, as with pages of results: between the two that were tried, nobody knows where.
  const [before, known] = between;
  const from =
    known - before === 1 ? number(known) : `somewhere between ${number(before)} and ${number(known)}`;
  const leads =
    above === 'neither'
      ? 'neither is right'
      : turns === 'value'
        ? `${above} ${verbs[by].less}`
        : `${above} is the one to use`;
  const why = {
    value: '',
    window: ', since one of the two fits its context window on one side of that only',
    correctness: ', since one of the two is right on one side of that only',
  }[turns ?? 'value'];
  return {
    flips: true,
    phrase: `${param}: from ${from} on ${leads}${why} (now ${number(now)})`,
  };
}

/** Whether it takes another count of tokens for a variant to fit its context window, or to do so no more. */
function windowFills({ window = [] }: Flips): Circumstance[] {
  return window.map(({ variant, filled, uncertainty, hangs }) => ({
    flips: hangs,
    phrase: `a count of tokens that is ${percent(uncertainty)} off (the largest request of ${variant} takes ${percent(filled)} of the context window)`,
  }));
}

/** What classic takes grows with its results and what code takes does not, so that larger ones always speak for code. */
function resultSize(verdict: Verdict, { bytesPerResult: size }: Flips): Circumstance[] {
  if (!size) return [];
  const bytes = (value: number) => value.toLocaleString('en-US');
  const now = `now ${bytes(size.now)} bytes each`;
  if (verdict.pattern === 'either') {
    const equal = size.at === null ? '' : `equal at ${bytes(size.at)} bytes each, `;
    return [{ flips: true, phrase: `larger results: more and more for code (${equal}${now})` }];
  }
  if (size.at === null) return [{ flips: false, phrase: `results of any size (${now})` }];
  const side = size.at < size.now ? 'below' : 'above';
  return [
    { flips: true, phrase: `results ${side} ${bytes(size.at)} bytes (${now}): ${otherTakesLess(verdict)}` },
  ];
}

/** The overhead decides which of the two is faster, and so nothing where the verdict weighs by something else. */
function overhead(verdict: Verdict, { overheadSeconds }: Flips): Circumstance[] {
  if (verdict.by !== 'latency' || !overheadSeconds) return [];
  const { now } = overheadSeconds;
  const turn = overheadSeconds.at || null;
  const each = 'of model overhead a round trip';
  if (verdict.pattern === 'either') {
    const { classic = 0, code = 0 } = verdict.criteria?.steps.roundTrips ?? {};
    if (turn === null || classic === code) return [];
    const gains = classic > code ? 'code' : 'classic';
    return [
      {
        flips: true,
        phrase: `more seconds ${each}: more and more for ${gains} (equal at ${turn} s, now ${now} s)`,
      },
    ];
  }
  if (turn === null) return [{ flips: false, phrase: `any seconds ${each} (now ${now} s)` }];
  const side = turn < now ? 'below' : 'above';
  return [{ flips: true, phrase: `${side} ${turn} s ${each} (now ${now} s): ${otherTakesLess(verdict)}` }];
}

/** Programs that fail use up what code saves; where it saves nothing, they only speak the more for classic. */
function failedPrograms(verdict: Verdict, { failedPrograms: failed }: Flips): Circumstance[] {
  if (verdict.pattern !== 'code' || !failed) return [];
  const count = failed.affordable + 1;
  const many = count === 1 ? 'one failed program' : `${count.toLocaleString('en-US')} failed programs`;
  const each = `about ${amount(failed.each, verdict.by)} each`;
  return [{ flips: true, phrase: `${many} a run (${each}): ${otherTakesLess(verdict)}` }];
}

function otherTakesLess({ pattern, sides, by }: Verdict): string {
  const other = pattern === 'code' ? (sides.classic?.name ?? 'classic') : (sides.code?.name ?? 'code');
  return `${other} ${verbs[by].less}`;
}
