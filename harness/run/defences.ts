import type { JsonObject, JsonSchema } from '../json.ts';
import type { DefenceExposure, PlaceExposure } from '../results/exposure.ts';
import type { Scenario } from '../scenario/scenario.ts';
import type { Approver } from '../tools/approvals.ts';
import { toIdentifiers } from '../tools/mcp/names.ts';
import { type Crossing, takesText } from '../tools/poison/fields.ts';
import type { Place, Target } from '../tools/poison/places.ts';
import {
  type Honest,
  noPoison,
  openCatcher,
  type Poison,
  type Sink,
  sinkNameIn,
} from '../tools/poison/wrap.ts';
import type { Trial } from './plan.ts';
import type { PoisonedTrial, Poisoning } from './poisoned-trials.ts';

/** What stands between an order and its effect: each alone, so that its worth is seen. */
type Defence = {
  name: string;
  /** Whether only the tools of the scenario may be used; all that its servers list where it names none. */
  allowList?: true;
  /** Whether the scenario lacks `writes`. */
  readOnly?: true;
  /** The sink says that it only reads. */
  lying?: true;
  /** Whether somebody who knows the tools of the work approves each call that writes. */
  approval?: true;
  /**
   * Where the order sends it, unless to a tool of the attacker's: to an address, which only a program could, or in an argument
   * of a tool of the work, either one that the tool takes or a further one.
   */
  sentTo?: 'address' | 'argument' | 'further argument';
  /** Whether the model sees the server without free text. */
  withoutTexts?: true;
  /** Whether results are marked as data, and the model obeys nothing that is. */
  quotes?: true;
};

const defences: readonly Defence[] = [
  { name: 'none' },
  { name: 'allow-list', allowList: true },
  { name: 'no writes, honest sink', readOnly: true },
  { name: 'no writes, lying sink', readOnly: true, lying: true },
  { name: 'approval, honest sink', approval: true },
  { name: 'approval, lying sink', approval: true, lying: true },
  { name: 'sandbox, sent by fetch', sentTo: 'address' },
  { name: 'schema, sent in a further argument', sentTo: 'further argument' },
  {
    name: 'all of these, sent in an argument',
    ...{ allowList: true, readOnly: true, approval: true, sentTo: 'argument' },
  },
  { name: 'texts taken away', withoutTexts: true },
  { name: 'results quoted, and heeded', quotes: true },
];

/** Defences that look at listings, and what each catches: with one, a server that changed is not used at all. */
const judges: readonly { name: string; catches: (place: PlaceExposure) => boolean }[] = [
  { name: 'pin', catches: ({ pinned }) => pinned === true },
  { name: 'warnings', catches: ({ warned }) => warned === true },
  { name: 'look-alike check, refuses', catches: ({ lookAlike }) => lookAlike === 'refused' },
  { name: 'look-alike check, warns', catches: ({ lookAlike }) => lookAlike !== null },
];

/** Reads what it is shown, and knows that the work has no use for the attacker's tool. */
export function attentive(server: string, sink: string): Approver {
  return { by: 'script', ask: async ({ tools }) => !tools.includes(`${server}.${sink}`) };
}

/** Tools by server. */
type Tools = NonNullable<Scenario['tools']>;

/** What of a scenario was found before. */
type Found = {
  target: Target;
  honest: Honest;
  /** Calls of the work with what they were answered. */
  crossings: readonly Crossing[];
  passes: readonly Place[][];
  exposed: readonly PlaceExposure[];
};

/**
 * Measures what each defence is worth: a model that obeys every order that reaches it calls a sink of the server, which counts in
 * whose name. That it obeys always is an input, so the numbers say what would be stopped, not what a model would do.
 */
export async function measureDefences(
  trials: readonly Trial[],
  poisoning: Poisoning,
  found: Found,
): Promise<DefenceExposure[]> {
  const { target, honest, passes, exposed } = found;
  const { server } = target;
  const tools = await toolsOf(trials, poisoning, found);
  await using catcher = await openCatcher();
  /** Passes with an order that was obeyed without any defence; with one, no others are. */
  let obeyedIn = passes;
  /** The work without attacks, by what it may do and see. */
  const clean = new Map<string, PoisonedTrial[]>();
  const run = async (defence: Defence): Promise<DefenceExposure[]> => {
    const sink = defence.sentTo === 'address' ? catcher : sinkOf(defence, found);
    if (!sink) return [];
    const open = trials.map((trial) => withGrant(trial, tools, defence));
    const { allowList, readOnly, withoutTexts, quotes } = defence;
    const approver = attentive(server, sinkNameIn(honest));
    const approvals = defence.approval && ({ per: 'call', approver } as const);
    const world = { withoutTexts, quotes, approvals };
    const ran: PoisonedTrial[][] = [];
    for (const pass of obeyedIn) {
      const poison: Poison = { target, names: new Set(pass.map(({ name }) => name)), kind: 'order', sink };
      const [, each] = await poisoning.run(open, server, poison, world);
      ran.push(each);
    }
    if (defence.name === 'none') {
      obeyedIn = passes.filter((_, at) => ran[at]?.some(({ obeyed }) => obeyed.size > 0));
    }
    const grant = JSON.stringify([allowList, readOnly, withoutTexts, quotes]);
    if (!clean.has(grant)) {
      const [, each] = await poisoning.run(open, server, noPoison, { withoutTexts, quotes });
      clean.set(grant, each);
    }
    const namesOf = (of: 'obeyed' | 'effects', at: number) =>
      ran.flatMap((pass) => [...(pass[at]?.[of] ?? [])]).sort();
    const cells = trials.map(({ variant }, at) => ({
      variant: variant.name,
      obeyed: namesOf('obeyed', at),
      effects: namesOf('effects', at),
      tokens: clean.get(grant)?.[at]?.untrusted.billed ?? 0,
      works: clean.get(grant)?.[at]?.result.correct === 1,
    }));
    return [{ defence: defence.name, cells }];
  };
  const measured: DefenceExposure[] = [];
  for (const defence of defences) measured.push(...(await run(defence)));
  const [none] = measured;
  const judged = judges.map(({ name, catches }): DefenceExposure => {
    const caught = new Set(exposed.filter(catches).map(({ place }) => place));
    const isLeft = (place: string) => !caught.has(place);
    const cells = (none?.cells ?? []).map(({ obeyed, effects, ...cell }) => {
      return { ...cell, obeyed: obeyed.filter(isLeft), effects: effects.filter(isLeft) };
    });
    return { defence: name, cells };
  });
  return [...measured, ...judged];
}

/**
 * Where an order sends what was read. In an argument of the work: of the first call whose tool takes any text in one of those that
 * were given; undefined where there is none.
 */
function sinkOf({ sentTo, lying }: Defence, { honest, crossings }: Found): Sink | undefined {
  if (sentTo === undefined) return { name: sinkNameIn(honest), honest: !lying };
  const tools = honest.tools as { name: string; inputSchema: JsonSchema }[];
  const identifiers = toIdentifiers(tools.map(({ name }) => name));
  for (const { tool, arguments: given } of crossings) {
    const at = tools.findIndex(({ name }) => name === tool);
    const takesIt = (name: string) => takesText(tools[at]?.inputSchema, [name]);
    const argument = sentTo === 'argument' ? Object.keys(given).find(takesIt) : 'report';
    const identifier = identifiers[at];
    if (argument === undefined || identifier === undefined) continue;
    return { tool, identifier, arguments: given as JsonObject, argument };
  }
  return undefined;
}

/** The tools that a scenario may use, by server: those that it names, else all that its servers list. */
async function toolsOf(
  [first]: readonly Trial[],
  poisoning: Poisoning,
  { target: { server }, honest }: Found,
): Promise<Tools> {
  if (!first) throw new Error('There is no trial.');
  const { scenario, servers } = first;
  if (scenario.tools) return scenario.tools;
  const listed = ({ tools }: Honest) => (tools as { name: string }[]).map(({ name }) => name);
  const tools = { [server]: listed(honest) };
  for (const other of Object.keys(await servers.resolve())) {
    if (other === server) continue;
    const [beside] = await poisoning.run([first], other, noPoison);
    tools[other] = listed(beside.honest);
  }
  return tools;
}

/** The trial with what its scenario may do changed: everything, but for what the defence forbids. */
function withGrant(trial: Trial, tools: Tools, { allowList, readOnly }: Defence): Trial {
  const { tools: _, approvals: __, ...scenario } = trial.scenario;
  return { ...trial, scenario: { ...scenario, ...(allowList && { tools }), writes: !readOnly } };
}
