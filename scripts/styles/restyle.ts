import { stripTypeScriptTypes } from 'node:module';
import { type Node, parse } from 'acorn';
import { styles } from '../../harness/agent/scripted/testing/workflows.ts';
import { type AnyNode, children, isNode } from '../../harness/scenario/free-names.ts';

/** A part of a text, by its places in it. */
type Span = { start: number; end: number };

/** What a `Promise.all` is about: a list and what is done with each of its items, or calls that are written out. */
type Found = Span & ({ list: Span; work: Span } | { calls: Span[] });

const before = 'async function program(mcp) {\n';

/**
 * A program's body with every `Promise.all` over a list, or over calls that are written out, in another of the `styles`; undefined
 * where it has none, so that there is nothing to write otherwise.
 */
export function restyle(body: string, style: string): string | undefined {
  const text = `${before}${body}\n}`;
  const tree = parse(stripTypeScriptTypes(text, { mode: 'strip' }), { ecmaVersion: 'latest' });
  const found = findAll(tree as unknown as AnyNode);
  if (found.length === 0) return undefined;
  const rewritten = rewrite(text, { start: before.length, end: text.length - 2 }, found);
  return `const inStyle = ${styles[style]};\n${rewritten}`;
}

/** The outermost ones; those inside of them are found again in their parts. */
function findAll(node: AnyNode): Found[] {
  const own = asAll(node);
  return own
    ? [own, ...children(node).flatMap(([, child]) => findAll(child))]
    : children(node).flatMap(([, child]) => findAll(child));
}

function asAll(node: AnyNode): Found | undefined {
  const [argument] = (node.arguments ?? []) as AnyNode[];
  if (!isCallOf(node, 'all') || !argument || nameOf((node.callee as AnyNode).object) !== 'Promise')
    return undefined;
  const [work] = (argument.arguments ?? []) as AnyNode[];
  if (isCallOf(argument, 'map') && work) {
    return { ...spanOf(node), list: spanOf((argument.callee as AnyNode).object as Node), work: spanOf(work) };
  }
  if (argument.type !== 'ArrayExpression') return undefined;
  return { ...spanOf(node), calls: (argument.elements as Node[]).map(spanOf) };
}

function isCallOf(node: AnyNode, method: string): boolean {
  if (node.type !== 'CallExpression' || !isNode(node.callee)) return false;
  return node.callee.type === 'MemberExpression' && nameOf(node.callee.property) === method;
}

const nameOf = (node: unknown): unknown =>
  isNode(node) && node.type === 'Identifier' ? node.name : undefined;
const spanOf = ({ start, end }: Span): Span => ({ start, end });

function rewrite(text: string, { start, end }: Span, found: readonly Found[]): string {
  let rewritten = '';
  let at = start;
  for (const each of found) {
    if (each.start < at || each.end > end) continue;
    const part = (span: Span) =>
      rewrite(
        text,
        span,
        found.filter((other) => other !== each),
      );
    const call =
      'calls' in each
        ? `inStyle([${each.calls.map((span) => `() => ${part(span)}`).join(', ')}], (call) => call())`
        : `inStyle(${part(each.list)}, ${part(each.work)})`;
    rewritten += `${text.slice(at, each.start)}${call}`;
    at = each.end;
  }
  return rewritten + text.slice(at, end);
}
