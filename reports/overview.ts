import type { Result, Verdict } from '../harness/run/summary.ts';
import { totalOf, wholeJob } from '../harness/verdict/measure.ts';
import { variantColours } from './draw.ts';
import { correctness } from './figures.ts';
import { escapeHtml, htmlTable } from './html-text.ts';
import { number, usd } from './numbers.ts';
import type { Section } from './run-report.ts';

const ratioOf = { cost: 'cost', tokens: 'billed tokens', latency: 'model time' };

/** Where a section stands on the page. */
export function sectionId(index: number): string {
  return `scenario-${index + 1}`;
}

/** All verdicts at a glance: what each pattern costs and whether it was right, with links to the sections. */
export function overview(sections: readonly Section[]): string {
  const [by = 'cost'] = sections.flatMap(({ verdict }) => verdict?.by ?? []);
  const isMixed =
    new Set(sections.flatMap(({ results }) => results.map(({ evidence }) => evidence))).size > 1;
  const rows = sections.map((section, index) => {
    const { scenario, params, verdict } = section;
    const sides = chooseShown(section);
    const each = (show: (result: Result) => string) =>
      sides.map((side) => (side ? escapeHtml(show(side)) : 'not run'));
    return [
      `<a href="#${sectionId(index)}">${escapeHtml(scenario)}</a>${params.map((param) => ` <span class="param">${escapeHtml(param)}</span>`).join('')}`,
      badge(verdict?.pattern),
      ...each(cost),
      escapeHtml(ratio(sides, verdict?.by ?? 'cost')),
      each((result) => (result.correct === null ? 'not measured' : number(wholeJob(result).roundTrips))).join(
        ' / ',
      ),
      each((result) => correctness({ heading: result.variant, result, figures: result })).join(' / '),
      ...(isMixed ? [[...new Set(section.results.map(({ evidence }) => evidence))].join(' and ')] : []),
    ];
  });
  return htmlTable(
    {
      headings: [
        'scenario',
        'verdict',
        'cost of a run, classic',
        'cost of a run, code',
        `takes more (${ratioOf[by]})`,
        'round trips, classic / code',
        'correct, classic / code',
        ...(isMixed ? ['evidence'] : []),
      ],
      align: ['l', 'l', 'r', 'r', 'l', 'r', 'l', ...(isMixed ? ['l' as const] : [])],
      rows,
    },
    'All verdicts',
  );
}

/** A verdict's pattern, told by its name and, to those who see it, by the colour of the pattern. */
export function badge(pattern: Verdict['pattern'] | undefined): string {
  const [colour] = variantColours([{ variant: '', pattern: pattern ?? 'none' }]);
  return `<span class="badge" style="background:${colour}">${pattern ?? 'outstanding'}</span>`;
}

/** The two results that the verdict compares; where there is no verdict, the first of each pattern. */
function chooseShown({ results, verdict }: Section): (Result | undefined)[] {
  return (['classic', 'code'] as const).map((side) => {
    const named = verdict?.sides[side]?.name;
    return (
      results.find(({ variant }) => variant === named) ?? results.find(({ pattern }) => pattern === side)
    );
  });
}

function cost(result: Result): string {
  if (result.correct === null) return 'not measured';
  const { costUsd, hypothetical } = wholeJob(result);
  const name = result.variant === result.pattern ? '' : ` (${result.variant})`;
  return `${costUsd ? usd(costUsd.cached) : 'unpriced'}${name}${hypothetical ? ', hypothetical' : ''}`;
}

/** Which side takes how many times as much of what the verdict weighs by. */
function ratio([classic, code]: (Result | undefined)[], by: keyof typeof ratioOf): string {
  if (!classic || !code || classic.correct === null || code.correct === null) return '';
  const [left, right] = [wholeJob(classic), wholeJob(code)];
  const [of, against] = [totalOf(left, by), totalOf(right, by)];
  if (!of || !against) return '';
  const mark = left.hypothetical || right.hypothetical ? ', hypothetical' : '';
  const [more, factor] = of > against ? ['classic', of / against] : ['code', against / of];
  return factor < 1.05
    ? `about equal${mark}`
    : `${more}, ${factor < 10 ? factor.toFixed(1) : number(Math.round(factor))} times${mark}`;
}
