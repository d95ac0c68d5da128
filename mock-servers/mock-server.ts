import { z } from 'zod';
import type { Random } from './random.ts';
import type { MockState } from './state.ts';

/** The text of an MCP tool error (`isError: true`) that a mock tool answers with, such as "contact con_17 not found". */
export class MockToolError extends Error {
  override name = 'MockToolError';
}

/**
 * Thrown by a tool that wants a field of its own arguments from the user. Since 2026-07-28 a client that can be asked is asked,
 * and makes the call again; to any other the tool answers with `otherwise`.
 */
export class InputWanted extends Error {
  override name = 'InputWanted';
  readonly field: string;
  readonly otherwise: Record<string, unknown>;

  constructor(field: string, question: string, otherwise: Record<string, unknown>) {
    super(question);
    this.field = field;
    this.otherwise = otherwise;
  }
}

type Annotations = {
  readOnlyHint: boolean;
  destructiveHint?: boolean;
  idempotentHint?: boolean;
  openWorldHint?: boolean;
};

type Named = { name: string; title: string; description: string };

/**
 * One tool of a mock server. What `handle` returns is read-only to the caller: it may share objects with the server's data.
 * `State` is what it works on, where it is handed that at each start: see `bindTools`.
 */
export type MockTool<State = void> = Named & {
  input: z.ZodObject;
  /** Left out, the tool has no output schema and answers in text alone: what it returns, or its JSON. */
  output?: z.ZodObject;
  annotations?: Annotations;
  /** Sees arguments that `input` accepted. */
  handle(args: Record<string, unknown>, state: State): Record<string, unknown> | string;
};

/** One change that a tool made to the data a server started with. */
export type Change = MockState['changes'][number];

/** A started mock server: its tools over one dataset, and the net changes since the start (for graders). */
type MockInstance = {
  tools: MockTool[];
  /** Milliseconds that every call takes besides its work; none unless given. */
  latencyMs?: number;
  /** Draws another order of tools for each listing; always the same order without it. */
  shuffled?: Random;
  /** Sorted by entity, then id. What was changed back, or created and deleted again, is not listed. */
  changes(): Change[];
};

/**
 * A synthetic MCP server. A folder `mock-servers/<name>/` whose `server.ts` default-exports one is all it takes.
 * `create` is deterministic: equal options give byte-equal data.
 */
export type MockServer<Options extends z.ZodObject = z.ZodObject> = {
  /** Equal to the name of its folder. */
  name: string;
  title: string;
  version: string;
  /** What an MCP client is told about using the server as a whole. */
  instructions: string;
  /** Options with their defaults, such as the number of contacts; always with a `seed`. */
  options: Options;
  create(options: z.output<Options>): MockInstance;
};

/** The option that every server has. */
export const seedOption = z.int().min(0).max(4_294_967_295).default(1).describe('Seed of all data');

/** The option of servers whose rows belong to contacts of the CRM: how many it has. `what` says what they are here. */
export const contactsOption = (what: string) => z.int().min(0).max(100_000).default(200).describe(what);

/** Types a tool's `handle` by its schemas; returns the tool unchanged. */
export function defineTool<Input extends z.ZodObject, Output extends z.ZodObject, State = void>(
  tool: Named & {
    input: Input;
    output: Output;
    annotations: Annotations;
    handle(args: z.output<Input>, state: State): z.output<Output>;
  },
): MockTool<State> {
  return tool as unknown as MockTool<State>;
}

/** Tools that are defined once, on the state of one start: making schemas takes longer than all else of opening a server. */
export function bindTools<State>(tools: readonly MockTool<State>[], state: State): MockTool[] {
  return tools.map((tool) => ({ ...tool, handle: (args) => tool.handle(args, state) }));
}

/** The same for a tool without output schema, as two of three real ones are; clients read its text. */
export function defineTextTool<Input extends z.ZodObject>(
  tool: Named & {
    input: Input;
    annotations?: Annotations;
    handle(args: z.output<Input>): object | string;
  },
): MockTool {
  return tool as unknown as MockTool;
}

/** Types a server's `create` by its options; returns the server unchanged. */
export function defineMockServer<Options extends z.ZodObject>(server: MockServer<Options>): MockServer {
  return server as unknown as MockServer;
}
