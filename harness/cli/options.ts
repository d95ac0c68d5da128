import { resolve } from 'node:path';
import { InvalidArgumentError, Option } from 'commander';
import { measures } from '../results/verdict.ts';
import { parseShard } from '../run/plan.ts';
import { readMcpConfig } from '../scenario/servers.ts';
import { openTrust, type Trust, trustFileName } from '../scenario/trust.ts';
import { type Authorization, openAuthorization } from '../tools/mcp/auth/authorization.ts';
import { loginFolder, openLoginStore } from '../tools/mcp/auth/login-store.ts';
import { type Io, tell } from './io.ts';
import { nameValue, wholeNumber } from './parsers.ts';

/** A path, made absolute from the folder that the command started in. */
export function pathFrom({ cwd }: Io) {
  return (text: string): string => resolve(cwd, text);
}

/** What verdicts weigh by. */
export const byOption = () =>
  new Option('--by <measure>', 'what verdicts weigh by: cost with caching, billed tokens or modelled latency')
    .choices(measures)
    .default('cost');

export const seedOption = () =>
  new Option('--seed <number>', 'root of all randomness: the same seed gives the same data')
    .argParser(wholeNumber(0, 2 ** 31 - 1))
    .default(1);

export const paramOption = () =>
  new Option('--param <name=value>', 'sets a parameter of the scenarios; may be repeated')
    .argParser(nameValue)
    .default({}, 'their own defaults');

export const lockOption = (io: Io) =>
  new Option(
    '--lock <file>',
    'the lock file of pinned servers (default: patternbench.lock.json beside the --mcp-config, else here)',
  ).argParser(pathFrom(io));

/** `--trust`; `trustOf` is what becomes of it. */
export const trustOption = () =>
  new Option(
    '--trust',
    `accept the servers that the scenarios bring, once: recorded in ${trustFileName} here until they change`,
  );

/** What was accepted here, with what `--trust` accepts now told on standard error. */
export const trustOf = ({ trust = false }: { trust?: boolean }, io: Io): Trust =>
  openTrust({ folder: io.cwd, accept: trust, onAccepted: (message) => tell(io, message) });

export const mcpConfigOption = (io: Io) =>
  new Option(
    '--mcp-config <file>',
    'the .mcp.json that names your servers (default: beside the scenario, then here)',
  ).argParser((given) => {
    const file = resolve(io.cwd, given);
    // Looked at also where no server of it is used: a file that is named must be there.
    readMcpConfig(file);
    return file;
  });

/** Tokens of the logins that this user has. */
export const authorizationOf = ({ env }: Io): Authorization =>
  openAuthorization({ store: openLoginStore(loginFolder(env)) });

/** `--shard i/n`, for a job that several machines share. */
export const shardOption = () =>
  new Option(
    '--shard <i/n>',
    'run part i of n: each scenario with all its variants in exactly one; join them with "merge"',
  ).argParser((text) => {
    const shard = parseShard(text);
    if (!shard) throw new InvalidArgumentError('It has the form i/n, such as 2/4, with i from 1 to n.');
    return shard;
  });
