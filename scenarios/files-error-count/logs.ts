import { createRandom } from '../../mock-servers/random.ts';

const services = ['api', 'billing', 'mail', 'search', 'web'];
const messages = {
  INFO: ['request served', 'job finished', 'cache filled', 'connection opened'],
  WARN: ['slow query', 'retry scheduled', 'queue is filling up'],
  ERROR: ['upstream timed out', 'payment refused by the bank', 'template not found', 'disk quota reached'],
};

type Level = keyof typeof messages;
export type Entry = { time: string; level: Level; service: string; message: string };

/** The entries of one hour's log file each, from 0 o'clock of one day on. */
export function makeLogs({ files, lines, seed }: { files: number; lines: number; seed: number }) {
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

export function logText(entries: readonly Entry[]): string {
  return entries
    .map(({ time, level, service, message }) => `${time} ${level} [${service}] ${message}\n`)
    .join('');
}
