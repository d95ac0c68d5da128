/**
 * Counts real servers: `npm run census`. Each is installed from the npm registry into a folder of its own, without scripts of its
 * packages, started, asked for its tools, and removed. Writes reports/published/census.md. It needs a network and some minutes;
 * a server that cannot be installed or started is named there. With `-- NAME…` only these are looked at, and nothing is written.
 */
import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { measureSurface } from '../harness/cli/measure-surface.ts';
import { messageOf } from '../harness/errors.ts';
import { defaultModelId, findModel } from '../harness/meter/catalogue.ts';
import { loadEstimate } from '../harness/meter/estimate.ts';
import { connect } from '../harness/tools/mcp/connections.ts';
import type { ServerSurface } from '../harness/tools/mcp/surface.ts';
import { type Counted, countServer, toCensus } from './census/report.ts';
import { type CensusServer, censusServers } from './census/servers.ts';

const file = resolve(import.meta.dirname, '../reports/published/census.md');
const installMs = 300_000;
const timeouts = { connectMs: 60_000, callMs: 20_000 };
const model = findModel(defaultModelId);
const counter = await loadEstimate(model.tokenizer);
const signal = new AbortController().signal;

/** Installs a server and gives the file that starts it: the package's command, or the first of several. */
async function install({ package: name, version }: CensusServer, folder: string): Promise<string> {
  writeFileSync(join(folder, 'package.json'), '{"private":true}');
  const flags = ['--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'];
  await promisify(execFile)('npm', ['install', ...flags, `${name}@${version}`], {
    cwd: folder,
    timeout: installMs,
  });
  const own = join(folder, 'node_modules', name);
  const { bin } = JSON.parse(readFileSync(join(own, 'package.json'), 'utf8'));
  const [command] = typeof bin === 'string' ? [bin] : (Object.values(bin ?? {}) as string[]);
  if (command === undefined) throw new Error(`${name} has no command.`);
  return join(own, command);
}

/** Starts a server in an empty home and lists its tools. */
async function list(server: CensusServer): Promise<ServerSurface> {
  const folder = mkdtempSync(join(tmpdir(), 'patternbench-census-'));
  const home = join(folder, 'home');
  mkdirSync(home);
  try {
    const script = await install(server, folder);
    const args = [script, ...(server.args ?? []).map((each) => each.replaceAll('%', home))];
    const spec = { command: process.execPath, args, env: { HOME: home }, cwd: home };
    const connection = await connect('server', spec, timeouts, signal);
    await connection.close();
    return connection.surface;
  } finally {
    rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
  }
}

const names = process.argv.slice(2);
const counted: Counted[] = [];
const unreached: { package: string; error: string }[] = [];
for (const server of censusServers) {
  if (names.length > 0 && !names.includes(server.package)) continue;
  try {
    const surface = await list(server);
    const costs = await measureSurface([surface], { model, counter, signal });
    counted.push(countServer(server, surface, costs));
    process.stderr.write(`${server.package}: ${surface.tools.length} tools\n`);
  } catch (error) {
    // What is said of it names folders of this machine.
    unreached.push({ package: server.package, error: 'it could not be installed or started' });
    process.stderr.write(`${server.package}: ${messageOf(error)}\n`);
  }
}
const census = toCensus(counted, unreached, model);
if (names.length > 0) process.stdout.write(census);
else writeFileSync(file, census);
