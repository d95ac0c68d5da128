import { UsageError } from '../errors.ts';
import { tellNearestOrKnown } from '../nearest.ts';
import type { ClientBill, ClientFacts } from '../results/summary.ts';
import type { ModelEntry } from './catalogue.ts';
import {
  type BillingTerms,
  billAgain,
  type CallsAtOnce,
  type Conversation,
  observedCalls,
  type Piece,
  regroup,
  total,
} from './conversation.ts';

type Fact = ClientFacts['facts'][number];

/** A value of a profile: what it says in a sentence, where that stands or was observed, and when it was read or observed. */
type Sourced<Value> = Fact & { value: Value };

/** What a client really sends. A client is listed only where all of this is documented or was observed in public recordings. */
export type ClientProfile = {
  name: string;
  /** The variant that stands for its direct calls. */
  classicVariant: Sourced<'classic' | 'classic-search'>;
  /** What it writes before the name of each deferred tool in the list that it sends up front; undefined where it lists none. */
  listedNames: Sourced<string | undefined>;
  /** Tokens of its own system prompt and tools, by tokenizer family. */
  ownPrompt: Sourced<Record<ModelEntry['tokenizer'], number>>;
  callsAtOnce: Sourced<CallsAtOnce>;
  /** A result beyond either goes to a file. */
  resultCap: Sourced<{ tokens: number; characters: number }>;
  /** Tokens of what stands in the conversation instead of such a result. */
  spillNotice: Sourced<number>;
  execution: Fact;
  /** That it always asks for caching. */
  cache: Fact;
  notBilled: string[];
};

const sessions = 'github.com/kunchenguid/axi, bench-github/published-results (Claude Code 2.1.77)';
const sessionsDate = '2026-03-29';
const mcpPage = 'code.claude.com/docs/en/mcp';

const profiles: ClientProfile[] = [
  {
    name: 'claude-code',
    classicVariant: {
      value: 'classic-search',
      says: 'defers the definitions of all MCP tools and finds them by search',
      source: mcpPage,
      asOf: '2026-11-22',
    },
    listedNames: {
      value: 'mcp__',
      says: 'sends the names of all deferred tools up front',
      source: `${mcpPage}, an undated copy`,
      asOf: '2026-11-27',
    },
    ownPrompt: {
      // The first prompts have 16,402 to 16,454 tokens. Task and names of deferred tools are taken as 1,400 of them.
      value: { 'claude-3': 15_000, 'claude-4.7': 19_500 },
      says: 'sends about 15,000 tokens of its own prompt and tools; 30 % more where the tokenizer is the newer one',
      source: sessions,
      asOf: sessionsDate,
    },
    callsAtOnce: {
      value: observedCalls,
      says: 'has more than one call in 31 % of messages with calls, 1.9 on average',
      source: sessions,
      asOf: sessionsDate,
    },
    resultCap: {
      value: { tokens: 25_000, characters: 50_000 },
      says: 'writes a result over 25,000 tokens or 50,000 characters to a file',
      source: `${mcpPage}, as quoted in qiita.com/akihidem/items/32e331a9cbe0abf3af11`,
      asOf: '2026-10-05',
    },
    spillNotice: {
      // The prompt grows by 478 tokens at least over a call whose result went to a file; the call itself is some 100 of them.
      value: 380,
      says: 'leaves a notice of about 380 tokens in its place',
      source: sessions,
      asOf: sessionsDate,
    },
    execution: {
      says: 'runs calls of tools marked read-only together and all others one by one, as the measured time here does',
      source: 'code.claude.com/docs/en/agent-sdk/agent-loop, an undated copy',
      asOf: '2026-11-27',
    },
    cache: {
      says: 'always asks for caching; for five minutes with an API key, which is billed here',
      source: 'code.claude.com/docs/en/prompt-caching, as noted in tangled.org/nonbinary.computer/albedo',
      asOf: '2026-09-28',
    },
    notBilled: [
      'reading back what went to a file',
      'cutting descriptions and server instructions at 2 KB',
      'searches that name the tool and bring only that one',
      'a cache that an earlier session left warm',
      'compaction of long sessions',
      'thinking and words beside the calls',
    ],
  },
];

export const clientNames = profiles.map(({ name }) => name);

/** The profile of a name. Throws a `UsageError` that lists the known ones. */
export function findClient(name: string): ClientProfile {
  const profile = profiles.find((candidate) => candidate.name === name);
  if (profile) return profile;
  throw new UsageError(
    `There is no profile of the client "${name}".${tellNearestOrKnown(name, clientNames, 3)}`,
  );
}

/** A profile in words, for the summary and reports. */
export function describeClient({ name, classicVariant, notBilled, ...fields }: ClientProfile): ClientFacts {
  const facts = [classicVariant, ...Object.values(fields)].map(({ says, source, asOf }) => ({
    says,
    source,
    asOf,
  }));
  return { name, classicVariant: classicVariant.value, facts, notBilled };
}

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
    caching: true,
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
