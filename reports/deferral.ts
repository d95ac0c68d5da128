import type { Deferral, DeferralCell, Threshold } from '../harness/meter/deferral.ts';
import { number, share, signed, usd } from '../harness/numbers.ts';
import { inline, toMarkdownTable } from './text/markup.ts';
import type { Unreached } from './tools.ts';

/** Whether deferring definitions pays, at most 80 columns wide: what it changes now, and from what size on it pays. */
export function describeDeferral(
  deferral: Deferral,
  { model, method, unreached }: { model: string; method: string; unreached: readonly Unreached[] },
): string {
  const { unit, tools, definitions, ofWindow, found, minCachePrefix, cells } = deferral;
  const what = unit === 'USD' ? 'cost with caching' : 'billed tokens';
  return [
    '# Does deferring the definitions pay?',
    `${number(tools)} definitions take ${number(definitions)} tokens, ${share(ofWindow)} of the window of ${model}.`,
    ...(cells.length === 0 ? ['There is nothing to defer.'] : []),
    ...(cells.length === 0
      ? []
      : [
          `What deferring changes in 1,000 runs, ${what} (− saves, + costs more):`,
          gridOf(cells, ({ change }) => writeChange(change, unit)),
          'It pays from so many tools of this size on, and their share of the window:',
          gridOf(cells, ({ paysFrom }) => (paysFrom ? writeThreshold(paysFrom) : 'never')),
          adviceOn(cells),
          [
            '- Requests: those of a run with all definitions up front. Deferring adds one.',
            `- One search for each tool used, all at once; each brings ${number(found)} average tools.`,
            `- Where those searches bring all tools that there are, it costs more.`,
            `- Prompts under ${number(minCachePrefix)} tokens are not cached; deferring may stay there.`,
            '- A perfect model: it searches once, finds all it needs, and starts cold.',
          ].join('\n'),
        ]),
    ...unreached.map(({ server, error }) => `Not measured: ${inline(server)}. ${error}`),
    `_Tokens of ${model}: ${method}._`,
  ].join('\n\n');
}

/** What the documentation of MCP advises to clients (client best practices, 2026-07-28), against what was found. */
function adviceOn(cells: readonly DeferralCell[]): string {
  const shares = cells.flatMap(({ paysFrom }) => paysFrom?.ofWindow ?? []);
  const advice = 'The MCP documentation (2026-07-28) advises to defer beyond 1–5 % of the window.';
  if (shares.length === 0) return `${advice}\nHere it never pays.`;
  const [least, most] = [Math.min(...shares), Math.max(...shares)];
  const range = share(least) === share(most) ? share(least) : `${share(least)} to ${share(most)}`;
  return `${advice}\nHere it pays from ${range} on, depending on tools used and requests.`;
}

/** A row for each number of tools used, a column for each number of requests. */
function gridOf(cells: readonly DeferralCell[], write: (cell: DeferralCell) => string): string {
  const requests = [...new Set(cells.map((cell) => cell.requests))];
  const rows = [...Map.groupBy(cells, ({ used }) => used)].map(([used, row]) => [
    number(used),
    ...row.map(write),
  ]);
  return toMarkdownTable({
    headings: ['used', ...requests.map((count) => `${count} requests`)],
    align: ['r', ...requests.map(() => 'r' as const)],
    rows,
  });
}

function writeChange(change: number, unit: Deferral['unit']): string {
  return unit === 'USD' ? signed(change * 1000, usd) : signed(Math.round(change * 1000), number);
}

function writeThreshold({ tools, ofWindow }: Threshold): string {
  return `${number(tools)} (${share(ofWindow)})`;
}
