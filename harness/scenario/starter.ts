import { inspect } from 'node:util';
import type { JsonObject, JsonSchema } from '../json.ts';
import { declareEach } from '../tools/browse/declaration.ts';
import type { Tool } from '../tools/mcp/surface.ts';

/** A first workflow: one call, whose result is counted. */
type Starter = {
  /** The servers of the workflow: as programs name them, and as the `.mcp.json` does. */
  servers: readonly { name: string; configured: string }[];
  /** The tool, its server as programs name it. */
  tool: Tool;
  args: JsonObject;
  /** What the call gave to a program. */
  value: unknown;
  /** Whether the tool is not annotated read-only. */
  writes: boolean;
};

/** The files of a first workflow, by name: it is right in both patterns, and meant to be changed. */
export function starterFiles(starter: Starter): { 'scenario.ts': string; 'program.ts': string } {
  return { 'scenario.ts': scenarioFile(starter), 'program.ts': programFile(starter) };
}

function scenarioFile({ servers, tool, args, value, writes }: Starter): string {
  const { counts, what } = countIn(value);
  const fields = counts.map(({ name }) => `"${name}"`).join(', ');
  const given = Object.keys(args).length > 0 ? ` with ${JSON.stringify(args)}` : '';
  const task = `Call ${tool.name} of the server ${tool.server}${given}. Answer with nothing but a JSON object {${fields}}: ${what}.`;
  const truth = Object.fromEntries(counts.map(({ name, count }) => [name, count]));
  return `export default {
  title: ${toCode(`Count what ${tool.server}.${tool.name} gives`)},
  description: 'A first workflow. Change task and program into work that your agents do.',
  task: ${toCode(task)},
  // All servers that your client sends to the model. Leave out those that this workflow does not have.
  servers: {
${servers.map(({ name, configured }) => `    ${name}: { configured: ${toCode(configured)} },`).join('\n')}
  },
${writes ? '  writes: true,\n' : ''}  // What the call gave when this file was written. Compute it from the data instead, by other code than the program.
  truth: () => (${toCode(truth)}),
};
`;
}

function programFile({ tool, args, value }: Starter): string {
  const { counts, type } = countIn(value);
  const [declaration = ''] = declareEach([tool]);
  const takesArguments = declaration.includes(`function ${tool.identifier}(args:`);
  const given = takesArguments || Object.keys(args).length > 0 ? toCode(args) : '';
  const call = `await mcp.${tool.server}.${tool.identifier}(${given})`;
  const isDeclared = counts.every(({ field, is }) => declares(tool.outputSchema, field, is));
  const cast = tool.outputSchema === undefined ? ` as ${type}` : isDeclared ? '' : ` as unknown as ${type}`;
  return `import type { Mcp } from './mcp.d.ts';

/** What a perfect agent would do; it drives both patterns. What it uses of this file is part of the program, imports are not. */
export default async function program(mcp: Mcp) {
  const result = ${cast === '' ? call : `(${call})${cast}`};
  return { ${counts.map(({ name, code }) => (name === code ? name : `${name}: ${code}`)).join(', ')} };
}
`;
}

/** One number of the answer: its name, the code that counts it in `result`, and which field of which type it counts in. */
type Count = { name: string; code: string; count: number; field: string | undefined; is: string };

/** What can be counted in a value, in words, and the type that the code needs. */
function countIn(value: unknown): { counts: Count[]; what: string; type: string } {
  if (typeof value === 'string') {
    return { counts: [countLines(value)], what: 'how many lines its text has', type: 'string' };
  }
  if (Array.isArray(value)) {
    const count = { name: 'items', code: 'result.length', count: value.length };
    const counts = [{ ...count, field: undefined, is: 'array' }];
    return { counts, what: 'how many items it gives', type: 'unknown[]' };
  }
  const members = Object.entries(value as object).filter(([key]) => /^[a-zA-Z_]\w*$/.test(key));
  const arrays = members.filter((member): member is [string, unknown[]] => Array.isArray(member[1]));
  if (arrays.length > 0) {
    const shown = arrays.slice(0, 3);
    return {
      counts: shown.map(([key, { length: count }]) => ({
        ...{ name: key, code: `result.${key}.length`, count },
        ...{ field: key, is: 'array' },
      })),
      what: shown.length > 1 ? 'how many of each it gives' : 'how many it gives',
      type: `{ ${shown.map(([key]) => `${key}: unknown[]`).join('; ')} }`,
    };
  }
  const text = members.find((member): member is [string, string] => typeof member[1] === 'string');
  if (text) {
    const [key, content] = text;
    const what = `how many lines its ${key} has`;
    return { counts: [countLines(content, key)], what, type: `{ ${key}: string }` };
  }
  const count = Object.keys(value as object).length;
  return {
    counts: [{ name: 'fields', code: 'Object.keys(result).length', count, field: undefined, is: 'object' }],
    what: 'how many fields its result has',
    type: 'object',
  };
}

function countLines(content: string, field?: string): Count {
  const text = field === undefined ? 'result' : `result.${field}`;
  const count = content.split('\n').length;
  return { name: 'lines', code: `${text}.split('\\n').length`, count, field, is: 'string' };
}

/** Whether a schema says plainly that a result always has this field, of this type. */
function declares(schema: JsonSchema | undefined, field: string | undefined, is: string): boolean {
  if (schema?.type !== 'object') return false;
  if (field === undefined) return is === 'object';
  const { properties, required } = schema as { properties?: Record<string, JsonSchema>; required?: string[] };
  const isRequired = Array.isArray(required) && required.includes(field);
  return isRequired && Object.hasOwn(properties ?? {}, field) && properties?.[field]?.type === is;
}

/** A JSON value as TypeScript writes it. */
function toCode(value: unknown): string {
  return inspect(value, {
    depth: null,
    breakLength: Number.POSITIVE_INFINITY,
    maxArrayLength: null,
    maxStringLength: null,
  });
}
