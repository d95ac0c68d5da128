import { markdownTable } from 'markdown-table';
import { type FieldCost, flattenFields, type SchemaCost } from '../harness/meter/field-costs.ts';
import { showHidden } from '../harness/visible.ts';
import { number } from './text/numbers.ts';

/** The schemas of one tool, taken apart; `output` is null where it has none. */
export type ToolFields = { server: string; tool: string; input: SchemaCost; output: SchemaCost | null };

/** A table for each tool: what every property of its schemas takes and of what that consists. Each schema sums to its last row. */
export function fieldTables(tools: readonly ToolFields[]): string {
  return tools
    .map(({ server, tool, input, output }) =>
      [
        `### ${visible(`${server}.${tool}`)}`,
        markdownTable(
          [
            ['field', 'tokens', 'of it name', 'description', 'allowed values', 'fields inside', 'rest'],
            ...schemaRows('input', input),
            ...(output ? schemaRows('output', output) : []),
          ],
          { align: ['l', 'r', 'r', 'r', 'r', 'r', 'r'] },
        ),
      ].join('\n\n'),
    )
    .join('\n\n');
}

/** The fields that take most, over all tools, in words; a field inside another counts with that one. */
export function dearestFields(tools: readonly ToolFields[], most: number): string {
  return tools
    .flatMap(({ server, tool, input, output }) => [
      ...input.fields.map((field) => ({
        tokens: field.tokens,
        name: `${server}.${tool} input.${field.path}`,
      })),
      ...(output?.fields ?? []).map((field) => ({
        tokens: field.tokens,
        name: `${server}.${tool} output.${field.path}`,
      })),
    ])
    .sort((a, b) => b.tokens - a.tokens)
    .slice(0, most)
    .map(({ tokens, name }) => `${visible(name)} (${number(tokens)})`)
    .join(', ');
}

function schemaRows(side: string, { tokens, frame, fields }: SchemaCost): string[][] {
  const row = (field: FieldCost) => [
    // What lies inside another field is in that one's tokens already.
    `${fields.includes(field) ? '' : '↳ '}${visible(`${side}.${field.path}`)}`,
    number(field.tokens),
    ...[field.name, field.description, field.enum, field.nested, field.rest].map((part) =>
      part === 0 ? '' : number(part),
    ),
  ];
  return [
    ...flattenFields(fields).map(row),
    [`frame of the ${side} schema`, number(frame), '', '', '', '', ''],
    [`**${side} schema**`, `**${number(tokens)}**`, '', '', '', '', ''],
  ];
}

/** Names that servers gave, in a cell of a table. */
function visible(name: string): string {
  return showHidden(name).replaceAll('|', '\\|');
}
