import type { Summary } from '../harness/run/summary.ts';
import { tallyTrials } from '../harness/run/tally.ts';
import { billChart } from './bill-chart.ts';
import { describeCaveat, nameEvidence } from './evidence.ts';
import type { FlipPhrases } from './flips.ts';
import { escapeHtml, htmlList, toHtmlTable } from './html-text.ts';
import { badge, overview, sectionId } from './overview.ts';
import { pageStyle } from './page-style.ts';
import { describeRun, type Section } from './run-report.ts';
import type { Table } from './table.ts';

/**
 * A run as one HTML file that needs nothing else: all verdicts at a glance, then a section for each scenario, then how the
 * figures came about. The same bytes for the same summary.
 */
export function toHtml(summary: Summary): string {
  // Everything is escaped where it is put into the page, so that there is nothing to do before.
  const { partial, sections, selfComparison, method } = describeRun(summary, (text) => text);
  const title = nameRun(sections);
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${escapeHtml(title)}</title>
<style>
${pageStyle}</style>
</head>
<body>
<header>
<h1>${escapeHtml(title)}</h1>
<p><span class="label">Evidence: ${escapeHtml(nameEvidence(summary))}</span>${escapeHtml(describeCaveat(summary))}</p>
${facts(summary)}
${partial ? `<p class="notice">${escapeHtml(partial)}</p>` : ''}
</header>
<main>
<section aria-labelledby="verdicts">
<h2 id="verdicts">Verdicts</h2>
<p class="caption"><strong>Classic</strong>: every tool call goes through the model. <strong>Code</strong>: the model writes a program that calls the tools in a sandbox. Costs are with prompt caching; “hypothetical” is what the whole job would have taken had it fitted the context window.</p>
${overview(sections)}
</section>
${sections.map(toSection).join('\n')}
${selfComparison ? block('h2', 'Each variant against itself', `<p>${escapeHtml(selfComparison.claim)}</p>\n${htmlList(selfComparison.comparisons)}`) : ''}
</main>
<footer>
<h2>How the figures came about</h2>
${htmlList([...method, ...reading])}
</footer>
</body>
</html>
`;
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

function facts(summary: Summary): string {
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
    ([name, value]) => `<div><dt>${name}</dt><dd>${escapeHtml(value)}</dd></div>`,
  );
  return `<dl>${items.join('')}</dl>`;
}

function toSection(section: Section, index: number): string {
  const { scenario, params, results, verdict } = section;
  const id = sectionId(index);
  const ruling = section.ruling ?? 'Not every trial has ended.';
  return `<section id="${id}" aria-labelledby="${id}-name">
<h2 id="${id}-name">${escapeHtml(scenario)}${params.map((param) => ` <span class="param">${escapeHtml(param)}</span>`).join('')}</h2>
${[
  `<p class="verdict">${badge(verdict?.pattern)} ${escapeHtml(ruling)}</p>`,
  billChart(results, id),
  ...tableBlock('Figures', section.figures),
  ...tableBlock('All variants', section.ladder),
  ...listBlock('What makes the difference', section.margin),
  ...flipBlock(section.flips),
  ...tableBlock('The criteria', section.criteria),
  ...listBlock('What went wrong', [...section.wrong, ...section.failures]),
  ...tableBlock('Several trials', section.statistics, section.trialNotes),
  ...(section.statistics ? [] : listBlock('Notes on the trials', section.trialNotes)),
  ...listBlock('The provider’s part', section.providerNotes),
].join('\n')}
</section>`;
}

function flipBlock(flips: FlipPhrases | undefined): string[] {
  if (!flips) return [];
  const { would, wouldNot, notLookedAt } = flips;
  const parts: [string, string[]][] = [
    ['Would flip it', would.length > 0 ? would : ['Nothing that was looked at.']],
    ['Would not', wouldNot],
    ['Not looked at', notLookedAt],
  ];
  const items = parts.map(([name, phrases]) =>
    phrases.length > 0 ? `<div><h4>${name}</h4>\n${htmlList(phrases)}</div>` : '',
  );
  return [block('h3', 'What would flip it', `<div class="columns">${items.join('')}</div>`)];
}

function tableBlock(heading: string, table: Table | undefined, notes: readonly string[] = []): string[] {
  return table ? [block('h3', heading, `${toHtmlTable(table, heading)}\n${htmlList(notes)}`)] : [];
}

function listBlock(heading: string, lines: readonly string[]): string[] {
  return lines.length > 0 ? [block('h3', heading, htmlList(lines))] : [];
}

function block(level: 'h2' | 'h3', heading: string, content: string): string {
  return `<${level}>${escapeHtml(heading)}</${level}>\n${content}`;
}
