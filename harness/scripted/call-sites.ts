import { stripTypeScriptTypes } from 'node:module';
import { type Node, parse } from 'acorn';

/** A place in a program that calls a tool: `<server>.<tool>`, and whether a loop statement may repeat it. */
export type CallSite = { callee: string; inLoop: boolean };

const loops = new Set([
  'ForStatement',
  'ForOfStatement',
  'ForInStatement',
  'WhileStatement',
  'DoWhileStatement',
]);

/** The places at which the body of a program calls `mcp.<server>.<tool>(…)`, in the order of the text. */
export function callSites(body: string): CallSite[] {
  const text = stripTypeScriptTypes(`async function program() {\n${body}\n}`, { mode: 'strip' });
  const sites: CallSite[] = [];
  const visit = (node: Node, inLoop: boolean): void => {
    const callee =
      node.type === 'CallExpression' ? toolName((node as Node & { callee: Node }).callee) : undefined;
    if (callee !== undefined) sites.push({ callee, inLoop });
    const inside = inLoop || loops.has(node.type);
    for (const child of children(node)) visit(child, inside);
  };
  visit(parse(text, { ecmaVersion: 'latest', sourceType: 'module' }), false);
  return sites;
}

function toolName(callee: Node): string | undefined {
  const [tool, server] = [member(callee), member(member(callee)?.object)];
  const root = server?.object as (Node & { name?: string }) | undefined;
  return tool && server && root?.name === 'mcp' ? `${server.name}.${tool.name}` : undefined;
}

function member(node: Node | undefined): { object: Node; name: string } | undefined {
  if (node?.type !== 'MemberExpression') return undefined;
  const { object, property, computed } = node as Node & {
    object: Node;
    property: Node & { name?: string };
    computed: boolean;
  };
  return computed || property.name === undefined ? undefined : { object, name: property.name };
}

function children(node: Node): Node[] {
  return Object.values(node)
    .flatMap((value) => (Array.isArray(value) ? value : [value]))
    .filter(isNode);
}

function isNode(value: unknown): value is Node {
  return value !== null && typeof value === 'object' && 'type' in value && typeof value.type === 'string';
}
