import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { explainFailure, InfrastructureError, UsageError } from '../errors.ts';
import { replaceFile } from '../files.ts';
import type { JsonObject } from '../json.ts';
import { findClientConfigs } from '../scenario/client-configs.ts';
import { findWorkflows, resolveParams } from '../scenario/find.ts';
import { loadScenarios } from '../scenario/load.ts';
import type { Scenario } from '../scenario/scenario.ts';
import { findConfiguredServers, serversOf } from '../scenario/servers.ts';
import { starterFiles } from '../scenario/starter.ts';
import { allowedSurface } from '../scenario/tool-uses.ts';
import { declarationFile, declareEach } from '../tools/browse/declaration.ts';
import { asPrograms, toServerNames } from '../tools/mcp/names.ts';
import { type Surface, type Tool, toValue } from '../tools/mcp/surface.ts';
import { explainWrite } from '../tools/policy.ts';
import { showMessage, toLine } from '../visible.ts';
import { type Asked, findConfigurations, type Options } from './add-options.ts';
import { askEach, findServers } from './ask-servers.ts';
import { callOnce, type OneCall } from './call.ts';
import { type Io, tell } from './io.ts';
import { makeFolder } from './outputs.ts';
import { createPrompt, NoAnswer, type Prompt } from './prompt.ts';
import { findWanted, isPath, placesOf, trustOf } from './scenarios.ts';

type AskedInit = Asked<'init', { yes?: boolean; tool?: string; args?: string; ci?: boolean }>;
type InitOptions = AskedInit['options'];

/** The workflow for GitHub Actions that `--ci` copies, and where it belongs. */
const ciExample = resolve(import.meta.dirname, '../../scripts/examples/github-actions.yml');
const ciFile = '.github/workflows/patternbench.yml';

const configFile = 'patternbench.config.ts';

/** Tools that are offered to choose from; others can be named. */
const mostOffered = 15;

/** How often a person may try. */
const mostAttempts = 5;

/** `init`: a first workflow over the servers that are configured here. */
export async function init(folder: string, { options }: AskedInit, io: Io): Promise<number> {
  const target = resolve(io.cwd, folder);
  for (const name of ['scenario.ts', 'program.ts']) {
    refuseExisting(join(target, name), 'Name another folder: patternbench init workflows/second.');
  }
  if (options.ci) refuseExisting(join(io.cwd, ciFile), 'Leave out --ci.');
  const places = placesOf(options, io);
  const names = Object.keys(findConfiguredServers(places));
  if (names.length === 0) throw new UsageError(explainNoServers(io));
  tell(io, `Asking ${names.join(', ')} for their tools …`);
  const { surface, unreached } = await askEach(await findServers(names, places), io);
  for (const { server, error } of unreached) tell(io, showMessage(`Left out: ${server}. ${error}`));

  const prompt = createPrompt(io, 'Name the tool with --tool server.tool and --args, or let --yes choose.');
  let chosen: Chosen;
  try {
    chosen = await choose(surface, options, prompt, async (asked) =>
      callOnce(await findServers([asked.server], places), asked, options, io),
    );
  } finally {
    await prompt.close();
  }
  const programs = asPrograms(surface);
  const keys = surface.map(({ server }) => server);
  const programName = toServerNames(keys);
  const { tool, args, value } = chosen;
  const server = programName[keys.indexOf(tool.server)] ?? tool.server;
  makeFolder(target);
  const files = starterFiles({
    servers: keys.map((key, index) => ({ name: programName[index] ?? key, configured: key })),
    tool: { ...tool, server },
    args,
    value,
    writes: explainWrite(tool) !== undefined,
  });
  for (const [name, text] of Object.entries(files)) writeNew(join(target, name), text);
  writeDeclarations(target, programs);
  if (options.ci) writeCi(io);
  const place = relative(io.cwd, target).split(sep).join('/');
  io.stdout.write(describe(`./${place}`, { ...options, hasConfig: writeConfig(place, io) }));
  return unreached.length > 0 ? 3 : 0;
}

type Chosen = { tool: Tool; args: JsonObject; value: unknown };
type Call = (asked: OneCall) => ReturnType<typeof callOnce>;

/** The tool that the workflow calls, and what it gave. A person may try again where the call fails. */
async function choose(surface: Surface, options: InitOptions, prompt: Prompt, call: Call): Promise<Chosen> {
  const offered = offer(surface);
  const asks = !options.yes && options.tool === undefined;
  if (asks) prompt.say(list(offered));
  for (let attempt = 1; ; attempt += 1) {
    try {
      const tool = options.tool
        ? findNamed(surface, options.tool)
        : options.yes
          ? firstWithoutArguments(offered)
          : await askForTool(surface, offered, prompt);
      const asked = asks && needs(tool).length > 0;
      const given = asked ? await prompt.ask(`${declare(tool)}\nIts arguments, as JSON:`) : undefined;
      const args = given || options.args || '{}';
      const { answer } = await call({ server: tool.server, tool: tool.name, args });
      if (answer.isError) throw new UsageError(`${tool.server}.${tool.name} failed: ${answer.text}`);
      const value = answer.isJson ? toValue(answer.text) : answer.text;
      return { tool, args: JSON.parse(args) as JsonObject, value };
    } catch (error) {
      if (!asks || attempt >= mostAttempts || !(error instanceof UsageError) || error instanceof NoAnswer)
        throw error;
      prompt.say(error.message);
    }
  }
}

/** Tools that plainly read, those that need no arguments first. */
function offer(surface: Surface): Tool[] {
  const reading = surface.flatMap(({ tools }) => tools).filter((tool) => explainWrite(tool) === undefined);
  return reading.toSorted((a, b) => Math.sign(needs(a).length) - Math.sign(needs(b).length));
}

function firstWithoutArguments(offered: readonly Tool[]): Tool {
  const first = offered.find((tool) => needs(tool).length === 0);
  if (first) return first;
  const [example] = offered;
  throw new UsageError(
    example
      ? `No tool reads without arguments. Name one and what it gets, such as: patternbench init --tool ${example.server}.${example.name} --args '{${needs(
          example,
        )
          .map((name) => `"${name}":…`)
          .join(',')}}'`
      : 'No tool is annotated read-only. Name one that may be called: patternbench init --writes --tool server.tool',
  );
}

function list(offered: readonly Tool[]): string {
  const rows = offered.slice(0, mostOffered).map((tool, index) => {
    const required = needs(tool).join(', ');
    const name = `${tool.server}.${tool.name}${required === '' ? '' : ` (${required})`}`;
    return `${String(index + 1).padStart(3)}  ${toLine(name, 38).padEnd(38)} ${toLine(tool.description, 36)}`;
  });
  const more = offered.length - rows.length;
  return [
    'Tools that only read, with the arguments they need:',
    ...rows,
    ...(more > 0 ? [`     and ${more} more`] : []),
    'Name any other as server.tool.',
  ].join('\n');
}

async function askForTool(surface: Surface, offered: readonly Tool[], prompt: Prompt): Promise<Tool> {
  const answer = await prompt.ask('Which tool does the first workflow call?', offered.length > 0 ? '1' : '');
  return offered[Number(answer) - 1] ?? findNamed(surface, answer);
}

function findNamed(surface: Surface, name: string): Tool {
  const found = surface
    .flatMap(({ tools }) => tools)
    .find((tool) => [tool.name, tool.identifier].some((own) => `${tool.server}.${own}` === name));
  if (found) return found;
  throw new UsageError(
    `There is no tool "${name}". Name it as server.tool; patternbench tools --all lists them.`,
  );
}

function needs({ inputSchema }: Tool): string[] {
  return Array.isArray(inputSchema.required) ? (inputSchema.required as string[]) : [];
}

function declare(tool: Tool): string {
  const [declaration = ''] = declareEach([tool]);
  return declaration;
}

function explainNoServers({ cwd, env }: Io): string {
  const others = findClientConfigs(cwd, env).map(({ file, servers }) => `  ${file}: ${servers.join(', ')}`);
  const example =
    '{ "mcpServers": { "files": { "command": "npx", "args": ["-y", "@modelcontextprotocol/server-filesystem", "."] } } }';
  return others.length > 0
    ? `There is no server in a .mcp.json here. Other clients have some:\n${others.join('\n')}\nCopy those that you want into .mcp.json, under "mcpServers".`
    : `There is no server in a .mcp.json here. Write one, such as:\n${example}`;
}

function refuseExisting(file: string, advice: string): void {
  if (existsSync(file)) throw new UsageError(`${file} exists already. ${advice}`);
}

function writeNew(file: string, text: string): void {
  explainFailure(UsageError, `${file} cannot be written`, () => writeFileSync(file, text, { flag: 'wx' }));
}

function writeCi({ cwd }: Io): void {
  const file = join(cwd, ciFile);
  makeFolder(dirname(file));
  writeNew(file, readFileSync(ciExample, 'utf8'));
}

/** Says that the workflow is to be run where none is named. False where there is a configuration already. */
function writeConfig(place: string, { cwd }: Io): boolean {
  if (findConfigurations(cwd).length > 0) return false;
  const workflows = place.startsWith('workflows/') ? 'workflows/*' : `./${place}`;
  const text = `import { defineConfig } from 'patternbench';

export default defineConfig({
  // What run and check take where nothing is named.
  workflows: [${JSON.stringify(workflows).replaceAll('"', "'")}],
});
`;
  writeNew(join(cwd, configFile), text);
  return true;
}

function describe(folder: string, { ci, hasConfig }: { ci?: boolean; hasConfig: boolean }): string {
  return `Written to ${folder}:
  scenario.ts  the task, its servers, and the right answer
  program.ts   what a perfect agent would do
  mcp.d.ts     the functions of your servers, which your editor completes
${hasConfig ? `Written to ${configFile}: what is run where nothing is named.\n` : ''}${ci ? `Written to ${ciFile}: its first lines say what it expects. Replace your-organisation in it.\n` : ''}
Next:
  patternbench check ${folder}   tests the workflow itself
  patternbench run ${folder}     says which pattern to use, and what each costs
Then change the task and the program into your work. After a server has changed:
  patternbench types             declares its tools to your editor again
`;
}

/** The file in a workflow's folder that its program imports the type of `mcp` from. */
const declarationFileName = 'mcp.d.ts';

/** `types`: the declarations that programs are checked against, from what the servers list now. */
export async function types(folders: string[], { options }: Asked<'types'>, io: Io): Promise<number> {
  const named = findWanted(folders, options, io).filter((each) => folders.length > 0 || isPath(each));
  const wanted = named.length > 0 ? named : findWorkflows(io.cwd);
  if (wanted.length === 0) {
    throw new UsageError('There is no workflow here. Name its folder, or write one with patternbench init.');
  }
  for (const scenario of await loadScenarios(wanted, io.cwd)) {
    const surface = await listServers(scenario, options, io);
    io.stdout.write(writeDeclarations(scenario.folder, surface));
  }
  return 0;
}

/** Writes what programs of a folder may call. Says where, and how much that is. */
function writeDeclarations(folder: string, surface: Surface): string {
  const file = join(folder, declarationFileName);
  replaceFile(file, declarationFile(surface), UsageError);
  const functions = surface.reduce((sum, { tools }) => sum + tools.length, 0);
  return `${file}: ${functions} functions of ${surface.map(({ server }) => server).join(', ')}\n`;
}

async function listServers(scenario: Scenario, options: Options<'types'>, io: Io): Promise<Surface> {
  const servers = serversOf(
    scenario,
    { params: resolveParams(scenario, {}), seed: 1 },
    placesOf(options, io),
  );
  trustOf(options, io).admit([{ scenario, targets: servers.targets() }]);
  const { surface, unreached } = await askEach(await servers.resolve(), io);
  const [failed] = unreached;
  if (failed) throw new InfrastructureError(`${scenario.name} was left as it is. ${failed.error}`);
  return allowedSurface(scenario, surface);
}
