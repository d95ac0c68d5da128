import { toMarkdownTable } from '../../reports/text/markup.ts';

/** A published table: a file of reports/published/, and what writes it. */
export type PublishedTable = {
  file: string;
  what: string;
  /** Charts that the commands write beside it, and that it or the article shows. */
  pictures?: readonly string[];
  /** Arguments of Node, one command after another. `RUNS` is an empty folder, `CLONES` that of `--clones`. */
  commands: readonly string[][];
  /** What keeps it from being made everywhere, or from coming out alike twice. */
  unless?: 'clones' | 'network' | 'times' | 'hours';
};

const patternbench = 'harness/cli/patternbench.js';
const published = (file: string) => `reports/published/${file}`;

/** A look-up, an aggregate, writes, two servers and a real server. */
const defended = [
  'crm-contact-lookup',
  'crm-segment-report',
  'crm-tag-cleanup',
  'helpdesk-by-industry',
  'memory-kickoff',
];

export const tables: readonly PublishedTable[] = [
  {
    file: 'suite.md',
    what: 'every bundled workflow: what was expected, and what came out',
    commands: [
      [patternbench, 'run', '--all', '--set', 'verdict.sizes=false', '--out', 'RUNS/suite'],
      ['scripts/suite-table.ts', 'RUNS/suite'],
    ],
    pictures: ['suite.svg'],
  },
  {
    file: 'map.md',
    what: 'the verdict by number of calls and bytes of a result',
    commands: [
      [
        ...[patternbench, 'run', 'parametric', '--param', 'calls=1..250', '--param', 'bytes=200..8000'],
        ...['--set', 'sweep.place=none', '--out', 'RUNS/map'],
      ],
      [patternbench, 'report', 'RUNS/map', '--article', published('map.md')],
    ],
    pictures: ['map-map-cached.svg', 'map-map-uncached.svg'],
  },
  {
    file: 'break-even.md',
    what: 'one workflow by number of contacts: from where on programs pay',
    commands: [
      [patternbench, 'run', 'crm-segment-report', '--param', 'contacts=10..5000', '--out', 'RUNS/sizes'],
      [patternbench, 'report', 'RUNS/sizes', '--article', published('break-even.md')],
    ],
    pictures: ['break-even-cost.svg', 'break-even-tokens.svg'],
  },
  {
    file: 'ladder.md',
    what: 'every variant in the core of workflows, against classic',
    commands: [
      [
        ...[patternbench, 'run', '--variants', 'all', '--set', 'verdict.sizes=false'],
        ...['--out', 'RUNS/ladder'],
      ],
      ['scripts/published/ladder.ts', 'RUNS/ladder'],
    ],
  },
  {
    file: 'agreement.md',
    what: 'our figures against independent measurements, row by row',
    commands: [['scripts/agreement.ts']],
  },
  {
    file: 'exposure.md',
    what: 'where text of a lying server reaches the model, in every bundled workflow',
    commands: [[patternbench, 'expose', '--param', 'contacts=200', '--md', published('exposure.md')]],
  },
  {
    file: 'defences.md',
    what: 'what stops orders of a lying server that a model obeys, in five workflows',
    commands: [
      [
        ...[patternbench, 'expose', ...defended, '--param', 'contacts=60', '--obey'],
        ...['--variants', 'classic,code', '--md', published('defences.md')],
      ],
    ],
  },
  {
    file: 'eras.md',
    what: 'what MCP of 2026-07-28 changes for each pattern',
    commands: [['scripts/eras.ts']],
  },
  {
    file: 'hostile.md',
    what: 'servers that misbehave: how a run ends, and what it takes at most',
    commands: [['scripts/faults.ts', 'servers', '--md', published('hostile.md')]],
    unless: 'hours',
  },
  {
    file: 'black-box.md',
    what: 'our patterns against a server that runs programs itself',
    commands: [['scripts/black-box.ts']],
    unless: 'times',
  },
  {
    file: 'census.md',
    what: 'the tools of real servers from npm, and what they cost up front',
    commands: [['scripts/census.ts']],
    unless: 'network',
  },
  {
    file: 'token-counts.md',
    what: 'the token estimate against recorded counts that it was not fitted on',
    commands: [['scripts/check-counts.ts', 'CLONES', '--write']],
    unless: 'clones',
  },
];

const conditions = {
  times: 'has times of one machine',
  network: 'needs a network',
  hours: 'takes half an hour or more',
  clones: 'needs `--clones DIR`',
};

/** The index of the files that are there, each with the day on which it last changed. */
export function indexOf(dates: ReadonlyMap<string, string>): string {
  const rows = tables.flatMap(({ file, what, unless }) => {
    const date = dates.get(file);
    const command = `\`npm run published -- ${file}\`${unless ? `, ${conditions[unless]}` : ''}`;
    return date === undefined ? [] : [[`[${file}](${file})`, what, command, date]];
  });
  return `# Published figures

Each table here is written by a command, and none of its figures by hand. [The article](article.md) says what they mean. All of it is
scripted or counted: no live result is published.

${toMarkdownTable({ headings: ['file', 'what it is', 'command', 'date'], align: ['l', 'l', 'l', 'l'], rows })}

\`npm run published\` makes those that need nothing more, and this index. With \`-- --check\` it writes nothing and says which are not
current; files that need a network or have times of one machine are left out of that. \`--clones DIR\` names a folder with clones of
the repositories that [token-counts.md](token-counts.md) names.
`;
}

/** The dates that an index has, by file. */
export function datesOf(index: string): Map<string, string> {
  const rows = index.matchAll(/^\| \[([\w.-]+)\].*?(\d{4}-\d{2}-\d{2}) +\|$/gm);
  return new Map([...rows].map(([, file = '', date = '']) => [file, date]));
}
