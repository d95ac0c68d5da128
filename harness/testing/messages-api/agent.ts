import { answer, type Reply, toolUse } from './reply.ts';
import { blocksOf, type Fields, isFields, messagesOf } from './request.ts';
import type { ReceivedRequest } from './server.ts';

/** How an agent of a test works: what it calls, in either pattern, and what it makes of the result. */
type AgentPlan = {
  /** The tool that it calls in the classic pattern, under the name by which it is declared. */
  tool: string;
  input?: (task: string) => Fields;
  /** Where it looks in the code pattern, and the program that it then writes. */
  path: string;
  program: (task: string) => string;
  /** Its answer, from the text that the call or program came to. */
  answer?: (shown: string) => string;
};

/**
 * Replies that really drive both patterns: what an agent says depends on the tools that it is offered and on what came back
 * from them. It works from the conversation alone, so that any number of trials may talk to it at once.
 */
export function agent(plan: AgentPlan): (request: ReceivedRequest) => Reply {
  return ({ body }) => {
    const messages = messagesOf(body);
    const task = textOf(messages[0]?.blocks ?? []);
    const shown = textOf((messages.at(-1)?.blocks ?? []).flatMap((block) => blocksOf(block.content)));
    const turn = (messages.length + 1) / 2;
    const id = `toolu_loopback_${turn}`;
    const last = () => answer([plan.answer?.(shown) ?? shown]);
    if (offers(body, 'run_code')) {
      if (turn === 1) return answer([toolUse(id, 'browse_tools', { path: plan.path })]);
      if (turn === 2) return answer([toolUse(id, 'run_code', { code: plan.program(task) })]);
      return last();
    }
    return turn === 1 ? answer([toolUse(id, plan.tool, plan.input?.(task) ?? {})]) : last();
  };
}

/** An agent for `crm-contact-lookup`. */
export const lookupAgent = agent({
  tool: 'crm__get_contact',
  input: (task) => ({ email: emailIn(task) }),
  path: '/crm/get_contact',
  program: (task) =>
    `const { contact } = await mcp.crm.get_contact({ email: ${JSON.stringify(emailIn(task))} });\nreturn { contact };`,
  answer: (shown) => {
    const { contact } = JSON.parse(shown) as { contact: Record<string, unknown> };
    return JSON.stringify({ name: contact.name, phone: contact.phone, company: contact.companyName });
  },
});

/** An agent for the scenarios of `scenarioFiles`, which calls one tool of their server and answers with what it said. */
export function toolAgent(tool: 'ping' | 'fail'): (request: ReceivedRequest) => Reply {
  return agent({
    tool: `server__${tool}`,
    path: `/server/${tool}`,
    program: () => `return mcp.server.${tool}({});`,
    answer: (shown) => (shown.startsWith('"') ? shown : JSON.stringify(shown)),
  });
}

function offers(body: Fields, name: string): boolean {
  return Array.isArray(body.tools) && body.tools.some((tool) => isFields(tool) && tool.name === name);
}

function textOf(blocks: Fields[]): string {
  return blocks.map((block) => (typeof block.text === 'string' ? block.text : '')).join('');
}

function emailIn(task: string): string {
  return /\S+@[\w.-]*\w/.exec(task)?.[0] ?? '';
}
