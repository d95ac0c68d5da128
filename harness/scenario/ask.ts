import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { z } from 'zod';
import { describeThrown, InfrastructureError, stackOf, unlessAborted } from '../errors.ts';
import { findNonJson, type Json, type JsonObject } from '../json.ts';
import { seconds } from '../numbers.ts';
import type { ServerSpec } from '../tools/mcp/server-spec.ts';
import type { Grade, GradeContext, Grader, Scenario, ScenarioContext, StateContext } from './scenario.ts';

/**
 * A function of a scenario's own file threw, gave an invalid value or did not end. It says nothing about the model, so it
 * is never a wrong answer: it ends the trial that met it, and the others go on.
 */
export class ScenarioFault extends InfrastructureError {
  override name = 'ScenarioFault';
}

/** What ends an asynchronous function of a scenario: an abort, or its time in milliseconds (default: `functionMs`). */
export type TimeLimit = { signal: AbortSignal; limitMs?: number | undefined };

/** How long each such function may take where `--timeout` says nothing, in milliseconds. */
const functionMs = 60_000;

/** The task's text. Throws a `ScenarioFault`, as all of these do. */
export function askTask(scenario: Scenario, context: ScenarioContext): string {
  const { task } = scenario;
  if (typeof task === 'string') return task;
  return ask(scenario, 'task()', () => task(context), z.string().min(1));
}

/** What the task's text tells besides the parameters; only what JSON carries reaches a program. */
export function askGiven(scenario: Scenario, context: ScenarioContext): JsonObject {
  const { given } = scenario;
  if (!given) return {};
  const read = () => JSON.parse(JSON.stringify(given(context)) ?? 'null') as unknown;
  return ask(scenario, 'given()', read, z.record(z.string(), z.json())) as JsonObject;
}

/** The servers by name; what each of them says is checked where it is used. */
export function askServers(scenario: Scenario, context: ScenarioContext): Record<string, ServerSpec> {
  const { servers } = scenario;
  if (typeof servers !== 'function') return servers;
  const schema = z.record(z.string(), z.looseObject({}));
  return ask(scenario, 'servers()', () => servers(context), schema) as Record<string, ServerSpec>;
}

/** The right answer, undefined where the scenario has none. */
export async function askTruth(
  scenario: Scenario,
  context: ScenarioContext,
  timeLimit: TimeLimit,
): Promise<Json | undefined> {
  const { truth } = scenario;
  if (!truth) return undefined;
  const value = await settle(scenario, 'truth()', () => truth(context), timeLimit);
  return ask(scenario, 'truth()', () => value, z.custom<Json>().superRefine(refuseNonJson));
}

/** What one grader says. */
export async function askGrader(
  scenario: Scenario,
  grader: Grader,
  context: GradeContext,
  timeLimit: TimeLimit,
): Promise<Grade> {
  const name = `the grader ${JSON.stringify(grader.name)}`;
  const graded = await settle(scenario, name, () => grader.grade(context), timeLimit);
  return ask(scenario, name, () => graded, z.object({ correct: z.boolean(), reason: z.string() }));
}

/** Lets the scenario prepare what its servers find, or remove what they left. */
export async function runHook(
  scenario: Scenario,
  hook: 'setup' | 'teardown',
  context: Omit<StateContext, 'signal'>,
  timeLimit: TimeLimit,
): Promise<void> {
  const run = scenario[hook];
  if (run) await settle(scenario, `${hook}()`, (signal) => run({ ...context, signal }), timeLimit);
}

/** Waits until a function has settled, but no longer than it may take. The signal that it gets tells it to stop. */
async function settle(
  scenario: Scenario,
  name: string,
  call: (signal: AbortSignal) => unknown,
  { signal, limitMs = functionMs }: TimeLimit,
): Promise<unknown> {
  signal.throwIfAborted();
  const limit = AbortSignal.timeout(limitMs);
  const bound = AbortSignal.any([signal, limit]);
  try {
    return await unlessAborted((async () => call(bound))(), bound);
  } catch (error) {
    if (signal.aborted) throw signal.reason;
    if (!limit.aborted) throw toFault(scenario, name, error);
    throw new ScenarioFault(
      `${fileOf(scenario)}: ${name} did not end within ${seconds(limitMs)}. Raise --timeout where it needs longer.`,
    );
  }
}

function ask<T>(scenario: Scenario, name: string, call: () => unknown, schema: z.ZodType<T>): T {
  let checked: z.ZodSafeParseResult<T>;
  try {
    checked = schema.safeParse(call());
  } catch (error) {
    throw toFault(scenario, name, error);
  }
  if (checked.success) return checked.data;
  const problem = z.prettifyError(checked.error).replaceAll(/\s*\n\s*/g, ' ');
  throw new ScenarioFault(`${fileOf(scenario)}: ${name} returned an invalid value: ${problem}.`);
}

function refuseNonJson(value: unknown, { addIssue }: z.core.$RefinementCtx<Json>): void {
  const found = findNonJson(value);
  if (found) addIssue({ code: 'custom', message: `JSON has no ${found.what}`, path: found.path });
}

function toFault(scenario: Scenario, name: string, error: unknown): ScenarioFault {
  return new ScenarioFault(`${placeOf(scenario, error)}: ${name} threw ${describeThrown(error)}`, {
    cause: error,
  });
}

/** The line of the scenario's folder that threw, such as `/…/scenario.ts:12`, where the stack tells. */
function placeOf(scenario: Scenario, error: unknown): string {
  const stack = stackOf(error);
  const folder = `${pathToFileURL(scenario.folder).href}/`;
  const at = stack.indexOf(folder);
  const place = at < 0 ? null : /^([^\s:?]+)(?:\?\w*)?(:\d+)/.exec(stack.slice(at + folder.length));
  return place ? join(scenario.folder, decodeURIComponent(`${place[1]}${place[2]}`)) : fileOf(scenario);
}

function fileOf({ folder }: Scenario): string {
  return join(folder, 'scenario.ts');
}
