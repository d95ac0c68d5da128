import { uncertaintyOf } from '../../harness/analysis/verdict/measure.ts';
import { bound, counted, number, percent, share, signed, usd, whole } from '../../harness/numbers.ts';
import { categories } from '../../harness/results/codes.ts';
import { pointKey } from '../../harness/results/point.ts';
import type { VariantComparison } from '../../harness/results/statistics.ts';
import type { Result, Summary } from '../../harness/results/summary.ts';
import type { Faults } from '../../harness/results/world.ts';
import { present, type Table, tableOf } from '../text/table.ts';
import { listCounts, partNames } from './tables.ts';

/** How text from servers, models and scenarios is to be written in a format, so that it is nothing but text there. */
export type WriteForeign = (text: string) => string;

const causeWords = {
  refusal: 'refused',
  max_tokens: 'ended at the limit of output tokens of a response',
  window_stop: 'ended at the end of the context window',
  prompt_too_long: 'had a prompt that the provider refused as too long',
  no_tool_use: 'answered without calling a tool',
  empty_answer: 'answered with no text',
  never_answered: 'never came to an answer',
  other_model: 'were answered by another model and are invalid',
  diverged: 'diverged from their recording',
} as const;

const scheduleWords = {
  ahead: 'calls are asked for as early as is honest',
  pinned: 'some reads are asked for only after the writes before them',
  written: 'calls are asked for as the program is written',
} as const;

/** How a run's figures came about: evidence, counting, prices and latency; for the end of a report. */
export function describeMethod(summary: Summary): string[] {
  const { seed, conditions, forced, model, tokenCounts, prices, latencyProfile } = summary;
  const isCounted = summary.results.some((result) => result.provider);
  const overhead = tokenCounts.toolUseSystemTokens.documented
    ? ''
    : `, with an assumed tool-use system prompt of ${tokenCounts.toolUseSystemTokens.tokens} tokens (not documented for this model)`;
  return present(
    `Evidence: ${nameEvidence(summary)}, seed ${seed}.${describeCaveat(summary)}`,
    describeConditions(conditions),
    describeServers(summary.servers),
    forced?.map((change) => `Resumed although something had changed: ${change}.`),
    `Tokens: ${isCounted ? 'bills are the provider’s, their breakdown is ' : ''}${tokenCounts.label}, ${tokenCounts.method}${overhead}.${describeEstimated(summary)}${describeSpread(summary)}${tokenCounts.assumed.map((each) => ` Assumed: ${each}.`).join('')}`,
    `Prices: ${model}, as documented ${prices.asOf}. Model time: modelled, profile ${latencyProfile}. Tools and sandbox: measured${atOnce(summary)}.`,
    'Caching: a run begins cold, and every request is taken to come within five minutes of the one before. A client leaves caching out where that is cheaper. Clearing old tool results is not modelled.',
    summary.results.map(({ variant, scenario, schedule }) =>
      describeSchedule(`${scenario}, ${variant}`, schedule),
    ),
    summary.results.map(
      ({ variant, scenario, cacheGapMs }) =>
        cacheGapMs !== undefined &&
        `${scenario}, ${variant}: ${Math.round(cacheGapMs / 1000)} s of modelled time pass between two requests. The cache would have expired, so that its bill is too low.`,
    ),
  );
}

/** Which MCP was spoken with which servers, where any was not asked for that of all servers. */
function describeServers(servers: Summary['servers'] = []): string | false {
  if (servers.every(({ protocolEra }) => protocolEra === 'legacy')) return false;
  const byVersion = [...Map.groupBy(servers, ({ protocolVersion }) => protocolVersion)].sort();
  const spoken = byVersion.map(([version, group]) => {
    const names = [...new Set(group.map(({ server }) => server))];
    return `${version} with ${names.length > mostNamed ? `${names.length} servers` : names.join(', ')}`;
  });
  return `MCP: ${spoken.join('; ')}.`;
}

/** More servers than these are counted instead. */
const mostNamed = 6;

/** What was added to the world of the workflows, alike for every variant. */
export function describeConditions(conditions: Summary['conditions'] = {}): string[] {
  const { distractors, faults } = conditions;
  return present(
    distractors !== undefined &&
      `Distractors: ${whole(distractors)} tools of other servers, named much like those of the workflow.`,
    faults && describeFaults(faults),
  );
}

function describeFaults({ rates, retries, errors }: Faults): string {
  const shares = Object.entries(rates).map(([kind, rate]) => `${kind} ${share(rate)}`);
  const again =
    retries === 0
      ? 'The script gives a failed call up at once'
      : `The script makes a failed call again at once, up to ${times(retries)}, in each pattern and also where it writes`;
  const learns = errors === 'exceptions' ? 'by exceptions' : 'by values { error }, which they do not look at';
  return `Faults: ${shares.join(', ')}, the same for the same call in every variant. ${again}. Programs learn of errors ${learns}.`;
}

const times = (count: number) => (count === 1 ? 'once' : count === 2 ? 'twice' : `${count} times`);

/** What else ran while times were measured. */
function atOnce({ measured }: Summary): string {
  const { concurrency = 1, mocksInProcess = false } = measured ?? {};
  const beside = concurrency === 1 ? '' : `, with ${concurrency} trials at a time`;
  return mocksInProcess ? `${beside} and mock servers inside the process` : beside;
}

/** What kept direct calls from being asked for as early as is honest, if anything did. */
function describeSchedule(trial: string, schedule: Result['schedule']): string[] {
  const { played, reason, left } = schedule ?? {};
  return present(
    played && reason !== undefined && `${trial}: ${scheduleWords[played]}, because ${reason}.`,
    left &&
      `${trial}: after ${whole(left.calls)} calls they are asked for as the program is written, because ${left.because}.`,
  );
}

/** Of counts that are partly exact, what is still estimated, and how much of it. */
function describeEstimated({ tokenCounts, results }: Summary): string {
  if (tokenCounts.label !== 'partly counted') return '';
  const counts = results.flatMap(({ counts = [] }) => counts);
  const parts = categories.flatMap((category) => {
    const own = counts.filter((each) => each.category === category);
    const sum = (name: 'tokens' | 'estimated') => own.reduce((total, each) => total + each[name], 0);
    return sum('estimated') > 0
      ? [`${partNames[category]} (${share(sum('estimated') / sum('tokens'))})`]
      : [];
  });
  return ` Still estimated: ${parts.join(', ')}.`;
}

/** How far bills may be off for how tokens were counted: by errors measured on documents that the estimate was not fitted on. */
function describeSpread({ results }: Summary): string {
  const shares = results.map((result) => uncertaintyOf(result, 'tokens')).filter((share) => share > 0);
  if (shares.length === 0) return '';
  const [least, most] = [percent(Math.min(...shares)), percent(Math.max(...shares))];
  return ` A bill may be off by ${least === most ? least : `${least} to ${most}`}, nine times in ten by less.`;
}

/** What the dollars of a run are, and what making it has cost. */
export function describeMoney({ evidence, model, results }: Summary): string {
  const basis = `Dollars a run, ${model}, caching on.`;
  switch (evidence) {
    case 'scripted':
      return `${basis} Played by a script that makes no mistakes: nothing was spent.`;
    case 'replayed':
      return `${basis} Replayed from recordings: nothing was spent.`;
    case 'live': {
      const spent = results.map(({ costUsd, trials }) => (costUsd ? costUsd.cached * trials : null));
      const isPriced = spent.every((each) => each !== null);
      const sum = spent.reduce<number>((total, each) => total + (each ?? 0), 0);
      return `${basis} A model’s own answers: ${isPriced ? `${usd(sum)} spent` : 'their price is not known'}.`;
    }
  }
}

/** The kind of evidence of a run, or the kinds, where its results are of several. */
export function nameEvidence({ evidence, results }: Summary): string {
  const kinds = new Set(results.map((result) => result.evidence));
  return kinds.size > 1 ? `${[...kinds].join(' and ')}, in figures of their own` : evidence;
}

/** What is to be known of the providers' part in a scenario's results; empty where there is none. */
export function providerNotes(results: readonly Result[], write: WriteForeign): string[] {
  return results.flatMap((result) => notesOf(result, write).map((note) => `${result.variant}: ${note}`));
}

/** How a run's evidence is to be taken, as sentences that follow another. */
function describeCaveat({ evidence }: Summary): string {
  switch (evidence) {
    case 'scripted':
      return ' A perfect model, so the best case of each pattern: no wrong turn, no failed program.';
    case 'replayed':
      return ' A model’s recorded answers; tools and sandbox ran again. What was recorded was billed when it was; a replay has no latency of the model.';
    case 'live':
      return ' A model’s own answers.';
  }
}

function notesOf(result: Result, write: WriteForeign): string[] {
  const { provider, trials } = result;
  if (!provider) return [];
  const { usage, caching, retries, causes, origins, recordings } = provider;
  const failures = Object.entries(retries.kinds).map(
    ([kind, count]) => `${number(count)} ${kind.replaceAll('_', ' ')}`,
  );
  const billed = retries.possiblyBilled > 0 && `; ${number(retries.possiblyBilled)} may have been billed`;
  const unused =
    recordings && recordings.unused > 0 && `; ${number(recordings.unused)} recorded ones were not asked for`;
  return present(
    `answers came from ${origins.join(', ') || 'nowhere'}.`,
    describeRemainder(result),
    usage.missing > 0 &&
      `${number(usage.missing)} of ${number(usage.counted + usage.missing)} answers came without usage; their tokens are estimated.`,
    caching.asked && caching.observed === false && 'caching was asked for, and no usage shows any.',
    !caching.asked &&
      caching.observed &&
      'caching was not asked for, and usage shows some: the server caches by itself.',
    caching.start === 'warm'
      ? `warm cache: ${number(caching.foundWarm)} of ${number(trials)} trials found tools and system prompt cached by an earlier one.`
      : caching.foundWarm > 0 &&
          `${number(caching.foundWarm)} of ${number(trials)} trials did not begin cold: the same trial had run within the last minutes.`,
    failures.length > 0 &&
      `${failures.join(', ')} among its requests, ${number(retries.attempts)} made again; none of them is in its usage${billed || ''}.`,
    (Object.entries(causes) as [keyof typeof causeWords, number][]).map(
      ([cause, count]) => `${number(count)} of ${counted(trials, 'trial')} ${causeWords[cause]}.`,
    ),
    recordings?.diverged.map(({ repeat, roundTrip, toolResult, path, recorded, asked }) => {
      const where = path === null ? '' : ` at ${path}: recorded ${recorded}, now ${asked}`;
      return `repeat ${repeat} diverged in round trip ${roundTrip}${toolResult ? ', where a tool answered otherwise' : ''}${write(where)}.`;
    }),
    recordings &&
      `${number(recordings.replayed)} answers replayed, ${number(recordings.live)} live${unused || ''}.`,
  );
}

/** What the provider billed beyond what the ledger explains. */
function describeRemainder({ remainder, estimatedBilled, ledger, tokens }: Result): string | false {
  if (remainder === undefined || tokens.billed === 0) return false;
  const explained = ledger.reduce((sum, row) => sum + row.tokens, 0);
  const off = (sum: number) => `${whole(sum)} (${signed(sum / tokens.billed - 1, share)})`;
  const by =
    estimatedBilled === undefined
      ? `the estimate explains ${off(explained)}`
      : `counts explain ${off(explained)}, the estimate alone ${off(estimatedBilled)}`;
  return `the provider billed ${whole(tokens.billed)} tokens, ${by}; the remainder is ${whole(remainder)}.`;
}

type Estimate = NonNullable<Result['statistics']>['correct'];
type Decision = VariantComparison['billedTokens'];

/** What several trials at one point say beyond their means: comparisons in pairs, and whether they are enough. */
export function trialNotes(results: readonly Result[], summary: Summary): string[] {
  const own = new Set(results.map(pointKey));
  return present(
    summary.comparisons?.filter((each) => own.has(pointKey(each))).map(describeComparison),
    results.map(({ variant, statistics }) => {
      const { n, enough } = statistics ?? {};
      return (
        enough?.status === 'insufficient' &&
        enough.needed !== null &&
        `${variant}: ${n} trials do not tell its share of correct answers to ±${percent(enough.halfWidth)}; about ${enough.needed} would.`
      );
    }),
  );
}

/** What comparing variants with themselves came to; undefined where it was not asked for. */
export function describeSelfComparison({
  aa,
}: Summary): { claim: string; comparisons: string[] } | undefined {
  if (!aa) return undefined;
  const { claimed, undecided, comparisons, rate } = aa.falseAlarms;
  return {
    claim: `Differences claimed where there are none: ${claimed} of ${comparisons} comparisons (${estimate(rate, percent)}), ${undecided} undecided.`,
    comparisons: aa.comparisons.map(
      (comparison) => `${comparison.scenario}: ${describeComparison(comparison)}`,
    ),
  };
}

/** Intervals over several trials; no rows where there is one of each variant. */
export function statisticsTable(results: readonly Result[]): Table {
  const repeated = results.flatMap(({ statistics, ...result }) =>
    statistics ? [{ result, of: statistics }] : [],
  );
  const attempts = repeated[0]?.of.pass?.k ?? 1;
  return tableOf(repeated, [
    ['variant', ({ result }) => result.variant],
    ['trials measured', ({ result, of }) => `${of.n} of ${result.trials}`],
    ['correct', ({ of }) => estimate(of.correct, percent)],
    ['billed tokens', ({ of }) => estimate(of.billedTokens, whole)],
    ['cost', ({ of }) => (of.costUsd ? estimate(of.costUsd, usd) : 'unpriced')],
    [
      'cost per correct trial',
      ({ of }) => (of.costPerCorrectUsd ? estimate(of.costPerCorrectUsd, usd) : 'unpriced'),
    ],
    [
      `pass@${attempts} / pass^${attempts}`,
      ({ of: { pass } }) => (pass ? `${percent(pass.atLeastOne)} / ${percent(pass.all)}` : ''),
    ],
    ['outcomes', ({ result }) => listCounts(result.outcomes ?? {}), 'l'],
  ]);
}

function describeComparison(comparison: VariantComparison): string {
  const { variant, reference, correct, billedTokens, costUsd, basis } = comparison;
  const { reference: first, variant: second } = correct;
  const parts = present(
    costUsd && `cost ${decision(costUsd)}`,
    `billed tokens ${decision(billedTokens)}`,
    basis === 'sampled' &&
      `right in ${second.right} of ${second.trials} trials against ${first.right} of ${first.trials}`,
  );
  return `${variant} against ${reference}: ${parts.join('; ')}.`;
}

function decision({ decision: decided, ratio, margin, trialsNeeded }: Decision): string {
  const figure = ratio
    ? `${bound(ratio.value)} × [${bound(ratio.low)}, ${bound(ratio.high)}]`
    : 'too few trials';
  switch (decided) {
    case 'equivalent':
      return `equivalent within ${percent(margin)} (${figure})`;
    case 'lower':
    case 'higher':
      return `${decided} by more than ${percent(margin)} (${figure})`;
    case 'insufficient':
      return `undecided (${figure}${trialsNeeded ? `; about ${trialsNeeded} trials of each would decide` : ''})`;
  }
}

/** A value with what may be claimed about it. */
function estimate(found: Estimate, show: (value: number) => string): string {
  switch (found.status) {
    case 'interval':
      return `${show(found.value)} [${show(found.low)}, ${show(found.high)}]`;
    case 'lower_bound':
      return `${show(found.value)} [${show(found.low)}, no bound]`;
    case 'point':
      return `${show(found.value)} (${found.reason === 'too_few' ? `too few for an interval, ${found.needed} needed` : 'no variation'})`;
    case 'none':
      return found.reason === 'zero_denominator' ? 'unbounded: none was right' : 'none';
  }
}
