import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ContentBlock } from '@anthropic-ai/sdk/resources/messages';
import { gullible, watchTexts } from '../agent/exposure.ts';
import { runCode } from '../agent/patterns/code.ts';
import { createQuote, unquote } from '../agent/patterns/quote.ts';
import type { ExposureCell } from '../results/exposure.ts';
import { createSandbox } from '../sandbox/create.ts';
import type { ScenarioServers } from '../scenario/servers.ts';
import { startRunAudit } from '../tools/audit/audit-log.ts';
import { classicName } from '../tools/mcp/names.ts';
import { createPinCheck } from '../tools/pin/check.ts';
import { findPlanted } from '../tools/poison/canary.ts';
import {
  noteEffect,
  type Poison,
  type PoisonedServer,
  poisonServer,
  type Sink,
} from '../tools/poison/wrap.ts';
import type { RunInput } from './open-run.ts';
import type { Trial } from './plan.ts';
import { runTrial, type TrialEnvironment } from './trial.ts';
import { type ModelSettings, openTrialCounter } from './trial-model.ts';
import { createSchedules } from './trial-schedule.ts';
import { checkServers } from './trial-servers.ts';

/** What trials over poisoned servers take. */
export type PoisonInput = Pick<
  RunInput,
  'trials' | 'model' | 'profile' | 'seed' | 'timeouts' | 'authorization' | 'trust' | 'sandbox' | 'signal'
> & {
  /** A provider's model that is asked, and what it may cost; a scripted one without. */
  models?: ModelSettings | undefined;
  /** Whether results are marked as data before the model sees them. */
  quotes?: boolean | undefined;
};

/** What one trial over a poisoned server showed. */
export type PoisonedTrial = Awaited<ReturnType<typeof runPoisoned>>;

/** Runs trials over poisoned servers. Nothing of them is kept: they are neither bills nor verdicts. */
export type Poisoning = Awaited<ReturnType<typeof openPoisoning>>;

/** Checks the servers of all trials and opens what they share. Throws what `checkServers` throws. */
export async function openPoisoning(input: PoisonInput) {
  await using opening = new AsyncDisposableStack();
  const { trials, model, profile, trust, timeouts, authorization, signal } = input;
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
  const counter = await openTrialCounter(model, undefined);
  let number = 0;
  const environment: TrialEnvironment = {
    ...{ counter, profile, sandbox, timeouts, authorization, audit, pins, signal },
    run: 'expose',
    quotes: input.quotes,
    ...(input.models && { models: input.models }),
    // Where a text goes is the same over any wire.
    mocksInProcess: true,
    schedules: createSchedules(() => join(folder, `${number}.schedule.jsonl`)),
  };
  const opened = opening.move();
  return {
    counter,
    /**
     * The trials of one scenario, which share their servers, with a poison in front of one of them. Where it has a sink, the model
     * obeys. `world`: who must approve calls, whether free text of listings is kept from the model, and whether results are quoted,
     * which a scripted model then heeds.
     */
    async run(
      own: readonly Trial[],
      server: string,
      poison: Poison,
      world?: Pick<TrialEnvironment, 'withoutTexts' | 'quotes' | 'approvals'>,
    ): Promise<[PoisonedServer, PoisonedTrial[]]> {
      const poisoned = poisonServer(poison);
      const [first] = own;
      if (!first) return [poisoned, []];
      // One object for all of them, by which their schedule is found once.
      const servers = behind(first.servers, server, poisoned);
      const ran: PoisonedTrial[] = [];
      for (const trial of own) {
        number += 1;
        const file = join(folder, `${number}.jsonl`);
        const met = { ...poison, ...poisoned, server };
        ran.push(await runPoisoned({ ...trial, servers }, met, { ...environment, ...world }, file));
      }
      return [poisoned, ran];
    },
    [Symbol.asyncDispose]: () => opened.disposeAsync(),
  };
}

/** The same servers with a poison in front of one, and its twin beside it where it has one. */
function behind(
  servers: ScenarioServers,
  poisoned: string,
  { tamper, twin }: PoisonedServer,
): ScenarioServers {
  return {
    targets: servers.targets,
    async resolve() {
      const resolved = await servers.resolve();
      const server = resolved[poisoned];
      if (!server) return resolved;
      const beside = twin && { [twin.name]: { ...server, tamper: twin.tamper } };
      return { ...resolved, [poisoned]: { ...server, tamper }, ...beside };
    },
  };
}

/** Whether a model asks for the sink: by a call, or in a program. */
function callsSink(block: ContentBlock, { server, sink }: { server: string; sink: Sink }): boolean {
  if (block.type !== 'tool_use' || !('name' in sink)) return false;
  const { code } = block.input as { code?: unknown };
  if (block.name !== runCode) return block.name === classicName(server, sink.name);
  return typeof code === 'string' && code.includes(`${sink.name}(`);
}

/** Runs one trial over poisoned servers and looks at all that its model is asked. */
async function runPoisoned(
  trial: Trial,
  { seen, clear, server, sink, names }: Poison & PoisonedServer & { server: string },
  environment: TrialEnvironment,
  file: string,
) {
  const { counter } = environment;
  const obeying = sink && { server, sink, names };
  const isClean = names.size === 0;
  /** Where each place's text was seen first. */
  const reached = new Map<string, NonNullable<ExposureCell['reached']>>();
  const sources = { instructions: 0, definitions: 0, discovery: 0, results: 0, program: 0 };
  let [once, billed, requests, answer] = [0, 0, 0, ''];
  let [quotedOnce, quotes] = [0, 0];
  /** What a quote adds to a text, or did. */
  const quoteTokens = (text: string, tokens: number) =>
    environment.quotes
      ? tokens - counter.count(unquote(text) ?? text)
      : counter.count(createQuote('')(text, '')) - tokens;
  const obeyed = new Set<string>();
  seen.sent.clear();
  const result = await runTrial(trial, file, {
    ...environment,
    models: {
      ...environment.models,
      around:
        ({ model, variant }) =>
        (next) => {
          const onObeyed = (place: string) => obeyed.add(place);
          const isScripted = environment.models?.provider === undefined;
          const inner =
            obeying && isScripted
              ? gullible(model, variant, { ...obeying, heedsQuotes: environment.quotes ?? false, onObeyed })(
                  next,
                )
              : next;
          return watchTexts(model, variant.toolCategories, {
            onRequest(roundTrip, texts) {
              // Servers may have been called before, to find the schedule.
              if (roundTrip === 1) clear();
              for (const { source, text } of texts) {
                const tokens = counter.count(text);
                sources[source] += tokens;
                once += tokens;
                if (isClean && (source === 'results' || source === 'program'))
                  quotedOnce += quoteTokens(text, tokens);
                for (const { place, whole } of findPlanted(text)) {
                  const before = reached.get(place);
                  if (!before) reached.set(place, { roundTrip, source, whole });
                  else if (whole) before.whole = true;
                }
              }
              requests = roundTrip;
              billed += once;
              quotes += quotedOnce;
            },
            onResponse({ content }) {
              answer = content.map((block) => (block.type === 'text' ? block.text : '')).join('');
              if (!obeying || isScripted || !content.some((block) => callsSink(block, obeying))) return;
              // A live model is given one order at a time.
              for (const place of obeying.names) obeyed.add(place);
            },
          })(inner);
        },
    },
  });
  const { flows, sent, effects } = seen;
  if (obeying && 'address' in obeying.sink)
    for (const report of obeying.sink.received.splice(0)) noteEffect(report, seen);
  return {
    ...{ result, answer, reached, flows: new Set(flows) },
    /** Places whose text its servers sent whole. */
    sent: new Set(sent),
    /** What it called of the server, and, where nothing is planted, with what result. */
    ...{ calls: [...seen.calls], crossings: [...seen.crossings] },
    /** Where the model obeyed, and where its order took effect at the server. */
    ...{ obeyed, effects: new Set(effects) },
    untrusted: { requests, sources, once, billed, quotes },
  };
}
