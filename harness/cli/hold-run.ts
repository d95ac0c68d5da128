import { existsSync } from 'node:fs';
import { basename, dirname, join, relative, resolve, sep } from 'node:path';
import { exporters } from '../../reports/exporters.ts';
import { toVerboseText } from '../../reports/gate/decision.ts';
import { toGateComment } from '../../reports/gate/pull-request.ts';
import { livePrefix } from '../agent/model/live-models.ts';
import {
  collect,
  examineHolding,
  findIncomplete,
  type RunContents,
  serializeBaseline,
} from '../analysis/gate/baseline.ts';
import { type Comparison, compare } from '../analysis/gate/compare-runs.ts';
import { type Decision, findDoubts, judge } from '../analysis/gate/gate.ts';
import { defaultPolicy, type GatePolicy, gatePolicySchema } from '../analysis/gate/gate-policy.ts';
import { UsageError } from '../errors.ts';
import { readJson, replaceFile } from '../files.ts';
import { tellNearest } from '../nearest.ts';
import { counted } from '../numbers.ts';
import { type Baseline, baselineSchema, isSampled } from '../results/baseline.ts';
import type { Asked, Options } from './add-options.ts';
import { type GateRun, type GateRuns, repeatedOptions, runBaseline, runFresh } from './gate-run.ts';
import { type Io, tell } from './io.ts';
import { writeOutputs } from './outputs.ts';
import { readCompleteRun, readRun } from './read-run.ts';
import { isPath } from './scenarios.ts';

const exitCodes = { pass: 0, fail: 1, incomplete: 3 } as const;

type GateOptions = Options<'gate'>;

/** The run that is held, and what against. */
type Held = { baseline: Baseline; first: GateRun; options: GateOptions; io: Io };

/** Holds a run against a baseline, or makes it one. Returns the exit code: 0 it passes, 1 it fails, 3 the run is incomplete. */
export async function holdRun(given: string[], { options }: Asked<'gate'>, io: Io): Promise<number> {
  if (options.fresh !== undefined && options.run === undefined) {
    throw new UsageError('--fresh goes with --run. Without --run, the gate runs the fresh sample itself.');
  }
  if (options.update && options.run !== undefined) {
    if (given.length > 0) throw new UsageError('--update --run takes all of the run. Leave out the names.');
    saveBaseline(options.run, options.baseline, io);
    return 0;
  }
  if (options.update && !existsSync(options.baseline)) {
    throw new UsageError(
      `There is no ${options.baseline} to update. Say which run becomes the baseline: gate --update --run DIR.`,
    );
  }
  const whole = readJson(
    options.baseline,
    baselineSchema,
    'a baseline',
    'Write it from a run: patternbench gate --update --run DIR.',
  );
  const policy =
    typeof options.policy === 'string'
      ? readJson(options.policy, gatePolicySchema, 'a policy', 'Levels are off, warn and error.')
      : (options.policy ?? defaultPolicy);
  const names = given.map((each) => nameOf(each, io));
  const baseline = narrow(whole, names);
  if (options.update && baseline.scenarios.length < whole.scenarios.length) {
    throw new UsageError(
      `--update would drop all other workflows from ${options.baseline}. Name each that it has, or none.`,
    );
  }
  const runs = toRuns(baseline, given, options, io);
  const first: GateRun =
    options.run === undefined
      ? await runBaseline(baseline, runs, io)
      : { directory: options.run, contents: readRun(options.run) };
  if (options.update) {
    saveBaseline(first.directory, options.baseline, io);
    return 0;
  }
  const measured = collect(first.contents);
  refuseUnknown(policy, names, [whole, measured]);
  const current = narrow(measured, names);
  const hold = (run: Baseline) => compare(holdVariants(baseline, policy), holdVariants(run, policy));
  const comparison = hold(current);
  const incomplete = findIncomplete(first.contents);
  let decision = judge(comparison, policy, { incomplete });
  const held = { baseline, first, options, io };
  const fresh = await findFresh(decision, runs, held);
  if (fresh) {
    const lacking = findIncomplete(fresh.contents).map((reason) => `Fresh sample: ${reason}`);
    decision = judge(comparison, policy, {
      incomplete: [...incomplete, ...lacking],
      fresh: hold(collect(fresh.contents)),
    });
  }
  const isWhole = whole.scenarios.every(({ scenario }) =>
    current.scenarios.some((each) => each.scenario === scenario),
  );
  const next = whatNext(decision, isWhole, held);
  print({ ...decision, next }, comparison, options, io);
  return exitCodes[decision.outcome];
}

function print(decision: Decision, comparison: Comparison, options: GateOptions, io: Io): void {
  const { text, ...formats } = exporters.decision;
  const writers = { ...formats, pr: (found: Decision) => toGateComment(found, comparison) };
  writeOutputs(decision, options, { text: options.verbose ? toVerboseText : text, writers, io });
}

function nameOf(given: string, { cwd }: Io): string {
  return isPath(given) ? basename(resolve(cwd, given)) : given;
}

/** Of a run only what was asked for: the others are not missing. */
function narrow(run: Baseline, names: readonly string[]): Baseline {
  if (names.length === 0) return run;
  return { ...run, scenarios: run.scenarios.filter(({ scenario }) => names.includes(scenario)) };
}

function holdVariants(run: Baseline, { variants: held }: GatePolicy): Baseline {
  if (!held) return run;
  const scenarios = run.scenarios.map(({ variants, ...scenario }) => ({
    ...scenario,
    variants: variants.filter(({ variant }) => held.includes(variant)),
  }));
  return { ...run, scenarios };
}

/** Where the scenarios are: as given, else where the baseline has them, which is relative to its file. */
function toRuns(baseline: Baseline, given: string[], options: GateOptions, io: Io): GateRuns {
  const folder = dirname(options.baseline);
  const paths = new Map(
    baseline.scenarios.flatMap(({ scenario, path }) =>
      path === undefined ? [] : [[scenario, resolve(folder, path)]],
    ),
  );
  const wanted = given.length > 0 ? given : [...new Set(baseline.scenarios.map(({ scenario }) => scenario))];
  return {
    targets: wanted.map((each) => ({
      scenario: nameOf(each, io),
      location: isPath(each) ? each : (paths.get(each) ?? each),
    })),
    options,
  };
}

/** The second sample: as given, or run here where trials may be run; undefined where nothing is in doubt. */
async function findFresh(
  decision: Decision,
  runs: GateRuns,
  { baseline, first, options, io }: Held,
): Promise<{ contents: RunContents } | undefined> {
  const doubts = findDoubts(decision);
  if (options.fresh !== undefined) {
    const contents = readRun(options.fresh);
    if (contents.run.measured.startedAt === first.contents.run.measured.startedAt) {
      throw new UsageError('--fresh is the run of --run. It must be trials of its own.');
    }
    return { contents };
  }
  if (options.run !== undefined || doubts.length === 0 || decision.outcome === 'incomplete') return undefined;
  tell(io, `In doubt: ${doubts.map(({ scenario }) => scenario).join(', ')}. A fresh sample decides.`);
  return runFresh(baseline, runs, { doubts, first }, io);
}

/** A check of a scenario or variant that is misspelt would never fail. */
function refuseUnknown(policy: GatePolicy, names: readonly string[], runs: Baseline[]): void {
  const scenarios = runs.flatMap((run) => run.scenarios);
  const known = [...new Set(scenarios.map(({ scenario }) => scenario))].sort();
  const variants = [
    ...new Set(scenarios.flatMap((scenario) => scenario.variants.map(({ variant }) => variant))),
  ].sort();
  const refuse = (what: string, wanted: readonly string[], all: readonly string[]) => {
    const unknown = wanted.find((name) => !all.includes(name));
    if (unknown === undefined) return;
    throw new UsageError(
      `${what} "${unknown}", which neither the baseline nor the run has.${tellNearest(unknown, all, 2)} They have: ${all.join(', ')}.`,
    );
  };
  refuse('You named', names, known);
  refuse('The policy has checks for', Object.keys(policy.scenarios), known);
  refuse('The policy holds the variant', policy.variants ?? [], variants);
}

/** The commands that accept a change, or that decide what is in doubt. */
function whatNext(
  decision: Decision,
  isWhole: boolean,
  { baseline, first, options, io }: Held,
): string | null {
  const fromHere = (path: string) => relative(io.cwd, path) || '.';
  const shown = (path: string) => quote(fromHere(path).startsWith('..') ? path : fromHere(path));
  const run = shown(first.directory);
  const file = shown(options.baseline);
  const lines: string[] = [];
  const doubts = findDoubts(decision);
  if (doubts.length > 0 && decision.outcome !== 'incomplete') {
    const names = doubts.map(({ scenario }) => {
      const path = baseline.scenarios.find((each) => each.scenario === scenario)?.path;
      return quote(
        path === undefined ? scenario : asPath(fromHere(resolve(dirname(options.baseline), path))),
      );
    });
    const trials = Math.max(...doubts.map((doubt) => doubt.trials));
    const isLive = baseline.scenarios.some(({ variants }) => variants.some(isSampled));
    const model = `${isLive ? livePrefix : ''}${baseline.model.id}`;
    lines.push(
      'To decide what is in doubt:',
      `  patternbench run ${names.join(' ')} --model ${model} --trials ${trials} --out fresh`,
      `  patternbench gate --run ${run} --fresh fresh --baseline ${file}`,
    );
  }
  if (decision.outcome === 'fail') {
    lines.push(
      ...(isWhole
        ? ['If this is meant, accept it and commit the file:']
        : ['If this is meant, run all scenarios of the baseline into one directory first, then accept it:']),
      `  patternbench gate --update --run ${isWhole ? run : 'DIR'} --baseline ${file}`,
    );
  }
  return lines.length > 0 ? lines.join('\n') : null;
}

/** Told apart from the name of a bundled scenario. */
function asPath(relativePath: string): string {
  return relativePath.startsWith('.') ? relativePath : `./${relativePath}`;
}

function quote(text: string): string {
  return /^[\w./@:-]+$/.test(text) ? text : JSON.stringify(text);
}

/**
 * Reduces a run to a small file, the same byte for byte whenever the same was measured. Throws a `UsageError` for live trials that
 * are too few to ever stop a fall in correctness, and an `InfrastructureError` for an incomplete run.
 */
function saveBaseline(run: string, path: string, io: Io): void {
  const baseline = readCompleteRun(run);
  const { refused, weak } = examineHolding(baseline);
  if (refused.length > 0) {
    throw new UsageError(
      `Too few trials to hold anything; run again with more (--trials):\n${refused.join('\n')}`,
    );
  }
  replaceFile(path, serializeBaseline(forEveryCheckout(baseline, dirname(path))), UsageError);
  const variants = baseline.scenarios.reduce((sum, each) => sum + each.variants.length, 0);
  for (const note of weak) tell(io, `Warning: ${note}`);
  const held = `${counted(baseline.scenarios.length, 'workflow')} and ${counted(variants, 'result')}`;
  tell(io, `Written: ${path}, with ${held}.`);
}

/** A committed file must mean the same in every checkout. */
function forEveryCheckout(baseline: Baseline, folder: string): Baseline {
  const toRelative = (path: string) => relative(folder, findHere(path, folder)).split(sep).join('/');
  return {
    ...baseline,
    ...(baseline.options && { options: repeatedOptions(baseline.options) }),
    scenarios: baseline.scenarios.map((scenario) =>
      scenario.path === undefined ? scenario : { ...scenario, path: toRelative(scenario.path) },
    ),
  };
}

/** A run of another machine names its folders there; here, it is the one that ends alike, below the baseline's folder. */
function findHere(path: string, folder: string): string {
  if (existsSync(path)) return path;
  const names = path.split(/[\\/]/);
  const ends = names.map((_, index) => join(folder, ...names.slice(index)));
  return ends.find((end) => existsSync(join(end, 'scenario.ts'))) ?? path;
}
