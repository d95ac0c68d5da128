import type { CallToolResult, Tool } from '@modelcontextprotocol/sdk/types.js';
import { z } from 'zod';
import { nearest } from '../harness/nearest.ts';
import { type MockServer, type MockTool, MockToolError } from './mock-server.ts';
import { digestChanges, type MockState, STATE_FORMAT } from './state.ts';
import { toolDefinition } from './tool-definitions.ts';

/** A mock server over one dataset, ready to be put behind any number of MCP sessions. */
export type OpenMock = {
  server: MockServer;
  definitions: Tool[];
  /** Milliseconds that whoever answers a call lets pass before it. */
  latencyMs: number;
  /** Never throws for what a tool says; throws `UnknownToolError`, and what a faulty tool throws. */
  call(name: string, args: Record<string, unknown> | undefined): CallToolResult;
  state(): MockState;
  /** Counts a call by the MCP that it came in: with a handshake before it or not. */
  served(era: 'legacy' | 'modern'): void;
};

/** Becomes a JSON-RPC error: the call never reached a tool. */
export class UnknownToolError extends Error {
  override name = 'UnknownToolError';
}

/** Makes the dataset and everything that calls need. `options` are complete, as `parseOptions` returns them. */
export function openMock(server: MockServer, options: Record<string, unknown>): OpenMock {
  const instance = server.create(options);
  const tools = new Map(instance.tools.map((tool) => [tool.name, tool]));
  if (tools.size !== instance.tools.length)
    throw new Error(`mock server ${server.name}: two tools of one name`);
  const calls = new Map<string, number>();
  const errors = new Map<string, number>();
  const eras = new Map<string, number>();
  return {
    served: (era) => count(eras, era),
    server,
    definitions: definitionsOf(server, options, instance.tools),
    latencyMs: instance.latencyMs ?? 0,
    call(name, args) {
      const tool = tools.get(name);
      if (tool === undefined) throw new UnknownToolError(unknownTool(server.name, name, [...tools.keys()]));
      count(calls, name);
      try {
        const result = callTool(tool, args ?? {});
        if (result.isError) count(errors, name);
        return result;
      } catch (error) {
        count(errors, name);
        throw error;
      }
    },
    state() {
      const changes = instance.changes();
      return {
        format: STATE_FORMAT,
        server: server.name,
        version: server.version,
        options,
        calls: byName(calls),
        errors: byName(errors),
        eras: byName(eras),
        changes,
        digest: digestChanges(changes),
      };
    },
  };
}

/** Definitions by what makes their tools, and with which options: writing them takes longer than all else of opening a server. */
const known = new WeakMap<MockServer['create'], Map<string, Tool[]>>();

function definitionsOf(
  server: MockServer,
  options: Record<string, unknown>,
  tools: readonly MockTool[],
): Tool[] {
  const key = JSON.stringify(options);
  const made = known.get(server.create) ?? new Map<string, Tool[]>();
  known.set(server.create, made);
  const definitions = made.get(key) ?? tools.map(toolDefinition);
  made.set(key, definitions);
  return definitions;
}

function callTool(tool: MockTool, args: Record<string, unknown>): CallToolResult {
  const parsed = tool.input.safeParse(args);
  if (!parsed.success) {
    return toolError(`Invalid arguments for ${tool.name}:\n${z.prettifyError(parsed.error)}`);
  }
  try {
    const result = tool.handle(parsed.data);
    const text = typeof result === 'string' ? result : JSON.stringify(result);
    return {
      content: [{ type: 'text', text }],
      ...(tool.output && typeof result !== 'string' && { structuredContent: result }),
    };
  } catch (error) {
    if (error instanceof MockToolError) return toolError(error.message);
    throw error;
  }
}

function toolError(text: string): CallToolResult {
  return { isError: true, content: [{ type: 'text', text }] };
}

function unknownTool(server: string, name: string, names: readonly string[]): string {
  const near = nearest(name, names, 2);
  const hint = near.length > 0 ? `did you mean ${near.join(' or ')}?` : `it has ${names.join(', ')}`;
  return `${server} has no tool ${JSON.stringify(name.slice(0, 64))}; ${hint}`;
}

function count(counts: Map<string, number>, name: string): void {
  counts.set(name, (counts.get(name) ?? 0) + 1);
}

function byName(counts: Map<string, number>): Record<string, number> {
  return Object.fromEntries([...counts].sort(([a], [b]) => (a < b ? -1 : 1)));
}
