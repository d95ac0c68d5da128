import type { DefinitionCosts } from '../harness/meter/definition-costs.ts';
import { counted, number, usd } from '../harness/numbers.ts';
import { toLine } from '../harness/visible.ts';
import { paragraphs, tableOf } from './text/table.ts';
import { type Screen, terminalTable, wrap } from './text/terminal.ts';
import type { Unreached } from './tools.ts';

/** What is known of a folder before its first run. */
type Start = {
  /** Workflows of the folder, as paths. */
  workflows: readonly string[];
  /** What the definitions of its servers cost, where there are any. */
  costs: DefinitionCosts | undefined;
  unreached: readonly Unreached[];
  /** USD per million tokens of a prompt: as written by the client, and as read from the cache. Undefined where unknown. */
  price: { input: number; cacheRead: number } | undefined;
  /** Servers of other clients, by the file that names them. */
  others: readonly { file: string; servers: readonly string[] }[];
};

/** What the servers of a folder cost, and the two commands that come next; without servers, how to begin. */
export function describeStart(start: Start, screen: Screen): string {
  const { costs, unreached } = start;
  const isEmpty = !costs?.servers.length && unreached.length === 0;
  return paragraphs(
    costs && costs.servers.length > 0 && [serversTable(costs, screen), eachRequest(costs, start, screen)],
    isEmpty && [whatItIs(screen), otherClients(start, screen)],
    unreached.map((each) => missing(each, screen)),
    nextCommands(start, screen),
  );
}

function serversTable({ servers, tools }: DefinitionCosts, screen: Screen): string {
  const heading = `${counted(servers.length, 'server')}, ${counted(tools.length, 'tool')}`;
  const table = tableOf(servers, [
    ['tokens up front', ({ server }) => server],
    ['tools', (server) => number(server.tools)],
    ['classic', ({ definitions }) => number(definitions)],
    ['code', ({ look }) => number(look)],
  ]);
  return `${screen.paint('strong', heading)}\n\n${terminalTable(table, screen)}`;
}

/** Whether these servers are cheaper in one pattern depends on the work; what each request carries does not. */
function eachRequest({ upFront, model }: DefinitionCosts, { price }: Start, screen: Screen): string {
  const { classic, code } = upFront;
  if (!classic || !code) return '';
  const cost = (tokens: number) =>
    price
      ? ` (${usd((tokens * price.input) / 1e6)}, from the cache ${usd((tokens * price.cacheRead) / 1e6)})`
      : '';
  return paragraph(
    `Before any work, each request carries ${number(classic.tokens)} tokens in classic${cost(classic.tokens)} and ${number(code.tokens)} in code${cost(code.tokens)}, at the prices of ${model}. Code then reads of each server it uses what the last column says. Which pattern is cheaper depends on the work.`,
    screen,
  );
}

function whatItIs(screen: Screen): string {
  return paragraph(
    'patternbench says, per workflow, whether an agent should call MCP tools one by one or write a program that calls them. It needs no key. There is no server in a .mcp.json here.',
    screen,
  );
}

function otherClients({ others }: Start, { columns }: Screen): string | false {
  const lines = others.flatMap(({ file, servers }) => {
    const named = `${toLine(file, 200)}: ${toLine(servers.join(', '), 200)}`;
    return wrap(named, { columns, indent: '    ', first: '  ' });
  });
  const heading = 'Servers of other clients, which you can copy into .mcp.json:';
  return lines.length > 0 && [heading, ...lines].join('\n');
}

function missing({ server, error }: Unreached, screen: Screen): string {
  return paragraph(`Not measured: ${toLine(server, 100)}. ${toLine(error, 400)}`, screen);
}

function nextCommands({ workflows, costs, unreached }: Start, { paint }: Screen): string {
  const [workflow] = workflows;
  const hasServers = costs !== undefined || unreached.length > 0;
  const commands = workflow
    ? [
        [`patternbench check ${workflow}`, 'tests the workflow itself'],
        [`patternbench run ${workflow}`, 'says which pattern to use'],
      ]
    : hasServers
      ? [
          ['patternbench init', 'writes a first workflow over these servers'],
          ['patternbench tools', 'says what each tool costs, and what to trim'],
        ]
      : [
          ['patternbench run', 'runs the bundled workflows in both patterns'],
          ['patternbench init', 'says how to name servers, then writes a first workflow'],
        ];
  const width = Math.max(...commands.map(([command = '']) => command.length));
  const lines = commands.map(
    ([command = '', says]) => `  ${paint('strong', command.padEnd(width))}  ${says}`,
  );
  return ['Next:', ...lines, '', 'All commands: patternbench --help'].join('\n');
}

function paragraph(text: string, { columns }: Screen): string {
  return wrap(text, { columns }).join('\n');
}
