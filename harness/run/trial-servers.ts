import { execFile } from 'node:child_process';
import { InfrastructureError, messageOf } from '../errors.ts';
import { tellNearestOrKnown } from '../nearest.ts';
import { seconds } from '../numbers.ts';
import { runHook, ScenarioFault } from '../scenario/ask.ts';
import {
  createTrialDirectory,
  inTrialDirectory,
  type ScenarioServers,
  withTrialDirectory,
} from '../scenario/servers.ts';
import { allowedSurface, refuseMissingTools } from '../scenario/tool-uses.ts';
import type { Trust } from '../scenario/trust.ts';
import { auditTrial, type TrialAudit } from '../tools/audit/trial-audit.ts';
import { withDistractors } from '../tools/distractors.ts';
import { withoutSchemas } from '../tools/faults.ts';
import type { Authorization } from '../tools/mcp/auth/authorization.ts';
import { type Connections, connect, connectAll } from '../tools/mcp/connections.ts';
import { createRedact, type Redact, secretsOf } from '../tools/mcp/secrets.ts';
import type { ReachableServer, Reset } from '../tools/mcp/server-spec.ts';
import type { Surface } from '../tools/mcp/surface.ts';
import type { PinCheck, PinTarget } from '../tools/pin/check.ts';
import type { Grant } from '../tools/policy.ts';
import { toLine } from '../visible.ts';
import type { Trial } from './plan.ts';
import type { TrialEnvironment } from './trial.ts';

/** What of a trial decides on its servers. */
type ServedTrial = Pick<Trial, 'scenario' | 'params' | 'dataSeed' | 'servers' | 'conditions'>;

/** What a scenario's servers are started with. */
export type ServerSettings = {
  timeouts: { connectMs: number; callMs: number };
  authorization?: Authorization | undefined;
  /** Whether mock servers are part of this process: where nothing is measured by a clock. */
  mocksInProcess?: boolean | undefined;
  /** Milliseconds that `setup` and `teardown` may take, where the trial's time was limited. */
  limitMs?: number | undefined;
  /** Aborted when the trial's time is up or the run is interrupted. */
  signal: AbortSignal;
  /** Aborted when the run is interrupted. */
  interrupt: AbortSignal;
};

/** The servers of one trial, in the state that every trial starts from, its own folder, and what it may do with them. */
export type TrialServers = Awaited<ReturnType<typeof openTrialServers>>;

/** How long `teardown` may take once a run was interrupted, in milliseconds. */
const lastTeardownMs = 5_000;

/**
 * Makes the trial's folder, lets the scenario set up, resets servers that outlive trials, and connects to all of them.
 * If any of this fails, what was begun is undone, and the error is thrown.
 */
export async function openTrialServers(
  { scenario, params, dataSeed: seed, servers: planned, conditions = {} }: ServedTrial,
  settings: ServerSettings,
) {
  const { timeouts, authorization, mocksInProcess, limitMs, signal, interrupt } = settings;
  const directory = createTrialDirectory();
  const state = { params, seed, trialDir: directory.path };
  let isPrepared = false;
  let redact: Redact | undefined;
  let connections: Connections | undefined;
  /** Ends the servers, lets the scenario tear down, and removes the folder. Throws what `teardown` threw. */
  const close = async () => {
    try {
      await connections?.close();
      const timeLimit = interrupt.aborted
        ? { signal: new AbortController().signal, limitMs: lastTeardownMs }
        : { signal: interrupt, limitMs };
      if (isPrepared) await runHook(scenario, 'teardown', state, timeLimit);
    } finally {
      await directory.remove();
    }
  };
  try {
    const servers = inTrialDirectory(await planned.resolve(), directory.path);
    if (mocksInProcess) {
      for (const [name, server] of Object.entries(servers)) {
        if (server.mock) servers[name] = { ...server, inProcess: true };
      }
    }
    redact = createRedact(Object.values(servers).flatMap(secretsOf));
    isPrepared = true;
    await runHook(scenario, 'setup', state, { signal: interrupt, limitMs });
    await resetFromOutside(servers, { folder: scenario.folder, limitMs: timeouts.callMs, signal });
    const started = performance.now();
    connections = await connectAll(servers, timeouts, signal, authorization);
    const startMs = performance.now() - started;
    await resetByTool(servers, connections, signal);
    const grant: Grant = { tools: scenario.tools, writes: scenario.writes };
    const { distractors: count, faults } = conditions;
    const surface = faults ? withoutSchemas(connections.surface, faults, seed) : connections.surface;
    const opened = { connections: { ...connections, surface }, directory: directory.path, startMs, close };
    if (count === undefined) return { ...opened, grant };
    const usable = allowedSurface(scenario, surface);
    const { added, ...distracted } = withDistractors(opened.connections, usable, { count, seed });
    // A model meets them among the tools that it may use.
    const tools = grant.tools && { ...grant.tools, ...added };
    return { ...opened, connections: distracted, grant: { tools, writes: grant.writes } };
  } catch (error) {
    // The first fault says more than what it leads to.
    await close().catch(() => undefined);
    // What a reset was answered with is not yet without secrets.
    if (redact && error instanceof Error) error.message = redact(error.message);
    throw error;
  }
}

/** What resetting takes: where commands are started, and the milliseconds that one reset may take. */
type ResetMeans = { folder: string; limitMs: number; signal: AbortSignal };

/** Characters shown of what a server or a command said. */
const mostSaid = 300;

type Servers = Record<string, ReachableServer>;

/**
 * Puts servers that outlive a trial back to their first state, before they are connected to: by a request or a command.
 * Throws an `InfrastructureError` that names the server where that fails.
 */
async function resetFromOutside(servers: Servers, means: ResetMeans): Promise<void> {
  for (const [server, { reset }] of Object.entries(servers)) {
    if (!reset || reset.kind === 'tool') continue;
    const failure = reset.kind === 'request' ? await request(reset, means) : await runCommand(reset, means);
    means.signal.throwIfAborted();
    if (failure !== undefined) throw notReset(server, reset, failure);
  }
}

/** The same by a tool of the server, once it is connected. */
async function resetByTool(
  servers: Servers,
  connections: Pick<Connections, 'surface' | 'call'>,
  signal: AbortSignal,
): Promise<void> {
  for (const [server, { reset }] of Object.entries(servers)) {
    if (reset?.kind !== 'tool') continue;
    const tools = connections.surface.find((each) => each.server === server)?.tools ?? [];
    const tool = tools.find(({ name }) => name === reset.tool);
    if (!tool) {
      const names = tools.map(({ name }) => name);
      throw new ScenarioFault(
        `The reset of server "${server}" names the tool ${reset.tool}, which it does not have.${tellNearestOrKnown(reset.tool, names, 3)}`,
      );
    }
    const { isError, text } = await connections.call(tool, reset.arguments, signal);
    if (isError) throw notReset(server, reset, `it answered with an error: ${toLine(text, mostSaid)}`);
  }
}

async function request(
  { url, method, headers, body }: Extract<Reset, { kind: 'request' }>,
  { limitMs, signal }: ResetMeans,
): Promise<string | undefined> {
  const limit = AbortSignal.timeout(limitMs);
  try {
    const response = await fetch(url, {
      method,
      headers,
      // A header with a token must not go elsewhere.
      redirect: 'error',
      signal: AbortSignal.any([signal, limit]),
      ...(body !== undefined && { body }),
    });
    await response.body?.cancel();
    return response.ok ? undefined : `it was answered with status ${response.status}`;
  } catch (error) {
    if (limit.aborted) return `it was not answered within ${seconds(limitMs)}`;
    const { cause = error } = error as { cause?: unknown };
    return toLine(messageOf(cause), mostSaid);
  }
}

function runCommand(
  { command, args, env }: Extract<Reset, { kind: 'command' }>,
  { folder, limitMs, signal }: ResetMeans,
): Promise<string | undefined> {
  const own = { cwd: folder, env: { ...process.env, ...env }, signal };
  const options = { ...own, timeout: limitMs, killSignal: 'SIGKILL', windowsHide: true } as const;
  return new Promise((done) => {
    execFile(command, args, options, (error, _, stderr) => {
      if (!error) return done(undefined);
      const { killed, code, signal } = error;
      const failed = typeof code === 'number' ? `it exited with ${code}` : `it failed (${code ?? signal})`;
      const how = killed ? `it did not end within ${seconds(limitMs)}` : failed;
      done(stderr.trim() === '' ? how : `${how}: ${toLine(stderr, mostSaid)}`);
    });
  });
}

function notReset(server: string, reset: Reset, failure: string): InfrastructureError {
  const named =
    reset.kind === 'tool' ? ` ${reset.tool}` : reset.kind === 'command' ? ` ${reset.command}` : '';
  const means = `${reset.kind}${named}`;
  return new InfrastructureError(
    `Server "${server}" was not reset before the trial by its ${means}: ${failure}.`,
  );
}

/** Holds a trial's servers against their pins, finds what of them it may use, and begins its part of the audit log, by its `name`. */
export function admitServers(
  trial: Trial,
  servers: TrialServers,
  { run, audit: log, pins, faults }: Pick<TrialEnvironment, 'pins' | 'run' | 'audit' | 'faults'>,
  name: string,
): { surface: Surface; audit: TrialAudit } {
  const { connections, grant } = servers;
  const { listings, redact } = connections;
  const targets = trial.servers.targets();
  pins.check(targets, listings, redact);
  const surface = findSurface(trial, servers, faults);
  const about = { run, trial: name, pattern: trial.variant.pattern, model: trial.model.id, seed: trial.seed };
  const audit = auditTrial(log, { ...about, redact });
  const pinned = new Set(targets.filter(pins.isPinned).map((target) => target.server));
  audit.granted(listings, grant, pinned, connections);
  return { surface, audit };
}

/** What a trial may use of its servers: all that the scenario names must be there, or else `faults` keeps what is missing. */
function findSurface(
  { scenario, servers }: Trial,
  { connections, grant }: TrialServers,
  faults: TrialEnvironment['faults'],
): Surface {
  try {
    const surface = allowedSurface({ ...scenario, tools: grant.tools }, connections.surface);
    refuseMissingTools(scenario, surface);
    // A server of which nothing may be used has nothing to tell the model, either.
    const { tools } = grant;
    return tools ? surface.filter(({ server }) => Object.hasOwn(tools, server)) : surface;
  } catch (error) {
    if (error instanceof ScenarioFault) faults?.set(servers, error);
    throw error;
  }
}

/** What looking at the servers of a run takes. */
type Preflight = Pick<ServerSettings, 'timeouts' | 'authorization' | 'signal'> & {
  pins: PinCheck;
  /** What the user accepted of servers that scenarios bring. */
  trust: Trust;
};

/**
 * Looks at the servers of all trials before the first of them asks a model or a tool anything. Throws a `UsageError` for
 * a server that came with a scenario and was not accepted, and a `VerificationError` for a server that is not what was pinned
 * or imitates one that is. A pinned server that cannot be reached is left to its trials, which look again. So is a scenario
 * whose own code throws: each of its trials meets that fault again.
 */
export async function checkServers(trials: readonly Trial[], preflight: Preflight): Promise<void> {
  const { pins, trust } = preflight;
  const scenarios = new Map(trials.map(({ servers, scenario }) => [servers, scenario]));
  const used = [...scenarios].map(([servers, scenario]) => ({
    scenario,
    servers,
    targets: targetsOf(servers),
  }));
  trust.admit(used);
  for (const { targets } of used) pins.refuseImitations(targets);
  const checked = new Set<string>();
  for (const { servers, targets } of used) {
    for (const target of targets) {
      const isNew = !checked.has(`${target.key} ${target.launch}`);
      checked.add(`${target.key} ${target.launch}`);
      if (isNew && pins.isPinned(target)) await checkPinned(servers, target, preflight);
    }
  }
}

function targetsOf(servers: ScenarioServers): PinTarget[] {
  try {
    return servers.targets();
  } catch (error) {
    if (error instanceof ScenarioFault) return [];
    throw error;
  }
}

async function checkPinned(
  servers: ScenarioServers,
  target: PinTarget,
  { pins, timeouts, authorization, signal }: Preflight,
): Promise<void> {
  try {
    await withTrialDirectory(await servers.resolve(), async (inDirectory) => {
      const server = inDirectory[target.server];
      if (!server) return;
      const connection = await connect(target.server, server, timeouts, signal, authorization);
      await connection.close();
      pins.check([target], [connection.listing], connection.redact);
    });
  } catch (error) {
    if (!(error instanceof InfrastructureError)) throw error;
  }
}
