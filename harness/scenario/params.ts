import { UsageError } from '../errors.ts';
import { tellNearest } from '../nearest.ts';
import type { ParamSpec, Params, ParamValue, Scenario } from './scenario.ts';

type WithParams = Pick<Scenario, 'name' | 'params'>;

/**
 * The parameters of one scenario: its defaults, overridden by `--param` values. Throws a `UsageError` naming the
 * parameter and what it may be. A name that the scenario does not have is the caller's to report (`unknownParams`).
 */
export function resolveParams(scenario: WithParams, given: Record<string, string>): Params {
  const params: Params = {};
  for (const [name, spec] of Object.entries(scenario.params)) {
    const text = Object.hasOwn(given, name) ? given[name] : undefined;
    params[name] = text === undefined ? spec.default : parseParam(scenario.name, name, spec, text);
  }
  return params;
}

/** Throws a `UsageError` for a parameter that none of the scenarios has. */
export function refuseUnknownParams(scenarios: readonly WithParams[], given: Record<string, string>): void {
  const known = [...new Set(scenarios.flatMap((scenario) => Object.keys(scenario.params)))].sort();
  for (const name of Object.keys(given)) {
    if (known.includes(name)) continue;
    throw new UsageError(
      `No scenario in this run has a parameter "${name}".${tellNearest(name, known, 2)} Known: ${known.join(', ') || 'none'}.`,
    );
  }
}

function parseParam(scenario: string, name: string, spec: ParamSpec, text: string): ParamValue {
  const refuse = (expected: string): never => {
    throw new UsageError(
      `Parameter ${name} of ${scenario} is ${expected} (${spec.description}); got "${text}".`,
    );
  };
  switch (spec.type) {
    case 'boolean':
      if (text !== 'true' && text !== 'false') refuse('true or false');
      return text === 'true';
    case 'string':
      if (spec.values && !spec.values.includes(text)) refuse(`one of ${spec.values.join(', ')}`);
      return text;
    default: {
      const value = Number(text);
      const { min, max } = spec;
      const kind = spec.type === 'integer' ? 'a whole number' : 'a number';
      const range = `${kind}${min === undefined ? '' : ` from ${min}`}${max === undefined ? '' : ` up to ${max}`}`;
      if (text.trim() === '' || !Number.isFinite(value)) refuse(range);
      if (spec.type === 'integer' && !Number.isSafeInteger(value)) refuse(range);
      if ((min !== undefined && value < min) || (max !== undefined && value > max)) refuse(range);
      return value;
    }
  }
}
