import { join } from 'node:path';
import { findVariant } from '../../agent/variants.ts';
import { findModel } from '../../meter/catalogue.ts';
import { findLatencyProfile } from '../../meter/latency.ts';
import { createInProcessSandbox } from '../../sandbox/testing/in-process.ts';
import { loadScenarios } from '../../scenario/load.ts';
import { makeFolder } from '../../testing/command-line.ts';
import { nowhere } from '../../testing/scenario-files.ts';
import type { ExposeInput } from '../expose.ts';
import { plan } from '../plan.ts';

/** Looks three contacts up, one of which does not exist, and each one's last order. */
const program = ({ repeats, beside, hints }: Pick<Lookup, 'repeats' | 'beside' | 'hints'>) => `
export default async function lookup(mcp) {
  return Promise.all(
    ['con_000001', 'con_000002', 'con_nope'].map(async (id) => {
      try {
        const { contact, ...others } = await mcp.crm.get_contact({ id });
        ${hints ? 'if (others.hint) return { id, others };' : ''}
        const { order } = await mcp.crm.get_last_order({ contactId: contact.id });
        ${beside ? 'await mcp.backup.get_contact({ id });' : ''}
        return { id, total: order?.total ?? 0, job: contact.jobTitle };
      } catch (error) {
        return ${repeats ? '{ id, error: error.message }' : '{ id }'};
      }
    }),
  );
}`;

const allowed = ['get_contact', 'get_last_order', 'search_contacts', 'delete_contact', 'list_orders'];

/** What a test of poisoned servers varies. */
export type Lookup = {
  variants?: readonly string[];
  seed?: number;
  /** Whether the program tells what failed; otherwise it swallows errors. */
  repeats?: boolean;
  /** The tools that the scenario allows; all of the server where null. */
  tools?: readonly string[] | null;
  /** Whether it asks a second server, too. */
  beside?: boolean;
  /** Whether it returns all further fields of a contact that comes with a hint, and goes no further. */
  hints?: boolean;
  /** Most calls of a program of the code pattern. */
  calls?: number;
};

/** All variants whose exposure differs. */
const exposedVariants = ['classic', 'classic-search', 'code', 'code-typed', 'hybrid'];

/** What exposing a look-up of contacts takes, over a server of this process, so that no trial starts another. */
export async function lookup({
  variants = exposedVariants,
  seed = 1,
  repeats = true,
  tools = allowed,
  beside = false,
  hints = false,
  calls,
}: Lookup): Promise<ExposeInput> {
  const crm = `{ mock: 'crm', options: { contacts: 50, seed: ${seed} } }`;
  const folder = makeFolder({
    'lookup/program.ts': program({ repeats, beside, hints }),
    'lookup/scenario.ts': `export default {
        title: 'Contacts', description: 'Made by a test.', task: 'Look them up.',
        servers: { crm: ${crm}${beside ? `, backup: ${crm}` : ''} },
        ${calls === undefined ? '' : `limits: { calls: ${calls} },`}
        ${tools ? `tools: { crm: ${JSON.stringify(tools)} },` : ''}
        graders: [{ name: 'any', grade: () => ({ correct: true, reason: 'Not graded.' }) }],
      };`,
  });
  return await over(join(folder, 'lookup'), {}, variants, seed);
}

/** The same of reading two items of a server with three tools, where trials take a third of the time. */
export async function items(variants: readonly string[]): Promise<ExposeInput> {
  return await over('parametric', { calls: '2', tools: '3', bytes: '200' }, variants, 1);
}

/** The same of writing three times to the official memory server, a process for each trial. */
export async function memory(variants: readonly string[]): Promise<ExposeInput> {
  return await over('memory-kickoff', {}, variants, 1);
}

async function over(
  scenario: string,
  givenParams: Record<string, string>,
  variants: readonly string[],
  seed: number,
): Promise<ExposeInput> {
  const model = findModel('claude-sonnet-5');
  return {
    trials: plan({
      scenarios: await loadScenarios([scenario]),
      givenParams,
      variants: variants.map(findVariant),
      model,
      seed,
      places: nowhere,
    }),
    model,
    profile: findLatencyProfile('default'),
    seed,
    timeouts: { connectMs: 20_000, callMs: 20_000 },
    trust: { admit: () => {} },
    sandbox: createInProcessSandbox(),
    signal: new AbortController().signal,
  };
}
