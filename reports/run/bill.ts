import { number, share } from '../../harness/numbers.ts';
import { type Category, categories } from '../../harness/results/codes.ts';
import type { Result } from '../../harness/results/summary.ts';
import type { Table } from '../text/markup.ts';
import { toColumns } from './tables.ts';

/** What a bill is made of: the ledger's categories, and what a provider billed that no row of the ledger explains. */
type Part = Category | 'remainder';

export const partNames: Record<Part, string> = {
  tool_definitions: 'tool definitions',
  instructions: 'instructions',
  discovery: 'tool discovery',
  tool_calls: 'tool calls',
  tool_results: 'tool results',
  code: 'programs written',
  program_output: 'program output',
  reasoning: 'reasoning',
  answer: 'final answer',
  frame: 'framing',
  remainder: 'not explained by the estimate',
};

/** Billed tokens by category, all requests and what is sent again included, a column for each variant. */
export function billTable(results: readonly Result[]): Table {
  const bills = results.flatMap(toColumns).map(({ heading, result, figures, wouldBeRight }) => {
    const sum = (has: (row: (typeof figures.ledger)[number]) => boolean) =>
      figures.ledger.reduce((total, row) => total + (has(row) ? row.tokens : 0), 0);
    const tokens = new Map<Part, number>(
      categories.map((category) => [category, sum((row) => row.category === category)]),
    );
    // The remainder is that of the whole bill; what would have been billed without a window was not billed.
    tokens.set('remainder', wouldBeRight === undefined ? (result.remainder ?? 0) : 0);
    const resent = sum((row) => row.direction === 'input' && row.history === 'resent');
    return { heading, tokens, resent, total: figures.tokens.billed };
  });
  const occurring = (Object.keys(partNames) as Part[]).filter((part) =>
    bills.some(({ tokens }) => tokens.get(part)),
  );
  const row = (name: string, tokensOf: (bill: (typeof bills)[number]) => number) => [
    name,
    ...bills.map((bill) => cell(tokensOf(bill), bill.total)),
  ];
  return {
    headings: ['billed tokens', ...bills.map(({ heading }) => heading)],
    align: ['l', ...bills.map(() => 'r' as const)],
    rows: [
      ...occurring.map((part) => row(partNames[part], ({ tokens }) => tokens.get(part) ?? 0)),
      row('in all', ({ total }) => total),
      row('of these sent again', ({ resent }) => resent),
    ],
  };
}

/** Of nothing there is no share. */
function cell(tokens: number, total: number): string {
  return tokens === 0 || total === 0 ? number(tokens) : `${number(tokens)} (${share(tokens / total)})`;
}
