import { totalOf, wholeJob } from '../../harness/analysis/verdict/measure.ts';
import { number, times, usd } from '../../harness/numbers.ts';
import { isMeasured, tallyTrials } from '../../harness/results/reading.ts';
import type { Result, Summary, Verdict } from '../../harness/results/summary.ts';
import { toPage } from '../page.ts';
import { type Content, html, htmlList, htmlTable, type Markup, type Table } from '../text/markup.ts';
import { billChart } from './bill-chart.ts';
import type { FlipPhrases } from './flips.ts';
import { describeCaveat, nameEvidence } from './notes.ts';
import { correctness } from './tables.ts';
import { describeRun, type Section } from './view.ts';

/**
 * A run as one HTML file that needs nothing else: all verdicts at a glance, then a section for each scenario, then how the
 * figures came about. The same bytes for the same summary.
 */
export function toHtml(summary: Summary): string {
  // The tag escapes everything where it is put into the page, so that there is nothing to do before.
  const { partial, sections, selfComparison, client, method } = describeRun(summary, (text) => text);
  const title = nameRun(sections);
  return toPage({
    title,
    main: html`<header>
<h1>${title}</h1>
<p><span class="label">Evidence: ${nameEvidence(summary)}</span>${describeCaveat(summary)}</p>
${facts(summary)}
${partial !== undefined && html`<p class="notice">${partial}</p>`}
</header>
<main>
<section aria-labelledby="verdicts">
<h2 id="verdicts">Verdicts</h2>
<p class="caption"><strong>Classic</strong>: every tool call goes through the model. <strong>Code</strong>: the model writes a program that calls the tools in a sandbox. Costs are with prompt caching; “hypothetical” is what the whole job would have taken had it fitted the context window.</p>
${overview(sections)}
</section>
${sections.map(toSection)}
${selfComparison && block('h2', 'Each variant against itself', html`<p>${selfComparison.claim}</p>\n${htmlList(selfComparison.comparisons)}`)}
${client && block('h2', client.heading, html`${htmlTable(client.figures, client.heading)}\n${htmlList(client.rulings)}\n<p>${client.basis}</p>\n${htmlList(client.facts)}`)}
</main>`,
    footer: htmlList([...method, ...reading]),
  });
}

/** How the terms of the page are to be read. */
const reading = [
  'Answers are checked against a truth that was computed from the data by other means; no model judges.',
  'Billed tokens are those of all requests, history that is sent again included, unweighted by price. Context tokens count each token once.',
  'What is marked as measured was measured on the machine of the run; it differs from run to run.',
];

function nameRun(sections: readonly Section[]): string {
  const names = [...new Set(sections.map(({ scenario }) => scenario))];
  const [first = 'no scenario'] = names;
  return `Tool calls or programs: ${names.length > 1 ? `${names.length} workflows compared` : first}`;
}

function facts(summary: Summary): Markup {
  const { planned, correct, wrong, errored, notRun } = tallyTrials(summary);
  const ownFault = summary.results.some(({ scenarioFault }) => scenarioFault);
  const by = ownFault ? "infrastructure or a scenario's own code" : 'infrastructure';
  const trials = [
    `${correct} of ${planned} right`,
    ...(wrong > 0 ? [`${wrong} not right`] : []),
    ...(errored > 0 ? [`${errored} ended by ${by}`] : []),
    ...(notRun > 0 ? [`${notRun} not run`] : []),
  ];
  const entries = {
    Model: summary.model,
    Seed: String(summary.seed),
    'Prices of': summary.prices.asOf,
    Trials: trials.join(', '),
  };
  const items = Object.entries(entries).map(
    ([name, value]) => html`<div><dt>${name}</dt><dd>${value}</dd></div>`,
  );
  return html`<dl>${items}</dl>`;
}

function toSection(section: Section, index: number): Markup {
  const { results, verdict } = section;
  const id = sectionId(index);
  const ruling = section.ruling ?? 'Not every trial has ended.';
  return html`<section id="${id}" aria-labelledby="${id}-name">
<h2 id="${id}-name">${nameOf(section)}</h2>
<p class="verdict">${badge(verdict?.pattern)} ${ruling}</p>
${[
  billChart(results, id),
  tableBlock('Figures', section.figures),
  tableBlock('All variants', section.ladder),
  listBlock('What makes the difference', section.why),
  flipBlock(section.flips),
  tableBlock('The criteria', section.criteria),
  listBlock('What went wrong', [...section.wrong, ...section.failures]),
  tableBlock('Several trials', section.statistics, section.trialNotes),
  !section.statistics && listBlock('Notes on the trials', section.trialNotes),
  listBlock('The provider’s part', section.providerNotes),
]}</section>
`;
}

function nameOf({ scenario, params }: Section, link?: string): Markup {
  const name = link === undefined ? scenario : html`<a href="#${link}">${scenario}</a>`;
  return html`${name}${params.map((param) => html` <span class="param">${param}</span>`)}`;
}

function flipBlock(flips: FlipPhrases | undefined): Content {
  if (!flips) return undefined;
  const { would, wouldNot } = flips;
  const parts: [string, string[]][] = [
    ['Changes', would.length > 0 ? would : ['Under nothing that was tried.']],
    ['Holds', wouldNot],
  ];
  const items = parts.map(
    ([name, phrases]) => phrases.length > 0 && html`<div><h4>${name}</h4>\n${htmlList(phrases)}</div>`,
  );
  return block('h3', 'What it depends on', html`<div class="columns">${items}</div>`);
}

function tableBlock(heading: string, table: Table | undefined, notes: readonly string[] = []): Content {
  return table && block('h3', heading, html`${htmlTable(table, heading)}\n${htmlList(notes)}`);
}

function listBlock(heading: string, lines: readonly string[]): Content {
  return lines.length > 0 && block('h3', heading, htmlList(lines));
}

function block(level: 'h2' | 'h3', heading: string, content: Content): Markup {
  const name = level === 'h2' ? html`<h2>${heading}</h2>` : html`<h3>${heading}</h3>`;
  return html`${name}\n${content}\n`;
}

const ratioOf = { cost: 'cost', tokens: 'billed tokens', latency: 'model time' };

/** Where a section is on the page. */
function sectionId(index: number): string {
  return `scenario-${index + 1}`;
}

/** All verdicts at a glance: what each pattern costs and whether it was right, with links to the sections. */
function overview(sections: readonly Section[]): Markup {
  const [by = 'cost'] = sections.flatMap(({ verdict }) => verdict?.by ?? []);
  const isMixed =
    new Set(sections.flatMap(({ results }) => results.map(({ evidence }) => evidence))).size > 1;
  const rows = sections.map((section, index) => {
    const { verdict } = section;
    const sides = chooseShown(section);
    const each = (show: (result: Result) => string) => sides.map((side) => (side ? show(side) : 'not run'));
    return [
      nameOf(section, sectionId(index)),
      badge(verdict?.pattern),
      ...each(cost),
      ratio(sides, verdict?.by ?? 'cost'),
      each((result) => (isMeasured(result) ? number(wholeJob(result).roundTrips) : 'not measured')).join(
        ' / ',
      ),
      each(correctness).join(' / '),
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
function badge(pattern: Verdict['pattern'] | undefined): Markup {
  const kind = pattern === 'classic' || pattern === 'code' ? pattern : 'even';
  return html`<span class="badge ${kind}">${pattern ?? 'outstanding'}</span>`;
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
  if (!isMeasured(result)) return 'not measured';
  const { costUsd, hypothetical } = wholeJob(result);
  const name = result.variant === result.pattern ? '' : ` (${result.variant})`;
  return `${costUsd ? usd(costUsd.cached) : 'unpriced'}${name}${hypothetical ? ', hypothetical' : ''}`;
}

/** Which side takes how many times as much of what the verdict weighs by. */
function ratio([classic, code]: (Result | undefined)[], by: keyof typeof ratioOf): string {
  if (!classic || !code || !isMeasured(classic) || !isMeasured(code)) return '';
  const [left, right] = [wholeJob(classic), wholeJob(code)];
  const [of, against] = [totalOf(left, by), totalOf(right, by)];
  if (!of || !against) return '';
  const mark = left.hypothetical || right.hypothetical ? ', hypothetical' : '';
  const [more, factor] = of > against ? ['classic', of / against] : ['code', against / of];
  return factor < 1.05 ? `about equal${mark}` : `${more}, ${times(factor)} times${mark}`;
}
