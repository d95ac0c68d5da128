import { isRecord, type JsonSchema } from '../json.ts';
import { nearest } from '../nearest.ts';
import { mostArguments, type RefusalCode } from '../results/codes.ts';
import { checkArguments } from './mcp/schema-check.ts';
import type { Tool } from './mcp/surface.ts';

/** What a scenario lets a model or its programs do. */
export type Grant = {
  /** The tools that may be called, by server; all of them where undefined. */
  tools: Record<string, readonly string[]> | undefined;
  /** Whether tools may be called that are not annotated as read-only. */
  writes: boolean;
};

/**
 * Whether one call may be made, and why; a refusal's reason is what the model sees. `approval` is the number of the approval
 * that it follows from.
 */
export type Decision =
  | { allowed: true; reason: string; approval?: number }
  | { allowed: false; code: RefusalCode; reason: string; approval?: number };

/**
 * The policy of a scenario. It sits on the host at the one way to servers, so that no pattern can pass it by. Annotations are
 * what a server says of itself: they can take a permission away and never give one, so that a tool outside of `tools` is
 * refused, with any annotations, and without `writes` one that is not plainly read-only. Deciding costs microseconds once a
 * tool's schema is compiled, which happens at its first call.
 */
export function createPolicy(grant: Grant) {
  const allowed =
    grant.tools && new Map(Object.entries(grant.tools).map(([server, names]) => [server, new Set(names)]));
  return {
    decide(tool: Tool, args: unknown, measured: MeasuredArguments): Decision {
      const own = allowed?.get(tool.server);
      if (allowed && !own?.has(tool.name)) {
        const [near] = nearest(tool.name, [...(own ?? [])], 1);
        const hint = near ? `; nearest: ${near}` : '';
        return refuse(tool, 'not_allowed', ` is not among the tools that this scenario may use${hint}`);
      }
      const problem = grant.writes ? undefined : explainWrite(tool);
      if (problem !== undefined)
        return refuse(tool, 'not_read_only', ` ${problem}, and the scenario does not say writes: true`);
      const invalid = explainInvalid(tool, args, measured);
      if (invalid !== undefined) return refuse(tool, 'invalid_arguments', `: ${invalid}`);
      return { allowed: true, reason: grant.writes ? 'the scenario writes' : 'annotated read-only' };
    },
  };
}

export type Policy = ReturnType<typeof createPolicy>;

/** Why a tool counts as one that writes; undefined for one that is plainly read-only. */
export function explainWrite({ annotations }: Tool): string | undefined {
  if (annotations?.readOnlyHint !== true) return 'is not annotated read-only';
  if (annotations.destructiveHint === true) return 'is annotated both read-only and destructive';
  return undefined;
}

function refuse({ server, name }: Tool, code: RefusalCode, problem: string): Decision {
  return { allowed: false, code, reason: `refused: ${`${server}.${name}`.slice(0, 200)}${problem}` };
}

const valuesNamed = 12;

/** What is wrong with arguments by the tool's input schema, before they travel, with what would be right. */
function explainInvalid(
  { inputSchema }: Tool,
  args: unknown,
  { json, bytes }: MeasuredArguments,
): string | undefined {
  if (!isRecord(args)) return 'arguments must be an object';
  if (json === undefined) return `arguments must be JSON of at most ${mostArguments.levels} levels`;
  if (bytes > mostArguments.bytes) return `arguments have ${bytes} bytes, the most is ${mostArguments.bytes}`;
  const problem = checkArguments(inputSchema, args, bytes);
  return problem === undefined ? undefined : `${problem}${hint(inputSchema, args)}`;
}

/** What the checker does not tell: which argument is unknown, and which values an argument may have. */
function hint(schema: JsonSchema, args: object): string {
  const properties = asObject(schema.properties);
  const known = Object.keys(properties);
  const hints: string[] = [];
  for (const [name, value] of Object.entries(args)) {
    const property = Object.hasOwn(properties, name) ? asObject(properties[name]) : undefined;
    if (!property) {
      if (schema.additionalProperties === false) hints.push(unknownArgument(name, known));
    } else if (Array.isArray(property.enum) && !property.enum.includes(value)) {
      const values = property.enum.slice(0, valuesNamed).map((each) => JSON.stringify(each));
      const more = property.enum.length > valuesNamed ? ', …' : '';
      hints.push(`"${name}" is one of ${values.join(', ')}${more}`.slice(0, 400));
    }
    if (hints.length >= 3) break;
  }
  return hints.length > 0 ? ` (${hints.join('; ')})` : '';
}

function unknownArgument(name: string, known: string[]): string {
  const near = nearest(name, known, 2).join(', ');
  const instead = near ? `nearest: ${near}` : `it takes ${known.slice(0, valuesNamed).join(', ') || 'none'}`;
  return `there is no "${name.slice(0, 64)}", ${instead}`;
}

function asObject(value: unknown): JsonSchema {
  return isRecord(value) ? value : {};
}

/** The size of a call's arguments, measured once for the policy and the audit log. */
export type MeasuredArguments = {
  /** Their JSON text; undefined where they are nested too deeply to be written, or no JSON at all. */
  json: string | undefined;
  /** Bytes of that text in UTF-8; 0 where there is none. */
  bytes: number;
};

/** Measures what a model or a program wants to send. Never throws. */
export function measureArguments(args: unknown): MeasuredArguments {
  if (!isWithin(args, mostArguments.levels)) return { json: undefined, bytes: 0 };
  try {
    const json = JSON.stringify(args) as string | undefined;
    return { json, bytes: json === undefined ? 0 : Buffer.byteLength(json) };
  } catch {
    // A BigInt, a getter that throws, or text longer than a string can be.
    return { json: undefined, bytes: 0 };
  }
}

/** True where a value has at most so many levels; looks no deeper. */
function isWithin(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return true;
  if (levels === 0) return false;
  const members: unknown[] = Array.isArray(value) ? value : Object.values(value);
  return members.every((member) => isWithin(member, levels - 1));
}
