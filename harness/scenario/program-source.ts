import { stripTypeScriptTypes } from 'node:module';
import { type Function as FunctionNode, type Node, type Pattern, parse } from 'acorn';
import type { JsonObject } from '../json.ts';
import { freeNames, namesDeclaredBy, namesInside } from './free-names.ts';
import type { StepSource } from './scenario.ts';

/** A program file taken apart: what it imports, its functions, and its other statements, by the names they declare. */
type ProgramFile = {
  text: string;
  imported: ReadonlySet<string>;
  functions: ReadonlyMap<string, FunctionNode>;
  statements: readonly Node[];
};

/**
 * Cuts the functions of these names out of a program file, as a model would write them into `run_code`: in TypeScript, the
 * body without the wrapping function, after what it uses of the rest of the file. Throws an Error that says what is missing.
 */
export function readStepSources(text: string, names: readonly string[]): StepSource[] {
  const file = readProgramFile(text);
  return names.map((name) => {
    const found = file.functions.get(name);
    if (!found) {
      throw new Error(
        `there is no top-level function "${name}". Write each step as async function ${name}(mcp, …) { … }`,
      );
    }
    if (found.body.type !== 'BlockStatement')
      throw new Error(`the body of ${name} has no braces. Write { return …; }`);
    if (!found.async) throw new Error(`function ${name} is not async`);
    const [first] = found.params;
    if (first && !(first.type === 'Identifier' && first.name === 'mcp')) {
      throw new Error(`the first argument of ${name} must be named mcp, as it is in the sandbox`);
    }
    const input = readInput(found.params[1], name);
    const { start, end } = found.body;
    const parts = [
      ...findUsed(file, found, name).map((statement) => cut(text, statement.start, statement.end)),
      cut(text, start + 1, end - 1),
    ];
    return {
      body: parts.map((part) => part.text).join('\n'),
      input,
      lines: parts.flatMap((part) => part.lines),
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

/** The place in the program's file of a line of the program as `writeProgram` gives it, such as `program.ts:12`. */
export function placeInFile({ input, lines }: StepSource, line: number): string | undefined {
  const constants = !input ? 0 : 'name' in input ? 1 : input.names.length;
  const inFile = lines[line - 1 - constants];
  return inFile === undefined ? undefined : `program.ts:${inFile}`;
}

function readProgramFile(text: string): ProgramFile {
  // Stripping keeps every position, so what is found in the JavaScript can be cut out of the TypeScript.
  const javaScript = stripTypeScriptTypes(text, { mode: 'strip' });
  const tree = parse(javaScript, { ecmaVersion: 'latest', sourceType: 'module' });
  const imported = new Set<string>();
  const functions = new Map<string, FunctionNode>();
  const statements: Node[] = [];
  for (const statement of tree.body) {
    if (statement.type === 'ImportDeclaration') {
      for (const { local } of statement.specifiers) imported.add(local.name);
      continue;
    }
    const isExport = /^Export(Named|Default)Declaration$/.test(statement.type);
    const declared = isExport ? (statement as { declaration?: Node | null }).declaration : statement;
    if (!declared || statement.type === 'ExportAllDeclaration') continue;
    if (isFunction(declared)) functions.set(declared.id?.name ?? 'default', declared);
    if (declared.type === 'VariableDeclaration') {
      for (const { id, init } of (declared as Node & { declarations: { id: Pattern; init?: Node | null }[] })
        .declarations) {
        if (id.type === 'Identifier' && isFunction(init)) functions.set(init.id?.name ?? id.name, init);
      }
    }
    const isNamed = namesDeclaredBy(declared).length > 0;
    // What only the export of the steps needs is no part of a program.
    if (isNamed || !isExport) statements.push(declared);
  }
  return { text, imported, functions, statements };
}

function isFunction(node: Node | null | undefined): node is FunctionNode {
  return /^(FunctionDeclaration|FunctionExpression|ArrowFunctionExpression)$/.test(node?.type ?? '');
}

/**
 * The statements of the file that a function needs, in their order: those that declare what it uses, what these use in turn,
 * and those that declare nothing, such as a loop that fills a table.
 */
function findUsed({ text, imported, statements }: ProgramFile, step: FunctionNode, name: string): Node[] {
  const used = new Set<Node>();
  const add = (names: ReadonlyMap<string, number>) => {
    for (const [free, position] of names) {
      if (imported.has(free)) {
        throw new Error(
          `line ${lineAt(text, position)}: ${name} uses "${free}", which is imported. A program has no imports: write it into program.ts`,
        );
      }
      const declaring = statements.find((statement) => namesDeclaredBy(statement).includes(free));
      if (declaring) take(declaring);
    }
  };
  const take = (statement: Node) => {
    if (used.has(statement)) return;
    used.add(statement);
    add(freeNames(statement));
  };
  add(freeNames(step));
  for (const statement of statements) if (namesDeclaredBy(statement).length === 0) take(statement);
  const found = statements.filter((statement) => used.has(statement));
  const inside = namesInside(step);
  const twice = found.flatMap(namesDeclaredBy).find((declared) => inside.has(declared));
  if (twice !== undefined) {
    throw new Error(`"${twice}" is declared both in ${name} and outside of it. Rename one of them`);
  }
  return found;
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

/** A part of the file without blank lines around and the indentation that all lines share, and the number of each line. */
function cut(text: string, start: number, end: number): { text: string; lines: number[] } {
  const part = text.slice(start, end);
  const kept = part.replace(/^(?:[^\S\n]*\n)+/, '').replace(/\s+$/, '');
  if (kept.trim() === '') return { text: '', lines: [] };
  const first = lineAt(text, start + part.indexOf(kept));
  const lines = kept.split('\n');
  const indents = lines.filter((line) => line.trim()).map((line) => line.length - line.trimStart().length);
  const shared = Math.min(...indents);
  return {
    text: lines.map((line) => line.slice(shared)).join('\n'),
    lines: lines.map((_, index) => first + index),
  };
}

function lineAt(text: string, position: number): number {
  return text.slice(0, position).split('\n').length;
}
