import type { ClientBill } from '../results/summary.ts';
import type { ClientProfile } from './clients.ts';
import { type Conversation, type Piece, regroup } from './conversation.ts';
import { type BillingTerms, billAgain, total } from './otherwise.ts';

/**
 * Bills a recorded conversation as a client would have sent it: with its own prompt and list of names before it, its calls a
 * message, notices in place of results that go to a file, and caching. `names` are tokens of the list of deferred tools.
 * What the answer needs of a result in a file is not read back: the bill is then a lower bound.
 */
export function billAsClient(
  conversation: Conversation,
  client: ClientProfile,
  names: number,
  terms: Pick<BillingTerms, 'model' | 'profile'>,
): ClientBill {
  const { model } = terms;
  const spilled = { results: 0, tokens: 0 };
  const spill = (piece: Piece): Piece => {
    if (!goesToFile(piece, client)) return piece;
    spilled.results += 1;
    spilled.tokens += piece.tokens;
    const tokens = client.spillNotice.value;
    return {
      ...piece,
      tokens,
      ...(piece.places && { places: { alone: tokens, first: tokens, later: tokens } }),
    };
  };
  const own: Piece[] = [
    { category: 'instructions', tokens: client.ownPrompt.value[model.tokenizer] },
    ...(names > 0 ? [{ category: 'tool_definitions', tokens: names } as const] : []),
  ];
  const sent: Conversation = {
    prefix: [...own, ...conversation.prefix],
    caching: client.cache.value === 'always',
    turns: conversation.turns.map((turn) => ({ ...turn, input: turn.input.map(spill) })),
  };
  // Where it is not known which calls were ready, as with programs, they stay as they are.
  const bills = billAgain(regroup(sent, client.callsAtOnce.value) ?? sent, model);
  const { costUsd, ...figures } = total(bills, terms);
  return { roundTrips: bills.length, ...figures, costUsd: costUsd?.cached ?? null, spilled };
}

/** Only what MCP tools and programs return does; not the definitions that a search brings. */
function goesToFile({ category, tokens, characters = 0 }: Piece, { resultCap }: ClientProfile): boolean {
  if (category !== 'tool_results' && category !== 'program_output') return false;
  return tokens > resultCap.value.tokens || characters > resultCap.value.characters;
}
