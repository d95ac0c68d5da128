import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { defineScenario } from '../../harness/scenario/scenario.ts';
import { createRandom } from '../../mock-servers/random.ts';
import { filesServer } from '../official-server.ts';

const services = ['api', 'billing', 'mail', 'search', 'web'];
const messages = {
  INFO: ['request served', 'job finished', 'cache filled', 'connection opened'],
  WARN: ['slow query', 'retry scheduled', 'queue is filling up'],
  ERROR: ['upstream timed out', 'payment refused by the bank', 'template not found', 'disk quota reached'],
};

type Level = keyof typeof messages;
type Entry = { time: string; level: Level; service: string; message: string };

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

/** The entries of one hour's log file each, from 0 o'clock of one day on. */
function makeLogs({ files, lines, seed }: { files: number; lines: number; seed: number }) {
  return Array.from({ length: files }, (_, hour) => {
    const random = createRandom(seed, `log ${hour}`);
    const entries = Array.from({ length: lines }, (_, line): Entry => {
      const level = random.chance(0.8) ? 'INFO' : random.chance(0.6) ? 'WARN' : 'ERROR';
      const seconds = Math.floor((line * 3600) / lines);
      const time = new Date(Date.UTC(2026, 5, 29, hour, 0, seconds)).toISOString();
      const message = `${random.pick(messages[level])} after ${random.integer(3, 4000)} ms`;
      return { time, level, service: random.pick(services), message };
    });
    return { name: `hour-${String(hour).padStart(3, '0')}.log`, entries };
  });
}

function logText(entries: readonly Entry[]): string {
  return entries
    .map(({ time, level, service, message }) => `${time} ${level} [${service}] ${message}\n`)
    .join('');
}
