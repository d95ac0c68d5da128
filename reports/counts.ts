import { number } from '../harness/numbers.ts';
import { inline, toMarkdownTable } from './text/markup.ts';

/** The tokens of one file, and the range in which the provider's count lies at 90 %. */
export type FileCount = { file: string; tokens: number; low: number; high: number; method: string };

/** Counts of files as a table with their sum; a range is shown where a count was estimated. */
export function describeCounts(counts: readonly FileCount[], model: string): string {
  const sum = (pick: (count: FileCount) => number) => counts.reduce((total, count) => total + pick(count), 0);
  const row = (name: string, tokens: number, range: string) => [name, number(tokens), range];
  const rangeOf = ({ tokens, low, high }: FileCount) =>
    low === tokens && high === tokens ? 'exact' : `${number(low)} to ${number(high)}`;
  const rows = counts.map((count) => row(inline(count.file), count.tokens, rangeOf(count)));
  const methods = [...new Set(counts.map(({ method }) => method))];
  return [
    toMarkdownTable({
      headings: ['file', 'tokens', '90 % range'],
      align: ['l', 'r', 'r'],
      rows:
        counts.length > 1
          ? [
              ...rows,
              row(
                'all',
                sum(({ tokens }) => tokens),
                '',
              ),
            ]
          : rows,
    }),
    `_Tokens of ${model}: ${methods.join('; ')}._`,
  ].join('\n\n');
}
