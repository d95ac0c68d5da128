import {
  type Change,
  describeDifference,
  describeValues,
  figureNames,
} from '../../harness/analysis/gate/change.ts';
import type { ComparedPair, ComparedScenario, Comparison } from '../../harness/analysis/gate/compare-runs.ts';
import { number } from '../../harness/numbers.ts';
import { pointKey } from '../../harness/results/point.ts';
import { inline, toMarkdownTable } from '../text/markup.ts';

/** Workflows that are shown, so that a comment has under 60 lines whichever runs are compared. */
const mostShown = 12;
const mostRows = 12;

type Changed = { scenario: ComparedScenario; pairs: ComparedPair[]; sentence: string };

/**
 * What changed between two runs, as a comment on a pull request: a table of the workflows that changed, a sentence for each, and
 * their other figures folded. Under 60 lines, however many workflows there are; what is left out is counted.
 */
export function toPullRequest(comparison: Comparison): string {
  const { differences, pricesDiffer, weighingDiffers, scenarios, pairs, unpaired } = comparison;
  const all = scenarios.map((scenario) => {
    const own = pairs.filter((pair) => pointKey(pair) === pointKey(scenario));
    return { scenario, pairs: own, sentence: sayChange(scenario, own) };
  });
  const changed = all.filter(hasChanged);
  const shown = changed.slice(0, mostShown);
  const notes = [
    ...(differences.length > 0 ? [`Nothing is comparable: ${differences.join('; ')}.`] : []),
    ...(pricesDiffer === null ? [] : [`Costs are not comparable: ${pricesDiffer}.`]),
    ...(weighingDiffers === null ? [] : [`Verdicts are not comparable: ${weighingDiffers}.`]),
    ...(unpaired.length > 0 ? [`${number(unpaired.length)} results are in one run alone.`] : []),
  ];
  const left = changed.length - shown.length;
  return `${[
    `### ${changed.length === 0 ? 'No workflow changed' : `${number(changed.length)} of ${number(all.length)} workflows changed`}`,
    ...(notes.length > 0 ? [notes.map((note) => `- ${inline(note)}`).join('\n')] : []),
    ...(shown.length > 0
      ? [summaryTable(shown), shown.map(({ sentence }) => `- ${sentence}`).join('\n')]
      : []),
    ...(left > 0 ? [`${number(left)} more changed; \`patternbench compare\` lists them all.`] : []),
    ...(shown.length > 0 ? [folded(shown)] : []),
  ].join('\n\n')}\n`;
}

function hasChanged({ scenario, pairs }: Changed): boolean {
  const { verdict, surface, filesChanged } = scenario;
  return (
    verdict.before !== verdict.after ||
    filesChanged ||
    (surface ?? []).length > 0 ||
    pairs.some(
      ({ status, changes, causes }) =>
        status.before !== status.after || causes.length > 0 || changes.some(isDifferent),
    )
  );
}

function isDifferent({ before, after }: Change): boolean {
  return before !== after;
}

function summaryTable(changed: readonly Changed[]): string {
  return toMarkdownTable({
    headings: ['workflow', 'verdict', 'cost, classic', 'cost, code'],
    align: ['l', 'l', 'r', 'r'],
    rows: changed.map(({ scenario: { scenario, verdict }, pairs }) => {
      const { before, after } = verdict;
      return [
        inline(scenario),
        before === after ? `${after ?? 'none'}` : `**${before ?? 'none'} → ${after ?? 'none'}**`,
        ...(['classic', 'code'] as const).map((pattern) => costOf(pairs, pattern)),
      ];
    }),
  });
}

/** The cost of the first variant of a pattern, by its name or what its name begins with. */
function costOf(pairs: readonly ComparedPair[], pattern: string): string {
  const named = (exactly: boolean) =>
    pairs.find(({ variant }) => (exactly ? variant === pattern : variant.startsWith(pattern)));
  const change = (named(true) ?? named(false))?.changes.find(({ metric }) => metric === 'costCached');
  if (!change) return '';
  return isDifferent(change) ? describeValues(change) : (describeValues(change).split(' → ')[1] ?? '');
}

/** One sentence: what weighs most of what changed, and where it came from. */
function sayChange(
  { scenario, verdict, surface, filesChanged }: ComparedScenario,
  pairs: readonly ComparedPair[],
): string {
  const ended = pairs.find(({ status }) => status.before !== status.after);
  const costs = pairs.flatMap(({ variant, changes }) =>
    changes
      .filter((change) => change.metric === 'costCached' && isDifferent(change))
      .map((change) => ({ variant, change })),
  );
  const share = ({ change: { before, after } }: (typeof costs)[number]) =>
    Math.abs((after ?? 0) / (before || 1) - 1);
  const [most] = costs.sort((a, b) => share(b) - share(a));
  const cause = surface?.[0]?.text ?? pairs.find(({ variant }) => variant === most?.variant)?.causes[0]?.text;
  const parts = [
    ...(verdict.before === verdict.after ? [] : [`now ${verdict.after ?? 'without a verdict'}`]),
    ...(ended ? [`${ended.variant} ends as ${ended.status.after.replaceAll('_', ' ')}`] : []),
    ...(most ? [`${most.variant} costs ${describeDifference(most.change)}`] : []),
    ...(cause === undefined ? [] : [cause]),
    ...(filesChanged ? ["the scenario's own files changed"] : []),
  ];
  return `**${inline(scenario)}**: ${inline(parts.slice(0, 3).join('; ') || 'only other figures changed')}.`;
}

/** The figures that changed, folded away, as many rows as there is room for. */
function folded(changed: readonly Changed[]): string {
  const rows = changed.flatMap(({ scenario: { scenario }, pairs }) =>
    pairs.flatMap(({ variant, changes }) =>
      changes
        .filter(
          (change) =>
            isDifferent(change) && ['billedTokens', 'roundTrips', 'correct'].includes(change.metric),
        )
        .map((change) => [
          inline(scenario),
          inline(variant),
          figureNames[change.metric].name,
          describeValues(change),
          describeDifference(change),
        ]),
    ),
  );
  const table = toMarkdownTable({
    headings: ['workflow', 'variant', 'figure', 'before → after', 'change'],
    align: ['l', 'l', 'l', 'r', 'r'],
    rows: rows.slice(0, mostRows),
  });
  const more = rows.length > mostRows ? `\n\n${number(rows.length - mostRows)} more figures changed.` : '';
  return `<details><summary>Other figures</summary>\n\n${table}${more}\n\n</details>`;
}
