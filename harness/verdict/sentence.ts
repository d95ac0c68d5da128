import type { Result } from '../run/summary.ts';
import { wholeJob } from './measure.ts';
import type { Verdict } from './verdict-schema.ts';

/** The verdict, with itself in words of money, time and correctness for somebody who pays for it and does not build it. */
export function withSummary(verdict: Verdict, results: readonly Result[]): Verdict {
  const [classic, code] = [verdict.variants?.classic, verdict.variants?.code].map((name) =>
    results.find(({ variant }) => variant === name),
  );
  return classic && code ? { ...verdict, summary: summarise(verdict, classic, code) } : verdict;
}

function summarise(verdict: Verdict, classic: Result, code: Result): string {
  const [direct, programmed] = [wholeJob(classic), wholeJob(code)];
  const money = (usd: number | undefined) =>
    usd === undefined ? 'an unknown price' : `$${usd >= 0.1 ? usd.toFixed(2) : usd.toFixed(4)}`;
  const seconds = (ms: number) =>
    ms < 10_000 ? `${(ms / 1000).toFixed(1)} s` : `${Math.round(ms / 1000).toLocaleString('en-US')} s`;
  const bill = (figures: typeof direct) =>
    `${money(figures.costUsd?.cached)} and about ${seconds(figures.latencyMs.modelled)}`;
  switch (verdict.pattern) {
    case 'code':
      if (classic.correct !== code.correct) {
        return `Let the model write a program: ${oftener(classic)}, for ${bill(programmed)} a run.`;
      }
      return `Let the model write a program: a run takes ${bill(programmed)} instead of ${bill(direct)}, with the same answer.${caution(verdict)}`;
    case 'classic':
      if (classic.correct !== code.correct) {
        return `Let the model call the tools itself: ${oftener(code)}, for ${bill(direct)} a run.`;
      }
      return `Let the model call the tools itself: a run takes ${bill(direct)}; a program would take ${bill(programmed)} for the same answer.`;
    case 'either':
      return `It makes no difference that can be relied on: ${bill(direct)} a run when the model calls the tools itself, ${bill(programmed)} with a program. Take what is simpler to run.`;
    case 'neither':
      return 'Neither way gave the right answer; fix that before comparing what they cost.';
    case 'insufficient':
      return 'There is not enough evidence for a recommendation.';
  }
}

/** What speaks for the variant that was more often right. */
function oftener(worse: Result): string {
  return worse.correct ? 'so it is right more often' : 'only so did it get the right answer';
}

function caution({ flips }: Verdict): string {
  const failures = flips?.failedPrograms?.affordable;
  if (failures === undefined) return '';
  if (failures === 0) return ' One program that fails would use the saving up.';
  return ` The saving pays for ${failures.toLocaleString('en-US')} failed ${failures === 1 ? 'program' : 'programs'} a run.`;
}
