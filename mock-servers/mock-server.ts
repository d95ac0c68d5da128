import type { z } from 'zod';

/** The text of an MCP tool error (`isError: true`) that a mock tool answers with, such as "contact c_17 not found". */
export class MockToolError extends Error {
  override name = 'MockToolError';
}

/** One tool of a mock server. `handle` sees arguments that `input` accepted and returns what `output` describes. */
export type MockTool = {
  name: string;
  title: string;
  description: string;
  input: z.ZodObject;
  output: z.ZodObject;
  annotations: {
    readOnlyHint: boolean;
    destructiveHint?: boolean;
    idempotentHint?: boolean;
    openWorldHint?: boolean;
  };
  handle(args: never): Record<string, unknown>;
};

/** One change that a tool made to the data a server started with. */
export type Change = {
  operation: 'create' | 'update' | 'delete';
  entity: string;
  id: string;
  before?: Record<string, unknown>;
  after?: Record<string, unknown>;
};

/** A started mock server: its tools over one dataset, and the net changes since the start (for graders). */
export type MockInstance = {
  tools: MockTool[];
  changes(): Change[];
};

/**
 * A synthetic MCP server. A folder `mock-servers/<name>/` whose `server.ts` default-exports one is all it takes.
 * `create` is deterministic: equal options give byte-equal data.
 */
export type MockServer = {
  name: string;
  title: string;
  version: string;
  /** What an MCP client is told about using the server as a whole. */
  instructions: string;
  /** Options with their defaults, such as the number of contacts; always with a `seed`. */
  options: z.ZodObject;
  create(options: never): MockInstance;
};
