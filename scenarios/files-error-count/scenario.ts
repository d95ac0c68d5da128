import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { defineScenario } from '../../harness/scenario/scenario.ts';
import { filesServer } from '../official-server.ts';
import { logText, makeLogs } from './logs.ts';

export default defineScenario({
  title: 'Count the errors in a folder of log files',
  description:
    'A day of logs behind the official file-system server. Every line has to be read to count a few numbers, and the server cannot count.',
  params: {
    files: { type: 'integer', default: 24, min: 1, max: 500, description: 'log files' },
    lines: { type: 'integer', default: 60, min: 1, max: 10_000, description: 'lines of each' },
  },
  servers: { files: filesServer() },
  setup: ({ params, seed, trialDir }) => {
    mkdirSync(join(trialDir, 'logs'));
    for (const { name, entries } of makeLogs({ ...params, seed })) {
      writeFileSync(join(trialDir, 'logs', name), logText(entries));
    }
  },
  task: 'The folder "logs" has log files. How many lines of the level ERROR does each service have, over all files? Answer with nothing but a JSON object from service to number, with the services that have any.',
  stresses: ['payload', 'round trips'],
  prediction: { pattern: 'code', because: 'all lines pass through, five numbers are wanted' },
  truth: ({ params, seed }) => {
    const entries = makeLogs({ ...params, seed }).flatMap((log) => log.entries);
    const errors = Object.groupBy(entries, ({ level }) => level).ERROR ?? [];
    const services = [...new Set(errors.map(({ service }) => service))];
    return Object.fromEntries(
      services.map((name) => [name, errors.filter(({ service }) => service === name).length]),
    );
  },
});
