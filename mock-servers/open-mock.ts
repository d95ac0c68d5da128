import { createHmac, randomBytes } from 'node:crypto';
import type { CallToolResult, Tool } from '@modelcontextprotocol/sdk/types.js';
import { z } from 'zod';
import { canonicalJson } from '../harness/json.ts';
import { nearest } from '../harness/nearest.ts';
import { InputWanted, type MockServer, type MockTool, MockToolError } from './mock-server.ts';
import { digestChanges, type MockState, STATE_FORMAT } from './state.ts';
import { compactSchema, toolDefinition } from './tool-definitions.ts';

/** A mock server over one dataset, ready to be put behind any number of MCP sessions. */
export type OpenMock = {
  server: MockServer;
  definitions: Tool[];
  /** Milliseconds that whoever answers a call lets pass before it. */
  latencyMs: number;
  /** The definitions as a listing has them. */
  list(): Tool[];
  /** Never throws for what a tool says; throws `InvalidCallError`, and what a faulty tool throws. */
  call(name: string, args: Record<string, unknown> | undefined): CallToolResult;
  /** The same for a client that can be asked for input, or that brings what it was asked for. */
  converse(
    name: string,
    args: Record<string, unknown> | undefined,
    dialogue: Dialogue,
  ): CallToolResult | Question;
  state(): MockState;
  /** Counts a call by the MCP that it came in: with a handshake before it or not. */
  served(era: 'legacy' | 'modern'): void;
};

/** Becomes a JSON-RPC error: the call never reached a tool. */
export class InvalidCallError extends Error {
  override name = 'InvalidCallError';
}

/** What a call brings besides its arguments: whether its user can be asked, and the answer to an earlier question. */
export type Dialogue = {
  canAsk: boolean;
  inputResponses?: Record<string, { action: string; content?: Record<string, unknown> | undefined }>;
  requestState?: string;
};

/** A result that asks the user instead of giving any. */
type Question = { resultType: 'input_required'; inputRequests: Record<string, object>; requestState: string };

/** Makes the dataset and everything that calls need. `options` are complete, as `parseOptions` returns them. */
export function openMock(server: MockServer, options: Record<string, unknown>): OpenMock {
  const instance = server.create(options);
  const tools = new Map(instance.tools.map((tool) => [tool.name, tool]));
  if (tools.size !== instance.tools.length)
    throw new Error(`mock server ${server.name}: two tools of one name`);
  const calls = new Map<string, number>();
  const errors = new Map<string, number>();
  const eras = new Map<string, number>();
  const asked = new Map<string, number>();
  const key = randomBytes(32);
  const definitions = definitionsOf(server, options, instance.tools);
  let listings = 0;

  function answer(
    name: string,
    args: Record<string, unknown> = {},
    dialogue?: Dialogue,
  ): CallToolResult | Question {
    const tool = tools.get(name);
    if (tool === undefined) throw new InvalidCallError(unknownTool(server.name, name, [...tools.keys()]));
    const sign = () =>
      createHmac('sha256', key)
        .update(canonicalJson([name, args]))
        .digest('hex');
    // What comes back may be anything: the answer has to be to a question about this very call.
    if (dialogue?.inputResponses && dialogue.requestState !== sign())
      throw new InvalidCallError('requestState is not that of a question about this call');
    try {
      const result = callTool(tool, args, dialogue, sign);
      count('inputRequests' in result ? asked : calls, name);
      if ('isError' in result && result.isError) count(errors, name);
      return result;
    } catch (error) {
      count(calls, name);
      count(errors, name);
      throw error;
    }
  }

  return {
    list() {
      listings += 1;
      const { shuffled } = instance;
      if (!shuffled) return definitions;
      const drawn = definitions.map((tool) => ({ tool, at: shuffled.next() }));
      return drawn.sort((a, b) => a.at - b.at).map(({ tool }) => tool);
    },
    served: (era) => count(eras, era),
    server,
    definitions,
    latencyMs: instance.latencyMs ?? 0,
    call: (name, args) => answer(name, args) as CallToolResult,
    converse: answer,
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
        asked: byName(asked),
        listings,
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

function callTool(
  tool: MockTool,
  args: Record<string, unknown>,
  dialogue: Dialogue | undefined,
  sign: () => string,
): CallToolResult | Question {
  const answers = Object.values(dialogue?.inputResponses ?? {});
  if (answers.some(({ action }) => action !== 'accept'))
    return toolError(`${tool.name}: the user does not agree`);
  const parsed = tool.input.safeParse({
    ...args,
    ...Object.assign({}, ...answers.map(({ content }) => content)),
  });
  if (!parsed.success) {
    return toolError(`Invalid arguments for ${tool.name}:\n${z.prettifyError(parsed.error)}`);
  }
  try {
    return toResult(tool, tool.handle(parsed.data));
  } catch (error) {
    if (error instanceof MockToolError) return toolError(error.message);
    if (!(error instanceof InputWanted)) throw error;
    if (!dialogue?.canAsk || answers.length > 0) return toResult(tool, error.otherwise);
    const { properties = {} } = compactSchema(tool.input, 'input') as { properties?: Record<string, object> };
    const { field } = error;
    const requestedSchema = { type: 'object', properties: { [field]: properties[field] }, required: [field] };
    const params = { mode: 'form', message: error.message, requestedSchema };
    return {
      resultType: 'input_required',
      inputRequests: { [field]: { method: 'elicitation/create', params } },
      requestState: sign(),
    };
  }
}

function toResult(tool: MockTool, result: Record<string, unknown> | string): CallToolResult {
  const text = typeof result === 'string' ? result : JSON.stringify(result);
  return {
    content: [{ type: 'text', text }],
    ...(tool.output && typeof result !== 'string' && { structuredContent: result }),
  };
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
