import { Command } from 'commander';
import { markdownTable } from 'markdown-table';
import { listMockServers } from '../../mock-servers/load.ts';
import { dearestFields, fieldTables, type ToolFields } from '../../reports/field-costs.ts';
import { number } from '../../reports/text/numbers.ts';
import { declare } from '../agent/patterns/classic.ts';
import { codeTools } from '../agent/patterns/code.ts';
import { UsageError } from '../errors.ts';
import { defaultModelId, findModel } from '../meter/catalogue.ts';
import { measureFields } from '../meter/field-costs.ts';
import { loadTokenizer, type Tokenizer } from '../meter/tokenizer.ts';
import { tellNearestOrKnown } from '../nearest.ts';
import { findConfiguredServers, startMockServer, withTrialDirectory } from '../scenario/servers.ts';
import { createDirectory } from '../tools/browse/directory.ts';
import { connectAll } from '../tools/mcp/connections.ts';
import { classicName } from '../tools/mcp/names.ts';
import type { ReachableServer } from '../tools/mcp/server-spec.ts';
import type { Surface, Tool } from '../tools/mcp/surface.ts';
import { untilInterrupted } from './interrupt.ts';
import type { Act, Io } from './io.ts';
import { authorizationOf, mcpConfigOption } from './options.ts';

type InspectOptions = { model: string; mcpConfig?: string; fields?: boolean; json?: boolean };

/** `inspect`: what a server's tool definitions cost, before any model is asked. */
export function inspectCommand(io: Io, act: Act): Command {
  return new Command('inspect')
    .description("count what servers' tool definitions cost up front, tool by tool, dearest first")
    .argument('[server...]', 'mock servers, or servers of the .mcp.json (default: all of the .mcp.json)')
    .option('--model <id>', 'the model whose tokenizer applies', defaultModelId)
    .addOption(mcpConfigOption(io))
    .option('--fields', 'take the schemas of every tool apart: what each of their properties costs')
    .option('--json', 'print it as JSON')
    .action(act((names: string[], options: InspectOptions) => inspect(names, options, io)));
}

async function inspect(names: string[], options: InspectOptions, io: Io): Promise<number> {
  const model = findModel(options.model);
  const servers = await findServers(names, options.mcpConfig);
  const tokenizer = await loadTokenizer(model.tokenizer);
  const { result: inspection } = await untilInterrupted(io, (signal) =>
    withTrialDirectory(servers, async (inDirectory) => {
      const connections = await connectAll(
        inDirectory,
        { connectMs: 20_000, callMs: 20_000 },
        signal,
        authorizationOf(io),
      );
      try {
        return measure(connections.surface, tokenizer, options.fields ?? false);
      } finally {
        await connections.close();
      }
    }),
  );
  io.stdout.write(options.json ? `${JSON.stringify(inspection, null, 2)}\n` : toText(inspection));
  return 0;
}

async function findServers(names: string[], configFile?: string): Promise<Record<string, ReachableServer>> {
  const mocks = listMockServers();
  const configured = findConfiguredServers(configFile);
  const wanted = names.length > 0 ? names : Object.keys(configured);
  if (wanted.length === 0) {
    throw new UsageError(`Name a mock server (${mocks.join(', ')}), or point to your own with --mcp-config.`);
  }
  const servers: Record<string, ReachableServer> = {};
  for (const name of wanted) {
    const own = Object.hasOwn(configured, name) ? configured[name] : undefined;
    if (own) servers[name] = own;
    else if (mocks.includes(name)) servers[name] = await startMockServer(name, {});
    else {
      const known = [...Object.keys(configured), ...mocks];
      throw new UsageError(`There is no server "${name}".${tellNearestOrKnown(name, known, 3)}`);
    }
  }
  return servers;
}

type ToolCost = {
  server: string;
  tool: string;
  /** Tokens that classic declares up front. */
  definition: number;
  description: number;
  inputSchema: number;
  outputSchema: number | null;
  /** Tokens of the TypeScript declaration that code looks up when it needs it. */
  declaration: number;
  /** The schemas, property by property; present with `--fields`. */
  fields?: Pick<ToolFields, 'input' | 'output'>;
};

function measure(surface: Surface, tokenizer: Tokenizer, withFields: boolean) {
  const directory = createDirectory(surface);
  const json = (value: unknown) => tokenizer.count(JSON.stringify(value));
  const fieldsOf = (tool: Tool) => ({
    input: measureFields(tool.inputSchema, tokenizer),
    output: tool.outputSchema ? measureFields(tool.outputSchema, tokenizer) : null,
  });
  const cost = (tool: Tool): ToolCost => ({
    server: tool.server,
    tool: tool.name,
    definition: json(declare(classicName(tool.server, tool.identifier), tool)),
    description: tokenizer.count(tool.description),
    inputSchema: json(tool.inputSchema),
    outputSchema: tool.outputSchema ? json(tool.outputSchema) : null,
    declaration: tokenizer.count(directory.browse(`/${tool.server}/${tool.identifier}`)),
    ...(withFields && { fields: fieldsOf(tool) }),
  });
  const tools = surface
    .flatMap((server) => server.tools.map(cost))
    .sort((a, b) => b.definition - a.definition);
  const sum = (pick: (tool: ToolCost) => number) => tools.reduce((total, tool) => total + pick(tool), 0);
  return {
    tokenCounts: { method: tokenizer.method, uncertainty: tokenizer.uncertainty },
    upFront: {
      classic: sum((tool) => tool.definition),
      code: codeTools.reduce((total, tool) => total + json(tool), 0),
    },
    listings: surface.reduce(
      (total, { server }) => total + tokenizer.count(directory.browse(`/${server}`)),
      0,
    ),
    withoutOutputSchema: tools
      .filter((tool) => tool.outputSchema === null)
      .map(({ server, tool }) => `${server}.${tool}`),
    tools,
  };
}

function toText({
  tokenCounts,
  upFront,
  listings,
  withoutOutputSchema,
  tools,
}: ReturnType<typeof measure>): string {
  const taken = tools.flatMap(({ server, tool, fields }) => (fields ? [{ server, tool, ...fields }] : []));
  const rows = tools.map((tool) => [
    `${tool.server}.${tool.tool}`,
    number(tool.definition),
    number(tool.description),
    number(tool.inputSchema),
    tool.outputSchema === null ? 'none' : number(tool.outputSchema),
    number(tool.declaration),
  ]);
  return `${[
    markdownTable(
      [
        [
          'tool',
          'definition in classic',
          'of it description',
          'of it input schema',
          'output schema',
          'declaration in code',
        ],
        ...rows,
      ],
      { align: ['l', 'r', 'r', 'r', 'r', 'r'] },
    ),
    `${tools.length} tools. Up front, classic declares ${number(upFront.classic)} tokens; code ${number(upFront.code)}, then ${number(listings)} for the listing of functions and the declarations of those it uses.`,
    withoutOutputSchema.length > 0
      ? `Without an output schema, so that a program cannot know the shape of the result: ${withoutOutputSchema.join(', ')}.`
      : 'Every tool has an output schema.',
    ...(taken.length > 0
      ? [
          '## Field by field',
          `Dearest: ${dearestFields(taken, 5)}. What has ↳ is part of the field above it; frames are what stands around the fields.`,
          fieldTables(taken),
        ]
      : ['What each property of these schemas costs: --fields.']),
    `_Tokens: estimated, ${tokenCounts.method}, ±${Math.round(tokenCounts.uncertainty.request * 100)} %._`,
  ].join('\n\n')}\n`;
}
