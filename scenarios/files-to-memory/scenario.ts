import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { jsonAnswer } from '../../harness/scenario/grade.ts';
import { defineScenario } from '../../harness/scenario/scenario.ts';
import { createRandom } from '../../mock-servers/random.ts';
import { memoryGraph, memoryServer } from '../memory-graph.ts';
import { filesServer } from '../official-server.ts';

export default defineScenario({
  title: 'Carry project cards from files into a memory',
  description:
    'Two official servers at once: read a folder of cards from the file system, and record the active projects and who leads them in the knowledge graph.',
  params: {
    cards: { type: 'integer', default: 20, min: 1, max: 500, description: 'cards in the folder' },
  },
  servers: { files: filesServer(), memory: memoryServer() },
  setup: ({ params, seed, trialDir }) => {
    mkdirSync(join(trialDir, 'cards'));
    makeCards(params.cards, seed).forEach((card, index) => {
      const file = `card-${String(index + 1).padStart(3, '0')}.md`;
      const lines = ['project', 'lead', 'due', 'status'] as const;
      const head = lines.map((key) => `${key}: ${card[key]}\n`).join('');
      writeFileSync(join(trialDir, 'cards', file), `---\n${head}---\n\n${card.text}\n`);
    });
  },
  task: 'The folder "cards" has a card for each project. For each one whose status is active, remember an entity of the type project with its name and the only observation "due <date>". Remember each person who leads such a project as an entity of the type person without observations, and a relation of the type leads from the person to the project. Answer with nothing but a JSON object {"projects", "people"}: how many of each you recorded.',
  writes: true,
  stresses: ['payload', 'writes', 'round trips'],
  prediction: {
    pattern: 'code',
    because: 'the cards pass through once as results and once more as what is written; a program moves them',
  },
  truth: ({ params, seed }) => {
    const active = makeCards(params.cards, seed).filter(({ status }) => status === 'active');
    return { projects: active.length, people: new Set(active.map(({ lead }) => lead)).size };
  },
  graders: [
    jsonAnswer(),
    memoryGraph(({ params, seed }) => {
      const cards = makeCards(Number(params.cards), seed);
      const active = cards.filter(({ status }) => status === 'active');
      const people = new Set(active.map(({ lead }) => lead));
      return {
        entities: [
          ...active.map(({ project, due }) => ({
            name: project,
            entityType: 'project',
            observations: [`due ${due}`],
          })),
          ...[...people].map((name) => ({ name, entityType: 'person', observations: [] })),
        ],
        relations: active.map(({ project, lead }) => ({ from: lead, to: project, relationType: 'leads' })),
      };
    }),
  ],
});

function makeCards(count: number, seed: number) {
  const random = createRandom(seed, 'project cards');
  const leads = ['Ines Marte', 'Piotr Lis', 'Awa Diop', 'Jonas Falk', 'Mei Tan'];
  const topics = ['Website', 'Warehouse', 'Catalogue', 'Payroll', 'Mobile app', 'Data export'];
  const sentences = [
    'The first milestone was shown to the client in spring.',
    'Two interviews are still to be held before the scope is final.',
    'The budget was agreed with finance and has not moved since.',
    'Risks are kept in the shared register and looked at every second week.',
    'The old system stays in place until the numbers of both agree.',
  ];
  return Array.from({ length: count }, (_, index) => ({
    project: `${random.pick(topics)} ${index + 1}`,
    lead: random.pick(leads),
    due: `2026-${random.integer(7, 12)}-${random.integer(10, 28)}`,
    status: random.chance(0.6) ? 'active' : random.pick(['paused', 'done']),
    text: Array.from({ length: 12 }, () => random.pick(sentences)).join(' '),
  }));
}
