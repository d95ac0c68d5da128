import { jsonAnswer } from '../../harness/scenario/grade.ts';
import { defineScenario } from '../../harness/scenario/scenario.ts';
import { memoryGraph, memoryServer } from '../memory-graph.ts';

const team = 'Checkout';
const entities = [
  { name: team, entityType: 'team', observations: ['builds the payment page'] },
  { name: 'Ledger', entityType: 'team', observations: ['keeps the books'] },
  { name: 'Ines Marte', entityType: 'person', observations: ['product owner'] },
  { name: 'Piotr Lis', entityType: 'person', observations: ['engineer'] },
  { name: 'Awa Diop', entityType: 'person', observations: ['designer, half days'] },
];
const relations = [
  { from: 'Ines Marte', to: team, relationType: 'works on' },
  { from: 'Awa Diop', to: team, relationType: 'works on' },
  { from: 'Piotr Lis', to: 'Ledger', relationType: 'works on' },
  { from: team, to: 'Ledger', relationType: 'depends on' },
];

export default defineScenario({
  title: 'Remember who works on what, then ask',
  description:
    'Three calls on the official memory server: two writes whose data the model writes in either pattern, and one small read.',
  servers: { memory: memoryServer() },
  given: () => ({ entities, relations, team }),
  task: `Remember these entities: ${JSON.stringify(entities)} and these relations: ${JSON.stringify(relations)}. Then read from the memory who works on ${team}. Answer with nothing but a JSON array of names, in alphabetical order.`,
  writes: true,
  stresses: ['writes', 'discovery'],
  prediction: {
    pattern: 'classic',
    because: 'three calls, and the model writes the same data in both; code pays for discovery and a program',
  },
  surprise:
    'With few tools, code-typed has all declarations in its one definition and discovers nothing: two requests, as in classic, and the shorter one.',
  truth: () => ['Awa Diop', 'Ines Marte'],
  graders: [jsonAnswer(), memoryGraph(() => ({ entities, relations }))],
});
