import { resolve } from 'node:path';
import { defineScenario } from '../../../harness/scenario/scenario.ts';
import topCustomers from '../../../scenarios/crm-top-customers/scenario.ts';

const server = resolve(import.meta.dirname, '../server.ts');
const { task, truth, graders, params } = topCustomers;

/** crm-top-customers over a server that runs programs itself: the same task, data and grader. */
export default defineScenario({
  title: 'Find the customers whose last order was large, by a server that runs programs',
  description: 'The bundled workflow, where search and code are tools of the server.',
  params,
  servers: ({ params: { contacts }, seed }) => ({
    box: { command: process.execPath, args: [server, String(contacts), String(seed)] },
  }),
  task,
  truth,
  graders,
} as Parameters<typeof defineScenario>[0]);
