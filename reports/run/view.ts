import { pointKey } from '../../harness/results/point.ts';
import type { Projection } from '../../harness/results/projection.ts';
import { isMeasured, tallyTrials } from '../../harness/results/reading.ts';
import type { Result, Summary, Verdict } from '../../harness/results/summary.ts';
import { describeMonth, describeWorkload, projectionLines } from '../projection.ts';
import { inline, type Table, toMarkdownTable } from '../text/markup.ts';
import { approvalsTable } from './approvals.ts';
import { type ClientReport, reportClient } from './client.ts';
import { type FlipPhrases, flipSentences, splitFlips } from './flips.ts';
import {
  describeMethod,
  describeSelfComparison,
  describeTrials,
  providerNotes,
  type WriteForeign,
} from './notes.ts';
import {
  canaryTable,
  comparedResults,
  criteriaTable,
  failureNotes,
  faultTable,
  figureTable,
  ladderTable,
} from './tables.ts';
import { describeExpectation, explainDifference } from './verdict.ts';

/** What a report says of one scenario at one set of parameters. */
export type Section = {
  scenario: string;
  /** As `name=value`, in the order of the scenario. */
  params: string[];
  results: Result[];
  verdict?: Verdict;
  figures: Table;
  /** Present where there are more than two variants. */
  ladder?: Table;
  /** Present where the scenario declares what no model need see. */
  canaries?: Table;
  /** Present where the run has faults. */
  faults?: Table;
  /** What the work costs in a month, where its scenario says how often it is done. */
  month?: string;
  /** Present where calls had to be approved. */
  approvals?: Table;
  /** Why variants were not right, a line for each reason. */
  wrong: string[];
  /** What went wrong in variants that have no column in `figures`. */
  failures: string[];
  statistics?: Table;
  trialNotes: string[];
  providerNotes: string[];
  /** Why that verdict, in one sentence, and what had been expected. */
  ruling?: string;
  /** What makes the difference between the sides. */
  why: string[];
  flips?: FlipPhrases;
  criteria?: Table;
};

/** What a report of a run says, in any format. */
export type RunReport = {
  /** Why the run is not complete; absent where it is. */
  partial?: string;
  sections: Section[];
  selfComparison?: { claim: string; comparisons: string[] };
  /** The bill as a client would have sent it. */
  client?: ClientReport;
  method: string[];
};

/**
 * Puts together what a report says of a run; `write` is how the format writes text that is not this program's own. `assumed`:
 * whether it says what a month costs at the workload that a scenario assumes. One that is given comes before it.
 */
export function describeRun(summary: Summary, write: WriteForeign, assumed: boolean): RunReport {
  const selfComparison = describeSelfComparison(summary);
  return {
    ...(summary.status === 'partial' && { partial: describePartial(summary) }),
    sections: [...Map.groupBy(summary.results, pointKey).values()].map((results) =>
      describeSection(results, summary, write, assumed),
    ),
    ...(selfComparison && { selfComparison }),
    ...(summary.client && { client: reportClient(summary, summary.client, write) }),
    method: describeMethod(summary),
  };
}

function describeSection(
  results: Result[],
  summary: Summary,
  write: WriteForeign,
  assumed: boolean,
): Section {
  const [{ scenario, params }] = results as [Result];
  const key = pointKey({ scenario, params });
  const verdict = summary.verdicts.find((each) => pointKey(each) === key);
  const shown = comparedResults(results, verdict);
  const { statistics, notes } = describeTrials(results, summary);
  const canaries = canaryTable(results);
  const faults = faultTable(results);
  const approvals = approvalsTable(results);
  const month = assumed && verdict ? describeMonth({ ...summary, results }, verdict, write) : undefined;
  return {
    scenario: write(scenario),
    params: Object.entries(params).map(([name, value]) => write(`${name}=${value}`)),
    results,
    figures: figureTable(shown),
    ...(results.length > 2 && verdict?.ladder && { ladder: ladderTable(results, verdict.ladder) }),
    ...(canaries && { canaries }),
    ...(faults && { faults }),
    ...(approvals && { approvals }),
    ...(month !== undefined && { month }),
    wrong: whyNotRight(results, write),
    failures: failureNotes(results.filter((result) => !shown.includes(result))),
    ...(statistics && { statistics }),
    trialNotes: notes,
    providerNotes: providerNotes(results, write),
    why: [],
    ...(verdict && explain(verdict, write)),
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

function explain(verdict: Verdict, write: WriteForeign) {
  const flips = splitFlips(verdict, write);
  return {
    verdict,
    ruling: `${write(verdict.reason)} ${describeExpectation(verdict)}`.trim(),
    why: explainDifference(verdict),
    ...(flips && { flips }),
    ...(verdict.criteria && { criteria: criteriaTable(verdict.criteria) }),
  };
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
  const blocks = [
    ...(partial ? [`**${partial}**`] : []),
    ...sections.map((section) => toSection(section).join('\n\n')),
    ...(selfComparison
      ? ['## Each variant against itself', selfComparison.claim, ...list(selfComparison.comparisons)]
      : []),
    ...(client
      ? [
          `## ${client.heading}`,
          toMarkdownTable(client.figures),
          ...list(client.rulings),
          client.basis,
          ...list(client.facts),
        ]
      : []),
    ...(workload
      ? [
          `## ${describeWorkload(workload)}`,
          ...list(projectionLines(workload, summary.verdicts).map((line) => inline(line))),
        ]
      : []),
    method.map((line) => `_${line}_`).join('  \n'),
  ];
  return `${blocks.join('\n\n')}\n`;
}

function toSection(section: Section): string[] {
  const { scenario, params, verdict, flips, criteria } = section;
  return [
    `## ${scenario}${params.length > 0 ? ` (${params.join(', ')})` : ''}`,
    toMarkdownTable(section.figures),
    ...table(section.ladder),
    ...table(section.canaries),
    ...table(section.faults),
    ...table(section.approvals),
    ...section.wrong.flatMap((line) => list([line])),
    ...list(section.failures),
    ...table(section.statistics),
    ...list(section.trialNotes),
    ...list(section.providerNotes),
    verdict
      ? `**Verdict: ${verdict.pattern}.** ${section.ruling}`
      : '**Verdict:** outstanding; not every trial has ended.',
    ...list([
      ...section.why,
      ...(flips ? flipSentences(flips) : []),
      ...(section.month === undefined ? [] : [`A month: ${section.month}.`]),
    ]),
    ...table(criteria),
  ];
}

function table(given: Table | undefined): string[] {
  return given ? [toMarkdownTable(given)] : [];
}

function list(lines: readonly string[]): string[] {
  return lines.length > 0 ? [lines.map((line) => `- ${line}`).join('\n')] : [];
}
