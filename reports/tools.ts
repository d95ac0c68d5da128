import { markdownTable } from 'markdown-table';
import {
  type DefinitionCosts,
  type FieldCost,
  fieldSource,
  flattenFields,
  type SchemaCost,
  type ServerCost,
  type ToolCost,
} from '../harness/meter/definition-costs.ts';
import { counted, number, share } from '../harness/numbers.ts';
import { toLine } from '../harness/visible.ts';
import { inline, toMarkdownTable } from './text/markup.ts';

/** How many tools are shown unless all are asked for. */
const dearest = 10;

/** A repetition that takes less than this share of a definition is not named. */
const smallestPart = 0.1;

/** Width of a terminal that everybody has. */
const columns = 80;

/** A server that could not be asked, and why. */
export type Unreached = { server: string; error: string };

/** What definitions cost, at most 80 columns wide: all together, server by server, then the dearest tools and why. */
export function describeDefinitions(
  costs: DefinitionCosts,
  { all, unreached }: { all: boolean; unreached: readonly Unreached[] },
): string {
  const { servers, tools } = costs;
  const shown = all ? tools : tools.slice(0, dearest);
  return [
    `# ${counted(servers.length, 'server')}, ${counted(tools.length, 'tool')}`,
    upFrontTable(costs),
    ...adviceOn(costs),
    ...(servers.length > 0 ? ['## Server by server', serverTable(servers), ...serverNotes(costs)] : []),
    ...(shown.length > 0 ? [toolsHeading(costs, shown.length), shown.map(describeTool).join('\n')] : []),
    ...(all
      ? ['## Field by field', fieldLegend, fieldTables(tools)]
      : tools.length > 0
        ? ['All tools, field by field: --all.']
        : []),
    ...unreached.map(({ server, error }) => `Not measured: ${inline(server)}. ${error}`),
    `_Tokens of ${costs.model}: ${costs.label}, ${costs.method}._`,
  ].join('\n\n');
}

const fieldLegend =
  'A field marked ↳ is part of the field above it. Frames are what stands around the fields.';

function upFrontTable({ upFront, contextWindow }: DefinitionCosts): string {
  const rows = Object.entries(upFront).map(([variant, { tokens, low, high }]) => [
    variant,
    number(tokens),
    low === high ? 'exact' : `${number(low)} to ${number(high)}`,
    share(tokens / contextWindow),
  ]);
  const headings = ['up front', 'tokens', '90 % range', `of ${number(contextWindow)}`];
  return toMarkdownTable({ headings, align: ['l', 'r', 'r', 'r'], rows });
}

/** What the documentation of MCP advises to clients (client best practices, 2026-07-28). */
function adviceOn({ upFront, contextWindow }: DefinitionCosts): string[] {
  if ((upFront.classic?.tokens ?? 0) < 0.01 * contextWindow) return [];
  return ['The MCP documentation advises to defer definitions beyond 1–5 % of the window.'];
}

function serverTable(servers: readonly ServerCost[]): string {
  return toMarkdownTable({
    headings: ['server', 'tools', 'classic', 'window', 'field', 'search', 'code'],
    align: ['l', 'r', 'r', 'r', 'r', 'r', 'r'],
    rows: servers.map((server) => [
      inline(toLine(server.server, 15)),
      number(server.tools),
      number(server.definitions),
      share(server.ofWindow),
      `${Math.floor(server.lighterServers * 100)} %`,
      number(server.search),
      number(server.look),
    ]),
  });
}

function serverNotes({ servers }: DefinitionCosts): string[] {
  const sum = (pick: (server: ServerCost) => number) =>
    servers.reduce((total, server) => total + pick(server), 0);
  const [definitions, repeated] = [sum((server) => server.definitions), sum(({ repeated }) => repeated)];
  const untyped = sum((server) => server.withoutOutputSchema);
  const instructions = sum((server) => server.instructions);
  return [
    [
      '- classic: definitions of all tools, up front, and their share of the window.',
      `- field: share of ${fieldSource.servers} real servers that are lighter; they are named in\n  ${fieldSource.source}.`,
      '- search: what one search brings in classic-search, five tools of average size.',
      '- code: list of functions and one declaration, read when a program needs them.',
      ...(instructions > 0
        ? [`- The servers' instructions add ${number(instructions)} tokens in every pattern.`]
        : []),
      ...(repeated > 0
        ? [
            `- ${number(repeated)} tokens (${share(repeated / definitions)}) repeat what an earlier tool or field said.`,
          ]
        : []),
      ...(untyped > 0
        ? [`- ${counted(untyped, 'tool')} without output schema: programs must look at a result first.`]
        : []),
    ].join('\n'),
  ];
}

function toolsHeading({ tools }: DefinitionCosts, shown: number): string {
  if (shown === tools.length) return '## Tools, dearest first';
  const sum = (some: readonly ToolCost[]) => some.reduce((total, { definition }) => total + definition, 0);
  const part = share(sum(tools.slice(0, shown)) / sum(tools));
  return `## The ${shown} dearest tools (${part} of all definitions), and what to trim`;
}

function describeTool(tool: ToolCost, index: number): string {
  const name = toLine(`${tool.server}.${tool.tool}`, 60);
  const place = `${index + 1}.`.padStart(3);
  const tokens = `${number(tool.definition)} tokens`.padStart(columns - place.length - name.length - 1);
  return `${place} ${name}${tokens}\n${partsOf(tool)}`;
}

/** What a definition consists of, and the part that takes most of it. */
function partsOf({ definition, description, inputSchema, repeated, fields }: ToolCost): string {
  const all = flattenFields(fields.input.fields);
  const [dearest] = fields.input.fields;
  const parts = [
    `description ${number(description)}`,
    `${counted(all.length, 'field')} ${number(inputSchema)}`,
    ...(repeated >= smallestPart * definition ? [`repeated ${number(repeated)}`] : []),
  ];
  const [first] = [
    { tokens: description, what: 'its description' },
    { tokens: repeated, what: 'what is repeated' },
    { tokens: dearest?.tokens ?? 0, what: dearest ? describeField(dearest) : '' },
  ].sort((a, b) => b.tokens - a.tokens);
  return `    ${parts.join(', ')}. Trim first: ${first?.what}`;
}

/** A field, what it takes, and what more than half of it consists of, the fields inside it included. */
function describeField({ path, tokens, ...field }: FieldCost): string {
  const all = [field, ...flattenFields(field.fields)];
  const sum = (pick: (each: Omit<FieldCost, 'path' | 'tokens'>) => number) =>
    all.reduce((total, each) => total + pick(each), 0);
  const kind =
    sum(({ description }) => description) > tokens / 2
      ? ', descriptions'
      : sum((each) => each.enum) > tokens / 2
        ? ', allowed values'
        : '';
  return `${toLine(path, 16)} (${number(tokens)}${kind})`;
}

/** A table for each tool: what every property of its schemas takes and of what that consists. Each schema sums to its last row. */
function fieldTables(tools: readonly ToolCost[]): string {
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
