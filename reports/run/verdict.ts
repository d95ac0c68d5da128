import { wholeJob } from '../../harness/analysis/verdict/measure.ts';
import type { WordlessVerdict } from '../../harness/analysis/verdict/verdict.ts';
import { bound, number, percent, seconds, signed, times } from '../../harness/numbers.ts';
import { lostTrials } from '../../harness/results/reading.ts';
import type { Result, Verdict } from '../../harness/results/summary.ts';
import { sameState } from '../../harness/results/trace.ts';
import { comparedBy, type Doubt, inverse, type SideFigures } from '../../harness/results/verdict.ts';
import { present } from '../text/table.ts';
import { amount, verbs } from '../text/words.ts';

type Side = Doubt['side'];
type Figures = Record<Side, SideFigures>;

const otherSide = (side: Side): Side => (side === 'code' ? 'classic' : 'code');

/**
 * A verdict in words: what to use, by how much with its interval, whether it was right, and what would change it. `results` are
 * those that it was made from; they say why a single trial was not right.
 */
export function sayVerdict(verdict: WordlessVerdict, results: readonly Result[]): string {
  return present(sayDecision(verdict, results), hangsOn(verdict)).join(' ');
}

/** The side that was not measured, or both where the other was not either, for the same reason. */
function sidesLost({ side, fault }: { side: Side; fault: string }, results: readonly Result[]): string {
  const others = results.filter(({ pattern }) => pattern === otherSide(side));
  const isLost = (result: Result) =>
    lostTrials(result) === result.trials && (fault === 'scenario') === (result.scenarioFault ?? false);
  return others.length > 0 && others.every(isLost) ? 'classic and code' : side;
}

function sayDecision(verdict: WordlessVerdict, results: readonly Result[]): string {
  const { because, sides } = verdict;
  switch (because.kind) {
    case 'missing':
      return `No answer: no variant of the ${because.sides.join(' or the ')} pattern was run.`;
    case 'not_measured':
      return because.fault === 'scenario'
        ? `No answer: the scenario's own code failed in the ${sidesLost(because, results)} trials.`
        : `No answer: infrastructure ended the ${sidesLost(because, results)} trials.`;
    case 'mixed_evidence':
      return 'No answer: some trials were live and some replayed, and the two are not compared. Replay all of them with --cassettes strict.';
    case 'unequal_work': {
      const [first, ...more] = because.calls;
      const others =
        more.length > 0
          ? ` The same holds for ${more.length} other ${more.length === 1 ? 'tool' : 'tools'}.`
          : '';
      return `No answer: the trials did not do the same work. ${first?.server}.${first?.tool} gave different results for the same arguments in ${first?.variants.join(' and ')}: ${first?.difference}.${others} ${sameState}`;
    }
    case 'few':
      return `Too few trials: ${because.usable} of each can be compared.${more(verdict)}`;
  }
  const { classic, code } = sides;
  if (!classic || !code) return 'No answer.';
  const figures = { classic, code };
  switch (because.kind) {
    case 'unpriced':
      return `No answer: there is no known price for ${classic.name} or ${code.name}. Compare them with --by tokens or --by latency.`;
    case 'under_floor':
      return sayFloor(verdict, figures, because.sides, results);
    case 'less_often_right':
      return `Use ${figures[otherSide(because.side)].name}: ${rightIn(figures, otherSide(because.side))}.${alone(verdict)}`;
    case 'cheaper':
      return `Use ${figures[because.side].name}${sayCaveat(verdict, figures)}: ${comparison(verdict, figures)}. ${sayRight(verdict, figures)}`;
    case 'equivalent':
      return `Use either${sayCaveat(verdict, figures)}: ${comparison(verdict, figures)}, and differences within ${percent(verdict.policy.margin)} do not count. ${sayRight(verdict, figures)}`;
    case 'crosses_margin':
      return `Too close to call: ${comparison(verdict, figures)}, and a difference counts from ${percent(verdict.policy.margin)}.${more(verdict)} ${sayRight(verdict, figures)}`;
    case 'doubt':
      return `No answer yet: ${doubtful(because, figures, verdict)}.${alone(verdict)}${more(verdict)}`;
  }
}

/** Which of the two takes more, how many times as much, within which interval, and what a run takes. */
function comparison({ ratio, by }: WordlessVerdict, { classic, code }: Figures): string {
  if (!ratio || classic.value === null || code.value === null)
    return `there is no ratio of ${code.name} to ${classic.name}`;
  const { takes, much } = verbs[by];
  const isDearer = ratio.value >= 1;
  const [dear, cheap] = isDearer ? [code, classic] : [classic, code];
  const { value, low, high } = isDearer ? ratio : inverse(ratio);
  const bounds = [low, high].map(bound);
  const interval = bounds[0] === bounds[1] ? '' : ` (${bounds.join(' to ')})`;
  return `${dear.name} ${takes} ${times(value)} times ${much}${interval}, ${amount(dear.value ?? 0, by)} against ${amount(cheap.value ?? 0, by)} a run`;
}

/** The comparison of what correctness has decided already. */
function alone(verdict: WordlessVerdict): string {
  const { classic, code } = verdict.sides;
  if (!verdict.ratio || !classic || !code) return '';
  return ` For ${verbs[verdict.by].alone} alone: ${comparison(verdict, { classic, code })}.`;
}

function more({ trialsNeeded }: WordlessVerdict): string {
  return trialsNeeded === null ? '' : ` About ${trialsNeeded} trials of each would tell.`;
}

function sayFloor(
  verdict: WordlessVerdict,
  figures: Figures,
  under: readonly Side[],
  results: readonly Result[],
): string {
  const floor = `under your floor of ${percent(verdict.policy.floor)}`;
  if (verdict.basis === 'computed') {
    const failed = under.map((side) => failure(figures[side].name, results)).join(' and ');
    if (verdict.pattern === 'neither') return `Use neither: ${failed}.`;
    const [failing = 'classic'] = under;
    return `Use ${figures[otherSide(failing)].name}: it was right, while ${failed}.${without(figures[failing].name, results)}${alone(verdict)}`;
  }
  const [failing = 'classic'] = under;
  if (verdict.pattern === 'neither') {
    const seen = under.map((side) => `${figures[side].name} was right in ${count(figures[side])}`);
    return `Use neither: ${seen.join(' and ')} trials, ${floor}.`;
  }
  const winner = figures[otherSide(failing)];
  return `Use ${winner.name}: ${figures[failing].name} was right in only ${count(figures[failing])} trials, ${floor}; ${winner.name} in ${count(winner)}.${alone(verdict)}`;
}

/** That what did not fit its window is compared as if there had been none. */
function without(name: string, results: readonly Result[]): string {
  const result = results.find(({ variant }) => variant === name);
  return result && wholeJob(result).hypothetical ? ' What follows is as if there were no window.' : '';
}

const failures: Partial<Record<Result['status'], string>> = {
  context_overflow: 'did not fit the context window',
  completed: 'answered wrongly',
  limit_reached: 'ran into a limit',
};

/** Why a single trial was not right. */
function failure(name: string, results: readonly Result[]): string {
  const result = results.find(({ variant }) => variant === name);
  return `${name} ${(result && failures[result.status]) ?? 'did not finish'}`;
}

/** A caveat comes first where it is more likely than not; else the counts that follow say enough. */
function sayCaveat({ caveats }: WordlessVerdict, figures: Figures): string {
  const [caveat] = caveats.filter(({ probability }) => probability > 0.5);
  if (!caveat) return '';
  const needed =
    caveat.trialsNeeded === null ? '' : ` (about ${caveat.trialsNeeded} trials of each would tell)`;
  const how = caveat.about === 'floor' ? 'too seldom' : 'less often';
  return `, though ${figures[caveat.side].name} may be right ${how}${needed}`;
}

/** Whether both were right, and where not all trials were, what a right answer takes. */
function sayRight({ basis, by }: WordlessVerdict, figures: Figures): string {
  const { classic, code } = figures;
  if (basis === 'computed') return 'Both were right.';
  if (classic.share === 1 && code.share === 1) {
    return classic.trials === code.trials
      ? `Both were right in all ${code.trials} trials.`
      : `Both were always right (${classic.trials} and ${code.trials} trials).`;
  }
  const perRight =
    classic.perRight === null || code.perRight === null
      ? ''
      : ` A right answer ${verbs[by].takes} ${amount(classic.perRight, by)} with ${classic.name}, ${amount(code.perRight, by)} with ${code.name}.`;
  return `${rightIn(figures, 'code', code.name)}.${perRight}`;
}

function doubtful({ about, side }: Doubt, figures: Figures, { policy }: WordlessVerdict): string {
  return about === 'floor'
    ? `${figures[side].name} was right in ${count(figures[side])} trials, under your floor of ${percent(policy.floor)}`
    : rightIn(figures, side, figures[side].name);
}

function rightIn(figures: Figures, side: Side, name = 'it'): string {
  const rival = figures[otherSide(side)];
  return `${name} was right in ${count(figures[side])} trials, ${rival.name} in ${count(rival)}`;
}

function count({ right, trials }: SideFigures): string {
  return `${right} of ${trials}`;
}

/** How the verdict depends on token counts. */
function hangsOn({ flips }: WordlessVerdict): string | undefined {
  const close = flips?.window?.find(({ hangs }) => hangs);
  return (
    close &&
    `This depends on how tokens are counted: the largest request of ${close.variant} takes ${percent(close.filled)} of the context window, and its count may be off by ${percent(close.uncertainty)}.`
  );
}

/** Why one side takes less, by cause, and what code takes besides; empty where nothing could be compared. */
export function explainDifference(verdict: Verdict): string[] {
  return present(mechanismLine(verdict), extraLine(verdict));
}

/** What had been expected before it was measured, as a sentence; empty where nothing had. */
export function describeExpectation({ predicted, pattern }: Verdict): string {
  if (predicted === undefined) return '';
  return predicted === pattern
    ? `Expected beforehand: ${predicted}.`
    : `Expected beforehand was ${predicted}.`;
}

/** What makes the difference between the sides, the largest first: what code saves by it, negative where it costs more. */
export function causesOf({ mechanism }: Verdict): { name: string; saves: number }[] {
  if (!mechanism) return [];
  const { definitions, payload, roundTrips, writing, fixed, remainder, total } = mechanism;
  return [
    { name: 'definitions', saves: definitions },
    { name: 'results', saves: payload },
    { name: 'history sent again', saves: roundTrips },
    { name: 'writing', saves: writing },
    { name: 'instructions and framing', saves: fixed },
    { name: 'unexplained', saves: remainder },
  ]
    .filter(({ saves }) => Math.abs(saves) >= Math.abs(total) * 0.005)
    .sort((a, b) => Math.abs(b.saves) - Math.abs(a.saves));
}

function mechanismLine(verdict: Verdict): string | undefined {
  const { mechanism, by } = verdict;
  const variants = comparedBy(verdict);
  if (!mechanism || !variants) return undefined;
  const { total, resent } = mechanism;
  const write = (size: number) => amount(size, by);
  // Parts of what is saved, or of what it costs more.
  const shown = causesOf(verdict).map(
    ({ name, saves }) => `${name} ${signed(total >= 0 ? saves : -saves, write)}`,
  );
  const sent = Object.entries(resent).sort(([, a], [, b]) => Math.abs(b) - Math.abs(a))[0];
  const names: Record<string, string> = { payload: 'results', other: 'instructions, calls and programs' };
  const most =
    sent && Math.abs(sent[1]) > 0 ? ` (what is sent again is mostly ${names[sent[0]] ?? sent[0]})` : '';
  const outcome = total >= 0 ? `saves ${write(total)}` : `costs ${write(-total)} more`;
  const hypothetical = mechanism.hypothetical ? ', against what would have been billed with no window' : '';
  return `Why: ${variants.code} ${outcome}${hypothetical}: ${shown.join(', ')}${most}.`;
}

function extraLine(verdict: Verdict): string | undefined {
  const { extra, flips, pattern, by } = verdict;
  const variants = comparedBy(verdict);
  if (!extra || !variants) return undefined;
  // Where code is recommended, the cost of its failures is listed with what would flip that.
  const failed = flips?.slack?.find(({ side, mistake }) => side === 'code' && mistake === 'failedProgram');
  const failure =
    failed && pattern !== 'code' ? ` A program that fails costs about ${amount(failed.each, by)} more.` : '';
  return `What ${variants.code} takes besides: ${signed(extra.latencySeconds * 1000, seconds)} modelled model time, ${signed(extra.outputTokens, number)} output tokens, ${signed(extra.discoveryTokens, number)} tokens of discovery, ${seconds(extra.measured.sandboxMs)} in the sandbox (measured).${failure}`;
}
