import { UsageError } from '../errors.ts';
import { isRecord } from '../json.ts';
import { tellNearestOrKnown } from '../nearest.ts';
import { findConfiguredServers, hashLaunch, withTrialDirectory } from '../scenario/servers.ts';
import { typeOfValue } from '../tools/browse/declaration.ts';
import { createDirectory } from '../tools/browse/directory.ts';
import { type Connections, connectAll } from '../tools/mcp/connections.ts';
import { asPrograms, toServerNames } from '../tools/mcp/names.ts';
import type { ReachableServer } from '../tools/mcp/server-spec.ts';
import { type Tool, type ToolResult, toValue } from '../tools/mcp/surface.ts';
import { createPinCheck } from '../tools/pin/check.ts';
import { findLock } from '../tools/pin/lock-file.ts';
import { createPolicy, explainWrite, measureArguments } from '../tools/policy.ts';
import { showHidden, showMessage, showUntrusted } from '../visible.ts';
import type { Asked, Options } from './add-options.ts';
import { findServers } from './ask-servers.ts';
import { untilInterrupted } from './interrupt.ts';
import { type Io, tell } from './io.ts';
import { authorizationOf, placesOf } from './scenarios.ts';

type CallOptions = Options<'call'>;

/** `call`: one call of a tool, to see what a program would get. */
export async function call(
  server: string,
  tool: string,
  args: string,
  { options }: Asked<'call'>,
  io: Io,
): Promise<number> {
  const servers = await findServers([server], placesOf(options, io));
  const called = await callOnce(servers, { server, tool, args }, options, io);
  return show(called.tool, called.answer, io);
}

/** A call as it is asked for: the arguments as JSON text. */
export type OneCall = { server: string; tool: string; args: string };

/**
 * Makes one call on one of these servers, which is started for it. Secrets are taken out of the answer. Throws a `UsageError` for a
 * call that a run would refuse, with what to write instead. Throws a `VerificationError` where the server is not what was pinned.
 */
export async function callOnce(
  servers: Record<string, ReachableServer>,
  asked: OneCall,
  options: Partial<CallOptions>,
  io: Io,
): Promise<{ tool: Tool; answer: ToolResult }> {
  const args = readArguments(asked.args);
  const { connectTimeout: connectMs = 20_000, toolTimeout: callMs = 60_000, writes = false } = options;
  const { result } = await untilInterrupted(io, (signal) =>
    withTrialDirectory(servers, async (inDirectory) => {
      const connections = await connectAll(inDirectory, { connectMs, callMs }, signal, authorizationOf(io));
      try {
        checkPin(asked.server, connections, options, io);
        const tool = findTool(connections, asked);
        admit(tool, args, connections, writes);
        const answer = await connections.call(tool, args, signal);
        const { redact } = connections;
        return { tool, answer: redact ? { ...answer, text: redact(answer.text) } : answer };
      } finally {
        await connections.close();
      }
    }),
  );
  return result;
}

function readArguments(text: string): Record<string, unknown> {
  let args: unknown;
  try {
    args = JSON.parse(text);
  } catch (error) {
    throw new UsageError(`The arguments are not JSON: ${showUntrusted(text)}. Put them in single quotes.`, {
      cause: error,
    });
  }
  if (isRecord(args)) return args;
  throw new UsageError(`The arguments are not a JSON object: ${showUntrusted(text)}`);
}

/** A pinned server must be what was pinned before it is asked anything. */
function checkPin(key: string, connections: Connections, options: Partial<CallOptions>, io: Io): void {
  const { lock, file } = findLock(options.lock, options.mcpConfig, io.cwd);
  const written = findConfiguredServers(placesOf(options, io))[key]?.written;
  if (!written) return;
  const pins = createPinCheck(lock, file, (message) => tell(io, `Warning: ${message}`));
  const target = { server: key, key, origin: 'user' as const, written, launch: hashLaunch(written) };
  pins.refuseImitations([target]);
  pins.check([target], connections.listings, connections.redact);
}

/** By the server's name of it, or by that of programs. */
function findTool({ surface }: Connections, { server, tool }: OneCall): Tool {
  const tools = surface.flatMap((each) => each.tools);
  const found =
    tools.find(({ name }) => name === tool) ?? tools.find(({ identifier }) => identifier === tool);
  if (found) return found;
  const near = tellNearestOrKnown(
    tool,
    tools.map(({ name }) => name),
    3,
  );
  throw new UsageError(`Server "${server}" has no tool "${tool}".${near}`);
}

/** Refuses what a run would refuse, with what to write instead. */
function admit(
  tool: Tool,
  args: Record<string, unknown>,
  { surface, redact = (text) => text }: Connections,
  writes: boolean,
): void {
  const writing = explainWrite(tool);
  if (writing !== undefined && !writes) {
    throw new UsageError(
      `Not called: ${tool.server}.${tool.name} ${writing}. Call it with --writes; a scenario says writes: true.`,
    );
  }
  const decision = createPolicy({ tools: undefined, writes }).decide(tool, args, measureArguments(args));
  if (decision.allowed) return;
  const [server] = toServerNames([tool.server]);
  const declaration = createDirectory(asPrograms(surface)).browse(`/${server}/${tool.identifier}`);
  throw new UsageError(redact(`Not called: ${decision.reason.replace(/^refused: /, '')}\n${declaration}`));
}

/** The value on standard output, its type on standard error. Exits with 1 for a tool's own error, which a program would catch. */
function show(tool: Tool, { isError, isJson, text }: ToolResult, io: Io): number {
  const [server] = toServerNames([tool.server]);
  const name = `mcp.${server}.${tool.identifier}`;
  if (isError) {
    tell(io, showMessage(`${name} threw ToolError: ${text}`));
    return 1;
  }
  const value = isJson ? toValue(text) : text;
  io.stdout.write(`${showHidden(isJson ? JSON.stringify(value, null, 2) : text)}\n`);
  const given = isJson ? typeOfValue(value) : `string, ${text.length} characters`;
  const declared = tool.outputSchema ? '' : ' (no output schema declares it)';
  tell(io, showMessage(`${name} gives ${given}${declared}`));
  return 0;
}
