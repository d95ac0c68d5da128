import { stripTypeScriptTypes } from 'node:module';
import { type FunctionDeclaration, type Pattern, parse } from 'acorn';
import type { JsonObject } from '../json.ts';
import type { StepSource } from './scenario.ts';

/**
 * Cuts the functions of these names out of a program file, as a model would write them into `run_code`: the body in
 * TypeScript, without the wrapping function. Throws an Error that says what is missing.
 */
export function readStepSources(text: string, names: readonly string[]): StepSource[] {
  // Stripping keeps every position, so what is found in the JavaScript can be cut out of the TypeScript.
  const javaScript = stripTypeScriptTypes(text, { mode: 'strip' });
  const tree = parse(javaScript, { ecmaVersion: 'latest', sourceType: 'module' });
  const functions = new Map<string, FunctionDeclaration>();
  for (const statement of tree.body) {
    const declaration =
      statement.type === 'ExportNamedDeclaration' || statement.type === 'ExportDefaultDeclaration'
        ? statement.declaration
        : statement;
    if (declaration?.type === 'FunctionDeclaration') {
      functions.set(declaration.id?.name ?? 'default', declaration as FunctionDeclaration);
    }
  }
  return names.map((name) => {
    const found = functions.get(name);
    if (!found) {
      throw new Error(
        `there is no top-level "async function ${name}(mcp, …)" (an arrow function will not do)`,
      );
    }
    if (!found.async) throw new Error(`function ${name} is not async`);
    const [first] = found.params;
    if (first && !(first.type === 'Identifier' && first.name === 'mcp')) {
      throw new Error(`the first argument of ${name} must be named mcp, as it is in the sandbox`);
    }
    return {
      body: dedent(text.slice(found.body.start + 1, found.body.end - 1)),
      input: readInput(found.params[1], name),
    };
  });
}

/** The program as the model writes it: the inputs it uses as constants, then the body. */
export function writeProgram(source: StepSource, input: JsonObject): string {
  if (!source.input) return source.body;
  const constants =
    'name' in source.input
      ? [`const ${source.input.name} = ${JSON.stringify(input)};`]
      : source.input.names.map((name) => `const ${name} = ${JSON.stringify(input[name] ?? null)};`);
  return [...constants, source.body].join('\n');
}

function readInput(pattern: Pattern | undefined, name: string): StepSource['input'] {
  if (!pattern) return undefined;
  if (pattern.type === 'Identifier') return { name: pattern.name };
  if (pattern.type === 'ObjectPattern') {
    return {
      names: pattern.properties.map((property) => {
        const { type } = property;
        if (type === 'Property' && property.shorthand && property.value.type === 'Identifier') {
          return property.value.name;
        }
        throw new Error(`the second argument of ${name} may only list names, as in { threshold, limit }`);
      }),
    };
  }
  throw new Error(`the second argument of ${name} must be a name or { names }`);
}

/** Removes the indentation that all lines share, and blank lines around. */
function dedent(body: string): string {
  const lines = body.replace(/^\s*\n|\s+$/g, '').split('\n');
  const indents = lines.filter((line) => line.trim()).map((line) => line.length - line.trimStart().length);
  const shared = Math.min(...indents, Number.POSITIVE_INFINITY);
  return lines.map((line) => line.slice(Number.isFinite(shared) ? shared : 0)).join('\n');
}
