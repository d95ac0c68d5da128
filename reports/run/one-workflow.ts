import { wholeJob } from '../../harness/analysis/verdict/measure.ts';
import { number, seconds, whole } from '../../harness/numbers.ts';
import { isMeasured } from '../../harness/results/reading.ts';
import type { Result, Verdict } from '../../harness/results/summary.ts';
import type { Table } from '../text/markup.ts';
import { indented, pad, plain, type Screen, terminalTable, wrap } from '../text/terminal.ts';
import { amount, marks } from '../text/words.ts';
import type { Around } from './overview.ts';
import { comparedResults, correctness, failureNotes } from './tables.ts';
import { causesOf } from './verdict.ts';
import type { Section } from './view.ts';

/** Lines of the view of one workflow, with all that is printed around it. */
const mostLines = 20;

/** A labelled paragraph of so many lines at most. */
type Paragraph = { label: string; text: string; rank: number; most: number };

/** One workflow with its figures, why, and what it hangs on. */
export function showWorkflow(
  section: Section,
  { further, details, lines }: Around,
  screen: Screen,
): string[] {
  const { scenario, params, results, verdict, flips } = section;
  const { paint, columns } = screen;
  const compared = comparedOf(results, verdict);
  const head = wrap(`${paint('strong', scenario)}  ${paint('faint', params.join(' '))}`, {
    ...indented(screen),
    most: 1,
  });
  const measured = compared.filter(isMeasured);
  const table = terminalTable(workflowTable(measured), { ...screen, columns: columns - 2 });
  const body = measured.length === 0 ? [] : ['', ...table.split('\n').map((line) => `  ${line}`)];
  const hasWhole = compared.some((result) => wholeJob(result).hypothetical);
  const foot = hasWhole ? [paint('faint', '  * had there been no context window')] : [];
  const ruling = verdict
    ? wrap(boldLead(plain(verdict.reason), screen), { ...indented(screen), most: 3 })
    : ['  Outstanding; not every trial has ended.'];
  const paragraph = (label: string, texts: readonly string[], rank: number, most: number): Paragraph[] =>
    texts.map((text) => ({ label, text, rank, most: details ? Number.POSITIVE_INFINITY : most }));
  const joined = (texts: readonly string[] = []) => (texts.length > 0 ? [texts.join('; ')] : []);
  const paragraphs = [
    ...paragraph(measured.length > 0 ? 'Not right' : 'No result', section.wrong, 4, 6),
    ...paragraph('Noted', failureNotes(compared), 2, 3),
    ...(verdict ? whyOf(verdict) : []).flatMap(([label, text]) => paragraph(label, [text], 1, 2)),
    ...paragraph('A month', section.month === undefined ? [] : [section.month], 2, 2),
    ...paragraph('Holds', joined(flips?.wouldNot), 0, mostLines),
    ...paragraph('Changes', joined(flips?.would), 3, 3),
  ];
  const around = [head, body, foot, further, [''], ruling].flat().length + lines;
  const said = fitted(paragraphs, details ? Number.POSITIVE_INFINITY : mostLines - around - 1, screen);
  return [...head, ...body, ...foot, ...(said.length > 0 ? ['', ...said] : []), ...further, '', ...ruling];
}

/** Paragraphs in so many lines. Those of the lowest rank are cut first, then left out. */
function fitted(paragraphs: readonly Paragraph[], room: number, { paint, columns }: Screen): string[] {
  const draw = ({ label, text, most }: Paragraph) =>
    wrap(text, {
      columns,
      indent: ' '.repeat(14),
      first: `  ${paint('faint', pad(label, 12))}`,
      most,
    });
  const drawn = paragraphs.map((each) => ({ ...each, lines: draw(each) }));
  const byRank = drawn.toSorted((a, b) => a.rank - b.rank);
  for (const least of [1, 0]) {
    for (const each of byRank) {
      const excess = drawn.reduce((sum, { lines }) => sum + lines.length, 0) - room;
      if (excess <= 0) break;
      const most = Math.max(least, each.lines.length - excess);
      each.lines = most === 0 ? [] : draw({ ...each, most });
    }
  }
  return drawn.flatMap(({ lines }) => lines);
}

/** The columns of one workflow: the two sides; all variants where there is no verdict on two. */
function comparedOf(results: Result[], verdict: Verdict | undefined): Result[] {
  const { classic, code } = verdict?.sides ?? {};
  if (!classic || !code) return comparedResults(results, verdict).slice(0, 4);
  return results.filter(({ variant }) => variant === classic.name || variant === code.name);
}

function workflowTable(shown: readonly Result[]): Table {
  const row = (name: string, cell: (figures: ReturnType<typeof wholeJob>, star: string) => string) => [
    name,
    ...shown.map((result) => {
      const figures = wholeJob(result);
      return cell(figures, figures.hypothetical ? '*' : '');
    }),
  ];
  return {
    headings: [
      '',
      ...shown.map(({ variant, pattern }) => `${pattern === 'hybrid' ? '' : `${marks[pattern]} `}${variant}`),
    ],
    align: ['l', ...shown.map(() => 'r' as const)],
    rows: [
      row('cost of a run', ({ costUsd }, star) =>
        costUsd ? `${amount(Math.min(costUsd.cached, costUsd.uncached), 'cost')}${star}` : 'unpriced',
      ),
      ['right', ...shown.map(correctness)],
      row('model time, modelled', ({ latencyMs }, star) => `${seconds(latencyMs.modelled)}${star}`),
      row('round trips', ({ roundTrips }, star) => `${number(roundTrips)}${star}`),
      row('tokens billed', ({ tokens }, star) => `${whole(tokens.billed)}${star}`),
      ...(shown.some(({ canaries }) => canaries) ? [['canaries shown', ...shown.map(canariesShown)]] : []),
    ],
  };
}

/** How many of the values that no model need see reached it, of those that tools returned. */
function canariesShown({ canaries }: Result): string {
  return canaries ? `${number(canaries.reached)} of ${number(canaries.returned)}` : '';
}

/** What code saves and what it adds, each under its label. */
function whyOf(verdict: Verdict): [label: string, text: string][] {
  const causes = causesOf(verdict);
  const list = (sign: 1 | -1) =>
    causes
      .filter(({ saves }) => saves * sign > 0)
      .slice(0, 3)
      .map(({ name, saves }) => `${name} ${amount(Math.abs(saves), verdict.by)}`)
      .join(', ');
  const why: [string, string][] = [
    ['Code saves', list(1)],
    ['Code adds', list(-1)],
  ];
  return why.filter(([, text]) => text !== '');
}

function boldLead(text: string, { paint }: Screen): string {
  const end = text.search(/[:,.]/);
  return end < 0 ? text : `${paint('strong', text.slice(0, end))}${text.slice(end)}`;
}
