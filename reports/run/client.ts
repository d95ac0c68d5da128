import { counted, number, seconds, times, usd, whole } from '../../harness/numbers.ts';
import { pointKey } from '../../harness/results/point.ts';
import type { ClientBill, ClientFacts, Result, Summary } from '../../harness/results/summary.ts';
import { tableOf } from '../text/table.ts';
import type { WriteForeign } from './notes.ts';

type Billed = Result & { client: ClientBill };

/** Puts the client's bills beside each other, and says for each workflow what costs less there and what is not known. */
export function reportClient(
  summary: Summary,
  { name, classicVariant, facts, notBilled }: ClientFacts,
  write: WriteForeign,
) {
  const billed = summary.results.flatMap((result): Billed[] =>
    result.client ? [{ ...result, client: result.client }] : [],
  );
  return {
    heading: `As ${name} would send it`,
    figures: tableOf(billed, [
      ['workflow', ({ scenario }) => write(scenario)],
      ['variant', ({ variant }) => variant, 'l'],
      ['round trips', ({ client }) => number(client.roundTrips)],
      ['billed tokens', ({ client }) => atLeast(client, whole(client.billed))],
      ['cost', ({ client }) => (client.costUsd === null ? 'unpriced' : atLeast(client, usd(client.costUsd)))],
      ['model time', ({ client }) => atLeast(client, seconds(client.modelledMs))],
      [
        'to a file',
        ({ client: { spilled } }) => (spilled.results > 0 ? counted(spilled.results, 'result') : '0'),
      ],
    ]),
    rulings: [...Map.groupBy(billed, pointKey)].map(([key, results]) => {
      const verdict = summary.verdicts.find((each) => pointKey(each) === key);
      return `${write(results[0]?.scenario ?? '')}: ${ruleOn(results, verdict?.pattern)}`;
    }),
    basis: `What ${name} does, and where that stands. ${classicVariant} stands for its direct calls; it documents no programs of its own, so that code is billed as tools of a server that it always loads. Not billed: ${notBilled.join('; ')}.`,
    facts: facts.map(({ says, source, asOf }) => `It ${says} (${source}, ${asOf}).`),
  };
}

/** Ratios up to this are too close to call, as in verdicts unless told otherwise. */
const margin = 1.1;

/**
 * The cheaper side in the client, where the bill shows it. What a side costs whose results go to a file is a lower bound: that side
 * can be shown to be dearer, and never cheaper.
 */
function ruleOn(results: readonly Billed[], verdict: string | undefined): string {
  const [classic, code] = [cheapest(results, 'classic'), cheapest(results, 'code')];
  if (!classic || !code) return 'both patterns are needed, with prices, to compare them.';
  const [dearer, cheaper] = classic.costUsd > code.costUsd ? [classic, code] : [code, classic];
  const factor = dearer.costUsd / cheaper.costUsd;
  const needed = [classic, code]
    .filter(({ client: { spilled } }) => spilled.results > 0)
    .map(
      ({ variant, client: { spilled } }) =>
        ` The work needs what ${variant} has in a file (${counted(spilled.results, 'result')}); how it is read back is not known.`,
    );
  const answer = () => {
    if (cheaper.client.spilled.results > 0) return 'not known which costs less.';
    const least = dearer.client.spilled.results > 0 ? 'at least ' : '';
    if (factor <= margin && least === '')
      return `too close to call; ${dearer.variant} costs ${times(factor)} times as much.`;
    const pattern = cheaper === code ? 'code' : 'classic';
    const differs = (verdict === 'classic' || verdict === 'code') && verdict !== pattern;
    return `${cheaper.variant} costs less; ${dearer.variant} costs ${least}${times(factor)} times as much.${differs ? ` The verdict above is ${verdict}, without what the client adds.` : ''}`;
  };
  return `${answer()}${needed.join('')}`;
}

function cheapest(
  results: readonly Billed[],
  pattern: string,
): (Omit<Billed, 'costUsd'> & { costUsd: number }) | undefined {
  const priced = results.flatMap((result) =>
    result.pattern === pattern && result.client.costUsd !== null
      ? [{ ...result, costUsd: result.client.costUsd }]
      : [],
  );
  return priced.sort((a, b) => a.costUsd - b.costUsd)[0];
}

function atLeast({ spilled }: ClientBill, figure: string): string {
  return spilled.results > 0 ? `≥ ${figure}` : figure;
}
