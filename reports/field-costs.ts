import { markdownTable } from 'markdown-table';
import type { ToolCost } from '../harness/meter/definition-costs.ts';
import { type FieldCost, flattenFields, type SchemaCost } from '../harness/meter/field-costs.ts';
import { inline } from './text/markup.ts';
import { number } from './text/numbers.ts';

/** A table for each tool: what every property of its schemas takes and of what that consists. Each schema sums to its last row. */
export function fieldTables(tools: readonly Pick<ToolCost, 'server' | 'tool' | 'fields'>[]): string {
  return tools
    .map(({ server, tool, fields: { input, output } }) =>
      [
        `### ${inline(`${server}.${tool}`)}`,
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

function schemaRows(side: string, { tokens, frame, fields }: SchemaCost): string[][] {
  const row = (field: FieldCost) => [
    // What lies inside another field is in that one's tokens already.
    `${fields.includes(field) ? '' : '↳ '}${inline(`${side}.${field.path}`)}`,
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
