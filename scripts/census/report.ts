import type { ModelEntry } from '../../harness/meter/catalogue.ts';
import type { DefinitionCosts } from '../../harness/meter/definition-costs.ts';
import { flattenFields } from '../../harness/meter/definition-costs.ts';
import { number, percent } from '../../harness/numbers.ts';
import type { ServerSurface } from '../../harness/tools/mcp/surface.ts';
import { inline, toMarkdownTable } from '../../reports/text/markup.ts';
import type { CensusServer } from './servers.ts';

/** What most of a server's definitions may consist of. */
const reasons = [
  'descriptions of tools',
  'descriptions of fields',
  'allowed values',
  'names and types',
] as const;
type Reason = (typeof reasons)[number];

/** The figures of one server, in tokens where they are not counts. */
export type Counted = {
  server: CensusServer;
  tools: number;
  /** Of each tool's definition. */
  sizes: number[];
  classic: number;
  search: number;
  code: number;
  outputSchemas: number;
  annotated: number;
  readOnly: number;
  /** What its definitions consist of. */
  parts: Record<Reason, number>;
  /** What an earlier tool or field has said already. */
  repeated: number;
};

/** Takes the figures of a server from what it listed and what that costs. */
export function countServer(server: CensusServer, { tools }: ServerSurface, costs: DefinitionCosts): Counted {
  const [own] = costs.servers;
  const sum = (pick: (tool: DefinitionCosts['tools'][number]) => number) =>
    costs.tools.reduce((total, tool) => total + pick(tool), 0);
  const fields = costs.tools.flatMap((tool) => flattenFields(tool.fields.input.fields));
  const ofFields = (pick: 'description' | 'enum') => fields.reduce((total, each) => total + each[pick], 0);
  const [classic, toolTexts] = [own?.definitions ?? 0, sum(({ description }) => description)];
  const [fieldTexts, values] = [ofFields('description'), ofFields('enum')];
  return {
    server,
    tools: tools.length,
    sizes: costs.tools.map(({ definition }) => definition),
    classic,
    search: own?.search ?? 0,
    code: own?.look ?? 0,
    outputSchemas: tools.filter(({ outputSchema }) => outputSchema).length,
    annotated: tools.filter(({ annotations }) => annotations).length,
    readOnly: tools.filter(({ annotations }) => annotations?.readOnlyHint === true).length,
    parts: {
      'descriptions of tools': toolTexts,
      'descriptions of fields': fieldTexts,
      'allowed values': values,
      'names and types': classic - toolTexts - fieldTexts - values,
    },
    repeated: own?.repeated ?? 0,
  };
}

/** The value below which a share of sorted values lies, by the nearest rank. */
export function quantile(sorted: readonly number[], at: number): number {
  return sorted[Math.max(0, Math.ceil(at * sorted.length) - 1)] ?? 0;
}

const shares = [0.1, 0.25, 0.5, 0.75, 0.9, 1];

/** The census as Markdown: figures alone, nothing that a server wrote. */
export function toCensus(
  counted: readonly Counted[],
  unreached: readonly { package: string; error: string }[],
  { id }: Pick<ModelEntry, 'id'>,
): string {
  const sorted = (pick: (each: Counted) => number | number[]) => counted.flatMap(pick).sort((a, b) => a - b);
  const distribution = (what: string, values: readonly number[]) => [
    what,
    ...shares.map((at) => number(quantile(values, at))),
  ];
  const total = (pick: (each: Counted) => number) => counted.reduce((sum, each) => sum + pick(each), 0);
  const tools = total((each) => each.tools);
  const of = (pick: (each: Counted) => number) => `${percent(total(pick) / tools)} of tools`;
  const all = total(({ classic }) => classic);
  const dearest = ({ parts, classic }: Counted) => {
    const [first = reasons[0]] = [...reasons].sort((a, b) => parts[b] - parts[a]);
    return `${first} (${percent(parts[first] / classic)})`;
  };
  const rows = counted
    .toSorted((a, b) => b.classic - a.classic)
    .map((each) => [
      inline(`${each.server.package} ${each.server.version}`),
      number(each.tools),
      number(each.classic),
      number(each.search),
      number(each.code),
      percent(each.outputSchemas / each.tools),
      percent(each.annotated / each.tools),
      dearest(each),
    ]);
  return `# A census of real servers

${counted.length} servers of the npm registry, ${number(tools)} tools. Tokens are estimates for ${id}. \`npm run census\` installs each at the
version named, asks it for its tools, and writes this page. No account is used: ${counted.filter(({ server }) => server.needs).length} of them want a key, and got a value that is none.

${toMarkdownTable({
  headings: ['server', 'tools', 'classic', 'search', 'code', 'output schemas', 'annotated', 'most of it'],
  align: ['l', 'r', 'r', 'r', 'r', 'r', 'r', 'l'],
  rows,
})}

- classic: definitions of all tools, up front. search: what one search brings, five tools of average size. code: the list of
  functions and one declaration of average size.

## Distributions

${toMarkdownTable({
  headings: ['', ...shares.map((at) => (at === 1 ? 'most' : percent(at)))],
  align: ['l', ...shares.map(() => 'r' as const)],
  rows: [
    distribution(
      'tools of a server',
      sorted((each) => each.tools),
    ),
    distribution(
      'tokens of a tool',
      sorted(({ sizes }) => sizes),
    ),
    distribution(
      'tokens of a server',
      sorted(({ classic }) => classic),
    ),
  ],
})}

\`patternbench tools\` says of your servers how many of these are lighter.

## What tools declare, and what is dear

- An output schema: ${of((each) => each.outputSchemas)}; all tools of ${counted.filter((each) => each.outputSchemas === each.tools).length} servers, none of ${counted.filter((each) => each.outputSchemas === 0).length}.
- Annotations: ${of((each) => each.annotated)}; \`readOnlyHint: true\`: ${of((each) => each.readOnly)}.
${reasons.map((reason) => `- Of all definitions, ${reason} take ${percent(total(({ parts }) => parts[reason]) / all)}.`).join('\n')}
- What an earlier tool or field of the server has said already takes ${percent(total(({ repeated }) => repeated) / all)}.
${unreached.length > 0 ? `\n## Not counted\n\n${unreached.map((each) => `- ${inline(each.package)}: ${inline(each.error)}`).join('\n')}\n` : ''}`;
}
