import type { Deferral, DeferralCell } from '../harness/meter/deferral.ts';
import {
  type DefinitionCosts,
  type FieldCost,
  fieldSource,
  flattenFields,
  type SchemaCost,
  type ServerCost,
  type ToolCost,
} from '../harness/meter/definition-costs.ts';
import { counted, number, share, signed, usd } from '../harness/numbers.ts';
import { toLine } from '../harness/visible.ts';
import { inline, toMarkdownTable } from './text/markup.ts';
import { bullets, type Part, paragraphs, present, tableOf } from './text/table.ts';

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
  return paragraphs(
    `# ${counted(servers.length, 'server')}, ${counted(tools.length, 'tool')}`,
    upFrontTable(costs),
    adviceToDefer(costs),
    servers.length > 0 && ['## Server by server', serverTable(servers), serverNotes(costs)],
    shown.length > 0 && [toolsHeading(costs, shown.length), shown.map(describeTool).join('\n')],
    all
      ? ['## Field by field', fieldLegend, tools.map(fieldTable)]
      : tools.length > 0 && 'All tools, field by field: --all.',
    notMeasured(unreached),
    `_Tokens of ${costs.model}: ${costs.label}, ${costs.method}._`,
  );
}

const notMeasured = (unreached: readonly Unreached[]) =>
  unreached.map(({ server, error }) => `Not measured: ${inline(server)}. ${error}`);

const fieldLegend =
  'A field marked ↳ is part of the field above it. Frames are what stands around the fields.';

function upFrontTable({ upFront, contextWindow }: DefinitionCosts): string {
  const table = tableOf(Object.entries(upFront), [
    ['up front', ([variant]) => variant],
    ['tokens', ([, { tokens }]) => number(tokens)],
    ['90 % range', ([, range]) => rangeOf(range)],
    [`of ${number(contextWindow)}`, ([, { tokens }]) => share(tokens / contextWindow)],
  ]);
  return toMarkdownTable(table);
}

const rangeOf = ({ low, high }: { low: number; high: number }) =>
  low === high ? 'exact' : `${number(low)} to ${number(high)}`;

/** What the documentation of MCP advises to clients (client best practices, 2026-07-28). */
function adviceToDefer({ upFront, contextWindow }: DefinitionCosts): string | false {
  return (
    (upFront.classic?.tokens ?? 0) >= 0.01 * contextWindow &&
    'The MCP documentation advises to defer definitions beyond 1–5 % of the window.'
  );
}

function serverTable(servers: readonly ServerCost[]): string {
  const table = tableOf(servers, [
    ['server', ({ server }) => inline(toLine(server, 15))],
    ['tools', ({ tools }) => number(tools)],
    ['classic', ({ definitions }) => number(definitions)],
    ['window', ({ ofWindow }) => share(ofWindow)],
    ['field', ({ lighterServers }) => `${Math.floor(lighterServers * 100)} %`],
    ['search', ({ search }) => number(search)],
    ['code', ({ look }) => number(look)],
  ]);
  return toMarkdownTable(table);
}

function serverNotes({ servers }: DefinitionCosts): string {
  const sum = (pick: (server: ServerCost) => number) =>
    servers.reduce((total, server) => total + pick(server), 0);
  const [definitions, repeated] = [sum((server) => server.definitions), sum((server) => server.repeated)];
  const untyped = sum((server) => server.withoutOutputSchema);
  const instructions = sum((server) => server.instructions);
  return bullets(
    present(
      'classic: definitions of all tools, up front, and their share of the window.',
      `field: share of ${fieldSource.servers} real servers that are lighter; they are named in\n  ${fieldSource.source}.`,
      'search: what one search brings in classic-search, five tools of average size.',
      'code: list of functions and one declaration, read when a program needs them.',
      instructions > 0 && `The servers' instructions add ${number(instructions)} tokens in every pattern.`,
      repeated > 0 &&
        `${number(repeated)} tokens (${share(repeated / definitions)}) repeat what an earlier tool or field said.`,
      untyped > 0 &&
        `${counted(untyped, 'tool')} without output schema: programs must look at a result first.`,
    ),
  );
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
  const parts = present(
    `description ${number(description)}`,
    `${counted(all.length, 'field')} ${number(inputSchema)}`,
    repeated >= smallestPart * definition && `repeated ${number(repeated)}`,
  );
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

/** What every property of a tool's schemas takes and of what that consists. Each schema sums to its last row. */
function fieldTable({ server, tool, fields: { input, output } }: ToolCost): Part {
  const rows = [...schemaRows('input', input), ...(output ? schemaRows('output', output) : [])];
  const headings = [
    'field',
    'tokens',
    'of it name',
    'description',
    'allowed values',
    'fields inside',
    'rest',
  ];
  return [`### ${inline(`${server}.${tool}`)}`, toMarkdownTable({ headings, rows })];
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
  const blanks = ['', '', '', '', ''];
  return [
    ...flattenFields(fields).map(row),
    [`frame of the ${side} schema`, number(frame), ...blanks],
    [`**${side} schema**`, `**${number(tokens)}**`, ...blanks],
  ];
}

/** Whether deferring definitions pays, at most 80 columns wide: what it changes now, and from what size on it pays. */
export function describeDeferral(
  deferral: Deferral,
  { model, method, unreached }: { model: string; method: string; unreached: readonly Unreached[] },
): string {
  const { unit, tools, definitions, ofWindow, found, minCachePrefix, cells } = deferral;
  const what = unit === 'USD' ? 'cost with caching' : 'billed tokens';
  return paragraphs(
    '# Does deferring the definitions pay?',
    `${number(tools)} definitions take ${number(definitions)} tokens, ${share(ofWindow)} of the window of ${model}.`,
    cells.length === 0
      ? 'There is nothing to defer.'
      : [
          `What deferring changes in 1,000 runs, ${what} (− saves, + costs more):`,
          gridOf(cells, ({ change }) => writeChange(change, unit)),
          'It pays from so many tools of this size on, and their share of the window:',
          gridOf(cells, ({ paysFrom }) =>
            paysFrom ? `${number(paysFrom.tools)} (${share(paysFrom.ofWindow)})` : 'never',
          ),
          sayWhereItPays(cells),
          bullets([
            'Requests: those of a run with all definitions up front. Deferring adds one.',
            `One search for each tool used, all at once; each brings ${number(found)} average tools.`,
            'Where those searches bring all tools that there are, it costs more.',
            `Prompts under ${number(minCachePrefix)} tokens are not cached; deferring may stay there.`,
            'A perfect model: it searches once, finds all it needs, and starts cold.',
          ]),
        ],
    notMeasured(unreached),
    `_Tokens of ${model}: ${method}._`,
  );
}

/** What the documentation of MCP advises to clients (client best practices, 2026-07-28), against what was found. */
function sayWhereItPays(cells: readonly DeferralCell[]): string {
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
    align: ['r'],
    rows,
  });
}

function writeChange(change: number, unit: Deferral['unit']): string {
  return unit === 'USD' ? signed(change * 1000, usd) : signed(Math.round(change * 1000), number);
}

/** The tokens of one file, and the range in which the provider's count lies at 90 %. */
export type FileCount = { file: string; tokens: number; low: number; high: number; method: string };

/** Counts of files as a table with their sum; a range is shown where a count was estimated. */
export function describeCounts(counts: readonly FileCount[], model: string): string {
  const all = { file: 'all', tokens: counts.reduce((sum, { tokens }) => sum + tokens, 0) };
  const rows = counts.map((count) => ({ ...count, file: inline(count.file), range: rangeOf(count) }));
  const table = tableOf(counts.length > 1 ? [...rows, { ...all, range: '' }] : rows, [
    ['file', ({ file }) => file],
    ['tokens', ({ tokens }) => number(tokens)],
    ['90 % range', ({ range }) => range],
  ]);
  const methods = [...new Set(counts.map(({ method }) => method))];
  return paragraphs(toMarkdownTable(table), `_Tokens of ${model}: ${methods.join('; ')}._`);
}
