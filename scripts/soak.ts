import { markdownTable } from 'markdown-table';
import { grown } from './soak/look.ts';
import { soakPrograms } from './soak/programs.ts';
import { soakStream } from './soak/stream.ts';

/**
 * Shows whether memory, descriptors, processes or files grow with use. `npm run soak -- 10000` runs so many programs,
 * `npm run soak -- --stream 2000` passes so many megabytes through one. Ends with 1 where something grew.
 */
const [first, second] = process.argv.slice(2);
const looks =
  first === '--stream'
    ? await soakStream(Number(second ?? 2000))
    : await soakPrograms(Number(first ?? 10_000));

const header = (looks[0] ?? []).map(({ name }) => name);
const rows = looks.map((look) => look.map(({ value }) => value.toLocaleString('en-US')));
console.log(markdownTable([header, ...rows], { align: header.map(() => 'r') }));
const growing = grown(looks);
console.log(growing.length === 0 ? '\nNothing grew.' : `\nGrew: ${growing.join(', ')}.`);
process.exitCode = growing.length === 0 ? 0 : 1;
