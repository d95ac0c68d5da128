import { join } from 'node:path';
import { InfrastructureError, UsageError } from '../errors.ts';
import { replaceFile } from '../files.ts';
import { findWorkflows, resolveParams } from '../scenario/find.ts';
import { loadScenarios } from '../scenario/load.ts';
import type { Scenario } from '../scenario/scenario.ts';
import { serversOf } from '../scenario/servers.ts';
import { allowedSurface } from '../scenario/tool-uses.ts';
import { declarationFile } from '../tools/browse/declaration.ts';
import type { Surface } from '../tools/mcp/surface.ts';
import type { Asked, Options } from './add-options.ts';
import { askEach } from './ask-servers.ts';
import type { Io } from './io.ts';
import { findWanted, isPath, placesOf, trustOf } from './scenarios.ts';

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
export function writeDeclarations(folder: string, surface: Surface): string {
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
