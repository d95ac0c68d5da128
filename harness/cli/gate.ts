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
import { readJson } from './read-json.ts';
import { readRun } from './read-run.ts';

const exporters = { markdown: toDecisionMarkdown, github: toGithub, junit: toJunit, json: toJson };

const exitCodes = { pass: 0, fail: 1, incomplete: 3 } as const;

type GateOptions = {
  run: string;
  baseline: string;
  policy?: string;
  format?: keyof typeof exporters;
  json?: boolean;
};

/** `gate`: holds a run against a baseline. Exits with 0 where it passes, 1 where it fails, 3 where the run is incomplete. */
export function gateCommand(): Command {
  return new Command('gate')
    .description('hold a run against a baseline and fail if it costs more or is less often right')
    .requiredOption('--run <dir>', 'the directory of the run to judge')
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
    .action(gate);
}

function gate(options: GateOptions): void {
  const baseline = readJson(
    options.baseline,
    baselineSchema,
    'a baseline',
    'Write it anew: patternbench baseline save --run DIR --file F.',
  );
  const policy = options.policy
    ? readJson(options.policy, policySchema, 'a policy', 'Levels are off, warn and error.')
    : defaultPolicy;
  const run = readRun(options.run);
  const current = collect(run);
  refuseUnknownScenarios(policy, [baseline, current]);
  const decision = judge(compare(baseline, current), policy, findIncomplete(run));
  process.stdout.write(exporters[options.json ? 'json' : (options.format ?? 'markdown')](decision));
  process.exitCode = exitCodes[decision.outcome];
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
