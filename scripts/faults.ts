import { appendFileSync, existsSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { markdownTable } from 'markdown-table';
import { descriptors } from './faults/descriptors.ts';
import { disk } from './faults/disk.ts';
import { inputs } from './faults/inputs.ts';
import { shorten } from './faults/judge.ts';
import { kills } from './faults/kills.ts';
import { locks } from './faults/locks.ts';
import { type NamedFinding, type Outcome, type Part, runPart } from './faults/part.ts';
import { servers } from './faults/servers.ts';
import { hostilePage } from './faults/table.ts';

/**
 * Tries faults on the command line and shows how many it survived: `npm run faults`, or `npm run faults -- servers inputs` for
 * some parts. Ends with 1 where one was met badly; each of those is listed with the command that tries it again.
 */
const parts: Part[] = [kills, servers, inputs, disk, descriptors, locks];

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    seed: { type: 'string', default: '1' },
    count: { type: 'string' },
    only: { type: 'string' },
    jobs: { type: 'string', default: String(Math.min(2, availableParallelism())) },
    'time-factor': { type: 'string', default: '1' },
    list: { type: 'boolean', default: false },
    told: { type: 'boolean', default: false },
    kept: { type: 'string' },
    md: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
});

const usage = `npm run faults -- [part…] [options]
${parts.map(({ name, describes }) => `  ${name.padEnd(12)} ${describes}`).join('\n')}
  --only NAMES  some cases: 'sse-*,noise-*'  --seed N      other random moments (default 1)
  --count N     N rounds, or N random cases    --jobs N      cases at a time (default 2)
  --told        print also what was told       --list        names of the cases
  --time-factor X  X times the time limits
  --kept FILE   findings go there, one a line; cases that it has are not tried again
  --md FILE     the table of hostile servers, as Markdown`;

const wholeNumber = (text: string | undefined): number | undefined => {
  if (text === undefined) return undefined;
  if (!/^\d+$/.test(text)) refuse(`"${text}" is not a whole number.`);
  return Number(text);
};

function refuse(message: string): never {
  console.error(`${message}\n\n${usage}`);
  process.exit(2);
}

const unknown = positionals.find((name) => parts.every((part) => part.name !== name));
if (unknown !== undefined) refuse(`There is no part "${unknown}".`);
if (values.help) {
  console.log(usage);
  process.exit(0);
}
const chosen = positionals.length === 0 ? parts : parts.filter(({ name }) => positionals.includes(name));
const seed = wholeNumber(values.seed) ?? 1;
const timeFactor = Number(values['time-factor']);
if (!(timeFactor > 0)) refuse(`--time-factor "${values['time-factor']}" is not a number above 0.`);
const options = { seed, count: wholeNumber(values.count), timeFactor };
const root = mkdtempSync(join(tmpdir(), 'patternbench-faults-'));

if (values.list) {
  for (const part of chosen)
    for (const { name } of await part.cases(options)) console.log(`${part.name} ${name}`);
  process.exit(0);
}

const { kept } = values;
const findings: NamedFinding[] =
  kept !== undefined && existsSync(kept)
    ? readFileSync(kept, 'utf8')
        .split('\n')
        .filter(Boolean)
        .map((line) => JSON.parse(line))
    : [];
const known = new Set(findings.map(({ part, name }) => `${part} ${name}`));
for (const part of chosen) {
  const found = await runPart(part, options, {
    jobs: Math.max(1, wholeNumber(values.jobs) ?? 1),
    only: values.only,
    known,
    newFolder: () => mkdtempSync(join(root, `${part.name}-`)),
    onEnd(finding, done, of) {
      const { name, outcome, why, seconds, peakMiB } = finding;
      if (kept !== undefined) appendFileSync(kept, `${JSON.stringify(finding)}\n`);
      console.error(
        `[${part.name} ${done}/${of}] ${name}: ${outcome} (${seconds.toFixed(1)} s, ${peakMiB} MiB)${why ? `, ${why}` : ''}`,
      );
    },
  });
  findings.push(...found);
}
if (findings.length === 0)
  refuse(`There is no case "${values.only}" in ${chosen.map(({ name }) => name).join(', ')}.`);

const header = ['part', 'tried', 'survived', 'told', 'BAD', 'skipped', 'longest s', 'peak MiB'];
const rows = chosen.map(({ name }) => {
  const own = findings.filter(({ part }) => part === name);
  const many = (outcome: Outcome) => own.filter((finding) => finding.outcome === outcome).length;
  const most = (figure: 'seconds' | 'peakMiB') => Math.max(0, ...own.map((finding) => finding[figure]));
  return [
    name,
    own.length - many('skipped'),
    ...(['survived', 'told', 'BAD', 'skipped'] as const).map(many),
    most('seconds').toFixed(1),
    most('peakMiB'),
  ].map(String);
});
console.log(markdownTable([header, ...rows], { align: ['l', ...header.slice(1).map(() => 'r')] }));

for (const { part, name, why, folder } of findings.filter(({ outcome }) => outcome === 'BAD')) {
  console.log(
    `\nBAD ${part} ${name}: ${why}\n  again: npm run faults -- ${part} --only '${name}' --seed ${seed}\n  files: ${folder}`,
  );
}
for (const outcome of ['skipped', ...(values.told ? ['told'] : [])]) {
  for (const { part, name, why } of findings.filter((finding) => finding.outcome === outcome)) {
    console.log(`\n${outcome} ${part} ${name}: ${shorten(why, 300)}`);
  }
}
if (values.md !== undefined) {
  const own = findings.filter(({ part }) => part === servers.name);
  writeFileSync(values.md, hostilePage(own));
}
process.exitCode = findings.some(({ outcome }) => outcome === 'BAD') ? 1 : 0;
