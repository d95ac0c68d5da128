import { wholeJob } from '../../harness/analysis/verdict/measure.ts';
import { number, seconds, whole } from '../../harness/numbers.ts';
import type { Result, Verdict } from '../../harness/results/summary.ts';
import type { Table } from '../text/markup.ts';
import { indented, pad, plain, type Screen, terminalTable, wrap } from '../text/terminal.ts';
import { amount, marks } from '../text/words.ts';
import { comparedResults, correctness, failureNotes } from './tables.ts';
import { causesOf } from './verdict.ts';
import type { Section } from './view.ts';

/** Lines of the view of one workflow, where what it holds under fits. */
const mostLines = 20;

/** One workflow with its figures, why, and what it hangs on. `further` is said of the whole run. */
export function showWorkflow(
  section: Section,
  { further, details }: { further: readonly string[]; details: boolean },
  screen: Screen,
): string[] {
  const { scenario, params, results, verdict } = section;
  const { paint, columns } = screen;
  const head = wrap(`${paint('strong', scenario)}  ${paint('faint', params.join(' '))}`, indented(screen));
  const figures = workflowTable(results, verdict);
  const body = terminalTable(figures, { ...screen, columns: columns - 2 })
    .split('\n')
    .map((line) => `  ${line}`);
  const hasWhole = comparedOf(results, verdict).some((result) => wholeJob(result).hypothetical);
  const labelled = (label: string, text: string, most?: number) =>
    wrap(text, {
      columns,
      indent: ' '.repeat(14),
      first: `  ${paint('faint', pad(label, 12))}`,
      ...(most !== undefined && { most }),
    });
  const why = verdict ? showWhy(verdict, labelled) : [];
  const wrong = section.wrong.flatMap((text) => labelled('Not right', text, details ? undefined : 6));
  const noted = failureNotes(comparedOf(results, verdict)).flatMap((text) => labelled('Noted', text, 3));
  const changes = section.flips?.would.length
    ? labelled('Changes', section.flips.would.join('; '), details ? undefined : 3)
    : [];
  const ruling = verdict
    ? wrap(boldLead(plain(verdict.reason), screen), { ...indented(screen), most: 4 })
    : ['  Outstanding; not every trial has ended.'];
  const fixed = [head, body, why, wrong, noted, changes, further, ruling].reduce(
    (sum, lines) => sum + lines.length,
    0,
  );
  const room = mostLines - fixed - (hasWhole ? 1 : 0) - 5;
  const holds = section.flips?.wouldNot.length
    ? labelled('Holds', section.flips.wouldNot.join('; '), details ? undefined : Math.max(1, room))
    : [];
  return [
    ...head,
    '',
    ...body,
    ...(hasWhole ? [paint('faint', '  * had there been no context window')] : []),
    '',
    ...wrong,
    ...noted,
    ...why,
    ...holds,
    ...changes,
    ...further,
    ...(wrong.length + noted.length + why.length + holds.length + changes.length > 0 ? [''] : []),
    ...ruling,
  ];
}

/** The columns of one workflow: the two sides; all variants where there is no verdict on two. */
function comparedOf(results: Result[], verdict: Verdict | undefined): Result[] {
  const { classic, code } = verdict?.sides ?? {};
  if (!classic || !code) return comparedResults(results, verdict).slice(0, 4);
  return results.filter(({ variant }) => variant === classic.name || variant === code.name);
}

function workflowTable(results: Result[], verdict: Verdict | undefined): Table {
  const shown = comparedOf(results, verdict);
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

function showWhy(verdict: Verdict, labelled: (label: string, text: string) => string[]): string[] {
  const causes = causesOf(verdict);
  const list = (sign: 1 | -1) =>
    causes
      .filter(({ saves }) => saves * sign > 0)
      .slice(0, 3)
      .map(({ name, saves }) => `${name} ${amount(Math.abs(saves), verdict.by)}`)
      .join(', ');
  const [saved, added] = [list(1), list(-1)];
  return [...(saved ? labelled('Code saves', saved) : []), ...(added ? labelled('Code adds', added) : [])];
}

function boldLead(text: string, { paint }: Screen): string {
  const end = text.search(/[:,.]/);
  return end < 0 ? text : `${paint('strong', text.slice(0, end))}${text.slice(end)}`;
}
