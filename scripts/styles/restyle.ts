import { stripTypeScriptTypes } from 'node:module';
import { join } from 'node:path';
import { type Node, parse } from 'acorn';
import type { ScheduledCall } from '../../harness/agent/scripted/schedule.ts';
import { styles } from '../../harness/agent/scripted/testing/workflows.ts';
import { findVariant } from '../../harness/agent/variants.ts';
import { canonicalJson } from '../../harness/json.ts';
import { defaultModelId, findModel } from '../../harness/meter/catalogue.ts';
import { plan } from '../../harness/run/plan.ts';
import { createSchedules } from '../../harness/run/trial-schedule.ts';
import type { Sandbox } from '../../harness/sandbox/sandbox.ts';
import { type AnyNode, children, isNode } from '../../harness/scenario/program-source.ts';
import type { Scenario } from '../../harness/scenario/scenario.ts';
import { openAuditLog } from '../../harness/tools/audit/audit-log.ts';
import { createPinCheck } from '../../harness/tools/pin/check.ts';

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

/**
 * How a workflow's direct calls are asked for where its program is written in a style, as text that can be compared: what was
 * played, and the calls that became ready together, whose order is the style's. Undefined where the program has nothing to write
 * in another style.
 */
export async function planInStyle(
  scenario: Scenario,
  style: string,
  { sandbox, folder, params = {} }: { sandbox: Sandbox; folder: string; params?: Record<string, string> },
): Promise<string | undefined> {
  const bodies = scenario.sources.map(({ body }) => restyle(body, style));
  if (bodies.every((body) => body === undefined)) return undefined;
  const sources = scenario.sources.map((source, at) => ({ ...source, body: bodies[at] ?? source.body }));
  const [trial] = plan({
    scenarios: [{ ...scenario, sources }],
    givenParams: params,
    variants: [findVariant('classic')],
    model: findModel(defaultModelId),
    seed: 1,
    places: { mcpConfigFile: undefined, folder: process.cwd(), env: process.env },
  });
  if (!trial) return undefined;
  const audit = openAuditLog(join(folder, `${scenario.name}-${style}.jsonl`), { fsync: false });
  try {
    const file = join(folder, `${scenario.name}-${style}.json`);
    const { played, steps, directory } = await createSchedules(() => file)(trial, {
      sandbox,
      timeouts: { connectMs: 20_000, callMs: 60_000 },
      run: 'styles',
      audit,
      pins: createPinCheck(undefined, '', () => {}),
      signal: new AbortController().signal,
    });
    const nameOf = ({ server, tool, args }: ScheduledCall) =>
      canonicalJson({ server, tool, args }).replaceAll(directory, '<trial>');
    return canonicalJson({
      played,
      steps: steps.map((levels) => levels.map((calls) => calls.map(nameOf).sort())),
    });
  } finally {
    audit.close();
  }
}
