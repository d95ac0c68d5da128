import type { Node } from 'acorn';

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
export function freeNames(root: Node): Map<string, number> {
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
export function namesInside(node: Node): Set<string> {
  const body = (node as AnyNode).body as AnyNode;
  return new Set([...scopeOf(node as AnyNode), ...scopeOf(body)]);
}

/** The names that a statement declares for the statements beside it. */
export function namesDeclaredBy(statement: Node): string[] {
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
