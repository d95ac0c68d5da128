import { readFileSync } from 'node:fs';
import { deflateRawSync } from 'node:zlib';
import type { Comparison } from '../../harness/analysis/gate/compare-runs.ts';
import { type Point, pointKey } from '../../harness/results/point.ts';
import { tallyTrials } from '../../harness/results/reading.ts';
import type { RunRecord } from '../../harness/results/run.ts';
import type { Result, Summary } from '../../harness/results/summary.ts';
import type { Sweep } from '../../harness/results/sweep.ts';
import type { TraceEvent } from '../../harness/results/trace.ts';
import { describeScenarioChanges, sayIncomparable, sayVerdictChange } from '../gate/decision.ts';
import { nameEvidence } from '../run/notes.ts';
import { describeRun } from '../run/view.ts';
import { html, htmlList, htmlTable, Markup } from '../text/markup.ts';
import { toDocument } from '../text/page.ts';
import { present } from '../text/table.ts';
import { chooseTraces } from './choose-traces.ts';
import type { PageData, Workflow, Workload } from './data.ts';
import { toTerms } from './trace.ts';
import { drawOverview } from './view/overview.ts';
import { startState } from './view/state.ts';
import { listBlock, type StoredRun, tableBlock, toTrend, toWorkflow } from './workflow.ts';

/** What a page is made of: all that a run left. Traces and sweeps are read when they are asked for. */
export type RunFiles = {
  /** Of the run's folder. */
  name: string;
  summary: Summary;
  record: RunRecord;
  /** The trials of the summary's results that have ended. */
  trials: readonly { repeat: number; result: Result }[];
  traceOf: (result: Result, repeat: number) => TraceEvent[] | undefined;
  /** What was run at other sizes of a scenario. */
  sweepOf: (point: Point) => Sweep | undefined;
};

/** An earlier run, and what changed since. */
type Before = { files: RunFiles; comparison: Comparison };

/** What else is shown beside a run: one that it is held against, those over which its figures are followed, how often it is run. */
type Beside = { before?: Before; stored?: readonly StoredRun[]; workload?: Workload | undefined };

/** The page must open from a mail: no more bytes than this. */
const mostBytes = 5_000_000;

/**
 * A run as one HTML file that needs nothing else: verdicts, what decides them, and every request. With an earlier run it shows what
 * changed, and the requests of both side by side. Its overview is read without scripts, too. The same bytes for the same run.
 * Throws an `InfrastructureError` where causes or requests do not add up to a bill.
 */
export function runPage(files: RunFiles, { before, ...beside }: Beside = {}): string {
  const described = describePage(files, beside);
  const data = before ? { ...described, ...describeSince(described.workflows, files, before) } : described;
  const script = asset('script.js');
  const style = styles.map((name) => asset(`style/${name}.css`)).join('');
  const first = drawOverview(data, startState(data), 1056).text;
  const left = mostBytes - (script.length + style.length + first.length * 2 + 200_000);
  const { workflows, blocks } = chooseTraces(data.workflows, files, left, before?.files);
  const all: PageData = { ...data, workflows };
  const text = (id: string, bytes: Buffer) =>
    html`<script type="text/plain" id="${id}">${new Markup(bytes.toString('base64'))}</script>\n`;
  const body = html`<a class="skip" href="#main">Skip to content</a>
<header class="top"><a class="mark" href="#">patternbench</a><nav id="crumbs" aria-label="Where you are"></nav><span id="meta">${data.model}, ${data.evidence}${data.day !== undefined && `, ${data.day}`}</span></header>
<main id="main" tabindex="-1">${new Markup(first)}</main>
${text('data', deflateRawSync(JSON.stringify(all), { level: 9 }))}${blocks.map((block, index) => text(`block-${index}`, block))}<script type="module">
${new Markup(script)}</script>`;
  return toDocument({ title: data.title, style, body }, true);
}

/** What the page says of the run and its workflows, without traces. */
export function describePage(
  { summary, record, sweepOf }: RunFiles,
  { stored = [], workload }: Omit<Beside, 'before'> = {},
): PageData {
  // The tag escapes everything where it is put into the page, so that there is nothing to do before.
  const { partial, sections, selfComparison, client, method } = describeRun(
    summary,
    (text) => text,
    !workload,
  );
  const { model, profile } = toTerms(record);
  const by = summary.verdicts[0]?.by ?? 'cost';
  const { startedAt } = record.measured;
  const now = { startedAt, summary };
  const names = Map.groupBy(sections, ({ scenario }) => scenario);
  const more = html`${[
    selfComparison &&
      listBlock('Each variant against itself', [selfComparison.claim, ...selfComparison.comparisons]),
    client && tableBlock(client.heading, client.figures, [...client.rulings, client.basis, ...client.facts]),
  ]}`.text;
  return {
    title: nameRun([...names.keys()]),
    model: summary.model,
    evidence: nameEvidence(summary),
    day: startedAt.slice(0, 10) || undefined,
    by,
    window: model.contextWindow,
    partial,
    trials: describeTrials(summary),
    workload,
    workflows: sections.map((section, index) => {
      const isOnly = names.get(section.scenario)?.length === 1;
      const id = isOnly ? section.scenario : `${section.scenario}-${index + 1}`;
      const sweep = sweepOf(section.results[0] as Result);
      const trend = section.verdict && toTrend(section.verdict, stored, now);
      return { ...toWorkflow(section, { id, by, profile, sweep }), trend, traces: [] };
    }),
    method: [...method, ...reading],
    more,
  };
}

/** What changed in each workflow since an earlier run, and what the two runs as a whole do not share. */
function describeSince(
  workflows: readonly Workflow[],
  { summary }: RunFiles,
  { files, comparison }: Before,
): Pick<PageData, 'workflows' | 'held'> {
  const changes = new Map(describeScenarioChanges(comparison).map((each) => [pointKey(each), each]));
  const points = [...new Set(summary.results.map(pointKey))];
  return {
    held: { run: files.name, notes: sayIncomparable(comparison) },
    workflows: workflows.map((workflow, index) => {
      const change = changes.get(points[index] ?? '');
      if (!change) return { ...workflow, since: html`<p>It is in this run alone.</p>`.text };
      const { table, causes, verdict } = change;
      return {
        ...workflow,
        since:
          html`${verdict && html`<p>${sayVerdictChange(verdict)}</p>`}${htmlList(causes)}${htmlTable(table, 'What changed')}`
            .text,
      };
    }),
  };
}

/** How the terms of the page are to be read. */
const reading = [
  'Answers are checked against a truth that was computed from the data by other means; no model judges.',
  'Billed tokens are those of all requests, history that is sent again included, unweighted by price.',
  'What is marked as measured was measured on the machine of the run; it differs from run to run.',
];

function nameRun(names: readonly string[]): string {
  const [first = 'no workflow'] = names;
  return `Tool calls or programs: ${names.length > 1 ? `${names.length} workflows compared` : first}`;
}

function describeTrials(summary: Summary): string {
  const { planned, correct, wrong, errored, notRun } = tallyTrials(summary);
  const ownFault = summary.results.some(({ scenarioFault }) => scenarioFault);
  const by = ownFault ? "infrastructure or a scenario's own code" : 'infrastructure';
  return present(
    `${correct} of ${planned} trials right`,
    wrong > 0 && `${wrong} not right`,
    errored > 0 && `${errored} ended by ${by}`,
    notRun > 0 && `${notRun} not run`,
  ).join(', ');
}

/** In the order in which one overrides another. */
const styles = ['colours', 'base', 'chart', 'overview', 'workflow', 'trace', 'detail', 'narrow', 'paper'];

/** A file of the page's own. */
function asset(name: string): string {
  return readFileSync(new URL(name, import.meta.url), 'utf8');
}
