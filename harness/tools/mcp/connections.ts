import { CallToolResultSchema, McpError } from '@modelcontextprotocol/sdk/types.js';
import { z } from 'zod';
import { type MockState, mockState, STATE_METHOD } from '../../../mock-servers/state.ts';
import { InfrastructureError, UsageError, VerificationError } from '../../errors.ts';
import { seconds } from '../../numbers.ts';
import type { ProtocolEra } from '../../results/codes.ts';
import type { ConnectedServer } from '../../results/world.ts';
import { hashListing } from '../pin/lock-file.ts';
import type { Authorization } from './auth/authorization.ts';
import { createFaultReport } from './fault-report.ts';
import { createHttpTransport, type HttpLibrary } from './http-transport.ts';
import { createInProcessTransport } from './in-process-transport.ts';
import { readListing, toSurface } from './listing.ts';
import { ConnectionFault, type ServerTransport, type TransportListener } from './requests.ts';
import { checkResult } from './schema-check.ts';
import { createRedact, joinRedacts, redactStrings, secretsOf } from './secrets.ts';
import type { ReachableServer } from './server-spec.ts';
import { createStdioTransport } from './stdio-transport.ts';
import { notOfSchema, type ServerSurface, type Tool, type ToolResult, toToolResult } from './surface.ts';
import { openLegacyWire, tampering } from './wire.ts';

/** How long a server may take, in milliseconds. */
type ConnectionTimeouts = { connectMs: number; callMs: number };

/** Connects to all servers of a scenario at once; if one fails, the others are closed and its error is thrown. */
export async function connectAll(
  servers: Record<string, ReachableServer>,
  timeouts: ConnectionTimeouts,
  signal: AbortSignal,
  authorization?: Authorization,
) {
  const attempts = await Promise.allSettled(
    Object.entries(servers).map(([name, spec]) => connect(name, spec, timeouts, signal, authorization)),
  );
  const connected = attempts.flatMap((attempt) => (attempt.status === 'fulfilled' ? [attempt.value] : []));
  const byServer = new Map(connected.map((connection) => [connection.surface.server, connection]));
  const closeAll = async () => {
    await Promise.allSettled([...byServer.values()].map((connection) => connection.close()));
  };
  const failed = attempts.find((attempt) => attempt.status === 'rejected');
  if (failed) {
    await closeAll();
    throw failed.reason;
  }
  const secrets = Object.values(servers).flatMap(secretsOf);
  const takesTokens = Object.values(servers).some((spec) => 'url' in spec);
  const redact = joinRedacts(createRedact(secrets), takesTokens ? authorization?.redact : undefined);
  return {
    surface: connected.map(({ surface }): ServerSurface => surface),
    /** The same as the servers sent it. */
    listings: connected.map(({ listing }) => listing),
    /** The secrets of all servers' configurations. */
    secrets,
    /** The OAuth scopes of the token in use for a server; none where it wants no token. */
    scopes: (server: string) => byServer.get(server)?.scopes() ?? [],
    /** What was spoken with a server, for the record; undefined for one that is not connected. */
    spoken(server: string): ConnectedServer | undefined {
      const [connection, spec] = [byServer.get(server), servers[server]];
      if (!connection || !spec) return undefined;
      const { configured = server, protocolEra = 'legacy' } = spec;
      const { name, version } = redactStrings(connection.listing.implementation, redact);
      const { protocolVersion } = connection;
      return { server: configured, implementation: { name, version }, protocolEra, protocolVersion };
    },
    /** Takes the secrets, and all tokens, out of a text; absent where there are none. */
    redact,
    async call(tool: Tool, args: Record<string, unknown>, signal: AbortSignal, traceparent?: string) {
      const connection = byServer.get(tool.server);
      if (!connection) throw new InfrastructureError(`There is no server "${tool.server}".`);
      return connection.call(tool.name, args, signal, traceparent);
    },
    /** State of each mock server, by the scenario's name of the server. */
    async states() {
      const states: Record<string, MockState> = {};
      for (const [server, connection] of byServer) {
        const state = await connection.state();
        if (state) states[server] = state;
      }
      return states;
    },
    /**
     * Ends a server and starts it again, or connects again to one at a URL; no call to it may be under way. A mock server
     * keeps its data in its memory, as others do in a database, and is left as it is.
     */
    async restart(server: string) {
      const spec = servers[server];
      if (!spec || spec.mock) return;
      await byServer.get(server)?.close();
      byServer.set(server, await connect(server, spec, timeouts, signal, authorization));
    },
    close: closeAll,
  };
}

/** The connected servers of one trial. */
export type Connections = Awaited<ReturnType<typeof connectAll>>;

// Since 2026-07-28 structured results are any value, and their schemas any schema.
const toolResult = CallToolResultSchema.extend({
  // Read as a record, an object loses its "__proto__".
  structuredContent: z.union([z.record(z.string(), z.unknown()), z.unknown()]).optional(),
});

/**
 * Connects to a server, lists all its tools, and checks that it is one that can be measured. Every failure of the server itself
 * rejects with an `InfrastructureError`, then and later.
 */
export async function connect(
  server: string,
  spec: ReachableServer,
  timeouts: ConnectionTimeouts,
  signal: AbortSignal,
  authorization?: Authorization,
) {
  const access = 'url' in spec ? authorization?.access(server, spec) : undefined;
  const redact = joinRedacts(createRedact(secretsOf(spec)), access && authorization?.redact);
  const faults = createFaultReport(server, describe(spec), redact);
  const { fault } = faults;
  const listener: TransportListener = {
    onStderr: faults.onStderr,
    onEnd: faults.onEnd,
    onExcess(error) {
      faults.onExcess(error);
      void transport.close();
    },
  };
  const { protocolEra: era = 'legacy' } = spec;
  // The library of the newer protocol is loaded only where it is asked for.
  const modern = era === 'legacy' ? undefined : await import('./modern-wire.ts');
  const transport = createTransport(
    spec,
    listener,
    access,
    modern?.ModernHttpTransport as HttpLibrary | undefined,
  );
  const openWire = modern?.openModernWire ?? openLegacyWire;

  try {
    const { wire, listing } = await within(
      timeouts.connectMs,
      signal,
      'started and listed its tools',
      async (both) => {
        const opened = await openWire(transport, {
          era,
          discoverMs: timeouts.connectMs / 2,
          input: spec.input,
          signal: both,
          onError: faults.onError,
        });
        const tampered = spec.tamper ? tampering(opened, spec.tamper()) : opened;
        return { wire: tampered, listing: await readListing(server, tampered, both) };
      },
    );
    const surface = toSurface(listing);
    let stale = false;
    let recheck: Promise<void> | undefined;
    wire.onToolsChanged(() => {
      stale = true;
      recheck = undefined;
    });
    /** What the model was shown and the policy decided on must still be what the server offers. */
    const refuseChangedList = (): Promise<void> => {
      const listingNow = within(timeouts.callMs, undefined, 'listed its tools again', (deadline) =>
        readListing(server, wire, deadline),
      );
      const checking = listingNow.then((now) => {
        if (hashListing(now) !== hashListing(listing)) {
          throw new InfrastructureError(`Server "${server}" changed its tools in the middle of the trial.`);
        }
        // Where another notice came in meanwhile, the list has to be read once more.
        if (recheck === checking) stale = false;
      });
      recheck = checking;
      return checking;
    };
    const schemas = new Map(surface.tools.map((tool) => [tool.name, tool.outputSchema]));

    return {
      surface,
      /** The revision of MCP that is spoken, such as `2025-11-25`. */
      protocolVersion: wire.protocolVersion,
      /** The surface as the server sent it. */
      listing,
      /** Takes the secrets of the server's configuration, and its tokens, out of a text; absent where there are none. */
      redact,
      /** The OAuth scopes of the token in use; none where the server wants no token. */
      scopes: () => access?.held() ?? [],
      /**
       * Calls a tool by the server's own name. A tool's own error is a result (`isError`), never a rejection. `traceparent`
       * (W3C) travels in the request's `_meta`.
       */
      async call(
        tool: string,
        args: Record<string, unknown>,
        callSignal: AbortSignal,
        traceparent?: string,
      ): Promise<ToolResult> {
        try {
          if (stale) await (recheck ?? refuseChangedList());
          const meta = traceparent === undefined ? {} : { _meta: { traceparent } };
          const params = { name: tool, arguments: args, ...meta };
          let attempts = 1;
          const onRepeat = () => {
            attempts += 1;
          };
          const options = { timeoutMs: timeouts.callMs, signal: callSignal, onRepeat };
          const result = toolResult.parse(await wire.callTool(params, options));
          const reduced = { ...toToolResult(result), ...(attempts > 1 && { attempts }) };
          const schema = schemas.get(tool);
          if (schema && !result.isError) {
            const problem =
              result.structuredContent !== undefined
                ? checkResult(schema, result.structuredContent, reduced.text.length)
                : 'there is no structured content';
            if (problem !== undefined) return notOfSchema(tool, problem);
          }
          return reduced;
        } catch (error) {
          if (callSignal.aborted) throw callSignal.reason;
          if (isTold(error)) {
            if (redact) error.message = redact(error.message);
            throw error;
          }
          // Only what the server answered is the tool's; its code says nothing: servers use those of the SDK, too.
          if (!(error instanceof McpError)) throw fault(`failed in the middle of ${tool}`, error);
          return { isError: true, text: error.message, isJson: false };
        }
      },
      /** What a mock server tells graders about itself; undefined where the server is not one. */
      async state(): Promise<MockState | undefined> {
        if (!spec.mock) return undefined;
        try {
          const ask = (deadline: AbortSignal) => wire.request(STATE_METHOD, {}, deadline);
          return mockState.parse(await within(timeouts.callMs, undefined, 'told its state', ask));
        } catch (error) {
          throw fault('did not give its state', error);
        }
      },
      close: () => wire.close(),
    };
  } catch (error) {
    await transport.close().catch(() => undefined);
    if (signal.aborted) throw signal.reason;
    if (!isTold(error)) throw adviseEra(fault('could not be started', error), era);
    if (redact) error.message = redact(error.message);
    throw error;
  }
}

/** One connected MCP server. */
export type Connection = Awaited<ReturnType<typeof connect>>;

function createTransport(
  spec: ReachableServer,
  listener: TransportListener,
  access: Parameters<typeof createHttpTransport>[2],
  library: HttpLibrary | undefined,
): ServerTransport {
  if ('url' in spec) return createHttpTransport(spec, listener, access, library);
  if (spec.inProcess && spec.mock) return createInProcessTransport(spec.mock);
  return createStdioTransport(spec, listener);
}

/** Adds which era to set where a server may not speak the one it was spoken to in. */
function adviseEra({ message }: InfrastructureError, era: ProtocolEra): InfrastructureError {
  const isNewer = /Unsupported protocol version|"code":-32022\b/.test(message);
  const advice =
    era === 'legacy'
      ? 'For a server of the newer MCP alone, set "protocolEra": "modern".'
      : 'For a server that knows the older MCP alone, set "protocolEra": "legacy".';
  return new InfrastructureError(era === 'legacy' && !isNewer ? message : `${message}\n  ${advice}`);
}

/** Whether an error says already what happened and whose fault it is. */
function isTold(error: unknown): error is InfrastructureError | UsageError | VerificationError {
  return [InfrastructureError, UsageError, VerificationError].some((kind) => error instanceof kind);
}

/** A server as errors name it: its program, or the origin of its address. The rest of both may hold secrets. */
function describe(spec: ReachableServer): string {
  if (!('url' in spec)) return spec.command;
  return URL.canParse(spec.url) ? new URL(spec.url).origin : 'its address';
}

/** Does work that must be done by a deadline. Rejects with the reason of `signal` where that is aborted first. */
async function within<T>(
  ms: number,
  signal: AbortSignal | undefined,
  doing: string,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const deadline = AbortSignal.timeout(ms);
  try {
    return await work(signal ? AbortSignal.any([signal, deadline]) : deadline);
  } catch (error) {
    if (!deadline.aborted || signal?.aborted) throw error;
    throw new ConnectionFault(`it had not ${doing} within ${seconds(ms)}`);
  }
}
