import { nearest } from '../../mock-servers/nearest.ts';
import type { Tool } from '../mcp/surface.ts';
import type { RefusalCode } from '../results/codes.ts';
import { checkArguments } from './arguments.ts';
import type { MeasuredArguments } from './measure-arguments.ts';

/** What a scenario lets a model or its programs do. */
export type Grant = {
  /** The tools that may be called, by server; all of them where undefined. */
  tools: Record<string, readonly string[]> | undefined;
  /** Whether tools may be called that are not annotated as read-only. */
  writes: boolean;
};

/** Whether one call may be made, and why; a refusal's reason is what the model sees. */
export type Decision =
  | { allowed: true; reason: string }
  | { allowed: false; code: RefusalCode; reason: string };

/** Decides on calls. It sits on the host at the one way to a server, so that no pattern can pass it by. */
export type Policy = { decide(tool: Tool, args: unknown, measured: MeasuredArguments): Decision };

/**
 * The policy of a scenario. Annotations are what a server says of itself: they can take a permission away and never give
 * one, so that a tool outside of `tools` is refused whatever it claims, and without `writes` one that is not plainly
 * read-only. Deciding costs microseconds once a tool's schema is compiled, which happens at its first call.
 */
export function createPolicy(grant: Grant): Policy {
  const allowed =
    grant.tools && new Map(Object.entries(grant.tools).map(([server, names]) => [server, new Set(names)]));
  const check = checkArguments();
  return {
    decide(tool, args, measured) {
      if (allowed && !allowed.get(tool.server)?.has(tool.name)) {
        const [near] = nearest(tool.name, [...(allowed.get(tool.server) ?? [])], 1);
        return refuse(
          'not_allowed',
          `${nameOf(tool)} is not among the tools that this scenario may use${near ? `; nearest: ${near}` : ''}`,
        );
      }
      const problem = grant.writes ? undefined : explainWrite(tool);
      if (problem !== undefined) {
        return refuse('not_read_only', `${nameOf(tool)} ${problem} and this scenario does not write`);
      }
      const invalid = check(tool, args, measured);
      if (invalid !== undefined) return refuse('invalid_arguments', `${nameOf(tool)}: ${invalid}`);
      return { allowed: true, reason: grant.writes ? 'the scenario writes' : 'annotated read-only' };
    },
  };
}

/** Why a tool counts as one that writes; undefined for one that is plainly read-only. */
export function explainWrite({ annotations }: Tool): string | undefined {
  if (annotations?.readOnlyHint !== true) return 'is not annotated read-only';
  if (annotations.destructiveHint === true) return 'is annotated both read-only and destructive';
  return undefined;
}

function nameOf(tool: Tool): string {
  return `${tool.server}.${tool.name}`.slice(0, 200);
}

function refuse(code: RefusalCode, reason: string): Decision {
  return { allowed: false, code, reason: `refused: ${reason}` };
}
