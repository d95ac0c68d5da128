/**
 * Fits the local token estimate and writes harness/meter/coefficients.json with the errors measured on documents that were not fitted
 * on. Run: npm run fit:tokens -- DIR. DIR holds clones of sanderland/ctok (ctok), athakur3/mcp-context-cost (mcp-context-cost) and
 * kunchenguid/axi (axi); python3 must be there. The same clones give the same file.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { UsageError } from '../harness/errors.ts';
import { type Coefficients, type FamilyCoefficients, loadEncoder } from '../harness/meter/estimate.ts';
import {
  type CharacterClass,
  classes,
  classOf,
  eachWord,
  type Kinds,
  kindOfText,
  kindsOf,
  normalise,
  type TextKind,
  textKinds,
} from '../harness/meter/pieces.ts';
import { readCorpus } from './tokens/corpus.ts';
import { type Document, type Family, families } from './tokens/recorded.ts';
import { fitRidge } from './tokens/regression.ts';

const [folder] = process.argv.slice(2);
if (folder === undefined) throw new UsageError('Name the folder with the clones: npm run fit:tokens -- DIR.');

/** How much a coefficient is drawn to the prior: tried from 0.003 to 0.03, which made no difference. */
const ridge = 0.01;
/** Tokens of a piece where nothing is known. */
const prior = 1.2;
/** Sizes in tokens by which errors are measured. */
const sizes = [30, 100, 300, 1000, null];
/** Documents of a size that make a measured share; fewer are taken together with the next size. */
const fewest = 20;

const encoder = await loadEncoder();
const known = new Map<string, { kinds: Kinds; of: CharacterClass }>();

function take(text: string): { kinds: Kinds; textKind: TextKind } {
  const kinds: Kinds = new Map();
  const characters = Object.fromEntries(classes.map((each) => [each, 0])) as Record<CharacterClass, number>;
  eachWord(normalise(text), (word) => {
    const found = known.get(word) ?? { kinds: kindsOf(word, encoder), of: classOf(word) };
    known.set(word, found);
    for (const [kind, by] of found.kinds) kinds.set(kind, (kinds.get(kind) ?? 0) + by);
    characters[found.of] += word.length;
  });
  return { kinds, textKind: kindOfText(characters) };
}

const { fitted, heldOut } = readCorpus(folder);
const taken = new Map([...fitted, ...heldOut].map((document) => [document, take(document.text)]));

function fitFamily(family: Family): FamilyCoefficients {
  const has = (document: Document) => (document.tokens[family] ?? 0) > 0;
  const rows = fitted.filter(has).map((document) => ({
    kinds: taken.get(document)?.kinds ?? new Map(),
    tokens: document.tokens[family] ?? 0,
    weight: document.weight ?? 1,
  }));
  const fit = fitRidge(rows, ridge, prior);
  const pieces = Object.fromEntries(
    [...fit].sort(([a], [b]) => (a < b ? -1 : 1)).map(([kind, tokens]) => [kind, Number(tokens.toFixed(3))]),
  );
  const measured = heldOut.filter(has).map((document) => {
    const { kinds = new Map<string, number>(), textKind = 'prose' } = taken.get(document) ?? {};
    const counted = document.tokens[family] ?? 0;
    const tokens = [...kinds].reduce((sum, [kind, by]) => sum + (pieces[kind] ?? prior) * by, 0);
    return { textKind, tokens, error: Math.abs(Math.max(1, Math.round(tokens)) / counted - 1) };
  });
  const errors = Object.fromEntries(
    textKinds.map((kind) => [kind, bandsOf(measured.filter(({ textKind }) => textKind === kind))]),
  ) as FamilyCoefficients['errors'];
  return { pieces, otherPieces: prior, errors };
}

/** Errors by size; none is taken to be smaller than that of longer documents. */
function bandsOf(measured: readonly { tokens: number; error: number }[]) {
  const bands: { upTo: number | null; within: number; documents: number }[] = [];
  let from = 0;
  for (const upTo of sizes) {
    const of = measured.filter(({ tokens }) => tokens > from && (upTo === null || tokens <= upTo));
    if (of.length < fewest && upTo !== null) continue;
    const errors = of.map(({ error }) => error).sort((a, b) => a - b);
    const last = bands.at(-1);
    if (of.length < fewest && last) last.upTo = null;
    else
      bands.push({
        upTo,
        within: Number((errors[Math.ceil(errors.length * 0.9) - 1] ?? 0).toFixed(4)),
        documents: of.length,
      });
    from = upTo ?? from;
  }
  for (let at = bands.length - 2; at >= 0; at -= 1) {
    const [here, next] = [bands[at], bands[at + 1]];
    if (here && next) here.within = Math.max(here.within, next.within);
  }
  return bands;
}

const coefficients: Coefficients = {
  note: 'Written by npm run fit:tokens. Fitted on counts that sanderland/ctok recorded or reconstructs, of its documents and of those of athakur3/mcp-context-cost, kunchenguid/axi and this repository.',
  families: { 'claude-3': fitFamily('claude-3'), 'claude-4.7': fitFamily('claude-4.7') },
};
writeFileSync(
  join(import.meta.dirname, '../harness/meter/coefficients.json'),
  `${JSON.stringify(coefficients, null, 2)}\n`,
);
for (const family of families) {
  for (const [kind, bands] of Object.entries(coefficients.families[family].errors)) {
    console.log(
      family,
      kind,
      bands
        .map(
          ({ upTo, within, documents }) => `${upTo ?? 'more'}: ${(within * 100).toFixed(1)} % (${documents})`,
        )
        .join(', '),
    );
  }
}
