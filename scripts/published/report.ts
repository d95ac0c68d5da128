import { toMarkdownTable } from '../../reports/text/markup.ts';
import {
  type Agreement,
  type Answer,
  agree,
  explains,
  median,
  type Ratio,
  type Requests,
  rankCorrelation,
} from './agreement.ts';
import { type breakEven, type Measurement, quantities } from './measurements.ts';

/** A measurement with what our play of it came to; a break-even is undefined where code never took less. */
export type Played =
  | {
      kind: 'ratio';
      measurement: Measurement;
      ours: Ratio;
      /** Requests that ours took, where it is a single play. */
      requests?: Requests;
    }
  | {
      kind: 'break-even';
      measurement: typeof breakEven;
      name: string;
      as: string;
      why: string;
      ours: number | undefined;
    };

type Row = {
  source: string;
  name: string;
  as: string;
  of: string;
  theirs: string;
  ours: string;
  agreement: Agreement;
  /** Why they differ, and whether the source itself shows it. */
  why: string;
  shown: boolean;
};

/** The table of agreement, as Markdown: what was played, why rows differ, what was not played, and the sources. */
export function toReport(played: readonly Played[], all: readonly Measurement[]): string {
  const rows = played.map(toRow);
  const unplayed = all.filter((each) => !each.played);
  const sources = [
    ...new Set([...played.map(({ measurement }) => measurement.source), ...all.map(({ source }) => source)]),
  ];
  return `${[
    '# Our figures against independent measurements',
    preface,
    [tallyOf(rows), axiLine(played)].join('\n'),
    '## Played',
    toMarkdownTable({
      headings: ['source', 'measured', 'we play', 'of', 'theirs', 'ours', 'sign', 'size', 'ours ÷ theirs'],
      align: ['l', 'l', 'l', 'l', 'r', 'r', 'l', 'l', 'r'],
      rows: rows.map(({ source, name, as, of, theirs, ours, agreement: { sign, size, factor } }) => {
        return [source, name, as, of, theirs, ours, sign, size, Number.isNaN(factor) ? '–' : digits(factor)];
      }),
    }),
    Object.entries(quantities)
      .map(([short, long]) => `${short}: ${long}`)
      .join('; '),
    '## Row by row',
    rows.map((row) => `- ${row.source}, ${row.name}: ${standing(row)}${row.why}`).join('\n'),
    '## Not played',
    unplayed
      .map(({ source, name, said, why }) => `- ${source.name}, ${name} (theirs: ${said}): ${why}`)
      .join('\n'),
    '## Sources',
    toMarkdownTable({
      headings: ['source', 'where', 'date', 'conditions'],
      align: ['l', 'l', 'l', 'l'],
      rows: sources.map(({ name, where, date, conditions }) => [name, where, date, conditions]),
    }),
  ].join('\n\n')}\n`;
}

const preface = `Written by \`npm run published -- agreement.md\`. Each row plays a bundled scenario under the conditions of a measurement, as
far as its source gives them. Nothing was fitted to the measurements.

- Figures are code divided by classic: below 1, code takes less.
- Sign: yes where both lie on the same side of 1; no where they lie on opposite sides and neither is within 10 % of 1.
- Size: yes within a factor of 1.25, or inside their range.
- \`open\`: the figures leave both answers. Where a source does not give its workload, ours is a range.
- Ours are the best case of each pattern: no wrong turn, no program that fails. Theirs are real agents.
- Where a source shows how long its client's own prompt is, that is added to both our sides.
- A difference is explained where the source itself shows its cause; with AXI, where the requests it took lie the same way.`;

function toRow(played: Played): Row {
  if (played.kind === 'break-even') {
    const { measurement, name, as, why, ours } = played;
    const { source, theirs, most } = measurement;
    // Both have code dearer below and cheaper above, once there is a break-even at all.
    const agreement: Agreement =
      ours === undefined
        ? { sign: 'no', size: 'no', factor: Number.NaN }
        : { ...agree({ value: ours }, { value: theirs }), sign: 'yes' };
    const found = ours === undefined ? `none to ${most}` : `${ours}`;
    return {
      source: source.name,
      name,
      as,
      of: 'calls',
      theirs: `${theirs}`,
      ours: found,
      agreement,
      why,
      shown: false,
    };
  }
  const { measurement, ours, requests } = played;
  const { source, name, said, played: wanted, why, shown = false } = measurement;
  if (!wanted) throw new RangeError(`${name} is not played`);
  const theirRequests = measurement.requests;
  const isCounted = requests !== undefined && theirRequests !== undefined;
  const taken = isCounted ? ` Ours takes ${requests.classic} and ${requests.code}.` : '';
  const explained = isCounted ? explains(theirRequests, requests, wanted.ratio.value / ours.value) : shown;
  return {
    source: source.name,
    name: said === undefined ? name : `${name} (${said})`,
    as: wanted.as,
    of: wanted.quantity,
    theirs: ratio(wanted.ratio),
    ours: ratio(ours),
    agreement: { ...agree(ours, wanted.ratio), ...(ours.low !== undefined && { factor: Number.NaN }) },
    why: `${why}${taken}`,
    shown: explained,
  };
}

/** Two significant digits: none of these measurements knows more. */
const digits = (value: number): string => value.toLocaleString('en-US', { maximumSignificantDigits: 2 });

function ratio({ value, low, high }: Ratio): string {
  const range = low === undefined || high === undefined ? undefined : `${digits(low)} to ${digits(high)}`;
  return range === undefined ? digits(value) : range;
}

function standing({ agreement: { sign, size }, shown }: Row): string {
  if (sign === 'yes' && size === 'yes') return 'agrees. ';
  const what = sign === 'no' ? '**differs in sign**' : size === 'no' ? 'differs in size' : 'open';
  return `${what}, ${shown ? 'explained' : 'left standing'}. `;
}

/** How many rows agree, and which way ours lie. */
function tallyOf(rows: readonly Row[]): string {
  const count = (of: 'sign' | 'size', answer: Answer) =>
    rows.filter(({ agreement }) => agreement[of] === answer).length;
  const tally = (of: 'sign' | 'size') =>
    `${of} ${count(of, 'yes')} yes, ${count(of, 'no')} no, ${count(of, 'open')} open`;
  return `**Of ${rows.length} rows: ${tally('sign')}; ${tally('size')}.**`;
}

/** How well the order of AXI's tasks is met, and what theirs follows. */
function axiLine(played: readonly Played[]): string {
  const tasks = played.flatMap((each) => {
    const { measurement } = each;
    if (each.kind !== 'ratio' || !('requests' in measurement) || !measurement.requests) return [];
    const { classic, code } = measurement.requests;
    const theirs = measurement.played?.ratio.value ?? Number.NaN;
    return [{ ours: each.ours.value, theirs, requests: code / classic }];
  });
  const theirs = tasks.map((each) => each.theirs);
  const withOurs = rankCorrelation(
    theirs,
    tasks.map((each) => each.ours),
  );
  const withRequests = rankCorrelation(
    theirs,
    tasks.map((each) => each.requests),
  );
  const factor = median(tasks.map((each) => each.ours / each.theirs));
  return [
    `AXI, ${tasks.length} tasks: the rank correlation of our ratios with theirs is ${withOurs.toFixed(2)}; ours are ${digits(factor)} times theirs in the middle.`,
    `Theirs follow the requests that code took against classic (rank correlation ${withRequests.toFixed(2)}), where ours hardly vary.`,
    'Its first requests wrote 6,889 tokens to the cache in classic and 2,007 in code, ours none. That makes theirs lower where little else is billed.',
  ].join('\n');
}
