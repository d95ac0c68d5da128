import { hash } from 'node:crypto';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { renderCall } from '../../harness/meter/prompt-parts.ts';
import { openCrm } from '../../mock-servers/testing/open-server.ts';
import { makeData } from './made-data.ts';
import { countAll } from './oracle.ts';
import { type Document, readRecorded } from './recorded.ts';
import { readUncounted } from './servers.ts';
import { readSteps } from './sessions.ts';

const root = join(import.meta.dirname, '../..');
/** Longer documents say no more about errors, and take long to count. */
const mostCharacters = 12_000;

type Uncounted = Omit<Document, 'tokens'>;

/** Documents to fit on and, of other groups, to measure errors with. */
type Corpus = { fitted: Document[]; heldOut: Document[] };

/** Languages of which nothing is fitted on. */
const strange = ['fra', 'deu', 'spa', 'por', 'nld', 'pol', 'tur', 'ind', 'rus', 'hin', 'arb', 'wuu', 'yue'];

/** Speakers from which a language counts as much as any document; the others are many and rare in what agents read. */
const manySpeakers = 2e7;

/**
 * All documents of a folder with clones of sanderland/ctok, athakur3/mcp-context-cost and kunchenguid/axi, and of this repository.
 * What comes from one group is fitted on as a whole or not at all.
 */
export function readCorpus(folder: string): Corpus {
  const languages = readRecorded(folder, 'udhr').map(({ source, text, tokens }) => ({
    kind: nameScript(String(source.script), String(source.iso639_3)),
    group: `language ${source.iso639_3}`,
    text,
    tokens,
    ...(Number(source.speakers) < manySpeakers && { weight: 0.1 }),
    isStrange: strange.includes(String(source.iso639_3)),
  }));
  const whole = [
    ...definitions(folder),
    ...sessions(folder),
    ...ownFiles(),
    ...packages(),
    ...crmResults(),
    ...makeData(),
  ];
  const counted = countAll(folder, [
    ...whole.map((document) => ({ ...document, isWhole: true })),
    ...whole.flatMap(extracts),
    ...languages.filter(({ weight }) => weight === undefined).flatMap(passages),
  ]);
  const isHeldOut = ({ group }: Document) =>
    group.startsWith('language ')
      ? strange.some((code) => group.startsWith(`language ${code}`))
      : halve(group);
  return {
    fitted: [
      ...readRecorded(folder, 'rosetta'),
      ...languages.filter((language) => !language.isStrange),
      ...counted.filter((document) => !isHeldOut(document)),
    ],
    heldOut: [
      ...readRecorded(folder, 'rosetta_holdout').map((each) => ({
        ...each,
        kind: 'programs of many languages',
      })),
      ...readRecorded(folder, 'multipl_e').map((each) => ({ ...each, kind: 'programs of many languages' })),
      ...languages.filter((language) => language.isStrange),
      ...counted.filter(isHeldOut),
    ],
  };
}

/** A third of all groups is held out, the same third each time. */
function halve(group: string): boolean {
  return Number.parseInt(hash('sha256', group).slice(0, 8), 16) % 3 === 0;
}

function nameScript(script: string, language: string): string {
  if (script === 'Latn') return language === 'eng' ? 'prose: English' : 'prose: Latin script';
  if (['Hans', 'Hant', 'Hani', 'Jpan', 'Kore', 'Hang'].includes(script))
    return 'prose: Chinese, Japanese, Korean';
  return 'prose: other scripts';
}

/** Passages of a text, since what agents read is mostly short: of 100, 400 and 1,600 characters. */
function passages({ kind, group, text }: Uncounted): Uncounted[] {
  return [100, 400, 1600].flatMap((length, at) =>
    [0, 1].map((second) => {
      const from = Math.floor((text.length / 7) * (2 * at + second));
      return { kind, group, text: text.slice(from, from + length).trim() };
    }),
  );
}

/** Short parts of a long text, as much is cut off that agents read. */
function extracts({ kind, group, text }: Uncounted): Uncounted[] {
  return [60, 200, 700].flatMap((length) => {
    const from = Math.floor(text.length * 0.4);
    const part = text.slice(from, from + length).trim();
    return text.length < 3 * length || part === '' ? [] : [{ kind, group, text: part }];
  });
}

function definitions(folder: string): Uncounted[] {
  return readUncounted(folder).flatMap(({ name, definitions: lines }) =>
    lines.map((text) => ({ kind: 'tool definitions', group: `server ${name}`, text: cut(text) })),
  );
}

/** Calls and results of recorded sessions; every fourth, as many are much alike. */
function sessions(folder: string): Uncounted[] {
  return readSteps(folder)
    .filter((_, at) => at % 4 === 0)
    .flatMap(({ task, calls, results }) => [
      ...calls.map(({ name, input }) => ({
        kind: 'calls',
        group: `task ${task}`,
        text: cut(renderCall(name, input)),
      })),
      ...results.map(({ text }) => ({
        kind: 'results of recorded sessions',
        group: `task ${task}`,
        text: cut(text),
      })),
    ])
    .filter(({ text }) => text !== '');
}

function ownFiles(): Uncounted[] {
  const read = (kind: string, pattern: string) =>
    globSync(pattern, { cwd: root })
      .sort()
      .map((file) => ({ kind, group: `file ${file}`, text: cut(readFileSync(join(root, file), 'utf8')) }));
  return [
    ...read('TypeScript', '{harness,reports,scripts}/**/*.ts').filter((_, at) => at % 4 === 0),
    ...read('TypeScript', 'scenarios/*/*.ts'),
    ...read('Markdown', '*.md'),
  ];
}

/** What installed packages say of themselves, and how they declare their types. */
function packages(): Uncounted[] {
  const read = (kind: string, pattern: string, every: number) =>
    globSync(pattern, { cwd: root })
      .sort()
      .filter((_, at) => at % every === 0)
      .map((file) => ({
        kind,
        group: `package ${file.split('/')[1]}`,
        text: cut(readFileSync(join(root, file), 'utf8')),
      }));
  return [
    ...read('Markdown', 'node_modules/*/README.md', 1),
    ...read('TypeScript', 'node_modules/*/{,dist/,lib/}*.d.ts', 4),
    ...read('pretty JSON', 'node_modules/*/package.json', 2),
  ].filter(({ text }) => text !== '');
}

/** What the bundled CRM answers: never fitted on by halves, since each tool is a group. */
function crmResults(): Uncounted[] {
  const { mock } = openCrm({ contacts: 500 });
  const text = (name: string, args: Record<string, unknown>) =>
    JSON.stringify(mock.call(name, args).structuredContent);
  return mock.definitions
    .filter(({ annotations, inputSchema }) => annotations?.readOnlyHint && !inputSchema.required?.length)
    .flatMap(({ name }) =>
      ['{}', '{"limit":3}'].map((args) => ({ name, text: text(name, JSON.parse(args)) })),
    )
    .filter(({ text: each }) => each !== undefined)
    .map(({ name, text: each }) => ({ kind: 'compact JSON', group: `crm ${name}`, text: cut(each) }));
}

function cut(text: string): string {
  return text.slice(0, mostCharacters).trim();
}
