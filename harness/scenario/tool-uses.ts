import type { Node } from 'acorn';
import { isRecord, ownMember } from '../json.ts';
import { tellNearestOrKnown } from '../nearest.ts';
import type { Surface } from '../tools/mcp/surface.ts';
import type { Grant } from '../tools/policy.ts';
import { ScenarioFault } from './ask.ts';
import { type AnyNode, children, isNode, parseTypeScript } from './program-source.ts';
import type { Scenario } from './scenario.ts';

/** A place in a program that names a tool, to call it or to hand it on, and whether a loop statement may repeat it. */
type ToolUse = { server: string; tool: string; inLoop: boolean };

/** Which tools a program names, in the order of the text, and where its text alone does not say which. */
type ToolUses = {
  uses: ToolUse[];
  /**
   * Servers that the program reaches in another way than by `mcp.<server>.<tool>`, such as `mcp.crm[name]` or a server
   * that it hands to a function; `null` stands for all of them. Of these, `words` tells what may be a tool's name.
   */
  open: (string | null)[];
  /** Names of properties, and texts in quotes. */
  words: ReadonlySet<string>;
};

/** What an expression is, as far as its text says: `mcp`, a server of it, or a tool. */
type Reached = { server?: string; tool?: string };

const loop = /^(For|ForOf|ForIn|While|DoWhile)Statement$/;

/**
 * The tools that the body of a program uses through `mcp`: by name, and through constants that hold a server or a tool, as
 * in `const { crm } = mcp`. Comments and texts name none. Throws a SyntaxError where the body is not valid TypeScript.
 */
export function findToolUses(body: string): ToolUses {
  const found: ToolUses & { words: Set<string> } = { uses: [], open: [], words: new Set() };
  const named = new Map<string, Reached>([['mcp', {}]]);

  const reach = (node: AnyNode | undefined): Reached | undefined => {
    if (node?.type === 'Identifier') return named.get(node.name as string);
    if (node?.type === 'ChainExpression') return reach(node.expression as AnyNode);
    if (node?.type !== 'MemberExpression') return undefined;
    const from = reach(node.object as AnyNode);
    const name = nameOf(node.property as AnyNode, node.computed === true);
    return from && name !== undefined ? step(from, name) : undefined;
  };

  const use = (reached: Reached, inLoop: boolean): void => {
    const { server, tool } = reached;
    if (server !== undefined && tool !== undefined) found.uses.push({ server, tool, inLoop });
    else found.open.push(server ?? null);
  };

  const declare = (target: AnyNode, reached: Reached, inLoop: boolean): void => {
    if (target.type === 'Identifier') {
      named.set(target.name as string, reached);
    } else if (target.type === 'ObjectPattern') {
      for (const property of target.properties as AnyNode[]) {
        const name =
          property.type === 'Property' && nameOf(property.key as AnyNode, property.computed === true);
        const next = name ? step(reached, name) : undefined;
        if (next && isNode(property.value)) declare(property.value, next, inLoop);
        else use(reached, inLoop);
      }
    } else {
      use(reached, inLoop);
    }
  };

  const visit = (node: AnyNode, inLoop: boolean): void => {
    if (node.type === 'VariableDeclarator') {
      const reached = reach(node.init as AnyNode | undefined);
      if (reached) {
        declare(node.id as AnyNode, reached, inLoop);
        return;
      }
    }
    const reached = reach(node);
    if (reached) {
      use(reached, inLoop);
      return;
    }
    if (node.type === 'Literal' && typeof node.value === 'string') found.words.add(node.value);
    const inside = inLoop || loop.test(node.type);
    for (const [key, child] of children(node)) {
      // `a.mcp` and `{ mcp: 1 }` name a property.
      if ((key === 'property' || key === 'key') && node.computed !== true && child.type === 'Identifier') {
        found.words.add(child.name as string);
        if (!(node.type === 'Property' && node.shorthand === true)) continue;
      }
      // The key of `{ crm }` is its value, too.
      if (key === 'key' && node.shorthand === true) continue;
      visit(child, inside);
    }
  };
  visit(parseTypeScript(`async function program() {\n${body}\n}`) as Node as AnyNode, false);
  return found;
}

function step({ server, tool }: Reached, name: string): Reached | undefined {
  if (server === undefined) return { server: name };
  return tool === undefined ? { server, tool: name } : undefined;
}

function nameOf(key: AnyNode, computed: boolean): string | undefined {
  if (!computed && key.type === 'Identifier') return key.name as string;
  return key.type === 'Literal' && typeof key.value === 'string' ? key.value : undefined;
}

/** What the scenario may use of its servers; all of it where it says nothing. What it names must be there. */
export function allowedSurface(
  { name, tools: allowed, approvals }: { name: string; tools?: Grant['tools'] } & Pick<Scenario, 'approvals'>,
  surface: Surface,
): Surface {
  for (const [server, tools] of Object.entries(approvals?.tools ?? {}))
    refuseUnapproved(surface, server, tools, name);
  if (!allowed) return surface;
  for (const [server, names] of Object.entries(allowed))
    refuseUnlisted(surface, server, names, `${name} may use`);
  return surface.map((server) => ({
    ...server,
    tools: server.tools.filter((tool) => ownMember(allowed, server.server)?.includes(tool.name)),
  }));
}

/**
 * Throws a `ScenarioFault` for a tool that is misspelt in what a scenario wants approved, which would be called without an
 * approval, and for an argument, by which all calls would be alike.
 */
function refuseUnapproved(
  surface: Surface,
  server: string,
  approved: Record<string, readonly string[]>,
  name: string,
): void {
  refuseUnlisted(surface, server, Object.keys(approved), `${name} wants approvals for`);
  const tools = surface.find((each) => each.server === server)?.tools ?? [];
  for (const [tool, alike] of Object.entries(approved)) {
    const { properties } = tools.find((each) => each.name === tool)?.inputSchema ?? {};
    if (!isRecord(properties)) continue;
    const missing = alike.find((argument) => !Object.hasOwn(properties, argument));
    if (missing === undefined) continue;
    const nearest = tellNearestOrKnown(missing, Object.keys(properties), 3);
    throw new ScenarioFault(
      `${name} wants approvals of calls of ${server}.${tool} by the argument "${missing}", which that tool does not take.${nearest}`,
    );
  }
}

/** Throws a `ScenarioFault` where a server is not there, or lacks one of these tools. */
function refuseUnlisted(surface: Surface, server: string, names: readonly string[], says: string): void {
  const listed = surface.find((each) => each.server === server)?.tools.map((tool) => tool.name);
  const missing = names.find((tool) => !listed?.includes(tool));
  if (missing === undefined) return;
  throw new ScenarioFault(
    `${says} ${server}.${missing}, which ${listed ? `that server does not have.${tellNearestOrKnown(missing, listed, 3)}` : 'is on no server of it.'}`,
  );
}

/** A reference program that names a tool which its server lacks, or which the scenario may not use, runs in neither pattern. */
export function refuseMissingTools(scenario: Scenario, surface: Surface): void {
  const known = new Map(surface.map(({ server, tools }) => [server, tools.map((tool) => tool.identifier)]));
  for (const { body } of scenario.sources) {
    const { uses } = findToolUses(body);
    const missing = uses.find(({ server, tool }) => !known.get(server)?.includes(tool));
    if (!missing) continue;
    const { server, tool } = missing;
    const tools = known.get(server);
    const lacks = scenario.tools
      ? `is not among the tools of "${server}" that this scenario may use`
      : `server "${server}" does not have`;
    const problem = tools
      ? `which ${lacks}.${tellNearestOrKnown(tool, tools, 3)}`
      : `but there is no server "${server}". Servers: ${[...known.keys()].join(', ')}.`;
    throw new ScenarioFault(`The program of ${scenario.name} calls mcp.${server}.${tool}, ${problem}`);
  }
}
