import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { jsonAnswer } from '../../harness/scenario/grade.ts';
import { defineScenario } from '../../harness/scenario/scenario.ts';
import { memoryFile, memoryGraph, memoryServer } from '../memory-graph.ts';

const supplier = 'Nordwind Paper';
const note = 'Delivers on Thursdays only.';
const known = ['Alba Print', 'Kestrel Labels'].map((name) => ({
  name,
  entityType: 'supplier',
  observations: ['approved'],
}));

export default defineScenario({
  title: 'Add a note to a supplier that turns out to be unknown',
  description:
    'The first call fails, because the memory server has no such entity; the right next step is to create it. An error is read and acted on.',
  servers: { memory: memoryServer() },
  setup: ({ trialDir }) => {
    const { name, text } = memoryFile(known);
    writeFileSync(join(trialDir, name), text);
  },
  given: () => ({ supplier, note }),
  task: `Add the observation "${note}" to the entity "${supplier}". If the memory has no such entity, create it with the type supplier and that observation. Answer with nothing but a JSON object {"created"}, true or false.`,
  writes: true,
  stresses: ['errors', 'writes'],
  prediction: {
    pattern: 'classic',
    because:
      'two small calls; the error is read as soon as it comes, and code pays for discovery and a program',
  },
  surprise: 'A program catches the error and goes on, without asking the model: two requests against three.',
  truth: () => ({ created: true }),
  graders: [
    jsonAnswer(),
    memoryGraph(() => ({
      entities: [...known, { name: supplier, entityType: 'supplier', observations: [note] }],
    })),
  ],
});
