import { nearest } from '../../mock-servers/nearest.ts';
import type { JsonSchema } from '../json.ts';
import { compileCheck, type SchemaCheck } from '../mcp/schema-check.ts';
import type { Tool } from '../mcp/surface.ts';
import { type MeasuredArguments, mostArgumentBytes, mostArgumentLevels } from './measure-arguments.ts';

const checkMs = 1_000;
const valuesNamed = 12;

/**
 * Checks the arguments of calls against the tools' input schemas, before they travel. Each schema is compiled at the
 * tool's first call. What is said of wrong arguments names what would be right.
 */
export function checkArguments(): (
  tool: Tool,
  args: unknown,
  measured: MeasuredArguments,
) => string | undefined {
  const checks = new Map<Tool, SchemaCheck>();
  return (tool, args, { json, bytes }) => {
    if (typeof args !== 'object' || args === null || Array.isArray(args)) {
      return 'arguments must be an object';
    }
    if (json === undefined) {
      return `arguments must be JSON of at most ${mostArgumentLevels} levels`;
    }
    if (bytes > mostArgumentBytes) {
      return `arguments have ${bytes} bytes, the most is ${mostArgumentBytes}`;
    }
    let check = checks.get(tool);
    if (!check) {
      check = compileCheck(tool.inputSchema, 'arguments', checkMs);
      checks.set(tool, check);
    }
    const problem = check(args, bytes);
    return problem === undefined ? undefined : `${problem}${hint(tool.inputSchema, args)}`;
  };
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
  const near = nearest(name, known, 2);
  const instead =
    near.length > 0
      ? `nearest: ${near.join(', ')}`
      : `it takes ${known.slice(0, valuesNamed).join(', ') || 'none'}`;
  return `there is no "${name.slice(0, 64)}", ${instead}`;
}

function asObject(value: unknown): JsonSchema {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JsonSchema) : {};
}
