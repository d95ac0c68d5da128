import { defineScenario } from '../../harness/scenario/scenario.ts';
import { officialServer } from '../official-server.ts';

const pairs = [
  [1_204, 377],
  [58_013, 9_988],
  [-640, 12],
];

export default defineScenario({
  title: 'Make three small reads that do not depend on each other',
  description:
    'Three calls that can be asked for in one message, on the official server of samples. Its tools have hyphens in their names and answer in text, without an output schema.',
  servers: { everything: officialServer('everything') },
  given: () => ({ pairs }),
  task: `Let the server add up each of these pairs of numbers: ${JSON.stringify(pairs)}. Answer with nothing but a JSON array of the three sums, in this order.`,
  stresses: ['definitions', 'discovery'],
  prediction: {
    pattern: 'classic',
    because: 'two round trips and a few words of results; code has to look at a text before it can read it',
  },
  truth: () => pairs.map((pair) => pair.reduce((sum, number) => sum + number, 0)),
});
