import { pointKey } from '../../harness/results/point.ts';
import type { Projection } from '../../harness/results/projection.ts';
import { isMeasured, tallyTrials } from '../../harness/results/reading.ts';
import type { Result, Summary } from '../../harness/results/summary.ts';
import { describeMonth, describeWorkload, projectionLines } from '../projection.ts';
import { inline, toMarkdownTable } from '../text/markup.ts';
import { bullets, type Part, paragraphs, present, type Table } from '../text/table.ts';
import { reportClient } from './client.ts';
import { flipSentences, splitFlips } from './flips.ts';
import {
  describeMethod,
  describeSelfComparison,
  providerNotes,
  statisticsTable,
  trialNotes,
  type WriteForeign,
} from './notes.ts';
import {
  approvalsTable,
  canaryTable,
  comparedResults,
  criteriaTable,
  failureNotes,
  faultTable,
  figureTable,
  ladderTable,
} from './tables.ts';
import { describeExpectation, explainDifference } from './verdict.ts';

/** What a report of a run says, in any format. */
export type RunReport = ReturnType<typeof describeRun>;

/**
 * Puts together what a report says of a run; `write` is how the format writes text that is not this program's own. `assumed`:
 * whether it says what a month costs at the workload that a scenario assumes. One that is given comes before it.
 */
export function describeRun(summary: Summary, write: WriteForeign, assumed: boolean) {
  return {
    /** Why the run is not complete; undefined where it is. */
    partial: summary.status === 'partial' ? describePartial(summary) : undefined,
    sections: [...Map.groupBy(summary.results, pointKey).values()].map((results) =>
      describeSection(results, summary, write, assumed),
    ),
    selfComparison: describeSelfComparison(summary),
    /** The bill as a client would have sent it. */
    client: summary.client && reportClient(summary, summary.client, write),
    method: describeMethod(summary),
  };
}

/** What a report says of one scenario at one set of parameters. A table without rows is left out. */
export type Section = ReturnType<typeof describeSection>;

function describeSection(results: Result[], summary: Summary, write: WriteForeign, assumed: boolean) {
  const [{ scenario, params }] = results as [Result];
  const key = pointKey({ scenario, params });
  const verdict = summary.verdicts.find((each) => pointKey(each) === key);
  const shown = comparedResults(results, verdict);
  return {
    scenario: write(scenario),
    /** As `name=value`, in the order of the scenario. */
    params: Object.entries(params).map(([name, value]) => write(`${name}=${value}`)),
    results,
    verdict,
    figures: figureTable(shown),
    ladder: results.length > 2 && verdict?.ladder ? ladderTable(results, verdict.ladder) : undefined,
    canaries: canaryTable(results),
    faults: faultTable(results),
    approvals: approvalsTable(results),
    /** Of several trials. */
    statistics: statisticsTable(results),
    criteria: verdict?.criteria && criteriaTable(verdict.criteria),
    /** What the work costs in a month, where its scenario says how often it is done. */
    month: assumed && verdict ? describeMonth({ ...summary, results }, verdict, write) : undefined,
    /** Why variants were not right, a line for each reason. */
    wrong: whyNotRight(results, write),
    /** What went wrong in variants that have no column in `figures`. */
    failures: failureNotes(results.filter((result) => !shown.includes(result))),
    trialNotes: trialNotes(results, summary),
    providerNotes: providerNotes(results, write),
    /** Why that verdict, in one sentence, and what had been expected. */
    ruling: verdict && `${write(verdict.reason)} ${describeExpectation(verdict)}`.trim(),
    /** What makes the difference between the sides. */
    why: verdict ? explainDifference(verdict) : [],
    flips: verdict && splitFlips(verdict, write),
  };
}

/** Why variants were not right, each reason once with those that it is of. */
export function whyNotRight(results: readonly Result[], write: WriteForeign): string[] {
  const failed = results.filter(({ correct }) => correct !== 1);
  return [...Map.groupBy(failed, ({ reason }) => reason)].map(
    ([reason, alike]) =>
      `${alike.map(({ variant }) => variant).join(', ')}${alike.some(isMeasured) ? '' : ' not measured'}: ${write(reason)}`,
  );
}

function describePartial(summary: Summary): string {
  const { notRun, planned } = tallyTrials(summary);
  return notRun === 0
    ? 'Partial run: all trials have ended; at how many items verdicts flip is still to be found.'
    : `Partial run: ${planned - notRun} of ${planned} trials have ended.`;
}

/**
 * A run as Markdown: for each scenario, at each set of parameters, a table and a verdict, then what the work costs in a month where
 * `workload` is given, and how the figures came about.
 */
export function toMarkdown(summary: Summary, workload?: Projection): string {
  const { partial, sections, selfComparison, client, method } = describeRun(summary, inline, !workload);
  return `${paragraphs(
    partial && `**${partial}**`,
    sections.map(toSection),
    selfComparison && [
      '## Each variant against itself',
      selfComparison.claim,
      bullets(selfComparison.comparisons),
    ],
    client && [
      `## ${client.heading}`,
      toMarkdownTable(client.figures),
      bullets(client.rulings),
      client.basis,
      bullets(client.facts),
    ],
    workload && [
      `## ${describeWorkload(workload)}`,
      bullets(projectionLines(workload, summary.verdicts).map((line) => inline(line))),
    ],
    method.map((line) => `_${line}_`).join('  \n'),
  )}\n`;
}

function toSection(section: Section): Part[] {
  const { scenario, params, verdict, flips, month } = section;
  const table = (given: Table | undefined) => given && given.rows.length > 0 && toMarkdownTable(given);
  return [
    `## ${scenario}${params.length > 0 ? ` (${params.join(', ')})` : ''}`,
    table(section.figures),
    table(section.ladder),
    table(section.canaries),
    table(section.faults),
    table(section.approvals),
    section.wrong.map((line) => `- ${line}`),
    bullets(section.failures),
    table(section.statistics),
    bullets(section.trialNotes),
    bullets(section.providerNotes),
    verdict
      ? `**Verdict: ${verdict.pattern}.** ${section.ruling}`
      : '**Verdict:** outstanding; not every trial has ended.',
    bullets(present(section.why, flips && flipSentences(flips), month && `A month: ${month}.`)),
    table(section.criteria),
  ];
}
