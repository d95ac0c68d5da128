/**
 * Counts real servers: `npm run census`. Each is installed from the npm registry into a folder of its own, without scripts of its
 * packages, started, asked for its tools, and removed. Writes reports/published/census.md, and harness/meter/field.json with what
 * `tools` compares with. It needs a network and some minutes; a server that cannot be installed or started is named on the page.
 * With `-- NAME…` only these are looked at, and nothing is written. `--listings DIR` keeps what servers listed, and counts it again
 * without starting them.
 */
import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs, promisify } from 'node:util';
import { measureSurface } from '../harness/cli/tools.ts';
import { messageOf } from '../harness/errors.ts';
import { defaultModelId, findModel, listModels } from '../harness/meter/catalogue.ts';
import { loadEstimate } from '../harness/meter/estimate.ts';
import { connect } from '../harness/tools/mcp/connections.ts';
import type { ServerSurface } from '../harness/tools/mcp/surface.ts';
import { type Counted, countServer, toCensus } from './census/report.ts';
import { type CensusServer, censusServers } from './census/servers.ts';

const root = resolve(import.meta.dirname, '..');
const file = 'reports/published/census.md';
const installMs = 300_000;
const timeouts = { connectMs: 60_000, callMs: 20_000 };
const model = findModel(defaultModelId);
/** One model for each way to count; the last of a kind stands for it. */
const families = new Map([...listModels(), model].map((each) => [each.tokenizer, each]));
const signal = new AbortController().signal;

/** Installs a server and gives the file that starts it: the package's command, or the first of several. */
async function install({ package: name, version }: CensusServer, folder: string): Promise<string> {
  writeFileSync(join(folder, 'package.json'), '{"private":true}');
  const flags = ['--ignore-scripts', '--prefer-offline', '--no-audit', '--no-fund', '--loglevel=error'];
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
    const none = Object.fromEntries((server.needs ?? []).map((name) => [name, 'none']));
    const env = { HOME: home, ...none };
    const spec = { command: process.execPath, args, env, cwd: home };
    const connection = await connect('server', spec, timeouts, signal);
    await connection.close();
    return connection.surface;
  } finally {
    rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
  }
}

const { values, positionals: names } = parseArgs({
  options: { listings: { type: 'string' } },
  allowPositionals: true,
});

/** What a server listed, now or when it was kept. */
async function readListing(server: CensusServer): Promise<ServerSurface> {
  const { listings } = values;
  if (listings === undefined) return list(server);
  const kept = join(listings, `${server.package.replace('/', '__')}@${server.version}.json`);
  if (existsSync(kept)) return JSON.parse(readFileSync(kept, 'utf8'));
  const surface = await list(server);
  mkdirSync(listings, { recursive: true });
  writeFileSync(kept, JSON.stringify(surface));
  return surface;
}

const counted: Counted[] = [];
const tokensPerServer = Object.fromEntries(
  [...families.keys()].sort().map((family) => [family, [] as number[]]),
);
const unreached: { package: string; error: string }[] = [];
for (const server of censusServers) {
  if (names.length > 0 && !names.includes(server.package)) continue;
  try {
    const surface = await readListing(server);
    for (const each of families.values()) {
      const counter = await loadEstimate(each.tokenizer);
      const costs = await measureSurface([surface], { model: each, counter, signal });
      tokensPerServer[each.tokenizer]?.push(costs.servers[0]?.definitions ?? 0);
      if (each === model) counted.push(countServer(server, surface, costs));
    }
    process.stderr.write(`${server.package}: ${surface.tools.length} tools\n`);
  } catch (error) {
    // What is said of it names folders of this machine.
    unreached.push({ package: server.package, error: 'it could not be installed or started' });
    process.stderr.write(`${server.package}: ${messageOf(error)}\n`);
  }
}
const census = toCensus(counted, unreached, model);
if (names.length > 0) process.stdout.write(census);
else {
  writeFileSync(join(root, file), census);
  for (const sizes of Object.values(tokensPerServer)) sizes.sort((a, b) => a - b);
  const field = { source: file, servers: counted.length, tokensPerServer };
  writeFileSync(join(root, 'harness/meter/field.json'), `${JSON.stringify(field)}\n`);
}
