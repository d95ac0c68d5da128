import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { watchTexts } from '../agent/poison/watch.ts';
import { usedFunctions } from '../agent/scripted/reference-plan.ts';
import { UsageError } from '../errors.ts';
import { loadEstimate } from '../meter/estimate.ts';
import {
  type Exposure,
  type ExposureCell,
  exposureFormat,
  type PlaceExposure,
  type ScenarioExposure,
  type UntrustedTokens,
} from '../results/exposure.ts';
import type { Result } from '../results/summary.ts';
import { createSandbox } from '../sandbox/create.ts';
import type { ScenarioServers } from '../scenario/servers.ts';
import { startRunAudit } from '../tools/audit/audit-log.ts';
import { createPinCheck } from '../tools/pin/check.ts';
import { findPlanted, type PlantedKind, plant } from '../tools/poison/canary.ts';
import { chooseFields, type Field } from '../tools/poison/fields.ts';
import { judgeListing } from '../tools/poison/judge.ts';
import { places, type Target } from '../tools/poison/places.ts';
import { type Poison, type PoisonedServer, poisonServer } from '../tools/poison/wrap.ts';
import { type Trial, trialName } from './plan.ts';
import { checkServers } from './preflight.ts';
import type { RunInput } from './run-input.ts';
import { runTrial, type TrialEnvironment } from './trial.ts';
import { createSchedules } from './trial-schedule.ts';

/** What finding out takes; the trials are those of a plan, with each variant once. */
export type ExposeInput = Pick<
  RunInput,
  'trials' | 'model' | 'profile' | 'seed' | 'timeouts' | 'authorization' | 'trust' | 'sandbox' | 'signal'
> & {
  /** Orders, or their benign twins: these must change no answer. */
  kind?: PlantedKind;
  /** Plants each text in trials of its own, instead of all at once where they do not disturb each other. */
  eachAlone?: boolean;
  /** Only these places; all of them where it says nothing. */
  only?: readonly string[];
  onScenario?: (scenario: string) => void;
};

/** What one trial over a poisoned server showed. */
type ExposedTrial = {
  result: Result;
  answer: string;
  /** Where each place's text was seen first. */
  reached: Map<string, NonNullable<ExposureCell['reached']>>;
  flows: ReadonlySet<string>;
  placed: ReadonlySet<string>;
  untrusted: Omit<UntrustedTokens, 'variant'>;
};

/**
 * Finds where text of a server that lies reaches the model: it plants a marked text in every place of what the first server of
 * a scenario sends, and looks for the marks in each prompt, by variant. Throws what `checkServers` throws, and a `UsageError`
 * where a scenario makes no call.
 */
export async function expose(input: ExposeInput): Promise<Exposure> {
  await using opening = new AsyncDisposableStack();
  const { trials, model, trust, timeouts, authorization, signal } = input;
  const pins = createPinCheck(undefined, '', () => {});
  await checkServers(trials, { pins, trust, timeouts, authorization, signal });
  const sandbox = input.sandbox ?? opening.adopt(await createSandbox(), (opened) => opened.close());
  const folder = mkdtempSync(join(tmpdir(), 'patternbench-expose-'));
  opening.defer(() => rmSync(folder, { recursive: true, force: true }));
  const audit = startRunAudit(
    join(folder, 'audit.jsonl'),
    { run: 'expose', seed: input.seed, versions: {} },
    { fsync: false },
  );
  opening.adopt(audit, ({ close }) => close());
  const counter = await loadEstimate(model.tokenizer);
  const { profile } = input;
  let number = 0;
  const environment: TrialEnvironment = {
    ...{ counter, profile, sandbox, timeouts, authorization, audit, pins, signal },
    run: 'expose',
    // Where a text goes is the same over any wire.
    mocksInProcess: true,
    schedules: createSchedules(() => join(folder, `${number}.schedule.jsonl`)),
  };
  const nextFile = () => {
    number += 1;
    return join(folder, `${number}.jsonl`);
  };
  const scenarios: ScenarioExposure[] = [];
  for (const own of Map.groupBy(trials, ({ servers }) => servers).values()) {
    scenarios.push(await exposeScenario(own, environment, nextFile, input));
  }
  return {
    format: exposureFormat,
    evidence: 'scripted',
    model: model.id,
    counting: counter.method,
    attackTokens: counter.count(plant('instructions', input.kind ?? 'order').text),
    seed: input.seed,
    scenarios,
  };
}

async function exposeScenario(
  trials: readonly Trial[],
  environment: TrialEnvironment,
  nextFile: () => string,
  { kind = 'order', eachAlone, only, onScenario }: ExposeInput,
): Promise<ScenarioExposure> {
  const [first] = trials;
  if (!first) throw new Error('There is no trial.');
  const { scenario, params } = first;
  onScenario?.(scenario.name);
  const run = async (server: string, poison: Poison): Promise<[PoisonedServer, ExposedTrial[]]> => {
    const poisoned = poisonServer(poison);
    const servers = behind(first.servers, server, poisoned);
    const ran: ExposedTrial[] = [];
    for (const trial of trials) {
      ran.push(await runExposed({ ...trial, servers }, poisoned, environment, nextFile()));
    }
    return [poisoned, ran];
  };
  const server = await firstServer(first);
  const [honest, clean] = await run(server, { target: undefined, names: new Set(), kind });
  refuseFailed(first, clean);
  const target = chooseTarget(first, server, honest, clean[0]?.answer ?? '');
  const wanted = places.filter(({ name }) => only?.includes(name) ?? true);
  const together = wanted.filter(({ alone }) => !alone && !eachAlone);
  const passes = [
    ...(together.length > 0 ? [together] : []),
    ...wanted.filter((place) => !together.includes(place)).map((place) => [place]),
  ];
  const rows = new Map<string, PlaceExposure>();
  for (const pass of passes) {
    const names = new Set(pass.map(({ name }) => name));
    const [, ran] = await run(server, { target, names, kind });
    for (const { name, group } of pass) {
      rows.set(name, {
        place: name,
        group,
        isThere: ran.some(({ placed }) => placed.has(name)),
        ...judgeListing(honest.honest, { target, names: new Set([name]), kind }),
        cells: trials.map(({ variant }, at) => toCell(variant.name, name, ran[at] as ExposedTrial)),
      });
    }
  }
  const { used, unused, fields } = target;
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
      ...(clean[at] as ExposedTrial).untrusted,
    })),
    places: wanted.map(({ name }) => rows.get(name) as PlaceExposure),
  };
}

function toCell(variant: string, place: string, ran: ExposedTrial): ExposureCell {
  return {
    variant,
    reached: ran.reached.get(place) ?? null,
    flows: ran.flows.has(place),
    status: ran.result.status,
  };
}

function nameOf({ tool, path }: Field): string {
  return [tool, ...path].join('.').replaceAll('.[]', '[]');
}

/** What is measured is what an attack changes: a trial that fails without one shows nothing. */
function refuseFailed(first: Trial, clean: readonly ExposedTrial[]): void {
  const failed = clean.find(({ result }) => result.status !== 'completed');
  if (!failed) return;
  const { variant, status, reason } = failed.result;
  throw new UsageError(
    `${trialName(first)}: ${variant} ends as ${status} without any attack, so there is nothing to compare: ${reason}`,
  );
}

/** The same servers with a poison in front of one. */
function behind(servers: ScenarioServers, poisoned: string, { tamper }: PoisonedServer): ScenarioServers {
  return {
    targets: servers.targets,
    async resolve() {
      const resolved = await servers.resolve();
      const server = resolved[poisoned];
      return server ? { ...resolved, [poisoned]: { ...server, tamper } } : resolved;
    },
  };
}

/** The server that a scenario's program names first; that is the one which is poisoned. */
async function firstServer({ scenario, servers }: Trial): Promise<string> {
  const named = Object.keys(await servers.resolve());
  const body = scenario.sources.map((source) => source.body).join('\n');
  const at = (name: string) => body.search(new RegExp(`\\b${name}\\b`)) >>> 0;
  const [server] = named.toSorted((a, b) => at(a) - at(b));
  if (server === undefined) throw new UsageError(`${scenario.name} names no server.`);
  return server;
}

function chooseTarget(
  { scenario }: Trial,
  server: string,
  { seen, honest }: PoisonedServer,
  answer: string,
): Target {
  const [call] = seen.crossings;
  if (!call) {
    throw new UsageError(`${scenario.name} makes no call of "${server}", so there is nothing to poison.`);
  }
  const tools = honest.tools as { name: string; outputSchema?: Record<string, unknown> }[];
  const surface = [
    {
      server,
      implementation: { name: '', version: '' },
      tools: tools.map(({ name }) => ({ server, name, identifier: name, description: '', inputSchema: {} })),
    },
  ];
  const used = new Set(usedFunctions(scenario.sources, surface).map(({ name }) => name));
  for (const { tool } of seen.crossings) used.add(tool);
  const allowed = scenario.tools?.[server] ?? tools.map(({ name }) => name);
  return {
    server,
    used: call.tool,
    unused: allowed.find((name) => !used.has(name)),
    fields: chooseFields(
      seen.crossings,
      answer,
      (tool) => tools.find(({ name }) => name === tool)?.outputSchema,
    ),
  };
}

/** Runs one trial over poisoned servers and looks at all that its model is asked. */
async function runExposed(
  trial: Trial,
  { seen, clear }: PoisonedServer,
  environment: TrialEnvironment,
  file: string,
): Promise<ExposedTrial> {
  const { counter } = environment;
  const reached: ExposedTrial['reached'] = new Map();
  const sources = { instructions: 0, definitions: 0, discovery: 0, results: 0, program: 0 };
  let [once, billed, requests, answer] = [0, 0, 0, ''];
  const result = await runTrial(trial, file, {
    ...environment,
    models: {
      ...environment.models,
      around: ({ model, variant }) =>
        watchTexts(model, variant.toolCategories, {
          onRequest(roundTrip, texts) {
            // Servers may have been called before, to find the schedule.
            if (roundTrip === 1) clear();
            for (const { source, text } of texts) {
              const tokens = counter.count(text);
              sources[source] += tokens;
              once += tokens;
              for (const { place, whole } of findPlanted(text)) {
                const before = reached.get(place);
                if (!before) reached.set(place, { roundTrip, source, whole });
                else if (whole) before.whole = true;
              }
            }
            requests = roundTrip;
            billed += once;
          },
          onResponse({ content }) {
            answer = content.map((block) => (block.type === 'text' ? block.text : '')).join('');
          },
        }),
    },
  });
  const [flows, placed] = [new Set(seen.flows), new Set(seen.placed)];
  return {
    ...{ result, answer, reached, flows, placed },
    untrusted: { requests, sources, once, billed },
  };
}
