/**
 * Holds the local estimate and the rendering against public recorded counts that nothing was fitted on. Run: npm run check:counts
 * -- DIR [--write]. DIR holds clones of sanderland/ctok (ctok), athakur3/mcp-context-cost (mcp-context-cost) and kunchenguid/axi
 * (axi); python3 must be there. With --write the tables go to reports/published/token-counts.md.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { markdownTable } from 'markdown-table';
import { UsageError } from '../harness/errors.ts';
import coefficients from '../harness/meter/coefficients.json' with { type: 'json' };
import { loadEstimate } from '../harness/meter/estimate.ts';
import { markups } from '../harness/meter/prompt-parts.ts';
import { addCounts, type Count, type TokenCounter, toRange } from '../harness/meter/token-counter.ts';
import { readCorpus } from './tokens/corpus.ts';
import { countDefinitions, countStep } from './tokens/count-prompt.ts';
import { type Family, families } from './tokens/recorded.ts';
import { readCounted } from './tokens/servers.ts';
import { readSteps } from './tokens/sessions.ts';

const [folder, write] = process.argv.slice(2);
if (folder === undefined)
  throw new UsageError('Name the folder with the clones: npm run check:counts -- DIR.');

/** An estimate and what was counted of the same. */
type Pair = { estimate: Count; counted: number };

const percent = (share: number) => `${(share * 100).toFixed(1)} %`;
const signed = (share: number) => `${share < 0 ? '−' : '+'}${percent(Math.abs(share))}`;
const errorOf = ({ estimate, counted }: Pair) => estimate.tokens / counted - 1;
const header = [
  'kind',
  'n',
  'median error',
  'within 5 %',
  'within 10 %',
  '90 % are within',
  'inside the printed range',
];

function summarise(kind: string, pairs: readonly Pair[]): string[] {
  const errors = pairs.map(errorOf).sort((a, b) => a - b);
  const sizes = errors.map(Math.abs).sort((a, b) => a - b);
  const share = (has: number) => `${Math.round((has / pairs.length) * 100)} %`;
  const inside = pairs.filter(({ estimate, counted }) => {
    const { low, high } = toRange(estimate);
    return low <= counted && counted <= high;
  });
  return [
    kind,
    String(pairs.length),
    signed(errors[errors.length >> 1] ?? 0),
    share(sizes.filter((size) => size <= 0.05).length),
    share(sizes.filter((size) => size <= 0.1).length),
    percent(sizes[Math.ceil(sizes.length * 0.9) - 1] ?? 0),
    share(inside.length),
  ];
}

const table = (rows: string[][]) => markdownTable(rows, { align: ['l', 'r', 'r', 'r', 'r', 'r', 'r'] });
const counters = new Map<Family, TokenCounter>();
for (const family of families) counters.set(family, await loadEstimate(family));
const counterOf = (family: Family) => counters.get(family) as TokenCounter;

const { heldOut } = readCorpus(folder);

/** Sizes in tokens, from one to under the other, by which errors are told: they hang on size more than on kind. */
const sizes: readonly (readonly [least: number, under: number, name: string])[] = [
  [0, 30, 'under 30 tokens'],
  [30, 100, '30 to 99 tokens'],
  [100, 300, '100 to 299 tokens'],
  [300, Number.POSITIVE_INFINITY, '300 tokens and more'],
];

/** Documents that were not fitted on, by kind; the last rows take together what agents read most and recorded programs. */
function describeDocuments(family: Family): string {
  const pairs = heldOut.flatMap(({ kind, group, text, tokens }) => {
    const counted = tokens[family];
    return counted ? [{ kind, group, estimate: counterOf(family).measure(text), counted }] : [];
  });
  const isOdd = ({ kind }: { kind: string }) => kind.startsWith('prose') || kind.startsWith('programs');
  const rosetta = pairs.filter(({ group }) => group.startsWith('rosetta_holdout'));
  const usual = pairs.filter((each) => !isOdd(each));
  const atLeast = (least: number) => (each: Pair) => each.counted >= least;
  const bySize = sizes.map(([least, under, name]) => {
    const own = usual.filter(({ counted }) => counted >= least && counted < under);
    return summarise(`… of ${name}`, own);
  });
  return table([
    header,
    ...[...Map.groupBy(pairs, ({ kind }) => kind)].map(([kind, of]) => summarise(kind, of)),
    summarise('all but prose and Rosetta', usual),
    ...bySize,
    summarise('Rosetta hold-out', rosetta),
    summarise('… of 200 tokens and more', rosetta.filter(atLeast(200))),
    summarise('everything', pairs),
  ]);
}

const languages = new Intl.DisplayNames('en', { type: 'language' });

/** The Universal Declaration of Human Rights in languages that nothing was fitted on: whole, its passages left out. */
function describeLanguages(): string {
  const documents = heldOut.filter(({ kind, text }) => kind.startsWith('prose') && text.length > 1600);
  const byLanguage = Map.groupBy(documents, ({ group }) => group.replace('language ', ''));
  const rows = [...byLanguage].map(([code, own]) => {
    const errors = families.map((family) => {
      let [estimated, counted] = [0, 0];
      for (const { text, tokens } of own) {
        if (!tokens[family]) continue;
        estimated += counterOf(family).count(text);
        counted += tokens[family];
      }
      return signed(estimated / counted - 1);
    });
    return [languages.of(code) ?? code, ...errors.toReversed()];
  });
  return markdownTable([['language', 'newer models', 'older models'], ...rows], { align: ['l', 'r', 'r'] });
}

function describeServers(): string {
  const rows = readCounted(folder as string).map(({ name, definitions, counted }) => {
    const estimate = countDefinitions(definitions, 'claude-4.7', counterOf('claude-4.7'));
    return { name, definitions: definitions.length, pair: { estimate, counted } };
  });
  return markdownTable(
    [
      ['server', 'tools', 'counted', 'estimated', 'error', 'printed range'],
      ...rows.map(({ name, definitions, pair }) => {
        const { low, high } = toRange(pair.estimate);
        return [
          name,
          String(definitions),
          String(pair.counted),
          String(pair.estimate.tokens),
          signed(errorOf(pair)),
          `${low} to ${high}`,
        ];
      }),
    ],
    { align: ['l', 'r', 'r', 'r', 'r', 'r'] },
  );
}

function describeSteps(): string {
  const pairs = readSteps(folder as string)
    .filter(({ growth }) => growth > 0)
    .map((step) => ({
      step,
      estimate: countStep(step, 'claude-3', counterOf('claude-3')),
      counted: step.growth,
    }));
  const one = pairs.filter(({ step }) => step.calls.length === 1);
  return table([
    header,
    summarise('one call', one),
    summarise(
      '… under 300 tokens',
      one.filter(({ counted }) => counted < 300),
    ),
    summarise(
      '… of 300 tokens and more',
      one.filter(({ counted }) => counted >= 300),
    ),
    summarise(
      'several calls',
      pairs.filter(({ step }) => step.calls.length > 1),
    ),
    summarise('all together', [
      {
        estimate: addCounts(pairs.map(({ estimate }) => estimate)),
        counted: pairs.reduce((sum, { counted }) => sum + counted, 0),
      },
    ]),
  ]);
}

/** Shares within 5 and 10 % of whole texts, every second one tested with a fit on the others. */
function describeEverySecond(): string {
  const percents = (family: Family) => {
    const { within5, within10 } = coefficients.families[family].everySecond;
    return [within5, within10].map((share) => `${Math.round(share * 100)} %`);
  };
  const [newer, older] = [percents('claude-4.7'), percents('claude-3')];
  return `newer models ${newer[0]} within 5 % and ${newer[1]} within 10 %, older ones ${older.join(' and ')}`;
}

const text = `# Token counts against recorded ones

Written by \`npm run check:counts -- DIR --write\`. Sources: sanderland/ctok (recorded counts, and counts of other documents that it
reconstructs), athakur3/mcp-context-cost (claude-opus-5, 2026-08-19) and kunchenguid/axi (claude-sonnet-4-6, 2026-03). Nothing here was
fitted on. Of languages, none whose texts are here was.

The printed range should hold nine of ten. Its width was measured on the fitted documents, each estimated by a fit on others: by kind
and size of text, the share that holds nine in ten of each source (conformal quantile). Of other languages and scripts it
was measured on the languages below.

Most of the documents have at most 700 characters. Of a text under 20 tokens, one token is more than 5 %:
there, within 5 % means exact. So look at the rows by size; the share over all sizes hangs on how many texts are short.

To hold out whole sources, as here, is harder than to hold out every second text. The easier way, on
${coefficients.families['claude-4.7'].everySecond.documents} whole texts of the kinds that agents read with a fit on the others:
${describeEverySecond()}.

## Documents, newer models (claude-4.7)

${describeDocuments('claude-4.7')}

## Documents, older models (claude-3)

${describeDocuments('claude-3')}

## Languages that nothing was fitted on

Error of the estimate for the Universal Declaration of Human Rights, its translations together.

${describeLanguages()}

## Definitions of real servers

What the tools of a server add to a request, with ${markups['claude-4.7'].definition} token after each definition and the model's tool prompt.

${describeServers()}

## Requests of recorded sessions

By how much the prompt grew from one request to the next: words, calls and results. Some steps carry reminders that the client adds,
of some 15, 30 or 100 tokens.

${describeSteps()}
`;
process.stdout.write(text);
if (write === '--write') {
  const published = join(import.meta.dirname, '../reports/published');
  mkdirSync(published, { recursive: true });
  writeFileSync(join(published, 'token-counts.md'), text);
}
