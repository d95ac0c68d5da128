import { Command, Option } from 'commander';
import { toDecisionMarkdown } from '../../reports/decision.ts';
import { toGithub } from '../../reports/github.ts';
import { toJunit } from '../../reports/junit.ts';
import { UsageError } from '../errors.ts';
import { type Baseline, baselineSchema } from '../gate/baseline.ts';
import { collect, findIncomplete } from '../gate/collect.ts';
import { compare } from '../gate/compare.ts';
import type { Decision } from '../gate/decision.ts';
import { judge } from '../gate/gate.ts';
import { defaultPolicy, type Policy, policySchema } from '../gate/policy.ts';
import { runBaseline } from './gate-run.ts';
import { mcpConfigOption, trustOption } from './options.ts';
import { readJson } from './read-json.ts';
import { readRun } from './read-run.ts';

const exporters = { markdown: toDecisionMarkdown, github: toGithub, junit: toJunit, json: toJson };

const exitCodes = { pass: 0, fail: 1, incomplete: 3 } as const;

type GateOptions = {
  run?: string;
  out?: string;
  mcpConfig?: string;
  trust?: boolean;
  baseline: string;
  policy?: string;
  format?: keyof typeof exporters;
  json?: boolean;
};

/** `gate`: holds a run against a baseline. Exits with 0 where it passes, 1 where it fails, 3 where the run is incomplete. */
export function gateCommand(): Command {
  return new Command('gate')
    .description('hold a run against a baseline and fail if it costs more or is less often right')
    .argument(
      '[scenario...]',
      "without --run: what to run, by name or path (default: the baseline's scenarios)",
    )
    .option('--run <dir>', 'the directory of the run to judge (default: run it first, as the baseline was)')
    .requiredOption('--baseline <file>', 'the file that "baseline save" wrote')
    .option(
      '--policy <file>',
      'a JSON file of levels and thresholds (default: any rise over 1 % is an error)',
    )
    .addOption(
      new Option('--format <name>', 'how the decision is printed (default: markdown)').choices(
        Object.keys(exporters),
      ),
    )
    .addOption(new Option('--json', 'print it as JSON').conflicts('format'))
    .addOption(new Option('--out <dir>', 'without --run: where the run is written').conflicts('run'))
    .addOption(mcpConfigOption().conflicts('run'))
    .addOption(trustOption())
    .action(gate);
}

async function gate(scenarios: string[], options: GateOptions): Promise<void> {
  if (options.run !== undefined && scenarios.length > 0) {
    throw new UsageError(
      'With --run nothing is run, so naming scenarios has no effect. Leave out one of the two.',
    );
  }
  const baseline = readJson(
    options.baseline,
    baselineSchema,
    'a baseline',
    'Write it anew: patternbench baseline save --run DIR --file F.',
  );
  const policy = options.policy
    ? readJson(options.policy, policySchema, 'a policy', 'Levels are off, warn and error.')
    : defaultPolicy;
  const { out, mcpConfig, trust } = options;
  const run = readRun(options.run ?? (await runBaseline(baseline, scenarios, { out, mcpConfig, trust })));
  const current = collect(run);
  refuseUnknownScenarios(policy, [baseline, current]);
  const before = scenarios.length > 0 ? onlyScenariosOf(baseline, current) : baseline;
  const decision = judge(compare(before, current), policy, findIncomplete(run));
  process.stdout.write(exporters[options.json ? 'json' : (options.format ?? 'markdown')](decision));
  process.exitCode = exitCodes[decision.outcome];
}

/** Of a baseline only what was asked for: the others are not missing. */
function onlyScenariosOf(baseline: Baseline, asked: Baseline): Baseline {
  const names = new Set(asked.scenarios.map(({ scenario }) => scenario));
  return { ...baseline, scenarios: baseline.scenarios.filter(({ scenario }) => names.has(scenario)) };
}

/** A check of a scenario that is misspelt would never fail. */
function refuseUnknownScenarios(policy: Policy, runs: Baseline[]): void {
  const known = new Set(runs.flatMap(({ scenarios }) => scenarios.map(({ scenario }) => scenario)));
  const unknown = Object.keys(policy.scenarios).find((name) => !known.has(name));
  if (unknown === undefined) return;
  throw new UsageError(
    `The policy has checks for "${unknown}", which neither the baseline nor the run has. They have: ${[...known].sort().join(', ')}.`,
  );
}

function toJson(decision: Decision): string {
  return `${JSON.stringify(decision, null, 2)}\n`;
}
