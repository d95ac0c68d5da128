import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import type { Transport } from '@modelcontextprotocol/sdk/shared/transport.js';
import {
  CallToolResultSchema,
  ErrorCode,
  ListToolsResultSchema,
  McpError,
  ResultSchema,
  ToolListChangedNotificationSchema,
} from '@modelcontextprotocol/sdk/types.js';
import { canonicalJson } from '../../mock-servers/canonical-json.ts';
import { type MockState, mockState } from '../../mock-servers/state.ts';
import { InfrastructureError } from '../errors.ts';
import { createFaultReport } from './fault-report.ts';
import { createBoundedFetch } from './http-fetch.ts';
import { createListingBounds, type Listing, type RawTool } from './listing.ts';
import { toIdentifiers } from './names.ts';
import { compileCheck, type SchemaCheck } from './schema-check.ts';
import type { ReachableServer } from './server-spec.ts';
import { createStdioTransport, type StdioListener, type StdioTransport } from './stdio-transport.ts';
import type { ServerSurface, Tool } from './surface.ts';
import { type ToolResult, toToolResult } from './tool-result.ts';

/** How long a server may take, in milliseconds. */
export type ConnectionTimeouts = { connectMs: number; callMs: number };

/** One connected MCP server. Every failure of the server itself rejects with an `InfrastructureError`. */
export type Connection = {
  surface: ServerSurface;
  /** The same as the server sent it. */
  listing: Listing;
  /**
   * Calls a tool by the server's own name. A tool's own error is a result (`isError`), never a rejection. `traceparent`
   * (W3C) travels in the request's `_meta`.
   */
  call(
    tool: string,
    args: Record<string, unknown>,
    signal: AbortSignal,
    traceparent?: string,
  ): Promise<ToolResult>;
  /** What a mock server tells graders about itself; undefined where the server is not one. */
  state(): Promise<MockState | undefined>;
  close(): Promise<void>;
};

const mostPages = 200;
const checkResultMs = 5_000;
const mostMessageBytes = 256 * 1024 ** 2;
/** Connects to a server, lists all its tools, and checks that it is one that can be measured. */
export async function connect(
  server: string,
  spec: ReachableServer,
  timeouts: ConnectionTimeouts,
  signal: AbortSignal,
): Promise<Connection> {
  const client = new Client({ name: 'patternbench', version: '0.1.0' });
  const faults = createFaultReport(server, describe(spec));
  const { fault } = faults;
  let closed = false;
  client.onerror = faults.onError;
  client.onclose = () => {
    closed = true;
  };
  const transport = toTransport(spec, {
    onStderr: faults.onStderr,
    onEnd: faults.onEnd,
    onExcess(error) {
      faults.onExcess(error);
      void client.close();
    },
  });

  try {
    await client.connect(transport as Transport, { timeout: timeouts.connectMs, signal });
    const listing = await readListing(server, client, timeouts.connectMs, signal);
    const surface = toSurface(listing);
    let stale = false;
    let recheck: Promise<void> | undefined;
    client.setNotificationHandler(ToolListChangedNotificationSchema, () => {
      stale = true;
      recheck = undefined;
    });
    /** What the model was shown and the policy decided on must still be what the server offers. */
    const refuseChangedList = (): Promise<void> => {
      const checking = readListing(server, client, timeouts.callMs).then((now) => {
        if (canonicalJson(now) !== canonicalJson(listing)) {
          throw new InfrastructureError(`Server "${server}" changed its tools in the middle of the trial.`);
        }
        // Where another notice came in meanwhile, the list has to be read once more.
        if (recheck === checking) stale = false;
      });
      recheck = checking;
      return checking;
    };
    const request = toolCalls(client, transport, timeouts.callMs);
    const checks = new Map<string, SchemaCheck>();
    const schemas = new Map(surface.tools.map((tool) => [tool.name, tool.outputSchema]));

    return {
      surface,
      listing,
      async call(tool, args, callSignal, traceparent) {
        try {
          if (stale) await (recheck ?? refuseChangedList());
          const meta = traceparent === undefined ? {} : { _meta: { traceparent } };
          const params = { name: tool, arguments: args, ...meta };
          const result = CallToolResultSchema.parse(await request(params, callSignal));
          const reduced = toToolResult(result);
          const schema = schemas.get(tool);
          if (schema && !result.isError) {
            let check = checks.get(tool);
            if (!check) {
              check = compileCheck(schema, 'result', checkResultMs);
              checks.set(tool, check);
            }
            const problem = result.structuredContent
              ? check(result.structuredContent, reduced.text.length)
              : 'there is no structured content';
            if (problem !== undefined) {
              return {
                isError: true,
                text: `The result does not match the output schema of ${tool}: ${problem}`,
                isJson: false,
              };
            }
          }
          return reduced;
        } catch (error) {
          if (callSignal.aborted) throw callSignal.reason;
          if (error instanceof InfrastructureError) throw error;
          if (closed || !(error instanceof McpError) || isTransportFault(error)) {
            throw fault(`failed in the middle of ${tool}`, error);
          }
          return { isError: true, text: error.message, isJson: false };
        }
      },
      async state() {
        if (!spec.mock) return undefined;
        try {
          return await client.request({ method: 'patternbench/state' }, mockState, {
            timeout: timeouts.callMs,
          });
        } catch (error) {
          throw fault('did not give its state', error);
        }
      },
      async close() {
        await client.close();
      },
    };
  } catch (error) {
    await client.close().catch(() => undefined);
    if (signal.aborted) throw signal.reason;
    throw error instanceof InfrastructureError ? error : fault('could not be started', error);
  }
}

function toTransport(
  spec: ReachableServer,
  listener: Omit<StdioListener, 'mostMessageBytes'>,
): StdioTransport | StreamableHTTPClientTransport {
  if (!('url' in spec)) return createStdioTransport(spec, { ...listener, mostMessageBytes });
  return new StreamableHTTPClientTransport(new URL(spec.url), {
    requestInit: { headers: spec.headers },
    fetch: createBoundedFetch({ mostMessageBytes, onExcess: listener.onExcess }),
  });
}

/** How calls of tools are sent; the result is as the server sent it. */
function toolCalls(
  client: Client,
  transport: StdioTransport | StreamableHTTPClientTransport,
  timeoutMs: number,
): (params: { name: string }, signal: AbortSignal) => Promise<unknown> {
  const method = 'tools/call';
  if ('request' in transport)
    return (params, signal) => transport.request(method, params, { timeoutMs, signal });
  const withOwnSignal = createSignalFan();
  return (params, shared) =>
    withOwnSignal(shared, (signal) =>
      client.request({ method, params }, ResultSchema, { timeout: timeoutMs, signal }),
    );
}

/**
 * Gives each call an abort signal of its own that follows a shared one. The SDK adds a listener for each request and
 * never removes it: on a signal that thousands of calls share, each call would cost more than the one before.
 */
function createSignalFan() {
  const fans = new WeakMap<AbortSignal, Set<AbortController>>();
  const follow = (shared: AbortSignal): Set<AbortController> => {
    const underWay = new Set<AbortController>();
    fans.set(shared, underWay);
    shared.addEventListener('abort', () => {
      for (const controller of underWay) controller.abort(shared.reason);
    });
    return underWay;
  };
  return async <T>(shared: AbortSignal, call: (own: AbortSignal) => Promise<T>): Promise<T> => {
    shared.throwIfAborted();
    const underWay = fans.get(shared) ?? follow(shared);
    const controller = new AbortController();
    underWay.add(controller);
    try {
      return await call(controller.signal);
    } finally {
      underWay.delete(controller);
    }
  };
}

/** All tools as they were sent: the SDK's own schema would drop keywords that it does not know. */
async function readListing(
  server: string,
  client: Client,
  timeoutMs: number,
  signal?: AbortSignal,
): Promise<Listing> {
  const bounds = createListingBounds(server);
  const tools: RawTool[] = [];
  let cursor: string | undefined;
  for (let page = 0; ; page += 1) {
    const result = await client.request(
      { method: 'tools/list', params: cursor === undefined ? {} : { cursor } },
      ResultSchema,
      { timeout: timeoutMs, ...(signal ? { signal } : {}) },
    );
    const listed = Array.isArray(result.tools) ? result.tools : [];
    bounds.admit(listed);
    cursor = ListToolsResultSchema.parse(result).nextCursor;
    tools.push(...(listed as RawTool[]));
    if (cursor === undefined) break;
    if (page >= mostPages) {
      throw new InfrastructureError(`Server "${server}" lists its tools on more than ${mostPages} pages.`);
    }
  }
  return {
    server,
    implementation: client.getServerVersion() ?? { name: 'unknown', version: 'unknown' },
    instructions: client.getInstructions(),
    tools,
  };
}

function toSurface({ server, implementation, instructions, tools: raw }: Listing): ServerSurface {
  const listed = ListToolsResultSchema.parse({ tools: raw }).tools;
  const identifiers = toIdentifiers(listed.map((tool) => tool.name));
  const names = new Set<string>();
  const tools = listed.map((tool, index): Tool => {
    if (names.has(tool.name)) {
      throw new InfrastructureError(`Server "${server}" lists the tool "${tool.name}" twice.`);
    }
    names.add(tool.name);
    return {
      server,
      name: tool.name,
      identifier: identifiers[index] ?? tool.name,
      description: tool.description ?? '',
      inputSchema: tool.inputSchema,
      ...(tool.title === undefined ? {} : { title: tool.title }),
      ...(tool.outputSchema === undefined ? {} : { outputSchema: tool.outputSchema }),
      ...(tool.annotations === undefined
        ? {}
        : { annotations: tool.annotations as NonNullable<Tool['annotations']> }),
    };
  });
  return {
    server,
    implementation,
    ...(instructions === undefined ? {} : { instructions }),
    tools,
  };
}

/** True for what the connection itself reports, as opposed to an error that the server answered with. */
function isTransportFault(error: McpError): boolean {
  return error.code === ErrorCode.ConnectionClosed || error.code === ErrorCode.RequestTimeout;
}

function describe(spec: ReachableServer): string {
  return 'url' in spec ? spec.url : [spec.command, ...spec.args].join(' ').slice(0, 120);
}
