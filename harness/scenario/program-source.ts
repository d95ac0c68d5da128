import { stripTypeScriptTypes } from 'node:module';
import { type Function as FunctionNode, type Node, type Pattern, type Program, parse } from 'acorn';
import type { JsonObject } from '../json.ts';
import type { StepSource } from './scenario.ts';

/** A program file taken apart: what it imports, its functions, and its other statements, by the names they declare. */
type ProgramFile = ReturnType<typeof readProgramFile>;

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
      ...findUsed(file, found, name).map((statement) => cut(text, statement, statement)),
      cut(text, { start: start + 1, end: end - 1 }, found.body),
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

/**
 * The tree of a module in TypeScript. Every position is kept, so what is found in it can be cut out of the text. Throws a
 * SyntaxError where it is not valid.
 */
export function parseTypeScript(text: string): Program {
  const javaScript = stripTypeScriptTypes(text, { mode: 'strip' });
  return parse(javaScript, { ecmaVersion: 'latest', sourceType: 'module' });
}

function readProgramFile(text: string) {
  const tree = parseTypeScript(text);
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
  return functions.has(node?.type ?? '');
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

/**
 * A part of the file without blank lines around and the indentation that all lines share, and the number of each line. Lines that
 * begin within a text in back quotes are a part of what it says.
 */
function cut(
  text: string,
  { start, end }: { start: number; end: number },
  node: Node,
): { text: string; lines: number[] } {
  const part = text.slice(start, end);
  const kept = part.replace(/^(?:[^\S\n]*\n)+/, '').replace(/\s+$/, '');
  if (kept.trim() === '') return { text: '', lines: [] };
  const texts = textsIn(node as AnyNode);
  let at = start + part.indexOf(kept);
  const first = lineAt(text, at);
  const lines = kept.split('\n').map((line) => {
    const isText = texts.some((each) => each.start < at && at <= each.end);
    at += line.length + 1;
    return { line, isText };
  });
  const code = lines.filter(({ line, isText }) => !isText && line.trim());
  const shared = Math.min(...code.map(({ line }) => line.length - line.trimStart().length));
  return {
    text: lines.map(({ line, isText }) => (isText ? line : line.slice(shared))).join('\n'),
    lines: lines.map((_, index) => first + index),
  };
}

function textsIn(node: AnyNode): Node[] {
  return node.type === 'TemplateElement' ? [node] : children(node).flatMap(([, child]) => textsIn(child));
}

function lineAt(text: string, position: number): number {
  return text.slice(0, position).split('\n').length;
}

/** A node of acorn's tree with its children by name. */
export type AnyNode = Node & Record<string, unknown>;

/** The children of a node, each with the name of the field that holds it. */
export function children(node: AnyNode): [string, AnyNode][] {
  return Object.entries(node).flatMap(([key, value]) =>
    (Array.isArray(value) ? value : [value]).filter(isNode).map((child): [string, AnyNode] => [key, child]),
  );
}

/** Whether a value is a node of the tree. */
export function isNode(value: unknown): value is AnyNode {
  return value !== null && typeof value === 'object' && 'type' in value && typeof value.type === 'string';
}

const functions = new Set(['FunctionDeclaration', 'FunctionExpression', 'ArrowFunctionExpression']);
const classes = new Set(['ClassDeclaration', 'ClassExpression']);

/** The names that a piece of code uses and does not declare itself, each with the position where it is first used. */
function freeNames(root: Node): Map<string, number> {
  const free = new Map<string, number>();
  const visit = (node: AnyNode, scopes: readonly ReadonlySet<string>[]): void => {
    if (node.type === 'Identifier') {
      const name = node.name as string;
      if (!free.has(name) && !scopes.some((scope) => scope.has(name))) free.set(name, node.start);
      return;
    }
    const inside = [...scopes, scopeOf(node)];
    for (const [key, child] of children(node)) {
      if (!isLabel(node, key)) visit(child, inside);
    }
  };
  visit(root as AnyNode, []);
  return free;
}

/** The names that a function declares for its own body: parameters and what its statements declare. */
function namesInside(node: Node): Set<string> {
  const body = (node as AnyNode).body as AnyNode;
  return new Set([...scopeOf(node as AnyNode), ...scopeOf(body)]);
}

/** The names that a statement declares for the statements beside it. */
function namesDeclaredBy(statement: Node): string[] {
  const node = statement as AnyNode;
  if (node.type === 'VariableDeclaration') {
    return (node.declarations as AnyNode[]).flatMap(({ id }) => namesIn(id as AnyNode));
  }
  if (node.type === 'FunctionDeclaration' || node.type === 'ClassDeclaration') {
    return isNode(node.id) ? namesIn(node.id) : [];
  }
  return [];
}

/** What a node declares for what is in it. */
function scopeOf(node: AnyNode): Set<string> {
  const names: string[] = [];
  if (functions.has(node.type)) {
    names.push(...(node.params as AnyNode[]).flatMap(namesIn), ...hoisted(node.body as AnyNode));
    if (node.type !== 'ArrowFunctionExpression') names.push('arguments');
  }
  const hasOwnName = node.type === 'FunctionExpression' || classes.has(node.type);
  if (hasOwnName && isNode(node.id)) names.push(...namesIn(node.id));
  if (node.type === 'CatchClause' && isNode(node.param)) names.push(...namesIn(node.param));
  for (const [key, child] of children(node)) {
    if (key === 'body' || key === 'init' || key === 'left') names.push(...namesDeclaredBy(child));
    if (key === 'cases') names.push(...children(child).flatMap(([, each]) => namesDeclaredBy(each)));
  }
  return new Set(names);
}

/** Names of `var`, which belong to the whole function. */
function hoisted(node: AnyNode): string[] {
  if (functions.has(node.type)) return [];
  const own = node.type === 'VariableDeclaration' && node.kind === 'var' ? namesDeclaredBy(node) : [];
  return [...own, ...children(node).flatMap(([, child]) => hoisted(child))];
}

/** The names that a pattern binds. */
function namesIn(pattern: AnyNode): string[] {
  switch (pattern.type) {
    case 'Identifier':
      return [pattern.name as string];
    case 'Property':
      return namesIn(pattern.value as AnyNode);
    case 'AssignmentPattern':
      return namesIn(pattern.left as AnyNode);
    case 'RestElement':
      return namesIn(pattern.argument as AnyNode);
    case 'ObjectPattern':
    case 'ArrayPattern':
      return children(pattern).flatMap(([, child]) => namesIn(child));
    default:
      return [];
  }
}

/** Whether a child is a plain name of a property, a label, or what a function or class is called where it is declared. */
function isLabel(node: AnyNode, key: string): boolean {
  if (key === 'label' || node.type === 'MetaProperty') return true;
  if (key === 'property' || key === 'key') return node.computed !== true;
  return key === 'id' && (functions.has(node.type) || classes.has(node.type));
}
