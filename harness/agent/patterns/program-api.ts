import type { GuestCall } from '../../sandbox/sandbox.ts';
import type { Surface, Tool } from '../../tools/mcp/surface.ts';

/** What `mcp` offers a program: the identifiers of each server's tools. */
export function toApi(surface: Surface): Record<string, string[]> {
  return Object.fromEntries(
    surface.map(({ server, tools }) => [server, tools.map((tool) => tool.identifier)]),
  );
}

/** The tools of each server by the identifier that programs use. */
export function toolsByIdentifier(surface: Surface): Map<string, Map<string, Tool>> {
  return new Map(
    surface.map(({ server, tools }) => [server, new Map(tools.map((tool) => [tool.identifier, tool]))]),
  );
}

/** The arguments of a call: none are an empty object. What is no object is handed on as it is, for the policy to refuse. */
export function argumentsOf(call: GuestCall): Record<string, unknown> {
  return (call.args ?? {}) as Record<string, unknown>;
}
