import { UsageError } from '../../errors.ts';
import { isNumeric, type ParamSpec, type Scenario } from '../../scenario/scenario.ts';

/** A parameter that is swept, from one value to a larger one; whole numbers stay whole. */
export type Axis = { name: string; from: number; to: number; whole: boolean };

/** Parts `--param` values into those of the form `10..5000` and those that stay as they are. */
export function readAxes(
  scenario: Pick<Scenario, 'name' | 'params'>,
  given: Record<string, string>,
): { axes: Axis[]; fixed: Record<string, string> } {
  const axes: Axis[] = [];
  const fixed: Record<string, string> = {};
  for (const [name, text] of Object.entries(given)) {
    if (text.includes('..')) axes.push(readAxis(name, text, scenario.params[name]));
    else fixed[name] = text;
  }
  if (axes.length === 0 || axes.length > 2) {
    const numeric = Object.entries(scenario.params).filter(([, spec]) => isNumeric(spec));
    throw new UsageError(
      `A sweep goes over one or two parameters of ${scenario.name}, such as --param ${numeric[0]?.[0] ?? 'size'}=10..1000; ${axes.length} have a range. It can go over: ${numeric.map(([known]) => known).join(', ') || 'none'}.`,
    );
  }
  return { axes, fixed };
}

function readAxis(name: string, text: string, spec: ParamSpec | undefined): Axis {
  if (spec && !isNumeric(spec)) throw new UsageError(`${name} is no number, so it cannot be swept.`);
  const match = /^\s*([\d.]+?)\s*\.\.\s*([\d.]+)\s*$/.exec(text);
  const [from, to] = [Number(match?.[1]), Number(match?.[2])];
  if (!(from > 0 && to > from)) {
    throw new UsageError(
      `--param ${name}=${text}: a range goes from a number above 0 to a larger one, such as 10..1000.`,
    );
  }
  return { name, from, to, whole: spec?.type === 'integer' };
}

/** That many values from end to end in equal steps of the logarithm, without repetitions. */
export function logSteps(axis: Axis, count: number): number[] {
  const ratio = Math.log(axis.to / axis.from);
  const values = Array.from({ length: count }, (_, index) =>
    toValue(axis, axis.from * Math.exp((ratio * index) / Math.max(1, count - 1))),
  );
  return [...new Set(values)];
}

/** The value half-way between two in the logarithm; undefined where there is none besides them. */
export function between(axis: Axis, low: number, high: number): number | undefined {
  const value = toValue(axis, Math.sqrt(low * high));
  return value > low && value < high ? value : undefined;
}

export function toValue(axis: Pick<Axis, 'whole'>, value: number): number {
  return axis.whole ? Math.round(value) : Number(value.toPrecision(4));
}
