import { jsonAnswer } from '../../harness/scenario/grade.ts';
import { defineScenario } from '../../harness/scenario/scenario.ts';
import { memoryGraph, memoryServer } from '../memory-graph.ts';

export default defineScenario({
  title: 'Remember many decisions, one call each, all at once',
  description:
    'The official memory server reads its file, adds to it and writes it back, with no lock. A program that makes its writes with Promise.all loses some of them, though every call says that it succeeded. So patternbench check finds the program wrong in code, which is what this scenario shows.',
  params: {
    decisions: { type: 'integer', default: 12, min: 2, max: 200, description: 'decisions to remember' },
  },
  servers: { memory: memoryServer() },
  given: ({ params }) => ({ decisions: decisionsOf(params.decisions) }),
  task: ({ params }) =>
    `Remember each of these decisions as an entity of the type decision, with its text as the only observation. ${decisionsOf(
      params.decisions,
    )
      .map(({ name, text }) => `${name}: ${text}`)
      .join(' ')} Answer with nothing but a JSON object {"remembered"}, the number of decisions remembered.`,
  writes: true,
  stresses: ['writes', 'errors'],
  prediction: {
    pattern: 'classic',
    because: 'writes that a program makes at once overwrite each other, and no result tells it',
  },
  truth: ({ params }) => ({ remembered: params.decisions }),
  graders: [
    jsonAnswer(),
    memoryGraph(({ params }) => ({
      entities: decisionsOf(Number(params.decisions)).map(({ name, text }) => ({
        name,
        entityType: 'decision',
        observations: [text],
      })),
    })),
  ],
});

function decisionsOf(count: number) {
  const subjects = ['pricing', 'hosting', 'support hours', 'release day', 'data region', 'on-call'];
  return Array.from({ length: count }, (_, index) => ({
    name: `decision_${index + 1}`,
    text: `Option ${(index % 3) + 1} for ${subjects[index % subjects.length]}.`,
  }));
}
