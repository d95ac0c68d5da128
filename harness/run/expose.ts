import { isDeepStrictEqual } from 'node:util';
import { usedFunctions } from '../agent/scripted/scripted-model.ts';
import { UsageError } from '../errors.ts';
import { isRecord, type JsonSchema, ownMember } from '../json.ts';
import { tellNearestOrKnown } from '../nearest.ts';
import {
  type Exposure,
  type ExposureCell,
  exposureFormat,
  type LeftOut,
  type PlaceExposure,
  type ScenarioExposure,
} from '../results/exposure.ts';
import { toIdentifiers } from '../tools/mcp/names.ts';
import { type PlantedKind, plant } from '../tools/poison/canary.ts';
import { chooseFields, type Field } from '../tools/poison/fields.ts';
import { judgeListing } from '../tools/poison/judge.ts';
import { type Place, places, type Target, type When } from '../tools/poison/places.ts';
import { type Honest, noPoison, sinkNameIn } from '../tools/poison/wrap.ts';
import { measureDefences } from './defences.ts';
import type { Trial } from './plan.ts';
import { openPoisoning, type PoisonedTrial, type PoisonInput, type Poisoning } from './poisoned-trials.ts';

/** What finding out takes; the trials are those of a plan, with each variant once. */
export type ExposeInput = PoisonInput & {
  /** Orders, or their benign twins: these must change no answer. */
  kind?: PlantedKind;
  /** Plants each text in trials of its own, instead of all at once where they do not disturb each other. */
  eachAlone?: boolean | undefined;
  /** Poisons only the servers of this name; without it each server of a scenario in turn. */
  server?: string | undefined;
  /** Only these places; all of them where it says nothing. */
  only?: readonly string[] | undefined;
  /** Whether a model that obeys all orders shows what each defence is worth. */
  obey?: boolean;
  onServer?: (scenario: string, server: string) => void;
};

/**
 * Finds where text of a server that lies reaches the model: it plants a marked text in every place of what one server of a
 * scenario sends, each in turn, and looks for the marks in each prompt, by variant. A live model is given one order at a time,
 * and a tool to obey it with. What fails without any attack is left out. Throws what `openPoisoning` throws, a `UsageError`
 * where nothing is left, and a `RunEnded` where the budget is used up.
 */
export async function expose(input: ExposeInput): Promise<Exposure> {
  await using poisoning = await openPoisoning(input);
  const { trials, model, seed, kind = 'order' } = input;
  const scenarios: ScenarioExposure[] = [];
  const left = new Map<string, LeftOut>();
  for (const { own, server } of await serversToPoison(trials, input.server)) {
    const leaveOut = (each: LeftOut) => left.set(JSON.stringify(each), each);
    scenarios.push(...(await exposeServer(own, server, poisoning, input, leaveOut)));
  }
  const leftOut = [...left.values()];
  if (scenarios.length === 0) {
    const reasons = leftOut.map(
      ({ scenario, variant = 'every variant', reason }) => `${scenario} in ${variant}: ${reason}`,
    );
    throw new UsageError(['There is nothing to poison.', ...reasons].join('\n'));
  }
  return {
    format: exposureFormat,
    evidence: input.models?.provider ? 'live' : 'scripted',
    model: model.id,
    counting: poisoning.counter.method,
    attackTokens: poisoning.counter.count(plant('instructions', kind).text),
    seed,
    quoted: input.quotes ?? false,
    scenarios,
    leftOut,
  };
}

/** A trial, and what it showed without any attack. */
type CleanTrial = { trial: Trial; clean: PoisonedTrial };

/** The trials of a scenario, one for each variant, and what of a server of theirs is poisoned. */
type Found = { own: readonly CleanTrial[]; target: Target; honest: Honest };

/** Each server of each scenario, with the scenario's trials. Throws a `UsageError` where none has the wanted name. */
async function serversToPoison(
  trials: readonly Trial[],
  wanted: string | undefined,
): Promise<{ own: Trial[]; server: string }[]> {
  const all: { own: Trial[]; server: string }[] = [];
  for (const own of Map.groupBy(trials, ({ servers }) => servers).values()) {
    const servers = own[0] ? await namedServers(own[0]) : [];
    all.push(...servers.map((server) => ({ own, server })));
  }
  if (wanted === undefined) return all;
  const found = all.filter(({ server }) => server === wanted);
  if (found.length > 0) return found;
  const known = [...new Set(all.map(({ server }) => server))];
  throw new UsageError(`No workflow has a server "${wanted}".${tellNearestOrKnown(wanted, known, 3)}`);
}

async function exposeServer(
  planned: readonly Trial[],
  server: string,
  poisoning: Poisoning,
  input: ExposeInput,
  leaveOut: (left: LeftOut) => void,
): Promise<ScenarioExposure[]> {
  const [first] = planned;
  if (!first) throw new Error('There is no trial.');
  const { scenario, params } = first;
  input.onServer?.(scenario.name, server);
  // What is the same in all trials of a variant is looked for in its first.
  const firsts = planned.filter(({ repeat }) => repeat === 1);
  const [{ honest }, ran] = await poisoning.run(firsts, server, noPoison);
  const own = firsts.flatMap((trial, at): CleanTrial[] => {
    const clean = ran[at] as PoisonedTrial;
    const { variant, status, reason } = clean.result;
    if (status === 'completed') return [{ trial, clean }];
    leaveOut({ scenario: scenario.name, variant, reason: `ends as ${status} without any attack: ${reason}` });
    return [];
  });
  const [{ clean } = {}] = own;
  const target = clean && chooseTarget(first, server, honest, clean);
  if (clean && !target)
    leaveOut({ scenario: scenario.name, reason: `makes no call of its server ${server}` });
  if (!target) return [];
  const live = input.models?.provider && planned;
  const { exposed, passes } = await measurePlaces({ own, target, honest }, poisoning, input, live);
  const { used, unused, fields } = target;
  const named = Object.entries(fields).flatMap(([which, field]) => (field ? [[which, nameOf(field)]] : []));
  const exposure = {
    ...{ scenario: scenario.name, params, server, used },
    ...(unused !== undefined && { unused }),
    fields: Object.fromEntries(named),
    untrusted: own.map(({ trial, clean: { untrusted } }) => ({ variant: trial.variant.name, ...untrusted })),
    places: exposed,
    ...(input.obey && {
      defences: await measureDefences(
        own.map(({ trial }) => trial),
        poisoning,
        { target, honest, passes, exposed, crossings: clean.crossings },
      ),
    }),
  };
  return [exposure];
}

/**
 * Finds for each place where its text reaches the model. Places share trials as long as these go as they do without any attack;
 * where they do not, the places that change them are found by halves. `passes` says which shared one. `live`: the trials of a live
 * model, which is tried several times in each variant.
 */
async function measurePlaces(
  found: Found,
  poisoning: Poisoning,
  { kind = 'order', only, eachAlone }: ExposeInput,
  live: readonly Trial[] | undefined,
): Promise<{ exposed: PlaceExposure[]; passes: Place[][] }> {
  const { own, target, honest } = found;
  const { server } = target;
  // It says that it only reads, so that scenarios which do not write let it be called.
  const sink = live && { name: sinkNameIn(honest), honest: false };
  const variants = new Set(own.map(({ trial }) => trial.variant));
  const trials = sink
    ? live.filter(({ variant }) => variants.has(variant)).map((trial) => withTool(trial, server, sink.name))
    : own.map(({ trial }) => trial);
  const rows = new Map<string, PlaceExposure>();
  const passes: Place[][] = [];
  const measure = async (pass: Place[]): Promise<void> => {
    const names = new Set(pass.map(({ name }) => name));
    const [, each] = await poisoning.run(trials, server, { target, names, kind, sink });
    if (pass.length > 1 && !each.every((trial, at) => wentAlike(trial, own[at]?.clean))) {
      const middle = Math.ceil(pass.length / 2);
      await measure(pass.slice(0, middle));
      return measure(pass.slice(middle));
    }
    passes.push(pass);
    const byVariant = Map.groupBy(each, ({ result }) => result.variant);
    for (const { name, group } of pass) {
      rows.set(name, {
        place: name,
        group,
        ...judgeListing(honest, { target, names: new Set([name]), kind }),
        cells: [...byVariant.values()].map((same) => toCell(name, same, live !== undefined)),
      });
    }
  };
  const wanted = places.filter(({ name }) => only?.includes(name) ?? true);
  for (const pass of inPasses(wanted, live || eachAlone ? 'all' : conditionsOf(found))) await measure(pass);
  return { exposed: wanted.map(({ name }) => rows.get(name) as PlaceExposure), passes };
}

/** Whether a trial came to the same as another: the same calls, requests and answer. */
function wentAlike(trial: PoisonedTrial, other: PoisonedTrial | undefined): boolean {
  const courseOf = ({ result, answer, calls }: PoisonedTrial) => [
    ...[result.status, result.roundTrips, answer],
    // Calls that are made at once come in any order.
    ...calls.toSorted(),
  ];
  return other !== undefined && isDeepStrictEqual(courseOf(trial), courseOf(other));
}

/** Which places a scenario goes another way with. */
function conditionsOf({ own, target: { used }, honest }: Found): ReadonlySet<When> {
  const isStructured = own[0]?.clean.crossings.some(
    ({ tool, result }) => tool === used && isRecord(result) && result.structuredContent !== undefined,
  );
  const listed = honest.tools as { name: string; outputSchema?: JsonSchema }[];
  const schema = listed.find(({ name }) => name === used)?.outputSchema;
  const isClosed = schema?.additionalProperties === false;
  return new Set([
    'always',
    ...(isStructured ? [] : ['text' as const]),
    ...(isClosed ? ['closed' as const] : []),
  ]);
}

/**
 * Places that are measured together; those that change the way of a scenario are measured alone, but for twins, which share a
 * server.
 */
function inPasses(wanted: readonly Place[], alone: ReadonlySet<When> | 'all'): Place[][] {
  const isAlone = ({ alone: when }: Place) => alone === 'all' || (when !== undefined && alone.has(when));
  const isShared = (place: Place) => alone !== 'all' && place.twin;
  const together = wanted.filter((place) => !isAlone(place));
  const twins = wanted.filter(isShared);
  const others = wanted.filter((place) => isAlone(place) && !isShared(place));
  return [together, twins, ...others.map((place) => [place])].filter(({ length }) => length > 0);
}

/** The trial with one more tool that its scenario allows. */
function withTool(trial: Trial, server: string, tool: string): Trial {
  const { tools } = trial.scenario;
  if (!tools) return trial;
  const more = { ...tools, [server]: [...(ownMember(tools, server) ?? []), tool] };
  return { ...trial, scenario: { ...trial.scenario, tools: more } };
}

/** The cell of a place, from all trials of one variant. */
function toCell(place: string, ran: readonly PoisonedTrial[], isLive: boolean): ExposureCell {
  const [first] = ran;
  if (!first) throw new Error('There is no trial.');
  const reached = ran.flatMap((trial) => trial.reached.get(place) ?? []);
  const [earliest = null] = reached.toSorted((a, b) => a.roundTrip - b.roundTrip);
  const countOf = (holds: (trial: PoisonedTrial) => boolean) => ran.filter(holds).length;
  return {
    variant: first.result.variant,
    sent: ran.some(({ sent }) => sent.has(place)),
    reached: earliest,
    flows: ran.some(({ flows }) => flows.has(place)),
    ...(isLive && {
      live: {
        trials: ran.length,
        obeyed: countOf(({ obeyed }) => obeyed.has(place)),
        effects: countOf(({ effects }) => effects.has(place)),
      },
    }),
    status: first.result.status,
  };
}

function nameOf({ tool, path }: Field): string {
  return [tool, ...path].join('.').replaceAll('.[]', '[]');
}

/** The servers of a scenario, in the order in which its program names them. */
async function namedServers({ scenario, servers }: Trial): Promise<string[]> {
  const named = Object.keys(await servers.resolve());
  const body = scenario.sources.map((source) => source.body).join('\n');
  const at = (name: string) => body.search(new RegExp(`\\b${name}\\b`)) >>> 0;
  if (named.length === 0) throw new UsageError(`${scenario.name} names no server.`);
  return named.toSorted((a, b) => at(a) - at(b));
}

/** What of a server is poisoned, from what crossed to it in a trial without attacks; undefined where nothing did. */
function chooseTarget(
  { scenario }: Trial,
  server: string,
  honest: Honest,
  { crossings, answer }: Pick<PoisonedTrial, 'crossings' | 'answer'>,
): Target | undefined {
  const [call] = crossings;
  if (!call) return undefined;
  const tools = honest.tools as { name: string; outputSchema?: Record<string, unknown> }[];
  const identifiers = toIdentifiers(tools.map(({ name }) => name));
  const own = tools.map(({ name }, at) => {
    return { server, name, identifier: identifiers[at] ?? name, description: '', inputSchema: {} };
  });
  const surface = [{ server, implementation: { name: '', version: '' }, tools: own }];
  const used = new Set(usedFunctions(scenario.sources, surface).map(({ name }) => name));
  for (const { tool } of crossings) used.add(tool);
  const allowed = ownMember(scenario.tools, server) ?? tools.map(({ name }) => name);
  return {
    server,
    used: call.tool,
    unused: allowed.find((name) => !used.has(name)),
    fields: chooseFields(crossings, answer, (tool) => tools.find(({ name }) => name === tool)?.outputSchema),
  };
}
