import type { MockState } from '../../../mock-servers/state.ts';
import { InfrastructureError } from '../../errors.ts';
import type { Authorization } from './auth/authorization.ts';
import { type Connection, type ConnectionTimeouts, connect } from './connection.ts';
import type { Listing } from './listing.ts';
import { createRedact, joinRedacts, type Redact, type Secret, secretsOf } from './secrets.ts';
import type { ReachableServer } from './server-spec.ts';
import type { Surface, Tool } from './surface.ts';
import type { ToolResult } from './tool-result.ts';

/** The connected servers of one trial. */
export type Connections = {
  surface: Surface;
  /** The same as the servers sent it. */
  listings: Listing[];
  call(
    tool: Tool,
    args: Record<string, unknown>,
    signal: AbortSignal,
    traceparent?: string,
  ): Promise<ToolResult>;
  /** State of each mock server, by the scenario's name of the server. */
  states(): Promise<Record<string, MockState>>;
  close(): Promise<void>;
  /** The OAuth scopes of the token in use for a server; none where it wants no token. */
  scopes(server: string): string[];
  /** The secrets of all servers' configurations. */
  secrets: readonly Secret[];
  /** Takes them, and all tokens, out of a text; absent where there are none. */
  redact: Redact | undefined;
};

/** Connects to all servers of a scenario at once; if one fails, the others are closed and its error is thrown. */
export async function connectAll(
  servers: Record<string, ReachableServer>,
  timeouts: ConnectionTimeouts,
  signal: AbortSignal,
  authorization?: Authorization,
): Promise<Connections> {
  const attempts = await Promise.allSettled(
    Object.entries(servers).map(([name, spec]) => connect(name, spec, timeouts, signal, authorization)),
  );
  const connected = attempts.flatMap((attempt) => (attempt.status === 'fulfilled' ? [attempt.value] : []));
  const closeAll = async () => {
    await Promise.allSettled(connected.map((connection) => connection.close()));
  };
  const failed = attempts.find((attempt) => attempt.status === 'rejected');
  if (failed) {
    await closeAll();
    throw failed.reason;
  }
  const byServer = new Map<string, Connection>(
    connected.map((connection) => [connection.surface.server, connection]),
  );
  const secrets = Object.values(servers).flatMap(secretsOf);
  const takesTokens = Object.values(servers).some((spec) => 'url' in spec);
  return {
    surface: connected.map((connection) => connection.surface),
    listings: connected.map((connection) => connection.listing),
    secrets,
    scopes: (server) => byServer.get(server)?.scopes() ?? [],
    redact: joinRedacts(createRedact(secrets), takesTokens ? authorization?.redact : undefined),
    async call(tool, args, signal, traceparent) {
      const connection = byServer.get(tool.server);
      if (!connection) throw new InfrastructureError(`There is no server "${tool.server}".`);
      return connection.call(tool.name, args, signal, traceparent);
    },
    async states() {
      const states: Record<string, MockState> = {};
      for (const connection of connected) {
        const state = await connection.state();
        if (state) states[connection.surface.server] = state;
      }
      return states;
    },
    close: closeAll,
  };
}
