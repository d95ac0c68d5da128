import { markdownTable } from 'markdown-table';
import type { Change } from '../../harness/analysis/gate/change.ts';
import type { ComparedPair, ComparedScenario, Comparison } from '../../harness/analysis/gate/compare-runs.ts';
import { describeDifference, figureNames } from '../../harness/analysis/gate/judge-change.ts';
import { describeParams, pointKey } from '../../harness/results/point.ts';
import { inline } from '../text/markup.ts';

/** Two runs side by side as Markdown: for each scenario a table of changes and where they came from, then what has no counterpart. */
export function toComparisonMarkdown(
  comparison: Comparison,
  names: { before: string; after: string },
): string {
  const { differences, pricesDiffer, weighingDiffers, pairs, scenarios, unpaired } = comparison;
  const paragraphs = [
    `# ${inline(names.before)} → ${inline(names.after)}`,
    ...(differences.length > 0 ? [`**Nothing is comparable:** ${inline(differences.join('; '))}.`] : []),
    ...(pricesDiffer !== null && pairs.length > 0
      ? [`**Costs are not comparable:** ${inline(pricesDiffer)}.`]
      : []),
    ...(weighingDiffers !== null && pairs.length > 0
      ? [`**Verdicts are not comparable:** ${inline(weighingDiffers)}.`]
      : []),
    ...scenarios.map((scenario) =>
      section(
        scenario,
        pairs.filter((pair) => pointKey(pair) === pointKey(scenario)),
        { costs: pricesDiffer === null, verdicts: pricesDiffer === null && weighingDiffers === null },
      ),
    ),
    ...(unpaired.length > 0
      ? [
          '## In one run alone',
          unpaired
            .map(({ scenario, params, variant, side, because }) => {
              const where = `only in ${names[side]}`;
              return `- ${inline(`${scenario} / ${variant} (${describeParams(params)}): ${where}${because ? `; ${because}` : ''}.`)}`;
            })
            .join('\n'),
        ]
      : []),
  ];
  return `${paragraphs.join('\n\n')}\n`;
}

/** `comparable` says what of it may be held against each other. */
function section(
  scenario: ComparedScenario,
  pairs: ComparedPair[],
  comparable: { costs: boolean; verdicts: boolean },
): string {
  const { before, after } = scenario.verdict;
  const verdict =
    before === after ? `Verdict: ${after ?? 'none'}, as before.` : `**Verdict: ${before} → ${after}.**`;
  const rows = pairs.flatMap((pair) =>
    [
      ...pair.changes.map((change) => row(pair.variant, change)),
      ...pair.hypothetical.map((change) => row(`${pair.variant} (hypothetical)`, change)),
    ].filter(([, item]) => comparable.costs || !item?.startsWith('cost')),
  );
  const ended = pairs
    .filter(({ status }) => status.before !== status.after)
    .map(({ variant, status }) => `${variant} ended as ${status.after}, before as ${status.before}`);
  const causes = [
    ...(scenario.surface === null ? ['The tools of one of the runs were not recorded.'] : []),
    ...(scenario.surface ?? []).map(({ text }) => text),
    ...ended,
    ...(scenario.filesChanged ? ["the scenario's own files changed"] : []),
    ...pairs.flatMap((pair) => pair.causes.map(({ text }) => `${pair.variant}: ${text}`)),
  ];
  return [
    `## ${scenario.scenario} (${describeParams(scenario.params)})`,
    markdownTable([['variant', 'figure', 'before', 'after', 'change'], ...rows], {
      align: ['l', 'l', 'r', 'r', 'r'],
    }),
    ...(causes.length > 0 ? [causes.map((text) => `- ${inline(text)}`).join('\n')] : []),
    ...(comparable.verdicts ? [verdict] : []),
  ].join('\n\n');
}

function row(variant: string, change: Change): string[] {
  const { name, write } = figureNames[change.metric];
  const value = (figure: number | null) => (figure === null ? 'unknown' : write(figure));
  const isSame = change.before === change.after;
  const difference = isSame ? 'none' : describeDifference(change);
  return [variant, name, value(change.before), value(change.after), difference];
}
