import type { JsonSchema } from '../../json.ts';

/** What a tool says about its own behaviour. Hints only: they never widen a permission. */
export type ToolAnnotations = {
  title?: string;
  readOnlyHint?: boolean;
  destructiveHint?: boolean;
  idempotentHint?: boolean;
  openWorldHint?: boolean;
};

/** One tool as its server lists it, with the names under which the two patterns reach it. */
export type Tool = {
  /** The scenario's name of the server, such as `crm`; the key under `mcp` in a program. */
  server: string;
  /** The name the server gave it; what travels in `tools/call`. */
  name: string;
  /** The property under `mcp.<server>`: `name` where that is an identifier, else a sanitised, unique one. */
  identifier: string;
  title?: string;
  description: string;
  inputSchema: JsonSchema;
  outputSchema?: JsonSchema;
  annotations?: ToolAnnotations;
};

/** One connected server and everything it put before the model. */
export type ServerSurface = {
  /** The scenario's name of the server; always an identifier. */
  server: string;
  implementation: { name: string; version: string };
  instructions?: string;
  tools: Tool[];
};

/** All servers of a scenario, in the scenario's order. */
export type Surface = ServerSurface[];
