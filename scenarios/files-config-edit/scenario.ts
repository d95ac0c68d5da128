import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { jsonAnswer } from '../../harness/scenario/grade.ts';
import { defineScenario } from '../../harness/scenario/scenario.ts';
import { fileIs, filesServer } from '../official-server.ts';

const path = 'pool.yaml';
const factor = 2;
const config = (connections: number) =>
  `# Connections of the web tier\nhost: db.internal\nmax_connections: ${connections}\nmin_connections: 4\nidle_timeout_s: 30\n`;

export default defineScenario({
  title: 'Double a number in a configuration file',
  description:
    'Read one short file, change one line of it. Two calls, one after the other, on the official file-system server.',
  servers: { files: filesServer() },
  setup: ({ trialDir }) => writeFileSync(join(trialDir, path), config(40)),
  given: () => ({ path, factor }),
  task: `Multiply max_connections in the file "${path}" by ${factor} and leave the rest of the file as it is. Answer with nothing but a JSON object {"before", "after"}.`,
  writes: true,
  stresses: ['definitions', 'writes'],
  prediction: {
    pattern: 'classic',
    because: 'two small calls; code pays for discovery and a program',
  },
  surprise:
    'Too close to call: the second call hangs on the first, which costs classic a round trip, and code-typed a program.',
  truth: () => ({ before: 40, after: 40 * factor }),
  graders: [jsonAnswer(), fileIs(path, () => config(40 * factor))],
});
