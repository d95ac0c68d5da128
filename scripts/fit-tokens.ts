/**
 * Fits the local token estimate and writes harness/meter/coefficients.json with the errors measured on documents that were not
 * fitted on. Run: npm run fit:tokens -- DIR. DIR holds clones of sanderland/ctok (ctok), athakur3/mcp-context-cost
 * (mcp-context-cost) and kunchenguid/axi (axi); python3 must be there. The same clones and the same sources here give the same
 * file.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { UsageError } from '../harness/errors.ts';
import {
  type CharacterClass,
  type Coefficients,
  classes,
  classOf,
  eachWord,
  type FamilyCoefficients,
  isCorrection,
  type Kinds,
  kindOfText,
  kindsOf,
  loadEncoder,
  normalise,
  type TextKind,
  textKinds,
  weigh,
} from '../harness/meter/estimate.ts';
import { bandsOf, type Estimated, foldOf, folds } from './tokens/calibrate.ts';
import { readCorpus } from './tokens/corpus.ts';
import { type Document, type Family, families } from './tokens/recorded.ts';
import { type Fit, fitRidge, type Row } from './tokens/regression.ts';

const [folder] = process.argv.slice(2);
if (folder === undefined) throw new UsageError('Name the folder with the clones: npm run fit:tokens -- DIR.');

/** Tokens of a piece where nothing is known. */
const prior = 1.2;

/**
 * How much a coefficient is drawn to its prior: from 0.003 to 0.03 made no difference for pieces. Pairs of letters are many and are
 * drawn more: tried on languages left out one at a time, with 0.01, 0.03 and 0.1.
 */
const priorOf = (kind: string) => ({
  tokens: isCorrection(kind) ? 0 : prior,
  ridge: kind.startsWith('pair ') ? 0.03 : 0.01,
});

const encoder = await loadEncoder();
/** What a document is made of, and what kind of text it is. */
type Taken = { kinds: Kinds; textKind: TextKind };

const known = new Map<string, { kinds: Kinds; of: CharacterClass }>();

function takeApart({ text }: Document): Taken {
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
const taken = new Map([...fitted, ...heldOut].map((document) => [document, takeApart(document)]));
const take = (document: Document) => taken.get(document) as Taken;

/**
 * Kinds of text that languages are of. Of these each is unlike any other, and a fit on the others says little: their errors are
 * those of the languages that are held out.
 */
const ofLanguages: readonly TextKind[] = ['Latin script', 'East Asian', 'other scripts'];

function fitFamily(family: Family): FamilyCoefficients {
  const has = (document: Document) => (document.tokens[family] ?? 0) > 0;
  const parts = Array.from({ length: folds }, (_, part) =>
    fitted.filter((document) => has(document) && foldOf(document.group) === part),
  );
  const { all, without } = fitRidge(
    parts.map((part) => part.map((document) => toRow(document, family))),
    priorOf,
  );
  const pieces = round(all);
  // Each fitted document as a fit on the four fifths that its group is not in has it; what is held out stays apart, to check with.
  const usual = parts.flatMap((part, at) => {
    const ofOthers = round(without[at] ?? new Map());
    const documents = part.filter(({ weight }) => weight === undefined);
    return documents.map((document) => estimate(document, ofOthers, family));
  });
  const languages = heldOut
    .filter((document) => has(document) && document.group.startsWith('language '))
    .map((document) => estimate(document, pieces, family));
  const isOfLanguage = ({ textKind }: Estimated) => ofLanguages.includes(textKind);
  const measured = [...usual.filter((each) => !isOfLanguage(each)), ...languages.filter(isOfLanguage)];
  const errors = Object.fromEntries(
    textKinds.map((kind) => [kind, bandsOf(measured.filter(({ textKind }) => textKind === kind))]),
  ) as FamilyCoefficients['errors'];
  return { pieces, otherPieces: prior, errors, everySecond: measureEverySecond(family) };
}

/** Tests on every second whole text of each source, with a fit on the others: easier than on sources that nothing was fitted on. */
function measureEverySecond(family: Family): FamilyCoefficients['everySecond'] {
  const nameOf = ({ kind, group }: Document) => `${kind} ${group}`;
  const whole = [...fitted, ...heldOut]
    .filter(({ isWhole }) => isWhole)
    .sort((a, b) => (nameOf(a) < nameOf(b) ? -1 : nameOf(a) > nameOf(b) ? 1 : 0));
  const recorded = fitted.filter(({ group }) => /^(rosetta|language) /.test(group));
  const rows = [...recorded, ...whole.filter((_, at) => at % 2 === 0)].map((document) =>
    toRow(document, family),
  );
  const { all } = fitRidge(
    Array.from({ length: folds }, (_, part) =>
      rows.filter(({ tokens }, at) => tokens > 0 && at % folds === part),
    ),
    priorOf,
  );
  const pieces = round(all);
  const errors = whole
    .filter((_, at) => at % 2 === 1)
    .map((document) => estimate(document, pieces, family))
    .map(({ tokens, counted }) => Math.abs(tokens / counted - 1));
  const share = (most: number) =>
    Number((errors.filter((error) => error <= most).length / errors.length).toFixed(3));
  return { documents: errors.length, within5: share(0.05), within10: share(0.1) };
}

function toRow(document: Document, family: Family): Row {
  return { kinds: take(document).kinds, tokens: document.tokens[family] ?? 0, weight: document.weight ?? 1 };
}

/** To three decimals, by name; corrections of nothing are left out. */
function round(fit: Fit): Record<string, number> {
  const sorted = [...fit].sort(([a], [b]) => (a < b ? -1 : 1));
  const rounded = sorted.map(([kind, tokens]) => [kind, Number(tokens.toFixed(3))] as const);
  return Object.fromEntries(rounded.filter(([kind, tokens]) => tokens !== 0 || !isCorrection(kind)));
}

function estimate(document: Document, pieces: Record<string, number>, family: Family): Estimated {
  const { kinds, textKind } = take(document);
  const tokens = weigh(kinds, { pieces, otherPieces: prior });
  const counted = document.tokens[family] ?? 0;
  return { source: document.kind, textKind, tokens: Math.max(1, Math.round(tokens)), counted };
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
