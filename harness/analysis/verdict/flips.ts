import type { ModelEntry } from '../../meter/catalogue.ts';
import type { LatencyProfile } from '../../meter/latency.ts';
import { type Measure, type Mistake, mistakes } from '../../results/codes.ts';
import { isMeasured, readResult } from '../../results/reading.ts';
import type { Assumed, Result } from '../../results/summary.ts';
import {
  type Bands,
  comparedBy,
  type Decision,
  type Verdict,
  type VerdictPattern,
} from '../../results/verdict.ts';
import { type Side, sides, type WeighResult, weighAsIs } from './comparison.ts';
import {
  cheaperCost,
  largestRequestOf,
  requestUncertaintyOf,
  rightOtherwise,
  roundFigures,
  totalOf,
  wholeJob,
} from './measure.ts';

type Flips = NonNullable<Verdict['flips']>;
type Turned = Flips['assumptions'][number];

type FlipInput = {
  decision: Decision;
  /** The verdict's own decision over all variants, or all but some, each result weighed otherwise. */
  judge: (weigh: WeighResult, without?: ReadonlySet<string>) => Decision;
  results: readonly Result[];
  by: Measure;
  model: Pick<ModelEntry, 'contextWindow' | 'prices'>;
  profile: LatencyProfile;
};

/**
 * What the verdict depends on: each assumption changed, and the decision made again. Nothing where there is no decision to turn:
 * where a side is missing, or neither was right.
 */
export function findFlips(input: FlipInput): Pick<Verdict, 'flips'> {
  const { decision, by } = input;
  const compared = comparedBy(decision);
  const results = input.results.filter((result) => isMeasured(result) && result.pattern !== 'hybrid');
  if (!compared || decision.pattern === 'neither' || decision.ratio === null) return {};
  const own = { ...input, results };
  const bytesPerResult = bandsOfSizes(own, compared);
  const slack = findSlack(own, compared);
  const window = fillsOfWindow(own);
  return {
    flips: {
      assumptions: turnAssumptions(own),
      ...(bytesPerResult && { bytesPerResult }),
      ...(by === 'latency' && { overheadSeconds: bandsOfOverhead(own) }),
      ...(slack.length > 0 && { slack }),
      ...(window.length > 0 && { window }),
    },
  };
}

/** What a trial comes to under an assumption by a measure. */
function assumedValue({ costUsd, billed, modelledMs }: Assumed, by: Measure): number | null {
  return { cost: cheaperCost(costUsd), tokens: billed, latency: modelledMs / 1000 }[by];
}

/** What a trial comes to under an assumption; as it was where that is not known of it. */
function weighAs(
  assumed: Assumed | undefined,
  result: Result,
  { by, model }: Pick<FlipInput, 'by' | 'model'>,
): ReturnType<WeighResult> {
  if (!assumed) return weighAsIs(result, by);
  return { value: assumedValue(assumed, by), right: rightWith(result, assumed.largestRequest, model) };
}

/** Each figure of an assumption worked out from those of others; without a cost where one of these has none. */
function workOut(from: readonly Assumed[], at: (pick: (assumed: Assumed) => number) => number): Assumed {
  const usd = (kind: 'cached' | 'uncached') => at(({ costUsd }) => costUsd?.[kind] ?? 0);
  return {
    costUsd: from.every(({ costUsd }) => costUsd)
      ? { cached: usd('cached'), uncached: usd('uncached') }
      : null,
    billed: at(({ billed }) => billed),
    modelledMs: at(({ modelledMs }) => modelledMs),
    largestRequest: at(({ largestRequest }) => largestRequest),
  };
}

/** Whether a trial counts as right where its largest request has so many tokens. What a provider counted stays as it is. */
function rightWith(result: Result, largestRequest: number, { contextWindow }: FlipInput['model']): boolean {
  const didNotFit = readResult(result).status === 'overflowed';
  if (result.provider || didNotFit === largestRequest > contextWindow) return result.correct === 1;
  return rightOtherwise(result);
}

function turnAssumptions(input: FlipInput): Turned[] {
  const { judge, results, by, model } = input;
  const turn = (assume: Turned['assume'], weigh: WeighResult): Turned => {
    const decision = judge(weigh);
    const variants = comparedBy(decision);
    const { pattern, ratio } = decision;
    return { assume, pattern, ratio: roundFigures(ratio), ...(variants && { variants }) };
  };
  const turned: Turned[] = [];
  if (by === 'cost') {
    turned.push(
      turn('uncached', (result) => ({
        ...weighAsIs(result, by),
        value: wholeJob(result).costUsd?.uncached ?? null,
      })),
    );
  }
  const billed = ['warm', 'cold', 'minimumHigher', 'minimumLower', 'padded'] as const;
  const grouped = ['oneCall', 'observedCalls', 'allCalls'] as const;
  // What tokens are billed at does not count where they are only counted.
  for (const assume of by === 'tokens' ? grouped : [...billed, ...grouped]) {
    if (!results.every(({ otherwise }) => otherwise?.assumed[assume])) continue;
    // A provider's bill is what it is: its cache minimum was met or not.
    if (assume.startsWith('minimum') && results.some(({ provider }) => provider)) continue;
    turned.push(turn(assume, (result) => weighAs(result.otherwise?.assumed[assume], result, input)));
  }
  if (results.some((result) => requestUncertaintyOf(result) > 0)) {
    const counted = (direction: 1 | -1) => (result: Result) => {
      const largest = largestRequestOf(result) * (1 + requestUncertaintyOf(result)) ** direction;
      return { ...weighAsIs(result, by), right: rightWith(result, largest, model) };
    };
    turned.push(turn('requestsHigher', counted(1)), turn('requestsLower', counted(-1)));
  }
  return turned;
}

/**
 * What is recommended by bytes per result. Results of programs may repeat what was read or not, so both are tried; where they
 * disagree, it is open.
 */
function bandsOfSizes(input: FlipInput, compared: { classic: string }): Bands | undefined {
  const direct = input.results.find(({ variant }) => variant === compared.classic);
  const calls = direct ? wholeJob(direct).toolCalls : 0;
  const factors = direct?.otherwise?.sizes.map(({ factor }) => factor) ?? [];
  if (!direct?.resultBytes || calls === 0 || factors.length === 0) return undefined;
  const now = direct.resultBytes / calls;
  const patternOf = (factor: number, kind: 'results' | 'resultsAndOutput') =>
    input.judge((result) => weighAs(sizedAt(result, factor, kind), result, input)).pattern;
  const patternAt = (factor: number) => {
    const alone = patternOf(factor, 'results');
    return alone === patternOf(factor, 'resultsAndOutput') ? alone : 'insufficient';
  };
  return { now: Math.round(now), bands: findBands(factors, patternAt, (factor) => factor * now) };
}

/** A result at a size between two that were billed: a straight line between them. */
function sizedAt(
  { otherwise }: Result,
  factor: number,
  kind: 'results' | 'resultsAndOutput',
): Assumed | undefined {
  const sizes = otherwise?.sizes ?? [];
  const above = sizes.find((size) => size.factor >= factor);
  const below = sizes.findLast((size) => size.factor <= factor);
  if (!above || !below) return undefined;
  const span = above.factor - below.factor;
  const share = span === 0 ? 0 : (factor - below.factor) / span;
  const [from, to] = [below[kind], above[kind]];
  return workOut([from, to], (of) => of(from) + share * (of(to) - of(from)));
}

/** Seconds of overhead a round trip that are tried, besides the profile's own. */
const overheads = [0, 0.1, 0.2, 0.4, 0.8, 1.6, 3.2, 6.4, 12.8];

/**
 * What is recommended by the model's overhead a round trip. Time is the present one + roundTrips·(overhead − now). Tools and
 * sandbox are left out: they are measured, and here only what repeats exactly is compared.
 */
function bandsOfOverhead({ judge, profile: { overheadSeconds: now } }: FlipInput): Bands {
  const patternAt = (overhead: number) =>
    judge((result) => {
      const { latencyMs, roundTrips } = wholeJob(result);
      const value = latencyMs.modelled / 1000 + roundTrips * (overhead - now);
      return { ...weighAsIs(result, 'latency'), value };
    }).pattern;
  const values = [...new Set([...overheads, now])].sort((a, b) => a - b);
  return { now, bands: findBands(values, patternAt, (overhead) => overhead) };
}

type Known = { value: number; pattern: VerdictPattern };

/**
 * What is recommended over a range: at each of the rising values, and, where two neighbours differ, where in between it
 * changes. Between neighbours that agree, nothing else is looked for. Ends are told in the unit that `toUnit` gives, to two digits.
 */
function findBands(
  values: readonly number[],
  patternAt: (value: number) => VerdictPattern,
  toUnit: (value: number) => number,
): Bands['bands'] {
  const points = values.map((value): Known => ({ value, pattern: patternAt(value) }));
  const bands: Bands['bands'] = [];
  for (const [index, point] of points.entries()) {
    const before = points[index - 1] ?? point;
    for (const { value, pattern } of [...findChanges(before, point, patternAt), point]) {
      const to = Number(toUnit(value).toPrecision(2));
      const last = bands.at(-1);
      if (last?.pattern === pattern) last.to = to;
      else bands.push({ from: last?.to ?? to, to, pattern });
    }
  }
  const last = bands.at(-1);
  if (last) last.to = null;
  return bands;
}

/** How often the range between two values with different verdicts is halved: to less than a hundredth of its width. */
const halvings = 8;

/** What is known between two values, in order: halves the range until it is narrow, on both sides of what lies within. */
function findChanges(
  left: Known,
  right: Known,
  patternAt: (value: number) => VerdictPattern,
  depth = 0,
): Known[] {
  if (left.pattern === right.pattern) return [];
  const value = left.value > 0 ? Math.sqrt(left.value * right.value) : right.value / 2;
  if (depth === halvings) return [{ value, pattern: left.pattern }];
  const middle = { value, pattern: patternAt(value) };
  return [
    ...findChanges(left, middle, patternAt, depth + 1),
    middle,
    ...findChanges(middle, right, patternAt, depth + 1),
  ];
}

/** More mistakes than anybody would wait for. */
const mostMistakes = 100_000;

/**
 * For each side and kind of mistake, what one takes, and how many the recommended side may make, each kind alone, before the
 * verdict is another one; where neither is recommended because they are equivalent, how many either side may make before they
 * are not. Exact for the bills of the run. Where prompts are priced by their size, a bill past the next price is not known from
 * these: then it is the number up to there, and marked as the least.
 *
 * Where the variant that stands for its side cannot make a mistake, such as look something up, or one that cannot would take over
 * from it however many it made, the cheapest that can stands for the side, and those that cannot are left out.
 */
function findSlack(
  input: FlipInput,
  compared: { classic: string; code: string },
): NonNullable<Flips['slack']> {
  const { results, by, decision } = input;
  return sides.flatMap((side) =>
    mistakes.flatMap((mistake) => {
      const maker = findMaker(results, side, compared[side], mistake, by);
      const once = maker && assumedAt(maker, mistake, 1);
      const value = maker && totalOf(wholeJob(maker), by);
      const cost = once && assumedValue(once, by);
      if (!maker || cost == null || value == null || cost <= value) return [];
      const isOther = maker.variant !== compared[side];
      const each = Number((cost - value).toFixed(8));
      // Where not cost decides, no cost turns it.
      const { because, pattern } = decision;
      const mayTurn = (because.kind === 'cheaper' && pattern === side) || because.kind === 'equivalent';
      const own = mayTurn && !isOther ? tellMost(input, maker, mistake, false) : {};
      const alone = mayTurn && (isOther || own.most === null) ? tellMost(input, maker, mistake, true) : {};
      // Of a variant alone there is something to say only where it would be recommended itself.
      if (alone.most) return [{ side, mistake, variant: maker.variant, each, ...alone }];
      return isOther ? [] : [{ side, mistake, each, ...own }];
    }),
  );
}

/** The variant whose mistakes of a kind count: the one that stands for its side, or the cheapest right one that can make them. */
function findMaker(
  results: readonly Result[],
  side: Side,
  name: string,
  mistake: Mistake,
  by: Measure,
): Result | undefined {
  const able = results.filter(
    ({ variant, pattern, correct, otherwise }) =>
      pattern === side && (variant === name || correct === 1) && otherwise?.mistakes[mistake]?.length,
  );
  const own = able.find(({ variant }) => variant === name);
  const worth = (result: Result) => totalOf(wholeJob(result), by) ?? Number.POSITIVE_INFINITY;
  return own ?? able.toSorted((a, b) => worth(a) - worth(b))[0];
}

/**
 * How many mistakes of a kind a side may make; nothing where already without any it is another verdict, or they have no known
 * price.
 */
function tellMost(
  input: FlipInput,
  maker: Result,
  mistake: Mistake,
  isAlone: boolean,
): { most?: number | null; isLeast?: true } {
  const { judge, results, model, decision } = input;
  const own = results.filter(({ pattern }) => pattern === maker.pattern);
  const unable = own.filter(({ otherwise }) => !otherwise?.mistakes[mistake]?.length);
  const without = new Set(isAlone ? unable.map(({ variant }) => variant) : []);
  const limit = priceLimit(model, largestRequestOf(maker));
  const isPriced = (times: number) => (assumedAt(maker, mistake, times)?.largestRequest ?? 0) <= limit;
  const holds = (times: number) =>
    judge((result) => {
      const isMaking = result.pattern === maker.pattern && times > 0;
      return weighAs(isMaking ? assumedAt(result, mistake, times) : undefined, result, input);
    }, without).pattern === decision.pattern;
  if (!isPriced(1) || (isAlone && !holds(0))) return {};
  const most = mostWhere((times) => isPriced(times) && holds(times));
  return most !== null && !isPriced(most + 1) ? { most, isLeast: true } : { most };
}

/** The largest prompt up to which all prompts have the first price; 0 where the largest is past it, and others may pass it too. */
function priceLimit({ prices }: FlipInput['model'], largest: number): number {
  const limit = prices[0]?.maxPromptTokens ?? Number.POSITIVE_INFINITY;
  return largest > limit ? 0 : limit;
}

/** The largest number up to which it holds, 0 where one is too many; null where the most do not end it. */
function mostWhere(holds: (times: number) => boolean): number | null {
  let most = 0;
  let tooMany = 1;
  while (holds(tooMany)) {
    most = tooMany;
    if (tooMany >= mostMistakes) return null;
    tooMany = Math.min(mostMistakes, tooMany * 2);
  }
  while (tooMany - most > 1) {
    const middle = Math.floor((most + tooMany) / 2);
    if (holds(middle)) most = middle;
    else tooMany = middle;
  }
  return most;
}

/** A result with so many mistakes of a kind, 1 or more: as billed, or by Newton's formula from the last three that were. */
function assumedAt({ otherwise }: Result, mistake: Mistake, times: number): Assumed | undefined {
  const billed = otherwise?.mistakes[mistake] ?? [];
  const exact = billed[times - 1];
  if (exact) return exact;
  const [one, two, three] = billed.slice(-3);
  if (!one || !two || !three) return undefined;
  const beyond = times - (billed.length - 2);
  return workOut([one, two, three], (of) => {
    const [first, second, third] = [of(one), of(two), of(three)];
    return first + beyond * (second - first) + ((beyond * (beyond - 1)) / 2) * (third - 2 * second + first);
  });
}

/**
 * How much of the context window the largest request takes, of each side that did not fit and each variant whose fit decides:
 * where a request with as many tokens more or less as the count may be off would fit, or no more, and the decision would then
 * be another one. Empty where a provider counted: then what happened is what would happen.
 */
function fillsOfWindow({ results, judge, decision, by, model }: FlipInput): NonNullable<Flips['window']> {
  /** What is recommended where this variant fits instead of not, or does not. */
  const turned = ({ variant }: Result) =>
    judge((each) => {
      const own = weighAsIs(each, by);
      return each.variant === variant ? { ...own, right: rightOtherwise(each) } : own;
    }).pattern;
  return results.flatMap((result) => {
    const { variant, provider } = result;
    if (provider) return [];
    const didNotFit = readResult(result).status === 'overflowed';
    const filled = largestRequestOf(result) / model.contextWindow;
    const uncertainty = Number(requestUncertaintyOf(result).toPrecision(3));
    const mayTurn = didNotFit ? filled <= 1 + uncertainty : filled * (1 + uncertainty) > 1;
    const hangs = mayTurn && turned(result) !== decision.pattern;
    const isSide = [decision.sides.classic, decision.sides.code].some((side) => side?.name === variant);
    return (didNotFit && isSide) || hangs
      ? [{ variant, filled: Number(filled.toPrecision(3)), uncertainty, hangs }]
      : [];
  });
}
