import { z } from 'zod';
import type { Secret } from './secrets.ts';

/** A server started as a child process that speaks MCP on its standard input and output. */
const stdioServer = z.strictObject({
  type: z.literal('stdio').optional(),
  command: z.string().min(1),
  args: z.array(z.string()).default([]),
  /** The child's environment besides the few variables that programs need to start at all (PATH, HOME …). */
  env: z.record(z.string(), z.string()).default({}),
  cwd: z.string().optional(),
});

/** A server reached over Streamable HTTP. */
const httpServer = z.strictObject({
  type: z.enum(['http', 'streamable-http']).optional(),
  url: z.url(),
  headers: z.record(z.string(), z.string()).default({}),
});

/** One of the synthetic servers in `mock-servers/`, started over stdio with these options. */
const mockServer = z.strictObject({
  mock: z.string().min(1),
  options: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])).default({}),
});

/** A server by its name in the `.mcp.json` in use. */
const configuredServer = z.strictObject({ configured: z.string().min(1) });

/** How a scenario names a server. */
export const serverSpec = z.union([mockServer, configuredServer, stdioServer, httpServer], {
  error: 'expected { mock }, { configured }, { command, args } or { url }',
});

/** The standard `.mcp.json`: what MCP clients share. Unknown keys of other clients are let pass. */
export const mcpConfig = z.object({
  mcpServers: z.record(z.string(), z.union([z.object(stdioServer.shape), z.object(httpServer.shape)])),
});

export type ServerSpec = z.input<typeof serverSpec>;
export type StdioServer = z.output<typeof stdioServer>;
export type HttpServer = z.output<typeof httpServer>;
/** A server with variables filled in, and with what. */
export type ReachableServer = (StdioServer | HttpServer) & { filledIn?: readonly Secret[] };
export type McpConfig = z.output<typeof mcpConfig>;
