import { basename, resolve } from 'node:path';
import { Command } from 'commander';
import { InfrastructureError, UsageError } from '../errors.ts';
import type { Baseline } from '../gate/baseline.ts';
import { executeRun } from '../run/run.ts';
import { untilInterrupted } from './interrupt.ts';
import { prepareRun } from './prepare-run.ts';
import { showProgress } from './progress.ts';
import { addRunOptions, type RunOptions } from './run-options.ts';

/**
 * Runs what a baseline was made of, as it was run then, and gives the run's directory. `scenarios` are names or paths; without
 * any, the baseline's own. Throws a `UsageError` for a baseline that cannot be run again from what it says.
 */
export async function runBaseline(
  baseline: Baseline,
  scenarios: string[],
  {
    out,
    mcpConfig,
    trust,
  }: { out: string | undefined; mcpConfig: string | undefined; trust: boolean | undefined },
): Promise<string> {
  const evidence = baseline.scenarios.flatMap(({ variants }) => variants.map((variant) => variant.evidence));
  if (evidence.some((each) => each !== 'scripted')) {
    throw new UsageError(
      'The baseline asked a real model, which is not done again unasked. Run it yourself and give --run DIR.',
    );
  }
  const wanted =
    scenarios.length > 0 ? scenarios : [...new Set(baseline.scenarios.map((each) => each.scenario))];
  const names = new Set(wanted.map((path) => basename(resolve(path))));
  const points = baseline.scenarios.filter(({ scenario }) => names.has(scenario));
  const command = addRunOptions(new Command('run')).exitOverride();
  command.parse(toArguments({ ...baseline, scenarios: points }, mcpConfig), { from: 'user' });
  const isGiven = (name: keyof RunOptions) => command.getOptionValueSource(name) === 'cli';
  // A gate compares what was measured and recommended; at how many items that flips is in no baseline.
  const options = { ...command.opts<RunOptions>(), breakEven: false, ...(trust && { trust }) };
  const prepared = await prepareRun(wanted, options, isGiven);
  const directory = resolve(out ?? `runs/${new Date().toISOString().replace(/[:.]/g, '-')}`);
  const progress = showProgress(process.stderr, prepared);
  const { interruptedBy } = await untilInterrupted((signal) =>
    executeRun({ ...prepared, out: directory, signal, onEvent: progress.show }),
  );
  progress.end();
  console.error(`Run directory: ${directory}`);
  if (interruptedBy !== undefined) throw new InfrastructureError('Interrupted; there is nothing to judge.');
  return directory;
}

/** The options with which `run` gives what the baseline holds. */
function toArguments(baseline: Baseline, mcpConfig?: string): string[] {
  const { scenarios, model, seed, imperfections, settings } = baseline;
  const results = scenarios.flatMap(({ variants }) => variants);
  const repeats = Math.max(1, ...results.map(({ trials }) => trials));
  const rates = Object.entries(imperfections ?? {}).map(([name, rate]) => `${name}=${rate}`);
  return [
    ...['--model', model.id, '--seed', String(seed), '--trials', String(repeats)],
    ...(results.length > 0
      ? ['--variants', [...new Set(results.map(({ variant }) => variant))].join(',')]
      : []),
    ...readParams(scenarios).flatMap((param) => ['--param', param]),
    ...(rates.length > 0 ? ['--imperfections', rates.join(',')] : []),
    ...['--by', settings.by, '--latency-profile', settings.latencyProfile],
    ...(settings.reference === null ? [] : ['--reference', settings.reference]),
    ...(repeats > 1 ? ['--margin', String(settings.margin)] : []),
    ...(settings.caching ? [] : ['--no-cache']),
    ...(settings.maxRoundTrips === null ? [] : ['--max-round-trips', String(settings.maxRoundTrips)]),
    ...(settings.maxTokens === null ? [] : ['--max-tokens', String(settings.maxTokens)]),
    ...(mcpConfig === undefined ? [] : ['--mcp-config', mcpConfig]),
  ];
}

/** One run gives a parameter one value; scenarios that have different ones kept their defaults, or are of several runs. */
function readParams(scenarios: Baseline['scenarios']): string[] {
  const values = new Map<string, Set<string>>();
  for (const { params } of scenarios) {
    for (const [name, value] of Object.entries(params)) {
      values.set(name, (values.get(name) ?? new Set()).add(String(value)));
    }
  }
  const points = new Set(scenarios.map(({ scenario }) => scenario));
  if (points.size < scenarios.length) {
    throw new UsageError(
      'The baseline has a scenario with several parameters, which is more than one run. Run them yourself and give --run DIR.',
    );
  }
  return [...values].flatMap(([name, [value, ...others]]) => (others.length > 0 ? [] : [`${name}=${value}`]));
}
