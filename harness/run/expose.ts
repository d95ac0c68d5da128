import { UsageError } from '../errors.ts';
import {
  type Exposure,
  type ExposureCell,
  exposureFormat,
  type PlaceExposure,
  type ScenarioExposure,
} from '../results/exposure.ts';
import { type PlantedKind, plant } from '../tools/poison/canary.ts';
import type { Field } from '../tools/poison/fields.ts';
import { judgeListing } from '../tools/poison/judge.ts';
import { type Place, places } from '../tools/poison/places.ts';
import { noPoison, sinkName } from '../tools/poison/wrap.ts';
import { measureDefences } from './defences.ts';
import { type Trial, trialName } from './plan.ts';
import { chooseTarget, firstServer } from './poison-target.ts';
import { openPoisoning, type PoisonedTrial, type PoisonInput, type Poisoning } from './poisoned-trials.ts';

/** What finding out takes; the trials are those of a plan, with each variant once. */
export type ExposeInput = PoisonInput & {
  /** Orders, or their benign twins: these must change no answer. */
  kind?: PlantedKind;
  /** Plants each text in trials of its own, instead of all at once where they do not disturb each other. */
  eachAlone?: boolean;
  /** Only these places; all of them where it says nothing. */
  only?: readonly string[] | undefined;
  /** Whether a model that obeys all orders shows what each defence is worth. */
  obey?: boolean;
  onScenario?: (scenario: string) => void;
};

/**
 * Finds where text of a server that lies reaches the model: it plants a marked text in every place of what the first server of
 * a scenario sends, and looks for the marks in each prompt, by variant. A live model is given one order at a time, and a tool to
 * obey it with. Throws what `openPoisoning` throws, a `UsageError` where a scenario makes no call, and a `RunEnded` where the
 * budget is used up.
 */
export async function expose(input: ExposeInput): Promise<Exposure> {
  await using poisoning = await openPoisoning(input);
  const { trials, model, seed, kind = 'order' } = input;
  const scenarios: ScenarioExposure[] = [];
  for (const own of Map.groupBy(trials, ({ servers }) => servers).values()) {
    scenarios.push(await exposeScenario(own, poisoning, input));
  }
  return {
    format: exposureFormat,
    evidence: input.models?.provider ? 'live' : 'scripted',
    model: model.id,
    counting: poisoning.counter.method,
    attackTokens: poisoning.counter.count(plant('instructions', kind).text),
    seed,
    scenarios,
  };
}

async function exposeScenario(
  trials: readonly Trial[],
  poisoning: Poisoning,
  { kind = 'order', eachAlone, only, obey, models, onScenario }: ExposeInput,
): Promise<ScenarioExposure> {
  const [first] = trials;
  if (!first) throw new Error('There is no trial.');
  const { scenario, params } = first;
  onScenario?.(scenario.name);
  const server = await firstServer(first);
  const [{ honest, seen }, clean] = await poisoning.run(trials, server, noPoison);
  refuseFailed(first, clean);
  const target = chooseTarget(first, server, { honest, seen }, clean[0]?.answer ?? '');
  const wanted = places.filter(({ name }) => only?.includes(name) ?? true);
  const isLive = models?.provider !== undefined;
  const passes = inPasses(wanted, isLive || eachAlone);
  // It says that it only reads, so that scenarios which do not write let it be called.
  const sink = isLive ? { name: sinkName, honest: false } : undefined;
  const tried = sink ? trials.map((trial) => withTool(trial, server, sink.name)) : trials;
  const rows = new Map<string, PlaceExposure>();
  for (const pass of passes) {
    const names = new Set(pass.map(({ name }) => name));
    const [, ran] = await poisoning.run(tried, server, { target, names, kind, sink });
    for (const { name, group } of pass) {
      rows.set(name, {
        place: name,
        group,
        isThere: ran.some(({ placed }) => placed.has(name)),
        ...judgeListing(honest, { target, names: new Set([name]), kind }),
        cells: trials.map(({ variant }, at) => toCell(variant.name, name, ran[at] as PoisonedTrial, isLive)),
      });
    }
  }
  const { used, unused, fields } = target;
  const exposed = wanted.map(({ name }) => rows.get(name) as PlaceExposure);
  return {
    scenario: scenario.name,
    params,
    server,
    used,
    ...(unused !== undefined && { unused }),
    fields: Object.fromEntries(
      Object.entries(fields).flatMap(([which, field]) => (field ? [[which, nameOf(field)]] : [])),
    ),
    untrusted: trials.map(({ variant }, at) => ({
      variant: variant.name,
      ...(clean[at] as PoisonedTrial).untrusted,
    })),
    places: exposed,
    ...(obey && {
      defences: await measureDefences(trials, poisoning, { target, honest, passes, exposed }),
    }),
  };
}

/** Places that are measured together; those that change the way of a scenario are measured alone. */
function inPasses(wanted: readonly Place[], eachAlone = false): Place[][] {
  const together = wanted.filter(({ alone }) => !alone && !eachAlone);
  const alone = wanted.filter((place) => !together.includes(place)).map((place) => [place]);
  return together.length > 0 ? [together, ...alone] : alone;
}

/** The trial with one more tool that its scenario allows. */
function withTool(trial: Trial, server: string, tool: string): Trial {
  const { tools } = trial.scenario;
  if (!tools) return trial;
  const more = { ...tools, [server]: [...(tools[server] ?? []), tool] };
  return { ...trial, scenario: { ...trial.scenario, tools: more } };
}

function toCell(variant: string, place: string, ran: PoisonedTrial, isLive: boolean): ExposureCell {
  return {
    variant,
    reached: ran.reached.get(place) ?? null,
    flows: ran.flows.has(place),
    ...(isLive && { obeyed: ran.obeyed.has(place), effect: ran.effects.has(place) }),
    status: ran.result.status,
  };
}

function nameOf({ tool, path }: Field): string {
  return [tool, ...path].join('.').replaceAll('.[]', '[]');
}

/** What is measured is what an attack changes: a trial that fails without one shows nothing. */
function refuseFailed(first: Trial, clean: readonly PoisonedTrial[]): void {
  const failed = clean.find(({ result }) => result.status !== 'completed');
  if (!failed) return;
  const { variant, status, reason } = failed.result;
  throw new UsageError(
    `${trialName(first)}: ${variant} ends as ${status} without any attack, so there is nothing to compare: ${reason}`,
  );
}
