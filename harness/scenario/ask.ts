import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { z } from 'zod';
import { InfrastructureError } from '../errors.ts';
import type { Json, JsonObject } from '../json.ts';
import type { ServerSpec } from '../mcp/server-spec.ts';
import type { Grade, GradeContext, Grader, Scenario, ScenarioContext } from './scenario.ts';

/**
 * A function of a scenario's own file threw, or gave what it must not. It says nothing about the model, so it is never a
 * wrong answer: it ends the trial that met it, and the others go on.
 */
export class ScenarioFault extends InfrastructureError {
  override name = 'ScenarioFault';
}

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
export async function askTruth(scenario: Scenario, context: ScenarioContext): Promise<Json | undefined> {
  try {
    return await scenario.truth?.(context);
  } catch (error) {
    throw toFault(scenario, 'truth()', error);
  }
}

/** What one grader says. */
export async function askGrader(scenario: Scenario, grader: Grader, context: GradeContext): Promise<Grade> {
  const name = `the grader ${JSON.stringify(grader.name)}`;
  let graded: unknown;
  try {
    graded = await grader.grade(context);
  } catch (error) {
    throw toFault(scenario, name, error);
  }
  return ask(scenario, name, () => graded, z.object({ correct: z.boolean(), reason: z.string() }));
}

function ask<T>(scenario: Scenario, name: string, call: () => unknown, schema: z.ZodType<T>): T {
  let value: unknown;
  try {
    value = call();
  } catch (error) {
    throw toFault(scenario, name, error);
  }
  const checked = schema.safeParse(value);
  if (checked.success) return checked.data;
  const problem = z.prettifyError(checked.error).replaceAll(/\s*\n\s*/g, ' ');
  throw new ScenarioFault(`${fileOf(scenario)}: ${name} returned what it must not: ${problem}.`);
}

function toFault(scenario: Scenario, name: string, error: unknown): ScenarioFault {
  const thrown = error instanceof Error ? `${error.name}: ${error.message}` : `${error}, which is no Error`;
  return new ScenarioFault(`${placeOf(scenario, error)}: ${name} threw ${thrown}`, { cause: error });
}

/** The line of the scenario's folder that threw, such as `/…/scenario.ts:12`, where the stack tells. */
function placeOf(scenario: Scenario, error: unknown): string {
  const stack = error instanceof Error ? (error.stack ?? '') : '';
  const folder = `${pathToFileURL(scenario.folder).href}/`;
  const at = stack.indexOf(folder);
  const place = at < 0 ? undefined : /^([^\s:]+:\d+)/.exec(stack.slice(at + folder.length))?.[1];
  return place === undefined ? fileOf(scenario) : join(scenario.folder, decodeURIComponent(place));
}

function fileOf({ folder }: Scenario): string {
  return join(folder, 'scenario.ts');
}
